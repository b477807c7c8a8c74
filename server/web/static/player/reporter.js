// Tells the server what was played and how the player is, and sets the clock by its answers.
import { Refused } from "./api.js";

const EVERY_MS = 30000;
const AT_FIRST = [0, 300, 900, 2000]; // ms: some quick questions set the clock
const BATCH = 100;
const JUMP_S = 0.5; // smaller ones are left to the next play

export class Reporter {
  #sending = null;
  #timers = [];

  // `health()`: what to tell; `refused()`: the token is not good; `jumped(s)`: the clock was wrong by so much.
  constructor({ api, clock, journal, health, refused, jumped }) {
    Object.assign(this, { api, clock, journal, health, refused, jumped });
    journal.added = () => this.send();
  }

  start() {
    this.stop();
    this.#timers = AT_FIRST.map((pause) => setTimeout(() => this.beat(), pause));
    this.#timers.push(setInterval(() => this.beat(), EVERY_MS));
  }

  stop() {
    this.#timers.forEach(clearTimeout); // one list of numbers for both kinds of timers
    this.#timers = [];
  }

  async beat() {
    this.send();
    const json = await this.health();
    const sent = this.clock.local();
    try {
      const { t } = await this.api.ask("/heartbeat", { method: "POST", json });
      const wrong = this.clock.take(sent, this.clock.local(), t);
      if (Math.abs(wrong) > JUMP_S) this.jumped(wrong);
    } catch (error) {
      if (error instanceof Refused && error.status === 401) this.refused();
    }
  }

  // All that is not acknowledged yet; asked again while it runs, it does not run twice.
  send() {
    this.#sending ??= this.#sendAll()
      .catch(() => {}) // away: the next beat tries again
      .finally(() => (this.#sending = null));
    return this.#sending;
  }

  async #sendAll() {
    for (let plays = this.journal.unsent; plays.length > 0; plays = this.journal.unsent) {
      const batch = plays.slice(0, BATCH);
      const { taken, refused } = await this.api.ask("/plays", { method: "POST", json: { plays: batch } });
      await this.journal.taken(taken);
      await this.journal.refused(refused);
      if (taken.length + refused.length === 0) return;
    }
  }
}
