// Which place on the floor a pixel shows. The same model, and the same figures, as contract/view.py and
// contract/geometry.py: a division-model lens about the picture's middle, then a homography by the normalised DLT.
import { sub, distance } from "./geometry.js";

export const USUAL_SIZE_PX = [1920, 1080];
export const LIMIT_M = 0.15;

// Division model: r_straight = r / (1 + k r²), r in half diagonals.
export function lens([width, height], k) {
  const [mx, my] = [width / 2, height / 2];
  const half = Math.hypot(width, height) / 2;
  const scaled = ([x, y], factor) => {
    const [rx, ry] = [(x - mx) / half, (y - my) / half];
    const f = factor(rx * rx + ry * ry) * half;
    return [mx + rx * f, my + ry * f];
  };
  return {
    straighten: (xy) => scaled(xy, (r2) => 1 / (1 + k * r2)),
    bend: (xy) => scaled(xy, (r2) => 2 / (1 + Math.sqrt(1 - 4 * k * r2))), // NaN beyond what the lens can show
  };
}

class CalibrationError extends Error {} // its message is a key of the page's texts

// Row-major 3x3.
export function apply(m, [x, y]) {
  const w = m[6] * x + m[7] * y + m[8];
  return { at: [(m[0] * x + m[1] * y + m[2]) / w, (m[3] * x + m[4] * y + m[5]) / w], w };
}

function multiply(a, b) {
  return a.map((_, i) => [0, 1, 2].reduce((sum, k) => sum + a[3 * Math.floor(i / 3) + k] * b[3 * k + (i % 3)], 0));
}

function determinant([a, b, c, d, e, f, g, h, i]) {
  return a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
}

function invert(m) {
  const [a, b, c, d, e, f, g, h, i] = m;
  const det = determinant(m);
  return [
    e * i - f * h,
    c * h - b * i,
    b * f - c * e,
    f * g - d * i,
    a * i - c * g,
    c * d - a * f,
    d * h - e * g,
    b * g - a * h,
    a * e - b * d,
  ].map((value) => value / det);
}

// Middle to the origin, mean distance to √2.
function normaliser(points) {
  const n = points.length;
  const centre = [0, 1].map((axis) => points.reduce((sum, p) => sum + p[axis], 0) / n);
  const spread = points.reduce((sum, p) => sum + distance(p, centre), 0) / n;
  if (spread < 1e-9) throw new CalibrationError("calibrationSpot");
  const s = Math.SQRT2 / spread;
  return [s, 0, -s * centre[0], 0, s, -s * centre[1], 0, 0, 1];
}

function dlt(p, q) {
  return p.flatMap(([x, y], i) => {
    const [u, v] = q[i];
    return [
      [-x, -y, -1, 0, 0, 0, u * x, u * y, u],
      [0, 0, 0, -x, -y, -1, v * x, v * y, v],
    ];
  });
}

// Eigenvalues and vectors of a symmetric matrix by Jacobi rotations (Golub and Van Loan, 8.5), smallest value first.
function eigen(matrix) {
  const n = matrix.length;
  const a = matrix.map((row) => [...row]);
  const v = a.map((_, i) => a.map((__, j) => Number(i === j)));
  for (let sweep = 0; sweep < 60; sweep++) {
    let off = 0;
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) off += a[p][q] ** 2;
    if (off < 1e-30) break;
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) rotate(a, v, p, q);
  }
  return a.map((row, i) => ({ value: row[i], vector: v.map((r) => r[i]) })).sort((x, y) => x.value - y.value);
}

function rotate(a, v, p, q) {
  if (Math.abs(a[p][q]) < 1e-300) return;
  const theta = (a[q][q] - a[p][p]) / (2 * a[p][q]);
  const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.hypot(theta, 1));
  const c = 1 / Math.hypot(t, 1);
  const s = t * c;
  const turn = (row, i, j) => {
    [row[i], row[j]] = [c * row[i] - s * row[j], s * row[i] + c * row[j]];
  };
  for (const row of a) turn(row, p, q);
  for (let k = 0; k < a.length; k++) [a[p][k], a[q][k]] = [c * a[p][k] - s * a[q][k], s * a[p][k] + c * a[q][k]];
  for (const row of v) turn(row, p, q);
}

