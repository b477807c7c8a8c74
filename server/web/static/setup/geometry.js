// Plane geometry on points [x, y]; any unit, the callers know which.
export const add = ([ax, ay], [bx, by]) => [ax + bx, ay + by];
export const sub = ([ax, ay], [bx, by]) => [ax - bx, ay - by];
export const times = ([x, y], s) => [x * s, y * s];
export const distance = ([ax, ay], [bx, by]) => Math.hypot(ax - bx, ay - by);
export const middle = (a, b) => times(add(a, b), 0.5);

export function edges(points, closed) {
  return points.map((p, i) => [p, points[(i + 1) % points.length]]).slice(0, closed ? undefined : -1);
}

const cross = ([ax, ay], [bx, by]) => ax * by - ay * bx;

export function area(polygon) {
  return Math.abs(edges(polygon, true).reduce((sum, [a, b]) => sum + cross(a, b), 0)) / 2;
}

export function centroid(points) {
  const pairs = points.length > 2 ? edges(points, true) : [];
  const six = 3 * pairs.reduce((sum, [a, b]) => sum + cross(a, b), 0);
  if (Math.abs(six) < 1e-12) return times(points.reduce(add), 1 / points.length);
  return times(
    pairs.reduce((sum, [a, b]) => add(sum, times(add(a, b), cross(a, b))), [0, 0]),
    1 / six,
  );
}

// On the edge counts as inside where rounding allows it.
export function inside([x, y], polygon) {
  let odd = false;
  for (const [[ax, ay], [bx, by]] of edges(polygon, true)) {
    if (ay > y !== by > y && x <= ax + ((y - ay) / (by - ay)) * (bx - ax)) odd = !odd;
  }
  return odd;
}

export function box(points) {
  const [xs, ys] = [points.map((p) => p[0]), points.map((p) => p[1])];
  return { x: Math.min(...xs), y: Math.min(...ys), right: Math.max(...xs), bottom: Math.max(...ys) };
}

export const rectangle = ([ax, ay], [bx, by]) => [
  [ax, ay],
  [bx, ay],
  [bx, by],
  [ax, by],
];

function nearestOn(p, a, b) {
  const d = sub(b, a);
  const along = Math.min(Math.max(((p[0] - a[0]) * d[0] + (p[1] - a[1]) * d[1]) / (d[0] ** 2 + d[1] ** 2 || 1), 0), 1);
  return add(a, times(d, along));
}

// Places spread evenly over a polygon, about `most` of them.
export function sampled(polygon, most = 400) {
  const { x, y, right, bottom } = box(polygon);
  const step = Math.sqrt(((right - x) * (bottom - y)) / most) || 1;
  const found = [];
  for (let v = y + step / 2; v < bottom; v += step) {
    for (let u = x + step / 2; u < right; u += step) if (inside([u, v], polygon)) found.push([u, v]);
  }
  return found;
}

const rounded = (value, step) => Math.round(Math.round(value / step) * step * 1e6) / 1e6;
export const toGrid = ([x, y], step) => [rounded(x, step), rounded(y, step)];

// Where a point lands: on a corner, on a wall, in line with the corner before, else on the grid.
export function snap(p, { corners, walls, before, reach, step }) {
  const corner = nearest(p, corners, reach);
  if (corner) return { at: corner, on: "corner" };
  const wall = nearest(
    p,
    walls.map(([a, b]) => nearestOn(p, a, b)),
    reach,
  );
  const gridded = toGrid(p, step);
  if (before) {
    const [dx, dy] = sub(p, before).map(Math.abs);
    if (dy < reach && dx > reach) return { at: [wall && dy < 1e-9 ? wall[0] : gridded[0], before[1]], on: "straight" };
    if (dx < reach && dy > reach) return { at: [before[0], gridded[1]], on: "straight" };
  }
  return wall ? { at: wall.map((value) => rounded(value, 0.001)), on: "wall" } : { at: gridded, on: "grid" };
}

function nearest(p, places, reach) {
  let best = null;
  for (const place of places) if (distance(p, place) <= (best ? distance(p, best) : reach)) best = place;
  return best;
}
