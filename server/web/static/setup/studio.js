// The state of the page, and everything that may be done to it. Whoever draws listens; nobody else changes it.
import { lens, tryView, USUAL_SIZE_PX } from "./calibration.js";
import { thingOf, withThing } from "./changes.js";
import { placesNeeded } from "./tools.js";
import * as edits from "./edits.js";
import { planPlaces, stillPlaces } from "./places.js";
import { reduce } from "./model.js";
import { shapeOf } from "./shapes.js";

export class Studio {
  #listeners = [];
  #known = {}; // what was computed of a document, while it is the same

  constructor(state) {
    this.state = {
      tool: "select",
      selected: null,
      corner: null,
      sketch: null,
      half: null,
      cursor: null,
      measured: null,
      ...state,
    };
  }

  get document() {
    return this.state.draft.kept.document;
  }
  get camera() {
    return this.state.camera;
  }
  get sketch() {
    return this.state.sketch;
  }
  get selected() {
    return this.state.selected && shapeOf(this.document, this.state.selected);
  }
  get still() {
    return this.state.stills[this.camera] ?? null;
  }

  listen(listener) {
    this.#listeners.push(listener);
  }

  update(part) {
    this.state = { ...this.state, ...part };
    for (const listener of this.#listeners) listener(this.state);
  }

  act(action) {
    this.update({ draft: reduce(this.state.draft, action) });
  }

  change(document, join = null, more = {}) {
    if (!this.state.may) return;
    this.act({ type: "change", kept: { document, ...more }, join });
  }

  undo() {
    this.act({ type: "undo" });
    this.#forgetGone();
  }
  redo() {
    this.act({ type: "redo" });
    this.#forgetGone();
  }

  #forgetGone() {
    if (/^(zones|lines|screens|floor|cameras\..*masks)\b/.test(this.state.selected ?? "") && !this.selected)
      this.update({ selected: null, corner: null });
  }

  // The camera as it will be saved: a picture's proportions belong to its calibration.
  cameraOf(id, document = this.document) {
    const camera = thingOf(document, `cameras.${id}`) ?? {};
    const size = this.state.stills[id]?.size;
    return camera.resolution_px || !size ? camera : { ...camera, resolution_px: size };
  }

  // {camera, size, lens, view, fault, places} of the camera that is shown.
  get sight() {
    const [id, document, still] = [this.camera, this.document, this.still];
    if (this.#known.id === id && this.#known.camera === thingOf(document, `cameras.${id}`) && this.#known.still === still)
      return this.#known;
    const camera = this.cameraOf(id);
    const size = camera.resolution_px ?? USUAL_SIZE_PX;
    const straight = lens(size, camera.lens ?? 0);
    const { view, fault } = camera.calibration ? tryView(camera) : { view: null, fault: null };
    this.#known = {
      id,
      camera: thingOf(document, `cameras.${id}`),
      still,
      full: camera,
      size,
      lens: straight,
      view,
      fault,
      places: stillPlaces(size, straight, view),
    };
    return this.#known;
  }

  placesOf(pane) {
    return pane === "plan" ? planPlaces : this.sight.places;
  }

  // On which plane a tool draws in a pane; null where it cannot.
  planeOf(pane, tool = this.state.tool) {
    if (tool === "mask") return pane === "still" && this.camera ? "image" : null;
    if (pane === "plan") return this.document.floor ? "floor" : null;
    if (tool === "measure") return null;
    if (this.sight.view) return "floor";
    return this.camera && ["zone", "category", "line", "entrance"].includes(tool) ? "image" : null;
  }

  choose(tool) {
    this.update({
      tool,
      sketch: null,
      cursor: null,
      measured: null,
      half: tool === "pair" ? this.state.half : null,
      corner: null,
    });
  }
  select(key, corner = null) {
    this.update({ selected: key, corner });
  }
  look(camera) {
    this.update({ camera, half: null, sketch: null, selected: null, corner: null });
  }

