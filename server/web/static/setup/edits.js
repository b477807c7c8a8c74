// What one can do to a document: each takes one and gives the next.
import { thingOf, withThing } from "./changes.js";
import { add } from "./geometry.js";
import { freeId, idOf, ownId } from "./ids.js";
import { shapeOf } from "./shapes.js";

// Where a shape's points stand in the document.
function pointsKey(shape) {
  const where = shape.plane === "floor" ? "_m" : "";
  if (shape.key.startsWith("zones.")) return `${shape.key}.polygon${where}`;
  if (shape.key.startsWith("lines.")) return `${shape.key}.ends${where}`;
  if (shape.key.startsWith("screens.")) return `${shape.key}.at_m`;
  return shape.fixture ? `${shape.key}.polygon_m` : shape.key;
}

export function set(document, key, value) {
  const parts = key.split(".");
  const at = parts.findIndex(
    (part, i) => i > 0 && /^\d+$/.test(part) && Array.isArray(thingOf(document, parts.slice(0, i).join("."))),
  );
  if (at < 0) return withThing(document, key, value);
  const [holder, index, rest] = [parts.slice(0, at).join("."), Number(parts[at]), parts.slice(at + 1).join(".")];
  const items = [...thingOf(document, holder)];
  if (rest) items[index] = withThing(items[index], rest, value);
  else if (value === undefined) items.splice(index, 1);
  else items[index] = value;
  return withThing(document, holder, items);
}

export function withPoints(document, key, points) {
  const shape = shapeOf(document, key);
  const kept = shape.plane === "image" ? points.map(withinPicture) : points.map((p) => p.map(tidy));
  return set(document, pointsKey(shape), shape.form === "place" ? kept[0] : kept);
}

const tidy = (value) => Math.round(value * 1000) / 1000;
const withinPicture = (p) => p.map((value) => Math.round(Math.min(Math.max(value, 0), 1) * 1e4) / 1e4);

export function moved(document, key, by) {
  return withPoints(
    document,
    key,
    shapeOf(document, key).points.map((p) => add(p, by)),
  );
}

export function withCorner(document, key, index, at) {
  return withPoints(
    document,
    key,
    shapeOf(document, key).points.map((p, i) => (i === index ? at : p)),
  );
}

export function withNewCorner(document, key, index, at) {
  const points = [...shapeOf(document, key).points];
  points.splice(index, 0, at);
  return withPoints(document, key, points);
}

// null where too few would be left.
export function withoutCorner(document, key, index) {
  const { points, form } = shapeOf(document, key);
  if (form !== "area" || points.length <= 3) return null;
  return withPoints(
    document,
    key,
    points.filter((_, i) => i !== index),
  );
}

export function without(document, key) {
  let result = set(document, key, undefined);
  const [kind, id] = key.split(".");
  if (kind !== "zones") return result;
  for (const [screen, { zone }] of Object.entries(document.screens ?? {})) {
    if (zone === id) result = set(result, `screens.${screen}.zone`, undefined);
  }
  return result;
}

// A new thing of a tool: {document, key}.
export function withNew(document, tool, { plane, camera, points, facing }) {
  const made = { fixture: newFixture, mask: newMask, outline: newOutline }[tool] ?? newNamed;
  const { document: next, key } = made(document, tool, { plane, camera, points, facing });
  return { document: withPoints(next, key, points), key };
}

const KINDS = {
  zone: ["zones", {}],
  category: ["zones", { kind: "category" }],
  line: ["lines", {}],
  entrance: ["lines", { entrance: true }],
  screen: ["screens", {}],
};

function newNamed(document, tool, { plane, camera, points, facing }) {
  const [kind, rest] = KINDS[tool];
  const id = freeId(document[kind] ?? {}, kind);
  const what = kind === "zones" ? "polygon" : "ends";
  const place =
    kind === "screens"
      ? { at_m: points[0], facing_deg: facing ?? 0 }
      : plane === "floor"
        ? { [`${what}_m`]: points }
        : { camera, [what]: points };
  return { document: withThing(document, `${kind}.${id}`, { ...rest, ...place }), key: `${kind}.${id}` };
}

