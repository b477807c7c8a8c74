// News by server-sent events. Each says only that something is new; the page is then asked again, at most every 2 s.
import { busy, show } from "./parts.js";

const AT_MOST_EVERY_MS = 2000;
const AT_LEAST_EVERY_MS = 30000; // so that silence becomes "stale" on the page too

let last = 0;
let timer = null;

function refresh() {
  timer = null;
  if (document.hidden || busy() || !document.querySelector("[data-part]")) return;
  last = performance.now();
  show(location.href);
}

function soon() {
  timer ??= setTimeout(refresh, Math.max(0, last + AT_MOST_EVERY_MS - performance.now()));
}

export function startLive(address) {
  if (!address) return;
  const news = new EventSource(address);
  for (const kind of ["occupancy", "window", "box", "event", "alarm", "document"]) news.addEventListener(kind, soon);
  setInterval(soon, AT_LEAST_EVERY_MS);
  document.addEventListener("visibilitychange", soon);
  window.addEventListener("pagehide", () => news.close());
}
