// What is on, and what comes next: the newest decision while it holds, else what is here, in turn.
import { Away } from "./api.js";
import { nextInTurn, turnByClock } from "./turns.js";

const GRACE_S = 1.5; // that a connected server may be late with its next decision
const NEAR_S = 0.5; // a decision that begins so close to the end of what is on begins when it says
const FETCH_S = 8; // that a decision may wait for its file, past when it was due
const HOUSE_S = 5; // after so long something else is looked for
const DEAD_MOST = 500;
const RETRY_MS = 100; // after something failed
const BAD_MS = 3600000; // a file that failed is not tried again for so long
const LONGEST_WAIT_MS = 1000;
const ALIVE_MS = 5000;
const STUCK_MS = 4000; // that a video may stand still while it plays
const STUCK_AT_END_MS = 1000; // and when it should have ended, to count as played

export class Conductor {
  #on = null; // {item, layer, ends}
  #next = null; // {item, due, layer, offset, soft}
  #show = null;
  #playlist = null;
  #memory = null;
  #dead = new Set(); // decisions that cannot be painted
  #bad = new Map(); // hash -> local ms until which its file is not tried
  #timer = null;
  #stopped = true;
  #stepped = 0;
  #leaving = null;
  lastError = null;

  constructor({ clock, stage, library, journal, store, connected }) {
    Object.assign(this, { clock, stage, library, journal, store, connected });
  }

  get playlist() {
    return this.#playlist;
  }

  get item() {
    return this.#on?.item ?? null;
  }

  // Whether it does what it should: nothing while it is stopped, else a step a second.
  get alive() {
    return this.#stopped || (this.#on !== null && performance.now() - this.#stepped < ALIVE_MS);
  }

  async start() {
    this.#playlist = (await this.store.get("state", "playlist")) ?? null;
    this.#show = (await this.store.get("state", "show")) ?? null;
    this.#memory = (await this.store.get("state", "turn")) ?? null;
    this.#stopped = false;
    this.step();
  }

  stop() {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.journal.end(this.clock.now(), { trouble: "the player was taken its leave" });
    this.#drop();
    this.#on = this.#show = null;
    this.stage.clear();
  }

  // What is on is not worth waiting for the end of, or it ends: then `leave()`, once.
  atNextEnd(leave) {
    this.#leaving = leave;
  }