// Homography from four or more pairs; its sign makes w positive at the given points, which is the test for the horizon.
function fitHomography(image, ground) {
  if (image.length < 4) throw new CalibrationError("calibrationFew");
  const [toImage, toGround] = [normaliser(image), normaliser(ground)];
  const rows = dlt(
    image.map((p) => apply(toImage, p).at),
    ground.map((p) => apply(toGround, p).at),
  );
  const square = rows[0].map((_, i) => rows[0].map((__, j) => rows.reduce((sum, row) => sum + row[i] * row[j], 0)));
  const found = eigen(square);
  if (found[1].value < 1e-12 * found[8].value) throw new CalibrationError("calibrationLine");
  const matrix = multiply(multiply(invert(toGround), found[0].vector), toImage);
  const w = image.map((p) => apply(matrix, p).w);
  if (!w.every((x) => x > 0) && !w.every((x) => x < 0)) throw new CalibrationError("calibrationBehind");
  const scale = (w.reduce((sum, x) => sum + Math.abs(x), 0) / w.length) * Math.sign(w[0]);
  return matrix.map((x) => x / scale);
}

export const rms = (errors) => Math.sqrt(errors.reduce((sum, e) => sum + e * e, 0) / errors.length);

// The view of a calibrated camera. Straight: px of the straightened picture. Floor: metres.
export function cameraView(camera) {
  const size = camera.resolution_px ?? USUAL_SIZE_PX;
  const points = camera.calibration?.points ?? [];
  const { straighten, bend } = lens(size, camera.lens ?? 0);
  const straight = points.map(({ image: [x, y] }) => straighten([x * size[0], y * size[1]]));
  const matrix = fitHomography(
    straight,
    points.map((pair) => pair.floor_m),
  );
  if (determinant(matrix) < 0) throw new CalibrationError("calibrationMirrored");
  const back = invert(matrix);
  const sign = Math.sign(apply(back, points[0].floor_m).w);
  const toStraight = back.map((x) => x * sign);
  const fitted = straight.map((p) => apply(matrix, p).at);
  const errors = fitted.map((p, i) => distance(p, points[i].floor_m));
  return {
    size,
    matrix,
    toStraight,
    straighten,
    bend,
    fitted,
    errors,
    rms: rms(errors),
    toFloor: (xy) => {
      const { at, w } = apply(matrix, xy);
      return w > 1e-9 ? at : null;
    },
    toPicture: (xy) => {
      const { at, w } = apply(toStraight, xy);
      return w > 1e-9 ? at : null;
    },
  };
}

// The view, or the key of what keeps it from holding.
export function tryView(camera) {
  try {
    return { view: cameraView(camera), fault: null };
  } catch (error) {
    if (!(error instanceof CalibrationError)) throw error;
    return { view: null, fault: error.message };
  }
}

// The worst point, and the root mean square without it; null while leaving one out would leave too few.
export function withoutWorst(camera, view) {
  const points = camera.calibration.points;
  const worst = view.errors.indexOf(Math.max(...view.errors));
  if (points.length < 6) return { worst, rms: null };
  const rest = { ...camera, calibration: { points: points.filter((_, i) => i !== worst) } };
  return { worst, rms: tryView(rest).view?.rms ?? null };
}

// A floor polygon or line as px of the straightened picture, cut off where it comes too near behind the camera.
export function projected(view, points, closed) {
  const xyw = points.map((p) => {
    const { at, w } = apply(view.toStraight, p);
    return [at[0] * w, at[1] * w, w];
  });
  const most = Math.max(...xyw.map((p) => p[2]));
  if (most <= 0) return [];
  const near = Math.max(1e-6 * Math.abs(view.toStraight[8]), most * 1e-3);
  const kept = [];
  const n = xyw.length;
  for (let i = 0; i < n; i++) {
    const [a, b] = [xyw[i], xyw[(i + 1) % n]];
    if (a[2] >= near) kept.push(a);
    if ((closed || i < n - 1) && a[2] >= near !== b[2] >= near) {
      const t = (near - a[2]) / (b[2] - a[2]);
      kept.push(a.map((x, k) => x + t * (b[k] - x)));
    }
  }
  return kept.map(([x, y, w]) => [x / w, y / w]);
}

// How far and where to a point is off, in floor metres and in px of the straightened picture.
export function offsets(camera, view) {
  return camera.calibration.points.map(({ image: [x, y], floor_m }, i) => {
    const seen = view.straighten([x * view.size[0], y * view.size[1]]);
    const wanted = view.toPicture(floor_m) ?? seen;
    return { floor: sub(view.fitted[i], floor_m), picture: sub(wanted, seen), at: seen };
  });
}
