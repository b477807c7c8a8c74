// The plan canvas: zoom and pan by wheel, pinch, drag, keys and buttons; words keep their size; labels never overlap.
const MOST = 8;
const view = { zoom: 1, x: 0, y: 0 }; // x, y: the left top corner, in the plan's units

const plans = () => [...document.querySelectorAll("[data-plan] svg.plan")]; // two when side by side; both show the same part
const plan = () => plans()[0];
const holder = () => document.querySelector("[data-plan]");

function whole(svg) {
  const [, , width, height] = (svg.dataset.whole ??= svg.getAttribute("viewBox")).split(" ").map(Number);
  return { width, height };
}

function apply() {
  const svg = plan();
  if (!svg) return;
  const { width, height } = whole(svg);
  const [w, h] = [width / view.zoom, height / view.zoom];
  view.x = Math.min(Math.max(view.x, 0), width - w);
  view.y = Math.min(Math.max(view.y, 0), height - h);
  for (const each of plans()) {
    each.dataset.whole ??= each.getAttribute("viewBox");
    each.setAttribute("viewBox", `${view.x} ${view.y} ${w} ${h}`);
  }
  holder().classList.toggle("zoomed", view.zoom > 1);
  measure();
}

// --u: one screen pixel in the plan's units.
function measure() {
  for (const svg of document.querySelectorAll("svg.plan")) {
    const pixels = svg.getScreenCTM()?.a;
    if (!pixels || !svg.getBoundingClientRect().width) continue;
    svg.style.setProperty("--u", 1 / pixels);
    thin(svg);
    if (svg === plan()) scaleBar(pixels);
  }
  listNumbers();
  const out = document.querySelector('[data-zoom="value"]');
  if (out) out.textContent = `${Math.round(view.zoom * 100)}\u202f%`;
}

// A label that would overlap another becomes its number, or is left out; the list under the plan says what numbers mean.
function thin(svg) {
  const kept = [];
  const free = (box) => kept.every((k) => box.right < k.left || box.left > k.right || box.bottom < k.top || box.top > k.bottom);
  const crowded = svg.getBoundingClientRect().width < 560; // then a name has to fit into its zone, too
  for (const label of [...svg.querySelectorAll(".zone-label")].reverse()) {
    label.classList.remove("left-out", "numbered");
    label.removeAttribute("transform");
    let box = within(svg, label);
    const short = label.querySelector(".short") !== null;
    if (short && (!free(box) || (crowded && wider(svg, label, box)))) {
      label.removeAttribute("transform");
      label.classList.add("numbered");
      box = within(svg, label);
    }
    if (free(box)) kept.push(box);
    else label.classList.add("left-out");
  }
}

function wider(svg, label, box) {
  const zone = svg.querySelector(`a[data-zone="${label.dataset.label}"] .zone`);
  return zone !== null && box.width > zone.getBoundingClientRect().width + 12;
}

function listNumbers() {
  for (const entry of document.querySelectorAll("[data-number]")) {
    const label = plan()?.querySelector(`.zone-label.numbered:not(.left-out)[data-label="${entry.dataset.number}"]`);
    entry.hidden = !label;
  }
}

// A label that would stick out of the drawing is moved in.
function within(svg, label) {
  const [edge, box] = [svg.getBoundingClientRect(), label.getBoundingClientRect()];
  const out = Math.min(box.left - edge.left - 2, 0) || Math.max(box.right - edge.right + 2, 0);
  const whole = box.right > edge.left && box.left < edge.right;
  if (out && whole) label.setAttribute("transform", `translate(${-out / svg.getScreenCTM().a} 0)`);
  return label.getBoundingClientRect();
}

