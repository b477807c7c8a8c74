// What the cameras see of the floor, as the server's check says: outlines, shares, and where the cameras hang.
import { add, box, distance, sub, times } from "./geometry.js";
import { text } from "./labels.js";
import { outline } from "./shapes.js";
import { h, line } from "./svg.js";
import { listed, percent, say } from "./words.js";

// The floor that the chosen camera sees.
export function coverageOutline({ state, camera }) {
  const { coverage } = state.check;
  const cells = coverage?.cameras[camera];
  if (!cells) return [];
  const loops = loopsOf(cellsOf(cells.seen, coverage.shape), coverage.shape);
  const place = ([column, row]) => [
    (coverage.origin_m[0] + column * coverage.cell_m) * 100,
    (coverage.origin_m[1] + row * coverage.cell_m) * 100,
  ];
  return [h("path", { d: loops.map((loop) => line(smooth(loop).map(place), true)).join("") })];
}

// Run lengths, the first of cells that are not.
function cellsOf(runs, [rows, columns]) {
  const cells = new Uint8Array(rows * columns);
  let at = 0;
  runs.forEach((length, i) => {
    cells.fill(i % 2, at, at + length);
    at += length;
  });
  return cells;
}

// Closed rims of the cells, in columns and rows.
function loopsOf(cells, [rows, columns]) {
  const on = (column, row) => column >= 0 && row >= 0 && column < columns && row < rows && cells[row * columns + column] === 1;
  const next = new Map();
  const from = (a, b) => next.set(String(a), [...(next.get(String(a)) ?? []), b]);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      if (!on(column, row)) continue;
      if (!on(column, row - 1)) from([column, row], [column + 1, row]);
      if (!on(column + 1, row)) from([column + 1, row], [column + 1, row + 1]);
      if (!on(column, row + 1)) from([column + 1, row + 1], [column, row + 1]);
      if (!on(column - 1, row)) from([column, row + 1], [column, row]);
    }
  }
  const loops = [];
  for (const [start] of next) {
    const loop = [];
    for (let at = start.split(",").map(Number); next.get(String(at))?.length; at = next.get(String(at)).pop()) loop.push(at);
    if (loop.length > 3) loops.push(loop);
  }
  return loops;
}

// The steps of the cells become a line: each corner moves to the middle of its neighbours, a few times.
function smooth(loop, passes = 6) {
  if (!passes) return loop;
  const n = loop.length;
  return smooth(
    loop.map((p, i) => add(times(p, 0.5), times(add(loop[(i + n - 1) % n], loop[(i + 1) % n]), 0.25))),
    passes - 1,
  );
}

// "93 %, cameras 1 and 2"; null while it is not known.
export function seenWords({ state }, key) {
  const found = state.check.zones?.[key.split(".")[1]];
  if (!found || found.seen_share === null) return null;
  const numbers = found.cameras
    .map((id) => state.cameras.indexOf(id) + 1)
    .filter(Boolean)
    .sort((a, b) => a - b);
  if (!numbers.length) return say("seenByNone");
  return `${percent(found.seen_share)}, ${say("byCameras", { n: numbers.length, cameras: listed(numbers.map(String)) })}`;
}

// Each calibrated camera where it hangs, looking where its picture's middle lies; at the edge where it hangs outside.
export function cameraMarks({ studio, u }) {
  const { state, document } = studio;
  const edge = box(outline(document));
  return Object.entries(state.check.cameras ?? {}).map(([id, { place_m: place, homography, size_px: size }]) => {
    const at = [Math.min(Math.max(place[0], edge.x), edge.right) * 100, Math.min(Math.max(place[1], edge.y), edge.bottom) * 100];
    return mark(at, heading(homography, size, place), String(state.cameras.indexOf(id) + 1), u, id === studio.camera, id);
  });
}

function heading(m, [width, height], place) {
  const [x, y] = [width / 2, height * 0.9];
  const [a, b, w] = m.map(([p, q, r]) => p * x + q * y + r);
  const way = sub([a / w, b / w], place);
  const length = distance(way, [0, 0]);
  return length > 1e-9 ? times(way, 1 / length) : [0, 1];
}

function mark(at, way, words, u, chosen, id) {
  const side = [-way[1], way[0]];
  const tip = add(at, times(way, 16 * u));
  const wings = [-7, 7].map((out) => add(add(at, times(way, 7 * u)), times(side, out * u)));
  return h(
    "g",
    { key: id, class: `camera${chosen ? " chosen" : ""}`, "aria-hidden": "true" },
    h("path", { class: "wedge", d: line([wings[0], tip, wings[1]], true) }),
    h("circle", { cx: at[0], cy: at[1], r: 9.5 * u }),
    text(at, words, u),
  );
}