  decide(told) {
    const show = { ...told, at: seconds(told.at), until: seconds(told.until) };
    const late = this.clock.now() - show.until;
    if (late >= 0) return void (this.lastError = `decision ${show.decision} came ${late.toFixed(1)} s too late`);
    this.#show = show;
    this.store.put("state", "show", this.#show);
    this.step();
  }

  take(playlist) {
    this.#playlist = playlist;
    this.store.put("state", "playlist", playlist);
    this.chooseAnew();
  }

  // There is more to choose from: what was chosen in turn is chosen anew, and the house picture has waited long enough.
  chooseAnew() {
    if (!this.#next?.item.decision) this.#drop();
    if (this.#on && !this.#on.item.media && !this.#on.item.decision) this.#on.ends = this.clock.now();
    this.step();
  }

  // The clock was wrong by `s` seconds, so what is on ends and began otherwise than it seemed.
  shift(s) {
    if (this.#on) this.#on.ends += s;
    this.journal.shift(s);
    this.step();
  }

  // Look at what is on and what is due; called whenever something changed, and by a timer.
  step() {
    if (this.#stopped) return;
    const now = this.clock.now();
    try {
      this.#watch(now);
      this.#repeat(now);
      const wanted = this.#stopped ? null : this.#wanted(now);
      if (wanted) this.#ready(wanted);
      if (this.#next?.layer && now >= this.#next.due) this.#swap(now);
      this.#stepped = performance.now();
    } finally {
      if (!this.#stopped) this.#again(now); // whatever went wrong, it goes on; and the watchdog sees that nothing was done
    }
  }

  // Look again when something is due that was not yet at `seen`, which is a little ago.
  #again(seen) {
    clearTimeout(this.#timer);
    const instants = [this.#next?.layer ? this.#next.due : Infinity, this.#on?.ends ?? Infinity];
    const next = Math.min(...instants.filter((t) => t > seen));
    const wait = Math.min(LONGEST_WAIT_MS, (next - this.clock.now()) * 1000);
    this.#timer = setTimeout(() => this.step(), Math.max(0, wait));
  }

  #watch(now) {
    if (!this.#on) return;
    this.journal.progress(now);
    const patience = now < this.#on.ends ? STUCK_MS : STUCK_AT_END_MS;
    const trouble = this.#on.over ? null : this.#on.layer.stuck(patience);
    if (!trouble) return;
    this.#condemn(this.#on.item, trouble);
    this.journal.end(now, { trouble, broken: true });
    this.#on.ends = now;
    this.#on.over = true;
  }

  get #valid() {
    const show = this.#show;
    return show && this.clock.now() < show.until && !this.#dead.has(show.decision) ? show : null;
  }

  // A decision that holds on is played again, each time a play of its own.
  #repeat(now) {
    const { item, ends, layer, over } = this.#on ?? {};
    if (!item?.decision || over || now < ends || this.#valid?.decision !== item.decision) return;
    if (this.#show.until - now < NEAR_S) return;
    this.journal.end(now);
    if (this.#leaving) return this.#leave();
    this.#begin(item, now);
    layer.start(0);
    this.#on.ends = now + item.seconds;
  }

  // {item, due} of what comes next; null while nothing is to change.
  #wanted(now) {
    const show = this.#valid;
    if (show && show.decision !== this.#on?.item.decision) return this.#decided(show);
    if (this.#on?.item.decision && show) return null;
    return this.#inTurn(now);
  }

  #decided(show) {
    const ends = this.#on && !this.#on.over ? this.#on.ends : 0;
    const due = show.switch === "now" || show.at >= ends - NEAR_S ? show.at : ends;
    return { item: { ...show, seconds: show.media?.seconds ?? HOUSE_S }, due, soft: show.switch !== "now" };
  }

  #inTurn(now) {
    const end = this.#on?.ends ?? 0;
    const waits = this.#on?.item.decision && !this.#on.over && this.connected();
    const due = waits ? Math.max(end, this.#show?.until ?? 0) + GRACE_S : end;
    if (this.#next && !this.#next.item.decision && !this.#playlist?.in_step) return { ...this.#next, due };
    if (this.#playlist?.in_step) return this.#byClock(Math.max(now, due));
    const { item, memory } = nextInTurn(this.#playlist, this.#memory, Math.max(now, due), (each) => this.#can(each));
    return { item: turnItem(item), due, memory, soft: true };
  }

  #byClock(t) {
    const { item, start, end } = turnByClock(this.#playlist, t + 0.001, (each) => this.#can(each));
    return { item: turnItem(item), due: Math.max(start, t), start, end: item ? end : null, soft: true };
  }

  #can(item) {
    return this.library.has(item.media) && !(this.#bad.get(item.media.sha256) > this.clock.local());
  }

  // Make `wanted` ready, unless it is being made already.
  #ready(wanted) {
    if (this.#next && sameItem(this.#next.item, wanted.item)) {
      this.#next.due = wanted.due;
      return this.#giveUpWaiting(this.#next);
    }
    this.#drop();
    const next = { ...wanted, layer: null };
    this.#next = next;
    if (this.#isBad(next.item)) return this.#fail(next, new Error("this file failed before"));
    this.stage.prepare(next.item).then(
      (layer) => {
        if (this.#next !== next) return layer.dispose();
        next.layer = layer;
        this.step();
      },
      (error) => this.#next === next && this.#fail(next, error),
    );
  }

  #giveUpWaiting(next) {
    const late = next.item.decision && !next.layer && this.clock.now() > next.due + FETCH_S;
    if (late) this.#fail(next, new Away("its file could not be fetched in time"));
  }

  #isBad(item) {
    return item.media && this.#bad.get(item.media.sha256) > this.clock.local();
  }

  // It cannot be painted: a decision is over with that; a file that is here and no good is passed over for a while.
  #fail({ item }, error) {
    this.#next = null;
    const missing = error instanceof Away;
    if (item.decision || !missing) this.journal.failed(item, this.clock.now(), error.message, !this.connected());
    if (missing) this.#bury(item);
    else this.#condemn(item, error.message);
    setTimeout(() => this.step(), RETRY_MS);
  }

  #bury({ decision }) {
    if (decision) this.#dead.add(decision);
    if (this.#dead.size > DEAD_MOST) this.#dead = new Set([...this.#dead].slice(-DEAD_MOST / 2));
  }

  #condemn(item, trouble) {
    this.#bury(item);
    this.lastError = `${item.creative}: ${trouble}`.slice(0, 200);
    if (item.media) this.#bad.set(item.media.sha256, this.clock.local() + BAD_MS);
  }

  #drop() {
    this.#next?.layer?.dispose();
    this.#next = null;
  }

  #swap(now) {
    const { item, layer, soft, memory, start, end } = this.#next;
    this.#next = null;
    if (this.#on && !this.#on.over) this.journal.end(now, { trouble: "another took its place" });
    if (this.#leaving) return this.#leave();
    this.stage.show(layer, { soft, offset: start === undefined ? 0 : now - start });
    this.#on = { item, layer, ends: end ?? now + item.seconds };
    if (memory) this.store.put("state", "turn", (this.#memory = memory));
    this.#begin(item, now);
    const wanted = this.#wanted(now);
    if (wanted) this.#ready(wanted);
  }

  // The house picture is nobody's play.
  #begin(item, now) {
    if (item.media) this.journal.begin(item, now, !this.connected());
  }

  #leave() {
    this.#stopped = true;
    this.#leaving();
  }
}

function turnItem(item) {
  const { campaign = null, creative = null, media = null, qr = null } = item ?? {};
  return { decision: null, campaign, creative, media, qr, seconds: media?.seconds ?? HOUSE_S };
}

function sameItem(a, b) {
  return a.decision === b.decision && a.creative === b.creative && a.media?.sha256 === b.media?.sha256;
}

function seconds(instant) {
  return Date.parse(instant) / 1000;
}