function scaleBar(pixelsPerUnit) {
  const bar = document.querySelector("[data-metre]");
  if (!bar) return;
  const perMetre = Number(bar.dataset.metre) * pixelsPerUnit;
  const metres = [0.5, 1, 2, 5, 10, 20, 50, 100].find((m) => m * perMetre >= 60) ?? 200;
  bar.hidden = false;
  bar.firstElementChild.textContent = `${metres}\u00a0${bar.dataset.unit}`;
  bar.lastElementChild.style.width = `${metres * perMetre}px`;
}

// Zoom so that the place under (clientX, clientY) stays; the middle without one.
function zoomBy(factor, clientX, clientY) {
  const svg = plan();
  const { width, height } = whole(svg);
  const middle = { x: view.x + width / view.zoom / 2, y: view.y + height / view.zoom / 2 };
  const under = plans().find((each) => clientX !== undefined && inside(each.getBoundingClientRect(), clientX, clientY)) ?? svg;
  const at = clientX === undefined ? middle : new DOMPoint(clientX, clientY).matrixTransform(under.getScreenCTM().inverse());
  const zoom = Math.min(Math.max(view.zoom * factor, 1), MOST);
  view.x = at.x - (at.x - view.x) * (view.zoom / zoom);
  view.y = at.y - (at.y - view.y) * (view.zoom / zoom);
  view.zoom = zoom;
  apply();
}

const inside = (box, x, y) => x >= box.left && x <= box.right && y >= box.top && y <= box.bottom;

function fit() {
  Object.assign(view, { zoom: 1, x: 0, y: 0 });
  apply();
}

function panBy(pixelsX, pixelsY) {
  const u = Number(plan().style.getPropertyValue("--u"));
  view.x += pixelsX * u;
  view.y += pixelsY * u;
  apply();
}

const KEYS = {
  "+": () => zoomBy(1.4), "=": () => zoomBy(1.4), "-": () => zoomBy(1 / 1.4), "0": fit,
  ArrowLeft: () => panBy(-60, 0), ArrowRight: () => panBy(60, 0), ArrowUp: () => panBy(0, -60), ArrowDown: () => panBy(0, 60),
};

function drag(element) {
  const fingers = new Map();
  let moved = 0;
  element.addEventListener("pointerdown", (event) => { fingers.set(event.pointerId, event); moved = 0; });
  element.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    const [dx, dy] = [event.clientX - before.clientX, event.clientY - before.clientY];
    if (fingers.size === 2) pinch(fingers, event);
    else if (view.zoom > 1) panBy(-dx, -dy);
    moved += Math.abs(dx) + Math.abs(dy);
    fingers.set(event.pointerId, event);
  });
  for (const end of ["pointerup", "pointercancel", "pointerleave"]) element.addEventListener(end, (event) => fingers.delete(event.pointerId));
  element.addEventListener("click", (event) => { if (moved > 6 && view.zoom > 1) event.preventDefault(); }, true);
}

function pinch(fingers, event) {
  const other = [...fingers.values()].find((finger) => finger.pointerId !== event.pointerId);
  const before = fingers.get(event.pointerId);
  const apart = (a) => Math.hypot(a.clientX - other.clientX, a.clientY - other.clientY);
  zoomBy(apart(event) / Math.max(apart(before), 1), (event.clientX + other.clientX) / 2, (event.clientY + other.clientY) / 2);
}

export function startPlan() {
  measure();
  window.addEventListener("resize", measure);
  document.addEventListener("parts", () => (holder() ? apply() : measure()));
  const element = holder();
  if (!element) return;
  apply();
  drag(element);
  element.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey && document.activeElement !== element && view.zoom === 1) return; // let the page scroll
    event.preventDefault();
    zoomBy(Math.exp(-event.deltaY / 300), event.clientX, event.clientY);
  }, { passive: false });
  element.addEventListener("keydown", (event) => {
    if (!KEYS[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    KEYS[event.key]();
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-zoom]");
    if (button) ({ in: () => zoomBy(1.4), out: () => zoomBy(1 / 1.4), fit })[button.dataset.zoom]();
  });
}
