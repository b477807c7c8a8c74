// The hour brush: press on an hour, drag over several, or move the frame's handles by arrow keys; the page then counts
// only these hours of the day.
import { show } from "./parts.js";

const WAIT_MS = 900; // after the last arrow key, so that several make one choice
let first = null;
let timer = null;

const hourOf = (target) => target.closest?.("[data-hour]");
const number = (element, name) => Number(element.getAttribute(name));

function choose(figure, a, b) {
  const [from, to] = [Math.min(a, b), Math.max(a, b)];
  const start = Number(figure.dataset.brush);
  const all = to - from + 1 === figure.querySelectorAll("[data-hour]").length;
  const url = new URL(location.href);
  if (all) url.searchParams.delete("hours");
  else url.searchParams.set("hours", from === to ? `${start + from}` : `${start + from}-${start + to}`);
  show(url.href, { push: true });
}

function frame(figure, a, b) {
  const bars = [...figure.querySelectorAll("[data-hour] .hit")];
  const [from, to] = [bars[Math.min(a, b)], bars[Math.max(a, b)]];
  const left = number(from, "x");
  const right = number(to, "x") + number(to, "width");
  const chosen = figure.querySelector(".chosen");
  chosen.setAttribute("x", left);
  chosen.setAttribute("width", right - left);
  for (const [side, at] of [["start", left], ["end", right]]) {
    const handle = figure.querySelector(`[data-handle="${side}"]`);
    handle.setAttribute("x", at - number(handle, "width") / 2);
  }
}

// Where the handles stand, as hours of the chart.
function framed(figure) {
  const [start, end] = ["start", "end"].map((side) => figure.querySelector(`[data-handle="${side}"]`));
  const begin = Number(figure.dataset.brush);
  return [number(start, "aria-valuenow") - begin, number(end, "aria-valuenow") - begin - 1];
}

function slide(handle, key) {
  const figure = handle.closest("[data-brush]");
  const now = number(handle, "aria-valuenow");
  const [low, high] = [number(handle, "aria-valuemin"), number(handle, "aria-valuemax")];
  const other = number(figure.querySelector(`[role="slider"]:not([data-handle="${handle.dataset.handle}"])`), "aria-valuenow");
  const [least, most] = handle.dataset.handle === "start" ? [low, other - 1] : [other + 1, high];
  const wanted = { ArrowLeft: now - 1, ArrowDown: now - 1, ArrowRight: now + 1, ArrowUp: now + 1, Home: least, End: most }[key];
  const next = Math.min(Math.max(wanted, least), most);
  handle.setAttribute("aria-valuenow", next);
  handle.setAttribute("aria-valuetext", `${next}:00`);
  frame(figure, ...framed(figure));
  clearTimeout(timer);
  timer = setTimeout(() => choose(figure, ...framed(figure)), WAIT_MS);
}

export function startBrush() {
  document.addEventListener("pointerdown", (event) => {
    const hour = hourOf(event.target);
    first = hour ? Number(hour.dataset.hour) : null;
    if (hour) event.target.releasePointerCapture?.(event.pointerId);
  });
  document.addEventListener("pointermove", (event) => {
    const hour = hourOf(event.target);
    if (first !== null && hour) frame(hour.closest("[data-brush]"), first, Number(hour.dataset.hour));
  });
  document.addEventListener("pointerup", (event) => {
    const hour = hourOf(event.target);
    if (first !== null && hour) choose(hour.closest("[data-brush]"), first, Number(hour.dataset.hour));
    first = null;
  });
  document.addEventListener("keydown", (event) => {
    const handle = event.target.closest?.("[data-handle]");
    if (!handle || !["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End", "Enter"].includes(event.key)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (event.key !== "Enter") return slide(handle, event.key);
    clearTimeout(timer);
    choose(handle.closest("[data-brush]"), ...framed(handle.closest("[data-brush]")));
  }, { capture: true }); // before the arrow keys that step through a chart's marks
}
