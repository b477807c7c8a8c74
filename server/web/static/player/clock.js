// The server's clock, by round trips; in between by the page's own timer, which a changed wall clock does not move.
const SAMPLES = 8;

export class Clock {
  #base = Date.now() - performance.now();
  #samples = [];
  #offset;

  // `offset`: ms that the server's clock was ahead of this wall clock when last asked.
  constructor(offset = 0) {
    this.#offset = offset;
  }

  // This machine's ms since 1970.
  local() {
    return this.#base + performance.now();
  }

  // The server's seconds since 1970, as well as they are known.
  now() {
    return (this.local() + this.#offset) / 1000;
  }

  // ms that the server is ahead of the wall clock as it stands now.
  get offset() {
    return this.local() + this.#offset - Date.now();
  }

  get offset_s() {
    return this.#offset / 1000;
  }

  // An answer that says `t` (server's seconds) to a question sent at `sent`, received at `received` (ms, local).
  // The quickest of the last few round trips counts: it leaves least room for error (RFC 5905, clock filter).
  // Returns by how many seconds the clock was wrong.
  take(sent, received, t) {
    this.#samples.push({ trip: received - sent, offset: t * 1000 - (sent + received) / 2 });
    this.#samples = this.#samples.slice(-SAMPLES);
    const before = this.#offset;
    this.#offset = this.#samples.reduce((best, each) => (each.trip < best.trip ? each : best)).offset;
    return (this.#offset - before) / 1000;
  }
}
