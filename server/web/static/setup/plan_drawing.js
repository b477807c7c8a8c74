// The plan: picture, floor, coverage, the still laid over it, fixtures, zones, lines, screens, points.
import { corners, lengths, name, shape, sketch, stops } from "./drawing.js";
import { points } from "./points.js";
import { corners as boundary, outline, shapes } from "./shapes.js";
import { box } from "./geometry.js";
import { h, line } from "./svg.js";
import { cameraMarks, coverageOutline } from "./coverage.js";

const MARGIN_M = 0.4;

// In cm; what the pane shows as a whole.
export function planFrame(document) {
  const { x, y, right, bottom } = box([...boundary(document), ...outline(document)]);
  const [left, top] = [(x - MARGIN_M) * 100, (y - MARGIN_M) * 100];
  return { x: left, y: top, width: (right + MARGIN_M) * 100 - left, height: (bottom + MARGIN_M) * 100 - top };
}

export function drawPlan(scene) {
  const { studio, places } = scene;
  const { document, state } = studio;
  const on = shapes(document).filter((one) => one.plane === "floor");
  const chosen = on.find((one) => one.key === state.selected);
  const fixtures = on.filter((one) => one.fixture);
  const others = on
    .filter((one) => !one.fixture && one.kind !== "outline")
    .sort((a, b) => (a.form === "area" ? 0 : 1) - (b.form === "area" ? 0 : 1));
  return [
    h("path", { key: "floor", class: "floor", d: line(places.path("floor", outline(document)), true) }),
    planPicture(studio),
    layer("metre", metreGrid(document)),
    layer("coverage", state.layers.coverage && coverageOutline(studio)),
    warp(state),
    layer(
      "fixtures",
      fixtures.map((one) => [shape(scene, one), stops(scene, one)]),
    ),
    wall(scene, on),
    layer(
      "shapes",
      others.map((one) => [shape(scene, one), stops(scene, one)]),
    ),
    layer(
      "names",
      others.filter((one) => one.form === "area").map((one) => name(scene, one)),
    ),
    layer("cameras", cameraMarks(scene)),
    layer("points", points(scene)),
    layer("lengths", chosen && lengths(scene, chosen.plane, chosen.points, chosen.form === "area")),
    layer("corners", chosen && corners(scene, chosen)),
    layer("sketch", sketch(scene)),
  ];
}

export const layer = (key, nodes) => h("g", { key: `layer ${key}`, class: `layer layer-${key}` }, nodes || []);

function planPicture({ document, state }) {
  const plan = document.floor?.plan;
  if (!plan || !state.planSize) return null;
  const [x, y] = plan.origin_m.map((value) => value * 100);
  const scale = plan.metres_per_px * 100;
  const { width, height } = state.planSize;
  return h("image", {
    key: "picture",
    class: "picture",
    href: state.planUrl,
    x,
    y,
    width: width * scale,
    height: height * scale,
    preserveAspectRatio: "none",
  });
}

function metreGrid(document) {
  const { x, y, right, bottom } = box(outline(document));
  const steps = (from, to) =>
    Array.from(
      { length: Math.max(0, Math.min(Math.floor(to) - Math.ceil(from) + 1, 400)) },
      (_, i) => (Math.ceil(from) + i) * 100,
    );
  const d = [
    ...steps(x, right).map((at) => `M${at} ${y * 100}V${bottom * 100}`),
    ...steps(y, bottom).map((at) => `M${x * 100} ${at}H${right * 100}`),
  ].join("");
  return h("path", { d });
}

// With an outline of its own the floor's wall is a thing; else it is the edge of what is mapped.
function wall(scene, on) {
  const drawn = on.find((one) => one.kind === "outline");
  if (drawn) return layer("wall", [shape(scene, drawn), stops(scene, drawn)]);
  return layer("wall", h("path", { class: "bounds", d: line(scene.places.path("floor", outline(scene.studio.document)), true) }));
}

function warp({ layers, warped }) {
  if (!layers.warp || !warped) return null;
  return h("image", {
    key: "warp",
    class: "warp",
    href: warped.url,
    x: warped.x,
    y: warped.y,
    width: warped.width,
    height: warped.height,
    preserveAspectRatio: "none",
  });
}
