// How one thing looks in a drawing: its outline, its corners while it is chosen, what is being drawn.
import { add, area, box, centroid, distance, edges, middle, sub, times } from "./geometry.js";
import { note, text } from "./labels.js";
import { title } from "./shapes.js";
import { h, line, round } from "./svg.js";
import { metres, number, percent, say } from "./words.js";

// `scene`: {studio, pane, places, u, shown, coarse}: u is one screen px, shown what is in sight, in the drawing’s units.
export function shape(scene, one) {
  const { studio, places } = scene;
  const path = places.path(one.plane, one.points, one.form === "area");
  if (!path.length) return null;
  const chosen = studio.state.selected === one.key;
  const fault = studio.state.check.faults.has(one.key);
  const look = ["shape", one.fixture ? "fixture" : one.form, one.kind, chosen && "chosen", fault && "fault"]
    .filter(Boolean)
    .join(" ");
  return h(
    "g",
    { key: one.key, class: look, ...spoken(scene, one, chosen) },
    one.form === "place" ? screen(scene, one, path[0]) : outline(one, path),
    one.form === "line" && arrow(scene, path),
  );
}

function spoken({ studio }, one, chosen) {
  const kind = say(`kind_${one.kind}`);
  const label = `${kind}: ${title(studio.document, one)}${sizeOf(one)}`;
  return { role: "button", tabindex: 0, "data-shape": one.key, "aria-label": label, "aria-pressed": String(chosen) };
}

function sizeOf({ plane, form, points }) {
  if (plane !== "floor" || form === "place") return "";
  return form === "area" ? `, ${number(area(points), 1)}\u00a0${say("m2")}` : `, ${metres(distance(...points), 1)}`;
}

function outline(one, path) {
  const d = line(path, one.form === "area");
  return [h("path", { class: "near", d }), h("path", { class: "edge", d })];
}

// Points to where `in` is: right of a→b as y grows downwards.
function arrow({ u }, [a, ...rest]) {
  const b = rest.at(-1);
  const along = times(sub(b, a), 1 / (distance(a, b) || 1));
  const out = [-along[1], along[0]];
  const foot = middle(a, b);
  const tip = add(foot, times(out, 20 * u));
  const wings = [-6, 6].map((side) => add(add(foot, times(out, 11 * u)), times(along, side * u)));
  return [
    h("path", { class: "arrow", d: line([foot, add(foot, times(out, 12 * u))]) }),
    h("path", { class: "arrow-head", d: line([wings[0], tip, wings[1]], true) }),
  ];
}

function screen({ u, places }, { thing }, at) {
  const angle = ((thing.facing_deg ?? 0) * Math.PI) / 180;
  const out = [Math.cos(angle), Math.sin(angle)];
  const side = times([-out[1], out[0]], Math.max(12 * u, 0.5 * (places.perMetre ?? 0)));
  const tip = add(at, times(out, 16 * u));
  const wings = [-5, 5].map((away) => add(add(at, times(out, 9 * u)), times([-out[1], out[0]], away * u)));
  return [
    h("circle", { class: "near", cx: round(at[0]), cy: round(at[1]), r: 14 * u }),
    h("path", { class: "edge", d: line([sub(at, side), add(at, side)]) }),
    h("path", { class: "arrow-head", d: line([wings[0], tip, wings[1]], true) }),
  ];
}

export function name(scene, one) {
  const { studio, places, u } = scene;
  const at = places.to(one.plane, centroid(one.points));
  const words = at && fitting(title(studio.document, one), places.path(one.plane, one.points, true), u);
  return words && text(at, words, u, { key: `name ${one.key}`, class: "name", "aria-hidden": "true" });
}

// A name much wider than its zone is its number, or left out.
function fitting(words, path, u) {
  const { x, right } = box(path);
  const room = (1.6 * (right - x)) / u;
  const number = /\d+$/.exec(words)?.[0];
  return [words, number].find((one) => one && one.length * 6 <= room) ?? null;
}

// The corners of the chosen thing, to be taken by pointer; between them, where one may be added.
export function corners(scene, one) {
  const { studio, places, u, coarse } = scene;
  if (!studio.state.may) return [];
  const reach = (coarse ? 20 : 9) * u;
  const between = one.form === "area" ? edges(one.points, true).map(([a, b]) => places.to(one.plane, middle(a, b))) : [];
  return [
    ...between.map(
      (d, i) =>
        d &&
        handle(
          d,
          `mid ${i}`,
          { class: "corner mid", "data-mid": i },
          reach * 0.8,
          h("circle", { class: "dot", cx: d[0], cy: d[1], r: 3 * u }),
        ),
    ),
    ...one.points.map((p, i) => {
      const d = places.to(one.plane, p);
      return (
        d &&
        handle(
          d,
          `corner ${i}`,
          { class: `corner${studio.state.corner === i ? " chosen" : ""}`, "data-corner": i },
          reach,
          square(d, u),
        )
      );
    }),
  ];
}

const square = ([x, y], u) => h("rect", { class: "dot", x: x - 3.5 * u, y: y - 3.5 * u, width: 7 * u, height: 7 * u });
const handle = ([x, y], key, attributes, reach, dot) =>
  h("g", { key, "aria-hidden": "true", ...attributes }, h("circle", { class: "reach", cx: x, cy: y, r: reach }), dot);

