// The keyboard on a drawing: Tab reaches every shape and corner, arrows move them, or the cross one draws with.
import { moved, pairs, withCorner, withNewCorner } from "./edits.js";
import { add, middle, times } from "./geometry.js";
import { shapeOf } from "./shapes.js";
import { lastPlaced, snapped } from "./snapping.js";
import { draws } from "./tools.js";
import { metres, percent, say } from "./words.js";

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const STEP = { floor: [0.1, 1], image: [0.002, 0.02] }; // plain, with Shift

export function takeKeys(pane, studio, tell) {
  pane.svg.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { shape, corner, pair } = event.target.dataset;
    const done =
      corner !== undefined
        ? onCorner(studio, Number(corner), event)
        : pair !== undefined
          ? onPair(pane, studio, Number(pair), event)
          : shape
            ? onShape(studio, shape, event)
            : false;
    if (!done && !onPane(pane, studio, event, tell)) return;
    event.preventDefault();
    requestAnimationFrame(() => keepFocus(pane, studio));
  });
  pane.svg.addEventListener("focusin", ({ target }) => {
    if (!target.matches(":focus-visible")) return;
    if (target.dataset.corner !== undefined) studio.update({ corner: Number(target.dataset.corner) });
    else if (target.dataset.shape && studio.state.tool === "select") studio.select(target.dataset.shape);
  });
}

// What was deleted had the focus: it goes to the corner before it, or to the drawing.
function keepFocus(pane, { state }) {
  if (document.activeElement !== document.body) return;
  (pane.svg.querySelector(`.stop[data-corner="${state.corner}"]`) ?? pane.svg).focus();
}

const stepOf = (event, plane) => times(ARROWS[event.key], STEP[plane][Number(event.shiftKey)]);

function onShape(studio, key, event) {
  const one = shapeOf(studio.document, key);
  if (ARROWS[event.key]) {
    studio.select(key);
    studio.change(moved(studio.document, key, stepOf(event, one.plane)), `nudge ${key}`);
  } else if (event.key === "Enter" || event.key === " ") {
    if (studio.state.tool !== "select") return false;
    studio.select(key);
    studio.update({ toForm: true });
  } else if (event.key === "Delete" || event.key === "Backspace") {
    studio.select(key);
    studio.remove();
  } else return false;
  return true;
}

function onCorner(studio, index, event) {
  const { key, plane, points, form } = studio.selected;
  if (ARROWS[event.key]) {
    studio.change(withCorner(studio.document, key, index, add(points[index], stepOf(event, plane))), `nudge ${key} ${index}`);
  } else if (event.key === "Delete" || event.key === "Backspace") {
    studio.update({ corner: index });
    studio.remove();
  } else if ((event.key === "Insert" || event.key === "+") && form === "area") {
    studio.change(withNewCorner(studio.document, key, index + 1, middle(points[index], points[(index + 1) % points.length])));
  } else return false;
  return true;
}

function onPair(pane, studio, index, event) {
  if (ARROWS[event.key]) {
    const pair = pairs(studio.document, studio.camera)[index];
    const [plane, at] = pane.name === "still" ? ["image", pair.image] : ["floor", pair.floor_m];
    const step = plane === "floor" ? times(stepOf(event, plane), 0.1) : times(stepOf(event, plane), 0.5); // finer: errors are centimetres
    studio.movePair(index, pane.name, add(at, step), `nudge pair ${index}`);
  } else if (event.key === "Delete" || event.key === "Backspace") studio.removePair(index);
  else return false;
  return true;
}

function onPane(pane, studio, event, tell) {
  const { tool } = studio.state;
  if (event.key === "Escape") return takeBack(studio);
  const busy = draws(tool) || tool === "pair";
  if (!busy) return onView(pane, event);
  if (ARROWS[event.key]) return moveCross(pane, studio, event, tell);
  if (event.key === "Enter" && studio.sketch?.points.length >= 3) return studio.finish() ?? true;
  if (event.key === "Enter" || event.key === " ") return placeCross(pane, studio);
  return onView(pane, event);
}

function takeBack(studio) {
  studio.takeBack();
  return true;
}

function onView(pane, event) {
  const zoom = { "+": 1.4, "=": 1.4, "-": 1 / 1.4 }[event.key];
  if (zoom) pane.zoomBy(zoom);
  else if (event.key === "0") {
    pane.fit();
    pane.changed();
  } else if (ARROWS[event.key] && event.target === pane.svg) pane.panBy(...times(ARROWS[event.key], 60));
  else return false;
  return true;
}

const planeFor = (pane, studio) =>
  studio.state.tool === "pair" ? (pane.name === "still" ? "image" : "floor") : studio.planeOf(pane.name);

function moveCross(pane, studio, event, tell) {
  const plane = planeFor(pane, studio);
  if (!plane) return false;
  const { cursor } = studio.state;
  const places = studio.placesOf(pane.name);
  const mine = cursor?.pane === pane.name && cursor.plane === plane;
  const from = mine
    ? cursor.at
    : (lastPlaced(studio) ?? snapped(studio, pane, plane, places.from(plane, pane.middle) ?? [0, 0]).at);
  const at = add(from, stepOf(event, plane)).map((value) => Math.round(value * 1e4) / 1e4);
  const shown = places.to(plane, at);
  if (shown) pane.reveal(shown);
  studio.update({ cursor: { pane: pane.name, plane, at, keys: true } });
  tell(
    plane === "floor"
      ? say("place", { x: metres(at[0]), y: metres(at[1]) })
      : say("place", { x: percent(at[0]), y: percent(at[1]) }),
  );
  return true;
}

function placeCross(pane, studio) {
  const { cursor, tool } = studio.state;
  if (cursor?.pane !== pane.name) return false;
  if (tool === "pair") studio.match(pane.name, cursor.at);
  else studio.place(pane.name, cursor.at);
  return true;
}
