// Words on the drawings: tags that keep clear of one another.
import { h, round } from "./svg.js";

const LETTER = 6.6; // px, about
const HEIGHT = 18;

// A tag beside each anchor: {at, words, tone}; the first side that is free and in sight.
export function tags(wanted, { u, shown }) {
  const taken = [];
  return wanted.map(({ at, words, tone, key }) => {
    const width = words.length * LETTER + 10;
    const sides = [
      [10, -22],
      [10, 6],
      [-10 - width, -22],
      [-10 - width, 6],
      [-width / 2, -30],
      [-width / 2, 12],
    ];
    const boxes = sides.map(([dx, dy]) => [at[0] + dx * u, at[1] + dy * u, at[0] + (dx + width) * u, at[1] + (dy + HEIGHT) * u]);
    const inSight = boxes.filter(([x0, y0, x1, y1]) => x0 >= shown.x && y0 >= shown.y && x1 <= shown.right && y1 <= shown.bottom);
    const mine = inSight.find((box) => !taken.some((other) => meet(box, other))) ?? inSight[0] ?? boxes[0];
    taken.push(mine);
    return tag(mine, words, tone, key, u);
  });
}

const held = (value, least, most) => Math.max(least, Math.min(value, most));
const meet = (a, b) => a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];

function tag([x, y, right], words, tone, key, u) {
  return h(
    "g",
    { key: `tag ${key}`, class: `tag ${tone}`, "aria-hidden": "true" },
    h("rect", { x: round(x), y: round(y), width: round(right - x), height: HEIGHT * u, rx: 3 * u }),
    text([(x + right) / 2, y + (HEIGHT * u) / 2], words, u),
  );
}

// A label with its middle at a place, moved into sight where it would stick out.
export function note(at, words, { u, shown }, key) {
  const width = (words.length * LETTER + 8) * u;
  const left = held(at[0] - width / 2, shown.x, shown.right - width);
  return tag([left, held(at[1] - (HEIGHT * u) / 2, shown.y, shown.bottom - HEIGHT * u), left + width], words, "length", key, u);
}

export function text([x, y], words, u, attributes = {}) {
  return h(
    "text",
    { x: round(x), y: round(y), "font-size": round(11 * u), "text-anchor": "middle", dy: "0.35em", ...attributes },
    words,
  );
}