  // The next corner of what is being drawn; the last one finishes it.
  place(pane, at) {
    const plane = this.planeOf(pane);
    if (!plane || !this.state.may) return;
    const points = [...(this.sketch?.points ?? []), at];
    this.update({ sketch: { pane, plane, points } });
    if (points.length === placesNeeded(this.state.tool)) this.finish();
  }

  takeBack() {
    if (this.state.half) return this.update({ half: null });
    if (!this.sketch) return this.state.tool === "select" ? this.select(null) : this.choose("select");
    const points = this.sketch.points.slice(0, -1);
    return this.update({ sketch: points.length ? { ...this.sketch, points } : null });
  }

  finish(points = this.sketch?.points) {
    const { tool, sketch } = this.state;
    if (!sketch || points.length < (placesNeeded(tool) ?? 3)) return;
    if (tool === "measure") return this.update({ sketch: null, cursor: null, measured: points });
    const made = edits.withNew(this.#prepared(sketch.plane), tool, { ...sketch, camera: this.camera, ...drawn(tool, points) });
    this.change(made.document);
    this.update({ tool: "select", sketch: null, cursor: null, selected: made.key, corner: null, fresh: made.key });
  }

  // Shares of a picture mean little without its proportions.
  #prepared(plane) {
    const size = this.still?.size;
    if (plane !== "image" && this.state.tool !== "pair") return this.document;
    const known = thingOf(this.document, `cameras.${this.camera}.resolution_px`);
    return known || !size ? this.document : withThing(this.document, `cameras.${this.camera}.resolution_px`, size);
  }

  setScale(metres) {
    const size = this.state.planSize;
    this.change(edits.withScale(this.document, this.state.measured, metres, size));
    this.update({ measured: null, tool: "select" });
  }

  // One side of a matched point; the second side completes it.
  match(pane, at) {
    if (!this.state.may || !this.camera) return;
    const { half } = this.state;
    if (!half || half.pane === pane) return this.update({ half: { pane, at } });
    const [image, floor] = pane === "still" ? [at, half.at] : [half.at, at];
    this.update({ half: null });
    this.change(edits.withPair(this.#prepared("image"), this.camera, { image, floor_m: floor }));
  }

  movePair(index, pane, at, join) {
    const part = pane === "still" ? { image: at } : { floor_m: at };
    this.change(edits.withPairAt(this.document, this.camera, index, part), join);
  }

  get aside() {
    return this.state.draft.kept.aside[this.camera] ?? [];
  }

  leaveOut(index) {
    const pair = edits.pairs(this.document, this.camera)[index];
    const aside = { ...this.state.draft.kept.aside, [this.camera]: [...this.aside, pair] };
    this.change(edits.withoutPair(this.document, this.camera, index), null, { aside });
  }

  putBack(index) {
    const pair = this.aside[index];
    const aside = { ...this.state.draft.kept.aside, [this.camera]: this.aside.filter((_, i) => i !== index) };
    this.change(edits.withPair(this.document, this.camera, pair), null, { aside });
  }

  removePair(index) {
    this.change(edits.withoutPair(this.document, this.camera, index));
  }

  // The chosen corner, else the whole thing.
  remove() {
    const { selected, corner } = this.state;
    if (!selected) return;
    const fewer = corner === null ? null : edits.withoutCorner(this.document, selected, corner);
    if (fewer) {
      this.update({ corner: Math.max(0, corner - 1) });
      this.change(fewer);
    } else if (corner === null && this.selected) {
      this.update({ selected: null, corner: null });
      this.change(edits.without(this.document, selected));
    }
  }
}

function drawn(tool, points) {
  if (tool !== "screen") return { points };
  const [[ax, ay], [bx, by]] = points;
  const facing = (Math.atan2(by - ay, bx - ax) * 180) / Math.PI;
  return { points: [points[0]], facing: Math.round((facing + 360) % 360) % 360 };
}
