// What differs between two documents, thing by thing; and how two people's changes come together.

// Every thing of a document by its key; what one person changes as a whole.
export function things(document) {
  const found = new Map();
  for (const key of ["name", "timezone", "gap_s", "most_people"]) put(found, key, document[key]);
  const { fixtures = [], ...floor } = document.floor ?? {};
  for (const [key, value] of Object.entries(floor)) put(found, `floor.${key}`, value);
  if (document.floor) put(found, "floor.fixtures", fixtures);
  for (const kind of ["zones", "lines", "screens"]) {
    for (const [id, thing] of Object.entries(document[kind] ?? {})) put(found, `${kind}.${id}`, thing);
  }
  for (const [id, camera] of Object.entries(document.cameras ?? {})) {
    put(found, `cameras.${id}`, {});
    for (const [key, value] of Object.entries(camera)) put(found, `cameras.${id}.${key}`, value);
  }
  return found;
}

function put(found, key, value) {
  const empty = value === undefined || value === null || (Array.isArray(value) && !value.length);
  if (!empty) found.set(key, JSON.stringify(sorted(value)));
}

function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== "object") return value;
  const kept = Object.entries(value).filter(([, inner]) => inner !== null && inner !== undefined);
  return Object.fromEntries(kept.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, inner]) => [key, sorted(inner)]));
}

// [{key, what: "new" | "gone" | "changed", n}]; n counts points or shapes where the thing is a list of them.
export function changes(before, after) {
  const [old, now] = [things(before), things(after)];
  const found = [];
  for (const key of new Set([...old.keys(), ...now.keys()])) {
    if (old.get(key) === now.get(key)) continue;
    const what = !old.has(key) ? "new" : !now.has(key) ? "gone" : "changed";
    found.push({ key, what, n: many(key) ? differing(old.get(key), now.get(key)) : 1 });
  }
  return found;
}

const many = (key) => /^cameras\.[^.]+\.(calibration|masks|landmarks)$|^floor\.fixtures$/.test(key);

// How many entries of a list, or points of a calibration, are new, gone or changed.
function differing(old, now) {
  const [a, b] = [old, now].map((text) => entries(text));
  return Math.max(a.filter((entry) => !b.includes(entry)).length, b.filter((entry) => !a.includes(entry)).length, 1);
}

function entries(text) {
  const value = text === undefined ? [] : JSON.parse(text);
  return (value.points ?? value).map((entry) => JSON.stringify(entry));
}

// Their document with my changes in it. Where both changed the same thing `mine(key)` decides.
export function merged(base, mine, theirs, keepMine) {
  const both = conflicts(base, mine, theirs);
  let document = theirs;
  for (const { key } of changes(base, mine)) {
    if (!both.includes(key) || keepMine(key)) document = withThing(document, key, thingOf(mine, key));
  }
  return document;
}

// Keys that both changed, and not into the same.
export function conflicts(base, mine, theirs) {
  const [a, b] = [things(mine), things(theirs)];
  const theirChanges = new Set(changes(base, theirs).map(({ key }) => key));
  return changes(base, mine)
    .map(({ key }) => key)
    .filter((key) => theirChanges.has(key) && a.get(key) !== b.get(key));
}

export function thingOf(document, key) {
  return key.split(".").reduce((inner, part) => inner?.[part], document);
}

export function withThing(document, key, value) {
  const [head, ...rest] = key.split(".");
  if (!rest.length) {
    if (value !== undefined) return { ...document, [head]: value };
    return Object.fromEntries(Object.entries(document).filter(([name]) => name !== head));
  }
  const inner = document[head] ?? {};
  return { ...document, [head]: withThing(inner, rest.join("."), value) };
}
