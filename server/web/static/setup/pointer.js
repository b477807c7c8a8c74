// Mouse, pen and fingers on a drawing: choose, move, draw, match, pan, pinch.
import { withNewCorner, withCorner, withPoints } from "./edits.js";
import { add, distance, rectangle, sub, toGrid } from "./geometry.js";
import { lastPlaced, snapped } from "./snapping.js";
import { draws, isArea } from "./tools.js";

const CLICK_PX = 5;
let count = 0; // of gestures: all moves of one are one step back

export function takePointers(pane, studio) {
  const fingers = new Map();
  let gesture = null;
  const { svg } = pane;
  svg.addEventListener("pointerdown", (event) => {
    fingers.set(event.pointerId, event);
    if (fingers.size === 2) gesture = null;
    else if (fingers.size === 1) gesture = begin(pane, studio, event);
    svg.setPointerCapture(event.pointerId);
  });
  svg.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (fingers.size === 2 && before) pinch(pane, fingers, event);
    else if (gesture) gesture.move(event, before);
    else hover(pane, studio, event);
    if (before) fingers.set(event.pointerId, event);
  });
  svg.addEventListener("pointerup", (event) => {
    if (fingers.size === 1) gesture?.end(event);
    fingers.delete(event.pointerId);
    gesture = null;
    studio.act({ type: "settle" });
  });
  svg.addEventListener("pointercancel", (event) => {
    fingers.delete(event.pointerId);
    gesture = null;
  });
  svg.addEventListener("pointerleave", () => {
    if (studio.state.cursor?.pane === pane.name && !studio.state.cursor.keys) studio.update({ cursor: null });
  });
}

function pinch(pane, fingers, event) {
  const before = fingers.get(event.pointerId);
  const other = [...fingers.values()].find((finger) => finger.pointerId !== event.pointerId);
  const apart = (a) => Math.hypot(a.clientX - other.clientX, a.clientY - other.clientY);
  const between = { clientX: (event.clientX + other.clientX) / 2, clientY: (event.clientY + other.clientY) / 2 };
  pane.zoomBy(apart(event) / Math.max(apart(before), 1), pane.at(between));
  pane.panBy((before.clientX - event.clientX) / 2, (before.clientY - event.clientY) / 2);
}

function begin(pane, studio, event) {
  const { tool, may } = studio.state;
  const hit = event.target.closest("[data-corner], [data-mid], [data-pair], [data-shape]")?.dataset ?? {};
  const join = `gesture ${++count}`;
  if (event.button === 1) return panning(pane, studio, event);
  if (hit.pair !== undefined && may && (tool === "pair" || tool === "select"))
    return draggingPair(pane, studio, Number(hit.pair), join, event);
  if (tool === "pair") return matching(pane, studio);
  if (draws(tool)) return drawing(pane, studio, event);
  if (hit.corner !== undefined) return draggingCorner(pane, studio, Number(hit.corner), join);
  if (hit.mid !== undefined) return addingCorner(pane, studio, Number(hit.mid) + 1, join, event);
  if (hit.shape) return draggingShape(pane, studio, hit.shape, join, event);
  return panning(pane, studio, event);
}

const far = (a, b) => Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY) > CLICK_PX;

// The place under the pointer on a plane, snapped; null above the horizon.
function placeOf(pane, studio, plane, event, options) {
  const at = plane && studio.placesOf(pane.name).from(plane, pane.at(event));
  return at && snapped(studio, pane, plane, at, { free: event.altKey, ...options });
}

function hover(pane, studio, event) {
  const { tool } = studio.state;
  if (event.pointerType === "touch" || !(draws(tool) || tool === "pair")) return;
  const plane = tool === "pair" ? (pane.name === "still" ? "image" : "floor") : studio.planeOf(pane.name);
  const found = placeOf(pane, studio, plane, event, { before: lastPlaced(studio) });
  studio.update({ cursor: found ? { pane: pane.name, plane, ...found } : null });
}

