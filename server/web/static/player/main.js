// The player, put together: store, clock, media, decisions, plays.
import { Api } from "./api.js";
import { Clock } from "./clock.js";
import { Conductor } from "./conductor.js";
import { Journal } from "./journal.js";
import { Library } from "./library.js";
import { startLog } from "./log.js";
import { pair } from "./pairing.js";
import { Panel } from "./panel.js";
import { Reporter } from "./reporter.js";
import { offlineReady, startShell, stayAwake } from "./shell.js";
import { Stage } from "./stage.js";
import { Store } from "./store.js";
import { Stream } from "./stream.js";
import { Watchdog } from "./watchdog.js";

const RELOAD_MS = 60000; // what is on is not waited for longer
const REFETCH_MS = 20000;

const panel = new Panel(document.getElementById("panel"));
const screen = decodeURIComponent(location.pathname.split("/")[2] ?? "");
const site = new URLSearchParams(location.search).get("site");
const version = document.documentElement.dataset.version;

function turnPage() {
  const turn = new URLSearchParams(location.search).get("turn");
  if (["90", "180", "270"].includes(turn)) document.body.dataset.turn = turn;
}

class Player {
  #stream = null;
  #fetching = false;

  async open() {
    const name = `vitrina-player:${site}:${screen}`;
    this.store = await Store.open(name);
    this.clock = new Clock((await this.store.get("state", "offset")) ?? 0);
    this.api = new Api((await this.store.get("state", "token")) ?? null);
    this.library = await new Library(name, this.api, this.store).open();
    this.journal = await new Journal(this.store, screen).open();
    this.house = document.getElementById("house");
    this.stage = new Stage(document.getElementById("stage"), this.house, this.library);
    const { clock, stage, library, journal, store } = this;
    this.conductor = new Conductor({ clock, stage, library, journal, store, connected: () => this.connected });
    this.reporter = new Reporter({
      api: this.api,
      clock,
      journal,
      health: () => this.health(),
      refused: () => this.replaced(),
      jumped: (s) => this.conductor.shift(s),
    });
    return this;
  }

  get connected() {
    return this.#stream?.connected ?? false;
  }

  async run() {
    startLog(document.getElementById("log"), this.journal);
    new Watchdog({ store: this.store, alive: () => this.conductor.alive }).start();
    setInterval(() => this.fetchMissing(), REFETCH_MS);
    addEventListener("pagehide", () => this.journal.progress(this.clock.now()));
    if (this.api.token) this.play();
    else this.pair(["pair"]);
  }

  async pair(told) {
    const where = { address: `${location.host}/screens`, screen, site };
    const show = ({ code, unknown }) => panel.show({ told: code ? told : [unknown ? "address" : "waiting"], code, where });
    show({ code: null });
    const token = await pair({ site, screen, show });
    await this.store.put("state", "token", token);
    this.api.token = token;
    this.play();
  }

  play() {
    panel.hide();
    this.nameHouse(this.conductor.playlist);
    this.#stream = new Stream(this.api, {
      address: () => `/api/v1/player/stream?etag=${this.conductor.playlist?.etag ?? ""}`,
      tell: (kind, data) => this.hear(kind, data),
      refused: () => this.replaced(),
    });
    this.openSession();
    this.reporter.start();
    this.conductor.start().then(() => {
      this.nameHouse(this.conductor.playlist);
      this.#stream.run();
    });
  }

  openSession() {
    this.api.ask("/session", { method: "POST" }).catch(() => {}); // only for the cookie; the stream hears of refusals
  }

  hear(kind, data) {
    const deeds = {
      show: () => this.conductor.decide(data),
      playlist: () => this.takePlaylist(data),
      connected: () => this.backAgain(),
      away: () => this.conductor.step(),
      revoked: () => this.replaced(),
      reload: () => this.reload(),
      screenshot: () => this.sendShot(),
    };
    deeds[kind]?.();
  }

  backAgain() {
    this.openSession();
    this.reporter.beat();
    this.fetchMissing();
  }

  takePlaylist(playlist) {
    this.conductor.take(playlist);
    this.nameHouse(playlist);
    this.fetchMissing();
  }

  async fetchMissing() {
    const playlist = this.conductor.playlist;
    if (this.#fetching || !playlist || !this.api.token) return;
    this.#fetching = true;
    const items = [...(playlist.default ? [playlist.default] : []), ...playlist.items];
    const codes = items.filter(({ qr }) => qr).map(({ qr }) => ({ path: `${new URL(qr).pathname}.svg`, type: "image/svg+xml" }));
    const more = await this.library.keep([...items.map(({ media }) => media), ...codes]);
    this.#fetching = false;
    this.store.put("state", "offset", this.clock.offset);
    if (more) this.conductor.chooseAnew();
  }

  nameHouse(playlist) {
    if (playlist) this.house.querySelector("[data-house]").textContent = playlist.house.name;
  }

  // Another page was paired in this one's place, or an administrator took its leave: plays are still told, then a code.
  async replaced() {
    if (!this.api.token) return;
    this.#stream.close();
    this.reporter.stop();
    this.conductor.stop();
    await this.reporter.send();
    this.api.token = null;
    await this.store.delete("state", "token");
    this.pair(["replaced", "pair"]);
  }

  reload() {
    const timer = setTimeout(() => location.reload(), RELOAD_MS);
    this.conductor.atNextEnd(() => {
      clearTimeout(timer);
      location.reload();
    });
  }

  async sendShot() {
    const shot = await this.stage.shot();
    await this.api.ask("/screenshot", { method: "PUT", body: shot, type: "image/jpeg" }).catch(() => {});
  }

  async health() {
    const { campaign = null, creative = null, decision = null } = this.conductor.item ?? {};
    return {
      version,
      campaign,
      creative,
      decision,
      keeps: this.store.keeps,
      offline_ready: offlineReady(),
      cached_bytes: this.library.bytes,
      free_bytes: await this.library.free(),
      missing: this.library.missing,
      unsent: this.journal.unsent.length,
      clock_offset_s: this.clock.offset_s,
      width: innerWidth,
      height: innerHeight,
      last_error: this.conductor.lastError ?? this.store.getAtOnce("state", "trouble") ?? null,
    };
  }
}

// One window per screen: a second one would play and tell everything twice.
function alone(work) {
  if (!navigator.locks) return work();
  const name = `vitrina-player:${site}:${screen}`;
  navigator.locks.query().then(({ held }) => held.some((lock) => lock.name === name) && panel.show({ told: ["elsewhere"] }));
  return navigator.locks.request(name, () => {
    panel.hide();
    work();
    return new Promise(() => {}); // kept for as long as the page lives
  });
}

async function start() {
  turnPage();
  stayAwake();
  if (!site) return panel.show({ told: ["address"] });
  alone(async () => {
    const player = await new Player().open();
    startShell(() => player.reload());
    await player.run();
  });
}

start();
