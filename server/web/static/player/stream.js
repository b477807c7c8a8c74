// Server-sent events over fetch, because EventSource cannot carry a token. Opens itself again; tells when it is silent.
import { Refused } from "./api.js";

const SILENCE_MS = 35000; // the server says something every 15 s
const PAUSES_MS = [300, 1000, 2000, 4000, 8000, 15000];

// Events out of text that comes in pieces: `feed` returns those that are whole.
export class EventReader {
  #rest = "";

  feed(text) {
    const blocks = (this.#rest + text.replaceAll("\r\n", "\n")).split("\n\n");
    this.#rest = blocks.pop();
    return blocks.map(readEvent).filter((event) => event !== null);
  }
}

function readEvent(block) {
  const fields = { event: "message", data: [] };
  for (const line of block.split("\n")) {
    const [, name, value] = /^(\w+): ?(.*)$/.exec(line) ?? [];
    if (name === "data") fields.data.push(value);
    else if (name === "event") fields.event = value;
  }
  if (fields.data.length === 0) return null;
  try {
    return { kind: fields.event, data: JSON.parse(fields.data.join("\n")) };
  } catch {
    return null; // a piece of a proxy's error page
  }
}

export class Stream {
  #stop = new AbortController();
  #current = null;
  #failures = 0;
  #wake = () => {};
  connected = false;

  // `tell(kind, data)` for each event, "connected" and "away" among them; `refused(status)` where the token is not good.
  constructor(api, { address, tell, refused }) {
    Object.assign(this, { api, address, tell, refused });
    addEventListener("online", () => this.#wake(), { signal: this.#stop.signal });
    addEventListener("offline", () => this.#current?.abort(), { signal: this.#stop.signal });
  }

  async run() {
    while (!this.#stop.signal.aborted) {
      try {
        await this.#listen();
      } catch (error) {
        if (error instanceof Refused && error.status === 401) return this.#end(() => this.refused());
      }
      this.#say(false);
      await this.#pause();
    }
  }

  close() {
    this.#end(() => {});
  }

  #end(last) {
    this.#stop.abort();
    this.#current?.abort();
    this.#say(false);
    last();
  }

  async #listen() {
    this.#current = new AbortController();
    let silence = this.#expect(null);
    try {
      const answer = await this.api.fetch(this.address(), {
        headers: { Accept: "text/event-stream" },
        signal: this.#current.signal,
      });
      const reader = new EventReader();
      const pieces = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      for (;;) {
        const { value, done } = await pieces.read();
        if (done) return;
        silence = this.#expect(silence);
        for (const { kind, data } of reader.feed(value)) this.#take(kind, data);
      }
    } finally {
      clearTimeout(silence);
      this.#current.abort();
    }
  }

  #take(kind, data) {
    this.#failures = 0;
    this.#say(true);
    this.tell(kind, data);
  }

  #expect(earlier) {
    clearTimeout(earlier);
    const current = this.#current;
    return setTimeout(() => current.abort(), SILENCE_MS);
  }

  #say(connected) {
    if (connected === this.connected) return;
    this.connected = connected;
    this.tell(connected ? "connected" : "away", {});
  }

  #pause() {
    const pause = PAUSES_MS[Math.min(this.#failures++, PAUSES_MS.length - 1)];
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, pause * (0.7 + 0.6 * Math.random()));
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