function panning(pane, studio, start) {
  let moved = false;
  return {
    move(event, before) {
      moved ||= far(event, start);
      if (moved && pane.zoom > 1) pane.panBy(before.clientX - event.clientX, before.clientY - event.clientY);
    },
    end() {
      if (!moved && studio.state.tool === "select") studio.select(null);
    },
  };
}

function matching(pane, studio) {
  return {
    move: (event) => hover(pane, studio, event),
    end(event) {
      const found = placeOf(pane, studio, pane.name === "still" ? "image" : "floor", event);
      if (found && (pane.name === "still" ? studio.still : studio.document.floor)) studio.match(pane.name, found.at);
    },
  };
}

// A click places a corner; a drag from the first draws a rectangle, or a whole line.
function drawing(pane, studio, start) {
  const plane = studio.planeOf(pane.name);
  const first = placeOf(pane, studio, plane, start, { before: lastPlaced(studio) });
  const opened = !studio.sketch;
  return {
    move(event) {
      hover(pane, studio, event);
      const now = placeOf(pane, studio, plane, event);
      if (!first || !now || !opened || !far(event, start)) return;
      const points = isArea(studio.state.tool) ? rectangle(first.at, now.at) : [first.at, now.at];
      studio.update({ sketch: { pane: pane.name, plane, points, swept: true }, cursor: null });
    },
    end(event) {
      if (studio.sketch?.swept) return sweep(studio);
      const found = placeOf(pane, studio, plane, event, { before: lastPlaced(studio) });
      if (found) put(studio, pane, plane, found.at);
      return undefined;
    },
  };
}

function sweep(studio) {
  const [a, , c] = studio.sketch.points;
  if (isArea(studio.state.tool) && (a[0] === c[0] || a[1] === c[1])) return studio.update({ sketch: null });
  return studio.finish();
}

// The first corner again closes what is drawn.
function put(studio, pane, plane, at) {
  const points = studio.sketch?.points ?? [];
  const near = plane === "floor" ? 1e-6 : 0.015;
  if (points.length > 2 && isArea(studio.state.tool) && distance(points[0], at) <= near) return studio.finish();
  if (points.length && distance(points.at(-1), at) < 1e-9) return undefined;
  return studio.place(pane.name, at);
}

function draggingPair(pane, studio, index, join, start) {
  studio.select(`pair.${index}`);
  let moved = false;
  return {
    move(event) {
      moved ||= far(event, start);
      const found = moved && placeOf(pane, studio, pane.name === "still" ? "image" : "floor", event);
      if (found) studio.movePair(index, pane.name, found.at, join);
    },
    end() {},
  };
}

function draggingCorner(pane, studio, index, join) {
  studio.update({ corner: index });
  return {
    move(event) {
      const { key, plane } = studio.selected;
      const found = placeOf(pane, studio, plane, event, { except: key });
      if (found) studio.change(withCorner(studio.document, key, index, found.at), join);
    },
    end() {},
  };
}

function addingCorner(pane, studio, index, join, event) {
  const { key, plane } = studio.selected;
  const found = placeOf(pane, studio, plane, event, { except: key });
  if (!found || !studio.state.may) return null;
  studio.change(withNewCorner(studio.document, key, index, found.at), join);
  return draggingCorner(pane, studio, index, join);
}

function draggingShape(pane, studio, key, join, start) {
  if (studio.state.selected !== key) studio.select(key);
  const { plane, points } = studio.selected;
  const from = studio.placesOf(pane.name).from(plane, pane.at(start));
  let moved = false;
  return {
    move(event) {
      moved ||= far(event, start);
      const now = studio.placesOf(pane.name).from(plane, pane.at(event));
      if (!moved || !from || !now) return;
      const by = plane === "floor" && !event.altKey ? toGrid(sub(now, from), 0.1) : sub(now, from);
      studio.change(
        withPoints(
          studio.document,
          key,
          points.map((p) => add(p, by)),
        ),
        join,
      );
    },
    end() {},
  };
}
