// The hour brush: press on an hour or drag over several; the chosen span becomes the page's period.
import { show } from "./parts.js";

let first = null;

const hourOf = (target) => target.closest?.("[data-hour]");

function choose(figure, a, b) {
  const edges = figure.dataset.brush.split(" ");
  const url = new URL(location.href);
  url.searchParams.delete("period");
  url.searchParams.set("from", edges[Math.min(a, b)]);
  url.searchParams.set("to", edges[Math.max(a, b) + 1]);
  show(url.href, { push: true });
}

function frame(figure, a, b) {
  const bars = [...figure.querySelectorAll("[data-hour] .hit")];
  const chosen = figure.querySelector(".chosen");
  const [from, to] = [bars[Math.min(a, b)], bars[Math.max(a, b)]];
  const left = Number(from.getAttribute("x"));
  chosen.setAttribute("x", left);
  chosen.setAttribute("width", Number(to.getAttribute("x")) + Number(to.getAttribute("width")) - left);
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
}
