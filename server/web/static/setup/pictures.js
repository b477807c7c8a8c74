// Stills and the plan's picture: fetched, taken, uploaded by picker or drop, deleted; and what is computed of them.
import { Refused } from "./api.js";
import { withPlan } from "./edits.js";
import { loaded, straightened, warpedOnPlan } from "./warp.js";
import { say } from "./words.js";

const TAKES_MS = 60_000;
const ASK_EVERY_MS = 1500;
const REDRAW_MS = 120;

export class Pictures {
  #studio;
  #api;
  #tell;
  #timer = null;
  #drawn = {};

  constructor(studio, api, tell) {
    this.#studio = studio;
    this.#api = api;
    this.#tell = tell;
    studio.listen(() => this.#follow());
  }

  // Which cameras have a still, and the picture of the one that is shown.
  async loadStills() {
    if (!this.#studio.state.may) return;
    const found = await this.#attempt(() => this.#api.stills());
    this.#studio.update({ known: Object.fromEntries((found ?? []).map((still) => [still.camera, still])) });
    await this.loadStill(this.#studio.camera);
  }

  async loadStill(camera) {
    const known = this.#studio.state.known[camera];
    const held = this.#studio.state.stills[camera];
    if (!known || held?.t === known.t) return;
    const url = await this.#attempt(() => this.#api.stillPicture(camera));
    if (url) this.#put(camera, { url, t: known.t, size: [known.width, known.height], straight: null });
  }

  #put(camera, still) {
    const before = this.#studio.state.stills[camera];
    for (const kind of ["url", "straight"])
      if (before?.[kind] && before[kind] !== still?.[kind]) URL.revokeObjectURL(before[kind]);
    this.#studio.update({ stills: { ...this.#studio.state.stills, [camera]: still } });
  }

  async loadPlan() {
    const sha256 = this.#studio.document.floor?.plan?.sha256;
    if (!sha256) return this.#studio.update({ planUrl: null, planSize: null });
    const url = this.#api.planUrl(sha256);
    const image = await loaded(url).catch(() => null);
    return this.#studio.update({
      planUrl: image && url,
      planSize: image && { width: image.naturalWidth, height: image.naturalHeight },
    });
  }

  async takePlan(file, page = 1) {
    const plan = await this.#attempt(() => this.#api.putPlan(file, page));
    if (!plan) return;
    const fresh = !this.#studio.document.floor?.plan;
    this.#studio.change(withPlan(this.#studio.document, plan));
    await this.loadPlan();
    if (fresh) this.#studio.choose("measure");
    this.#tell([say("planTaken"), ...(plan.notes ?? [])].join(" "));
  }

  async uploadStill(camera, file) {
    if (await this.#attempt(() => this.#api.putStill(camera, file))) await this.loadStills();
  }

  async deleteStill(camera) {
    if (!(await this.#attempt(() => this.#api.deleteStill(camera).then(() => true)))) return;
    this.#studio.update({ known: { ...this.#studio.state.known, [camera]: undefined } });
    this.#put(camera, null);
    this.#tell(say("stillDeleted"));
  }

  // The box takes a moment: it waits for places that people leave free.
  async takeStill(camera) {
    if (!(await this.#attempt(() => this.#api.takeStill(camera)))) return;
    const before = this.#studio.state.known[camera]?.t;
    this.#tell(say("stillAsked"));
    this.#studio.update({ taking: camera });
    for (const until = performance.now() + TAKES_MS; performance.now() < until;) {
      await new Promise((done) => setTimeout(done, ASK_EVERY_MS));
      await this.loadStills();
      if (this.#studio.state.known[camera]?.t !== before) break;
    }
    this.#studio.update({ taking: null });
    const came = this.#studio.state.known[camera]?.t !== before;
    this.#tell(say(came ? "stillTaken" : "stillMissing"), !came);
  }

  async #attempt(ask) {
    try {
      return await ask();
    } catch (error) {
      this.#tell(error instanceof Refused ? error.message : say("notSent"), true);
      return null;
    }
  }

  // Straightened and warped pictures follow the lens and the points, a moment later.
  #follow() {
    const { state, sight, still, document } = this.#studio;
    const lens = sight.full?.lens ?? 0;
    const wanted = {
      url: still?.url,
      lens,
      matrix: state.layers.warp ? sight.view?.matrix : null,
      bounds: document.floor?.bounds_m,
      size: sight.size,
    };
    if (Object.keys(wanted).every((key) => wanted[key] === this.#drawn[key])) return;
    this.#drawn = wanted;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#draw(wanted), REDRAW_MS);
  }

  async #draw(wanted) {
    const { still, sight, document, state, camera } = this.#studio;
    if (!still) return this.#studio.update({ warped: null });
    const straight = wanted.lens ? await straightened(still, sight) : null;
    const warped = state.layers.warp && sight.view && document.floor ? await warpedOnPlan(still, sight, document) : null;
    if (this.#drawn !== wanted) return [straight, warped?.url].filter(Boolean).forEach((url) => URL.revokeObjectURL(url));
    if (still.straight !== straight) this.#put(camera, { ...still, straight });
    if (state.warped) URL.revokeObjectURL(state.warped.url);
    return this.#studio.update({ warped });
  }
}
