// Pictures through the calibration: a still without the lens's bend, and a still laid over the plan. Each pixel of the
// result asks where it comes from, so nothing tears at the edges of a mesh.
import { apply } from "./calibration.js";
import { box } from "./geometry.js";
import { stillFrame } from "./still_drawing.js";
import { outline } from "./shapes.js";

const STRAIGHT_PX = 1280;
const WARP_PX = 900;

export async function loaded(url) {
  const image = new Image();
  image.src = url;
  await image.decode();
  return image;
}

function pixelsOf(image) {
  const canvas = Object.assign(document.createElement("canvas"), { width: image.naturalWidth, height: image.naturalHeight });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(image, 0, 0);
  return context.getImageData(0, 0, canvas.width, canvas.height);
}

// `from(x, y)` gives the share of the picture a pixel shows, or null.
async function resampled(pixels, width, height, from) {
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const context = canvas.getContext("2d");
  const result = context.createImageData(width, height);
  const [source, target] = [new Uint32Array(pixels.data.buffer), new Uint32Array(result.data.buffer)];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const share = from(x + 0.5, y + 0.5);
      if (!share || !(share[0] >= 0 && share[0] < 1 && share[1] >= 0 && share[1] < 1)) continue;
      target[y * width + x] = source[Math.floor(share[1] * pixels.height) * pixels.width + Math.floor(share[0] * pixels.width)];
    }
  }
  context.putImageData(result, 0, 0);
  const blob = await new Promise((done) => canvas.toBlob(done, "image/png"));
  return URL.createObjectURL(blob);
}

const cache = new Map(); // still url -> its pixels

async function pixels(still) {
  if (!cache.has(still.url)) {
    cache.clear(); // one camera at a time
    cache.set(still.url, pixelsOf(await loaded(still.url)));
  }
  return cache.get(still.url);
}

export async function straightened(still, sight) {
  const frame = stillFrame(sight);
  const scale = STRAIGHT_PX / frame.width;
  const {
    lens: { bend },
    size: [w, h],
  } = sight;
  return resampled(await pixels(still), STRAIGHT_PX, Math.round(frame.height * scale), (x, y) => {
    const [px, py] = bend([frame.x + x / scale, frame.y + y / scale]);
    return [px / w, py / h];
  });
}

// {url, x, y, width, height} in the plan's cm.
export async function warpedOnPlan(still, { view, size: [w, h] }, document) {
  const { x, y, right, bottom } = box(outline(document));
  const scale = WARP_PX / Math.max(right - x, bottom - y); // px per m
  const [width, height] = [Math.round((right - x) * scale), Math.round((bottom - y) * scale)];
  const url = await resampled(await pixels(still), width, height, (u, v) => {
    const { at, w: depth } = apply(view.toStraight, [x + u / scale, y + v / scale]);
    if (depth <= 1e-9) return null;
    const [px, py] = view.bend(at);
    return [px / w, py / h];
  });
  return { url, x: x * 100, y: y * 100, width: (right - x) * 100, height: (bottom - y) * 100 };
}
