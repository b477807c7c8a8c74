// The things one can draw, read out of a document and written back: each a list of points on the floor or on a picture.
import { thingOf } from "./changes.js";
import { ownId } from "./ids.js";
import { distance, edges } from "./geometry.js";
import { say } from "./words.js";

// {key, kind, form: "area" | "line" | "place", plane: "floor" | "image", camera, points, thing}; key is the path in the document.
export function shapes(document) {
  return [...areasOf(document), ...linesOf(document), ...masksOf(document), ...screensOf(document), ...fixturesOf(document)];
}

export const shapeOf = (document, key) => shapes(document).find((shape) => shape.key === key) ?? null;

const list = (record) => Object.entries(record ?? {});
const plane = (thing) => (thing.camera ? "image" : "floor");

function areasOf(document) {
  return list(document.zones).map(([id, thing]) => ({
    key: `zones.${id}`,
    kind: thing.kind ?? "area",
    form: "area",
    plane: plane(thing),
    camera: thing.camera,
    points: thing.polygon_m ?? thing.polygon,
    thing,
  }));
}

function linesOf(document) {
  return list(document.lines).map(([id, thing]) => ({
    key: `lines.${id}`,
    kind: thing.entrance ? "entry" : "line",
    form: "line",
    plane: plane(thing),
    camera: thing.camera,
    points: thing.ends_m ?? thing.ends,
    thing,
  }));
}

function screensOf(document) {
  return list(document.screens).map(([id, thing]) => ({
    key: `screens.${id}`,
    kind: "screen",
    form: "place",
    plane: "floor",
    points: [thing.at_m],
    thing,
  }));
}

function masksOf(document) {
  return list(document.cameras).flatMap(([camera, { masks = [] }]) =>
    masks.map((points, i) => ({
      key: `cameras.${camera}.masks.${i}`,
      kind: "mask",
      form: "area",
      plane: "image",
      camera,
      points,
      thing: {},
    })),
  );
}

function fixturesOf(document) {
  const found = (document.floor?.fixtures ?? []).map((thing, i) => ({
    key: `floor.fixtures.${i}`,
    kind: thing.kind ?? "shelf",
    form: "area",
    plane: "floor",
    points: thing.polygon_m,
    thing,
    fixture: true,
  }));
  const outline = document.floor?.outline_m;
  return outline
    ? [...found, { key: "floor.outline_m", kind: "outline", form: "area", plane: "floor", points: outline, thing: {} }]
    : found;
}

// What people call it: its name, else its kind and number.
export function title(document, shape) {
  if (shape.thing.name) return shape.thing.name;
  if (shape.kind === "outline") return say("kind_outline");
  if (!shape.fixture && shape.kind !== "mask") return unnamed(shape);
  const number = fellows(document, shape).findIndex(({ key }) => key === shape.key) + 1;
  return `${say(`kind_${shape.kind}`)} ${number}`;
}

// "Category 1" while its id is one of ours, else its id.
function unnamed(shape) {
  const id = shape.key.split(".")[1];
  const n = ownId(id);
  return n === null ? id : `${say(`kind_${shape.kind}`)} ${n}`;
}

const fellows = (document, shape) =>
  shapes(document).filter(
    (other) => other.kind === shape.kind && other.camera === shape.camera && Boolean(other.fixture) === Boolean(shape.fixture),
  );

// The corners and walls that drawing snaps to.
export function anchors(document, except) {
  const solid = shapes(document).filter((shape) => shape.plane === "floor" && shape.key !== except && shape.form !== "place");
  const walls = solid.filter((shape) => shape.fixture || shape.kind === "outline");
  return {
    corners: solid.flatMap((shape) => shape.points),
    walls: [
      ...walls.flatMap((shape) => edges(shape.points, true)),
      ...(document.floor?.outline_m ? [] : edges(corners(document), true)),
    ],
  };
}

// The corners of what is mapped.
export function corners(document) {
  const [[x0, y0], [x1, y1]] = document.floor?.bounds_m ?? [
    [0, 0],
    [0, 0],
  ];
  return [
    [x0, y0],
    [x1, y0],
    [x1, y1],
    [x0, y1],
  ];
}

export const outline = (document) => document.floor?.outline_m ?? corners(document);

// What a matched point stands on, in words: the fixture's corner next to it.
export function placeName(document, at) {
  let best = null;
  for (const shape of shapes(document).filter((one) => one.fixture || one.kind === "outline")) {
    for (const corner of shape.points) {
      const away = distance(corner, at);
      if (away <= (best?.away ?? 0.3)) best = { away, shape, corner };
    }
  }
  return best ? `${title(document, best.shape)}, ${say(side(best.shape.points, best.corner))}` : say("onTheFloor");
}

function side(points, [x, y]) {
  const [cx, cy] = [0, 1].map((axis) => points.reduce((sum, p) => sum + p[axis], 0) / points.length);
  return `corner_${y < cy ? "top" : "bottom"}_${x < cx ? "left" : "right"}`;
}

export const cameraName = (document, id) => thingOf(document, `cameras.${id}.name`) || id;

export function cameraTitle(ids, document, id) {
  const name = cameraName(document, id);
  return `${ids.indexOf(id) + 1}, ${name}`;
}
