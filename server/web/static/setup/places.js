// Where a place of the floor, or of a camera's picture, lies in a drawing; and the way back.
import { projected } from "./calibration.js";
import { add, edges, times } from "./geometry.js";

const CM = 100; // the plan is drawn in centimetres: browsers draw small letters badly
const BENT = 8; // pieces of an edge that the lens bends

export const planPlaces = {
  to: (plane, p) => (plane === "floor" ? times(p, CM) : null),
  from: (plane, d) => (plane === "floor" ? times(d, 1 / CM) : null),
  path: (plane, points) => (plane === "floor" ? points.map((p) => times(p, CM)) : []),
  perMetre: CM,
};

// A still is drawn straightened; `view` is null while the camera is not calibrated.
export function stillPlaces(size, { straighten, bend }, view) {
  const px = ([x, y]) => [x * size[0], y * size[1]];
  const share = ([x, y]) => [x / size[0], y / size[1]];
  const finite = (p) => (p && p.every(Number.isFinite) ? p : null);
  return {
    to: (plane, p) => (plane === "image" ? straighten(px(p)) : (view?.toPicture(p) ?? null)),
    from: (plane, d) => finite(plane === "image" ? share(bend(d)) : view?.toFloor(d)),
    path(plane, points, closed) {
      if (plane === "floor") return view ? projected(view, points, closed) : [];
      return bent(points, closed).map((p) => straighten(px(p)));
    },
  };
}

function bent(points, closed) {
  if (points.length < 2) return points;
  const pieces = Array.from({ length: BENT }, (_, i) => i / BENT);
  const along = edges(points, closed).flatMap(([a, b]) => pieces.map((t) => add(times(a, 1 - t), times(b, t))));
  return closed ? along : [...along, points.at(-1)];
}

// What the straightened picture covers, in its px.
export function straightFrame(size, { straighten }) {
  const rim = [
    [0, 0],
    [0.5, 0],
    [1, 0],
    [1, 0.5],
    [1, 1],
    [0.5, 1],
    [0, 1],
    [0, 0.5],
  ].map(([x, y]) => straighten([x * size[0], y * size[1]]));
  const [xs, ys] = [rim.map((p) => p[0]), rim.map((p) => p[1])];
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
}
