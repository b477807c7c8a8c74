// Proof of play: written down while it plays, kept until the server has it, told once.
const LOG_MOST = 1000;
const TRIM_EVERY = 100;

export class Journal {
  #store;
  #screen;
  #running = null;
  #written = 0;
  #unsent = new Map();
  added = () => {};

  constructor(store, screen) {
    this.#store = store;
    this.#screen = screen;
  }

  // A play that an earlier life of this page left open ends where it was last seen.
  async open() {
    for (const [key, play] of await this.#store.all("plays")) this.#unsent.set(key, play);
    const left = this.#store.getAtOnce("state", "running");
    if (left) await this.#close(left.play, left.of, left.play.trouble ?? "the player was closed or started anew");
    this.#store.delete("state", "running");
    return this;
  }

  get unsent() {
    return [...this.#unsent.values()];
  }

  // `started`: the server's seconds; `of`: s that a whole play lasts.
  begin(item, started, cached) {
    this.#running = { play: this.#play(item, started, cached), of: item.media?.seconds ?? 0 };
    this.progress(started);
  }

  // It is still on at `now`. Written at once: a page has no time to write when it is torn down.
  progress(now) {
    if (!this.#running) return;
    const { play } = this.#running;
    play.seconds = Math.max(0, round(now - Date.parse(play.started_at) / 1000));
    this.#store.putAtOnce("state", "running", this.#running);
  }

  // `trouble`: what ended it, if that was early; `broken`: it was not seen as it should be, however long it took.
  end(now, { trouble = null, broken = false } = {}) {
    if (!this.#running) return;
    this.progress(now);
    const { play, of } = this.#running;
    this.#running = null;
    this.#close(play, broken ? Infinity : of, trouble).then(() => {
      if (!this.#running) this.#store.delete("state", "running");
    });
  }

  // The clock was wrong by `s` seconds when this began.
  shift(s) {
    if (!this.#running) return;
    const { play } = this.#running;
    play.started_at = new Date(Date.parse(play.started_at) + s * 1000).toISOString();
  }

  // It was to be shown and could not be.
  failed(item, now, trouble, cached) {
    const play = this.#play(item, now, cached);
    return this.#write({ ...play, outcome: "failed", trouble: trouble.slice(0, 200) });
  }

  async taken(ids) {
    for (const id of ids) await this.#settle(id, "taken");
  }

  async refused(found) {
    for (const { play, why } of found) await this.#settle(play, `refused: ${why}`);
  }

  // The last plays, newest first: [{play, ..., state}]
  async log() {
    const rows = (await this.#store.all("log")).map(([, row]) => row);
    return rows.sort((a, b) => (a.started_at < b.started_at ? 1 : -1));
  }

  #play({ decision, campaign, creative }, started, cached) {
    const started_at = new Date(Math.round(started * 1000)).toISOString();
    return { play: newId(), screen: this.#screen, decision, campaign, creative, started_at, seconds: 0, cached };
  }

  // Whole: up to half a second less, by which screens in step may be ahead of each other.
  #close(play, of, trouble) {
    const whole = play.seconds >= of - 0.5;
    return this.#write({ ...play, outcome: whole ? "whole" : "cut", trouble: whole ? null : trouble });
  }

  async #write(play) {
    if (this.#unsent.has(play.play)) return;
    this.#unsent.set(play.play, play);
    await this.#store.put("plays", play.play, play);
    await this.#store.put("log", play.play, { ...play, state: "kept" });
    if (this.#written++ % TRIM_EVERY === 0) await this.#trim();
    this.added();
  }

  async #settle(id, state) {
    const play = this.#unsent.get(id);
    if (!play) return;
    await this.#store.put("log", id, { ...play, state });
    await this.#store.delete("plays", id);
    this.#unsent.delete(id);
  }

  async #trim() {
    const old = (await this.log()).slice(LOG_MOST);
    for (const { play } of old) await this.#store.delete("log", play);
  }
}

function round(seconds) {
  return Math.round(seconds * 1000) / 1000;
}

// 128 random bits; `randomUUID` is there only with https.
function newId() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
