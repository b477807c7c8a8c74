// The draft is checked by the server as the file is, a moment after each change: faults by thing, and what is seen.
import { shapes } from "./shapes.js";

const AFTER_MS = 500;

export function startChecking(studio, api) {
  let timer = null;
  let checked = null; // the document of the last answer or question
  studio.listen(({ may }) => {
    const { document } = studio;
    if (!may || checked === document) return;
    checked = document;
    clearTimeout(timer);
    timer = setTimeout(() => check(studio, api, document), AFTER_MS);
  });
}

async function check(studio, api, document) {
  try {
    const found = await api.check(document);
    if (studio.document === document) studio.update({ check: read(document, found) });
  } catch (error) {
    studio.update({ check: { ...studio.state.check, away: String(error.message) } });
  }
}

// {faults: thing -> words, others: [words], coverage, cameras, zones}
export function read(document, { errors = [], coverage = null, cameras = {}, zones = {} }) {
  const { faults, others } = sorted(document, errors);
  return { faults, others, coverage, cameras, zones, away: null };
}

// Faults at the thing whose key they begin with; the rest by themselves.
export function sorted(document, errors) {
  const keys = shapes(document)
    .map(({ key }) => key)
    .sort((a, b) => b.length - a.length);
  const faults = new Map();
  const others = [];
  for (const { key, message } of errors) {
    const mine = keys.find((one) => key === one || key.startsWith(`${one}.`));
    if (mine && !faults.has(mine)) faults.set(mine, message);
    else if (!mine) others.push(key ? `${key}: ${message}` : message);
  }
  return { faults, others };
}