// A new thing's id follows its name: {document, key}; one that figures were counted under keeps it.
export function withIdOfName(document, base, key) {
  const [kind, id] = key.split(".");
  const thing = thingOf(document, key);
  const taken = document[kind] ?? {};
  const next = ownId(id) !== null && thing?.name && !thingOf(base, key) ? idOf(thing.name, taken) : null;
  if (next === null) return { document, key };
  const renamed = Object.fromEntries(Object.entries(taken).map(([one, value]) => [one === id ? next : one, value]));
  const screens = Object.entries(document.screens ?? {}).map(([one, value]) => [
    one,
    kind === "zones" && value.zone === id ? { ...value, zone: next } : value,
  ]);
  return { document: { ...document, screens: Object.fromEntries(screens), [kind]: renamed }, key: `${kind}.${next}` };
}

function newFixture(document, _, { points }) {
  const fixtures = [...(document.floor.fixtures ?? []), { kind: "shelf", polygon_m: points }];
  return { document: withThing(document, "floor.fixtures", fixtures), key: `floor.fixtures.${fixtures.length - 1}` };
}

function newMask(document, _, { camera, points }) {
  const masks = [...(document.cameras?.[camera]?.masks ?? []), points];
  return { document: withThing(document, `cameras.${camera}.masks`, masks), key: `cameras.${camera}.masks.${masks.length - 1}` };
}

function newOutline(document, _, { points }) {
  return { document: withThing(document, "floor.outline_m", points), key: "floor.outline_m" };
}

// Matched points. A camera with none left is not calibrated.
export const pairs = (document, camera) => thingOf(document, `cameras.${camera}.calibration.points`) ?? [];

function withPairs(document, camera, points) {
  return withThing(document, `cameras.${camera}.calibration`, points.length ? { points } : undefined);
}

export function withPair(document, camera, pair) {
  return withPairs(document, camera, [
    ...pairs(document, camera),
    { image: withinPicture(pair.image), floor_m: pair.floor_m.map(tidy) },
  ]);
}

export function withPairAt(document, camera, index, part) {
  const change = { ...part };
  if (change.image) change.image = withinPicture(change.image);
  if (change.floor_m) change.floor_m = change.floor_m.map(tidy);
  return withPairs(
    document,
    camera,
    pairs(document, camera).map((pair, i) => (i === index ? { ...pair, ...change } : pair)),
  );
}

export function withoutPair(document, camera, index) {
  return withPairs(
    document,
    camera,
    pairs(document, camera).filter((_, i) => i !== index),
  );
}

// The plan's picture: where nothing is drawn yet the floor is as large as it.
export function withPlan(document, { sha256, width, height }) {
  const before = document.floor?.plan;
  const metresPerPx = before?.metres_per_px ?? Math.round((30 / width) * 1e6) / 1e6;
  const plan = { sha256, origin_m: before?.origin_m ?? document.floor?.bounds_m[0] ?? [0, 0], metres_per_px: metresPerPx };
  const bounds = document.floor?.bounds_m ?? boundsOf(plan, { width, height });
  return { ...document, floor: { ...document.floor, bounds_m: bounds, plan } };
}

// A drawn length on the plan's picture is so many metres. Its first end stays where it is.
export function withScale(document, [a, b], length_m, size) {
  const plan = document.floor.plan;
  const factor = length_m / Math.hypot(b[0] - a[0], b[1] - a[1]);
  const fresh = isBare(document);
  const scaled = {
    ...plan,
    metres_per_px: Number((plan.metres_per_px * factor).toPrecision(7)),
    origin_m: fresh ? plan.origin_m : plan.origin_m.map((o, i) => tidy(a[i] + (o - a[i]) * factor)),
  };
  return {
    ...document,
    floor: { ...document.floor, plan: scaled, bounds_m: fresh ? boundsOf(scaled, size) : document.floor.bounds_m },
  };
}

function boundsOf(plan, { width, height }) {
  const [x, y] = plan.origin_m;
  return [
    [x, y],
    [tidy(x + width * plan.metres_per_px), tidy(y + height * plan.metres_per_px)],
  ];
}

// Nothing stands in metres yet, so the floor may become as large as the plan's picture.
function isBare(document) {
  const drawn = [...Object.values(document.zones ?? {}), ...Object.values(document.lines ?? {})].some((thing) => !thing.camera);
  const matched = Object.values(document.cameras ?? {}).some((camera) => camera.calibration);
  return (
    !drawn &&
    !matched &&
    !Object.keys(document.screens ?? {}).length &&
    !document.floor.fixtures?.length &&
    !document.floor.outline_m
  );
}
