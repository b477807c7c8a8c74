// Differences between two documents in words.
import { changes, thingOf } from "./changes.js";
import { ownId } from "./ids.js";
import { cameraName } from "./shapes.js";
import { has, say } from "./words.js";

// "Zone Bakery: new".
export function changeWords(before, after) {
  return changes(before, after).map((change) => ({
    ...change,
    words: `${thingWords(before, after, change.key)}: ${done(change)}`,
  }));
}

const done = ({ what, n, key }) =>
  /\.(calibration|masks)$|fixtures$/.test(key) && n > 0 ? say(`count_${key.split(".").at(-1)}`, { n }) : say(`change_${what}`);

export function thingWords(before, after, key) {
  const [kind, id, part] = key.split(".");
  const thing = thingOf(after, key) ?? thingOf(before, key);
  if (kind === "cameras") {
    const camera = say("cameraWords", { name: cameraName(after.cameras?.[id] ? after : before, id) });
    return part ? `${camera}, ${has(`part_${part}`) ? say(`part_${part}`) : part}` : camera;
  }
  if (kind === "floor") return has(`part_${id}`) ? say(`part_${id}`) : id;
  if (!id) return has(`part_${kind}`) ? say(`part_${kind}`) : kind;
  return `${say(`thing_${kind}`)} ${thing?.name || ownId(id) || id}`;
}

// "1 zone new, 2 points moved".
export function summary(before, after) {
  const found = changeWords(before, after);
  const shown = found.slice(0, 3).map(({ words }) => words);
  if (found.length > shown.length) shown.push(say("andMore", { n: found.length - shown.length }));
  return shown;
}
