// When nothing is painted any more, or nothing is played, the page is loaded anew: a few times an hour at most.
const EVERY_MS = 2000;
const FROZEN_MS = 15000;
const MOST = 3;
const WITHIN_MS = 3600000;

export class Watchdog {
  #painted = performance.now();
  #moved = performance.now();

  constructor({ store, alive }) {
    Object.assign(this, { store, alive });
  }

  start() {
    const paint = () => {
      this.#painted = performance.now();
      requestAnimationFrame(paint);
    };
    requestAnimationFrame(paint);
    document.addEventListener("visibilitychange", () => (this.#painted = performance.now()));
    setInterval(() => this.#look(), EVERY_MS);
  }

  #look() {
    const now = performance.now();
    if (this.alive()) this.#moved = now;
    const still = document.visibilityState === "visible" && now - this.#painted > FROZEN_MS;
    if (still || now - this.#moved > FROZEN_MS) this.#again(still ? "nothing was painted" : "nothing was played");
  }

  #again(why) {
    this.#painted = this.#moved = performance.now();
    const times = (this.store.getAtOnce("state", "restarts") ?? []).filter((t) => Date.now() - t < WITHIN_MS);
    if (times.length >= MOST) return;
    this.store.putAtOnce("state", "restarts", [...times, Date.now()]);
    this.store.putAtOnce("state", "trouble", `${why} for ${FROZEN_MS / 1000} s; the page was loaded anew`);
    location.reload();
  }
}
