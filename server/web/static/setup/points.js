// Matched points in a drawing: a ring, its number and error, and ten times where it is off to.
import { LIMIT_M, offsets } from "./calibration.js";
import { pairs } from "./edits.js";
import { add, times } from "./geometry.js";
import { tags } from "./labels.js";
import { h, line } from "./svg.js";
import { off, say } from "./words.js";

const TEN = 10;

export function points(scene) {
  const { studio } = scene;
  const found = marks(scene).filter(({ at }) => at);
  const errors = studio.state.layers.errors;
  return [
    ...found.map(
      (mark) =>
        errors &&
        mark.away &&
        h("path", { key: `away ${mark.i}`, class: `away ${mark.tone}`, d: line([mark.at, add(mark.at, times(mark.away, TEN))]) }),
    ),
    ...found.map((mark) => ring(scene, mark)),
    ...half(scene),
    ...tags(
      found.map((mark) => ({ ...mark, key: mark.i })),
      scene,
    ),
  ];
}

function marks({ studio, places, pane }) {
  const { view, full } = studio.sight;
  const away = view ? offsets(full, view) : [];
  return pairs(studio.document, studio.camera).map((pair, i) => {
    const error = view ? view.errors[i] : null;
    return {
      i,
      at: pane === "still" ? places.to("image", pair.image) : places.to("floor", pair.floor_m),
      away: view && (pane === "still" ? away[i].picture : times(away[i].floor, places.perMetre)),
      tone: error > LIMIT_M ? "bad" : "fine",
      words: error === null ? `${i + 1}` : `${i + 1}: ${off(error)}`,
    };
  });
}

function ring({ studio, u, coarse, pane }, { i, at: [x, y], tone, words }) {
  const chosen = studio.state.selected === `pair.${i}`;
  const spoken = {
    role: "button",
    tabindex: studio.state.may ? 0 : null,
    "aria-label": say(pane === "still" ? "pointOnStill" : "pointOnPlan", { words }),
    "aria-pressed": String(chosen),
  };
  return h(
    "g",
    { key: `pair ${i}`, class: `pair ${tone}${chosen ? " chosen" : ""}`, "data-pair": i, ...spoken },
    h("circle", { class: "reach", cx: x, cy: y, r: (coarse ? 20 : 11) * u }),
    h("circle", { class: "ring", cx: x, cy: y, r: 5.5 * u }),
    h("circle", { class: "pip", cx: x, cy: y, r: 1.5 * u }),
  );
}

// The side of a new point that is placed already.
function half(scene) {
  const { studio, places, u, pane } = scene;
  const { half: placed } = studio.state;
  if (placed?.pane !== pane) return [];
  const at = places.to(pane === "still" ? "image" : "floor", placed.at);
  if (!at) return [];
  const n = pairs(studio.document, studio.camera).length + 1;
  return [
    h("circle", { key: "half", class: "half", cx: at[0], cy: at[1], r: 6 * u }),
    ...tags([{ at, words: `${n}: ${say(pane === "still" ? "nowOnPlan" : "nowOnStill")}`, tone: "open", key: "half" }], scene),
  ];
}
