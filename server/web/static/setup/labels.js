// Words on the drawings: tags that keep clear of one another.
import { h, round } from "./svg.js";

const LETTER = 6.6; // px, about
const HEIGHT = 18;

// A tag beside each anchor: {at, words, tone}; the first side that is free.
export function tags(wanted, u) {
  const taken = [];
  return wanted.map(({ at, words, tone, key }) => {
    const width = words.length * LETTER + 10;
    const sides = [[10, -22], [10, 6], [-10 - width, -22], [-10 - width, 6], [-width / 2, -30], [-width / 2, 12]];
    const boxes = sides.map(([dx, dy]) => [at[0] + dx * u, at[1] + dy * u, at[0] + (dx + width) * u, at[1] + (dy + HEIGHT) * u]);
    const mine = boxes.find((box) => !taken.some((other) => meet(box, other))) ?? boxes[0];
    taken.push(mine);
    return tag(mine, words, tone, key, u);
  });
}

const meet = (a, b) => a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];

function tag([x, y, right], words, tone, key, u) {
  return h("g", { key: `tag ${key}`, class: `tag ${tone}`, "aria-hidden": "true" },
    h("rect", { x: round(x), y: round(y), width: round(right - x), height: HEIGHT * u, rx: 3 * u }),
    text([(x + right) / 2, y + HEIGHT * u / 2], words, u));
}

// A label with its middle at a place.
export function note(at, words, u, key) {
  const width = (words.length * LETTER + 8) * u;
  return tag([at[0] - width / 2, at[1] - HEIGHT * u / 2, at[0] + width / 2], words, "length", key, u);
}

export function text([x, y], words, u, attributes = {}) {
  return h("text", { x: round(x), y: round(y), "font-size": round(11 * u), "text-anchor": "middle", dy: "0.35em", ...attributes }, words);
}