// The same corners for the keyboard: right behind their thing, so that Tab comes to them next.
export function stops(scene, one) {
  const { studio, places, u } = scene;
  if (!studio.state.may || studio.state.selected !== one.key) return [];
  return one.points.map((p, i) => {
    const d = places.to(one.plane, p);
    return (
      d &&
      h(
        "g",
        { key: `${one.key} stop ${i}`, class: "stop", "data-corner": i, ...cornerSpoken(one, i) },
        h("circle", { cx: d[0], cy: d[1], r: 9 * u }),
      )
    );
  });
}

function cornerSpoken({ plane, points }, i) {
  const [x, y] = points[i];
  const where = plane === "floor" ? say("place", { x: metres(x), y: metres(y) }) : say("place", { x: percent(x), y: percent(y) });
  return { role: "button", tabindex: 0, "aria-label": `${say("cornerOf", { i: i + 1, n: points.length })}, ${where}` };
}

// Lengths along the edges of what is chosen or being drawn, on the floor.
export function lengths(scene, plane, points, closed) {
  const { places, u } = scene;
  if (plane !== "floor") return [];
  return edges(points, closed).map(([a, b], i) => {
    const [from, to] = [places.to(plane, a), places.to(plane, b)];
    if (!from || !to || distance(from, to) < 34 * u) return null;
    return note(beside(places, plane, points, from, to, u), metres(distance(a, b), 1), scene, `length ${i}`);
  });
}

// Beside an edge, away from the middle of what it bounds.
function beside(places, plane, points, from, to, u) {
  const [foot, heart] = [middle(from, to), places.to(plane, centroid(points)) ?? from];
  const d = sub(to, from);
  const out = times([-d[1], d[0]], 1 / (Math.hypot(...d) || 1));
  const side = (foot[0] - heart[0]) * out[0] + (foot[1] - heart[1]) * out[1] >= 0 ? 1 : -1;
  return add(foot, times(out, side * u * (14 + 10 * Math.abs(out[0]))));
}

// What is being drawn: its corners so far, the next edge dashed, and its length and turn.
export function sketch(scene) {
  const { studio, places, u } = scene;
  const { sketch: drawn, cursor, tool, measured } = studio.state;
  if (measured && scene.pane === "plan") return [measure(scene, measured), ...lengths(scene, "floor", measured, false)];
  const next = cursor?.pane === scene.pane ? cursor.at : null;
  if (drawn && drawn.pane !== scene.pane) return mirrored(scene, drawn, cursor);
  if (!drawn) return next ? [crosshair(scene, next)] : [];
  const { plane, points } = drawn;
  const closed = !["line", "entrance", "measure", "screen"].includes(tool);
  const all = next ? [...points, next] : points;
  return [
    closed && all.length > 2 && h("path", { key: "fill", class: "sketch-fill", d: line(places.path(plane, all, true), true) }),
    h("path", { key: "edge", class: "sketch", d: line(places.path(plane, points, false)) }),
    next && h("path", { key: "next", class: "sketch next", d: line(places.path(plane, [points.at(-1), next], false)) }),
    closed &&
      all.length > 2 &&
      h("path", { key: "close", class: "sketch next", d: line(places.path(plane, [all.at(-1), points[0]], false)) }),
    ...points.map((p, i) => dot(places.to(plane, p), u, i)),
    ...lengths(scene, plane, points, false),
    next && crosshair(scene, next),
    next && plane === "floor" && turn(scene, points, next),
  ];
}

// What is drawn in the other drawing, where it lies in this one.
function mirrored({ places }, { plane, points }, cursor) {
  const all = cursor?.plane === plane ? [...points, cursor.at] : points;
  const closed = all.length > 2;
  return [
    h("path", {
      key: "mirror",
      class: closed ? "sketch sketch-fill" : "sketch",
      d: line(places.path(plane, all, closed), closed),
    }),
  ];
}

// The drawn length whose metres are being asked for.
const measure = ({ places }, ends) => h("path", { key: "measured", class: "sketch", d: line(places.path("floor", ends, false)) });

function dot(d, u, i) {
  return (
    d && h("rect", { key: `dot ${i}`, class: "sketch-dot", x: d[0] - 3.5 * u, y: d[1] - 3.5 * u, width: 7 * u, height: 7 * u })
  );
}

function crosshair({ places, u, studio }, at) {
  const d = places.to(studio.state.cursor.plane, at);
  if (!d) return null;
  const [x, y] = d;
  return h("path", {
    key: "cross",
    class: `cross ${studio.state.cursor.on ?? ""}`,
    d: `M${x - 9 * u} ${y}H${x + 9 * u}M${x} ${y - 9 * u}V${y + 9 * u}`,
  });
}

function turn(scene, points, next) {
  const { places, u } = scene;
  const last = points.at(-1);
  const words = [metres(distance(last, next), 1)];
  if (points.length > 1) words.push(`${number(angle(points.at(-2), last, next))}°`);
  return note(add(places.to("floor", next), [0, 20 * u]), words.join(", "), scene, "turn");
}

function angle(a, b, c) {
  const [p, q] = [sub(a, b), sub(c, b)];
  const cosine = (p[0] * q[0] + p[1] * q[1]) / (Math.hypot(...p) * Math.hypot(...q) || 1);
  return (Math.acos(Math.min(Math.max(cosine, -1), 1)) * 180) / Math.PI;
}
