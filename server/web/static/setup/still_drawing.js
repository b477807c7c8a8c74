// A camera's still, straightened: the floor's metres over it, what is drawn on it or on the floor, the points.
import { projected } from "./calibration.js";
import { corners, lengths, name, shape, sketch, stops } from "./drawing.js";
import { box } from "./geometry.js";
import { layer } from "./plan_drawing.js";
import { points } from "./points.js";
import { straightFrame } from "./places.js";
import { outline, shapes } from "./shapes.js";
import { h, line } from "./svg.js";

export const stillFrame = ({ size, lens }) => straightFrame(size, lens);

export function drawStill(scene) {
  const { studio } = scene;
  const { document, state, sight } = studio;
  const all = shapes(document);
  const chosen = all.find((one) => one.key === state.selected && (one.plane === "floor" || one.camera === studio.camera));
  const shown = all.filter((one) => one === chosen || (one.plane === "image" && one.camera === studio.camera));
  return [
    picture(studio),
    clip(stillFrame(sight)),
    layer("metre", sight.view && state.layers.grid && floorGrid(document, sight)),
    layer(
      "shapes",
      shown.map((one) => [shape(scene, one), stops(scene, one)]),
    ),
    layer(
      "names",
      shown.filter((one) => one.form === "area" && one.plane === "image").map((one) => name(scene, one)),
    ),
    layer("points", points(scene)),
    layer("lengths", chosen && lengths(scene, chosen.plane, chosen.points, chosen.form === "area")),
    layer("corners", chosen && corners(scene, chosen)),
    layer("sketch", sketch(scene)),
  ];
}

function picture({ still, sight }) {
  if (!still) return null;
  const { x, y, width, height } = still.straight
    ? stillFrame(sight)
    : { x: 0, y: 0, width: sight.size[0], height: sight.size[1] };
  return h("image", { key: "still", href: still.straight ?? still.url, x, y, width, height, preserveAspectRatio: "none" });
}

const clip = (frame) => h("clipPath", { key: "clip", id: "still-frame" }, h("rect", frame));

// One line per metre, cut where it leaves what the camera can see.
function floorGrid(document, { view }) {
  const { x, y, right, bottom } = box(outline(document));
  const lines = [];
  for (let at = Math.ceil(x); at <= right; at++)
    lines.push([
      [at, y],
      [at, bottom],
    ]);
  for (let at = Math.ceil(y); at <= bottom; at++)
    lines.push([
      [x, at],
      [right, at],
    ]);
  return h("path", {
    "clip-path": "url(#still-frame)",
    d: lines
      .slice(0, 800)
      .map((ends) => line(projected(view, ends, false)))
      .join(""),
  });
}
