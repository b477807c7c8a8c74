// The matched points as a table: where each is, and how far it is off beside the limit.
import { LIMIT_M, rms, withoutWorst } from "./calibration.js";
import { pairs } from "./edits.js";
import { placeName } from "./shapes.js";
import { h } from "./svg.js";
import { number, off, say } from "./words.js";

export function pointsTable(studio) {
  const found = pairs(studio.document, studio.camera);
  if (!found.length && !studio.aside.length) return [h("p", { class: "empty-row" }, say("noPoints"))];
  const { view } = studio.sight;
  const full = Math.max(0.3, ...(view?.errors ?? []).map((error) => Math.min(error, 2)));
  return [
    h(
      "div",
      { class: "scroll", tabindex: 0, role: "region", "aria-label": say("points") },
      h(
        "table",
        { class: "points-table" },
        head(),
        h(
          "tbody",
          {},
          ...found.map((pair, i) => row(studio, pair, i, view?.errors[i], full)),
          ...studio.aside.map((pair, i) => asideRow(studio, pair, i)),
        ),
      ),
    ),
  ];
}

function head() {
  const plain = (key) => h("th", { scope: "col" }, say(key));
  const right = (key) => h("th", { scope: "col", class: "num hide-narrow" }, say(key));
  return h(
    "thead",
    {},
    h(
      "tr",
      {},
      h("th", { scope: "col" }, h("span", { class: "sr-only" }, say("pointNumber"))),
      plain("matchedPoint"),
      right("stillPx"),
      right("planM"),
      h("th", { scope: "col", colspan: 2 }, say("errorLimit", { limit: off(LIMIT_M) })),
      h("th", {}, h("span", { class: "sr-only" }, say("actions"))),
    ),
  );
}

function cells(studio, pair) {
  const [w, h_] = studio.sight.size;
  const [x, y] = pair.image;
  return [
    h("td", { class: "num quiet hide-narrow" }, `${number(x * w)}, ${number(y * h_)}`),
    h("td", { class: "num quiet hide-narrow" }, `${number(pair.floor_m[0], 2)}, ${number(pair.floor_m[1], 2)}`),
  ];
}

function row(studio, pair, i, error, full) {
  const chosen = studio.state.selected === `pair.${i}`;
  const bad = error > LIMIT_M;
  return h(
    "tr",
    { key: `pair ${i}`, class: `${chosen ? "selected" : ""} ${bad ? "bad" : ""}` },
    h("td", { class: "quiet" }, String(i + 1)),
    h(
      "th",
      { scope: "row" },
      h(
        "button",
        { class: "plain row-button", type: "button", "data-do": "selectPair", "data-i": i },
        placeName(studio.document, pair.floor_m),
      ),
    ),
    ...cells(studio, pair),
    h("td", { class: "bar-cell" }, error === undefined ? [] : bar(error, full)),
    h("td", { class: "num error" }, error === undefined ? "–" : h("b", {}, off(error))),
    h(
      "td",
      { class: "doing" },
      studio.state.may && (bad || chosen) && [action("leaveOut", i), " ", chosen && action("removePair", i, "delete")],
    ),
  );
}

function asideRow(studio, pair, i) {
  return h(
    "tr",
    { key: `aside ${i}`, class: "aside" },
    h("td", { class: "quiet" }, "–"),
    h("th", { scope: "row" }, placeName(studio.document, pair.floor_m)),
    ...cells(studio, pair),
    h("td", { colspan: 2, class: "quiet" }, say("leftOut")),
    h("td", { class: "doing" }, studio.state.may && action("putBack", i)),
  );
}

const action = (what, i, words = what) =>
  h("button", { class: "link", type: "button", "data-do": what, "data-i": i }, say(words));

function bar(error, full) {
  const wide = 100;
  const x = (value) => (Math.min(value, full) / full) * wide;
  return h(
    "svg",
    { class: "error-bar", viewBox: `0 0 ${wide} 14`, preserveAspectRatio: "none", "aria-hidden": "true" },
    h("rect", { class: error > LIMIT_M ? "bad" : "", x: 0, y: 4, width: Math.max(x(error), 0.5), height: 6 }),
    h("path", { class: "limit", d: `M${x(LIMIT_M)} 0V14` }),
  );
}

// "rms 10.8 cm; without point 6, 6.9 cm".
export function pointsNote(studio) {
  const { view, full } = studio.sight;
  if (!view || view.errors.length < 5) return "";
  const better = withoutWorst(full, view);
  const all = say("rms", { rms: exact(rms(view.errors)) });
  return better.rms === null ? all : `${all}; ${say("rmsWithout", { i: better.worst + 1, rms: exact(better.rms) })}`;
}

const exact = (value) => `${number(value * 100, 1)}\u00a0${say("cm")}`;
