// What stands behind a mark: on hover, on focus, and with the arrow keys within a chart.
let tip = null;

function box() {
  if (!tip) {
    tip = document.createElement("div");
    tip.className = "tip";
    tip.id = "tip";
    tip.setAttribute("role", "tooltip");
    document.body.append(tip);
  }
  return tip;
}

function place(target) {
  const words = target.dataset.tip;
  if (!words) return hide();
  const shown = box();
  shown.textContent = words;
  shown.hidden = false;
  const at = target.getBoundingClientRect();
  const left = Math.min(Math.max(8, at.left + at.width / 2 - shown.offsetWidth / 2), innerWidth - shown.offsetWidth - 8);
  const above = at.top - shown.offsetHeight - 8;
  shown.style.left = `${left + scrollX}px`;
  shown.style.top = `${(above > 0 ? above : Math.min(at.bottom + 8, innerHeight - shown.offsetHeight - 8)) + scrollY}px`;
}

function hide() {
  if (tip) tip.hidden = true;
  for (const mark of document.querySelectorAll(".mark.active")) mark.classList.remove("active");
}

function step(chart, by) {
  const marks = [...chart.querySelectorAll(".mark")];
  if (!marks.length) return;
  const next = Math.min(Math.max(marks.findIndex((mark) => mark.classList.contains("active")) + by, 0), marks.length - 1);
  hide();
  marks[next].classList.add("active");
  place(marks[next]);
}

function reachable() {
  for (const chart of document.querySelectorAll("svg.chart:has(.mark)")) chart.setAttribute("tabindex", "0");
}

export function startTips() {
  reachable();
  document.addEventListener("parts", () => { hide(); reachable(); });
  document.addEventListener("pointerover", (event) => {
    const target = event.target.closest("[data-tip]");
    if (target) place(target);
    else hide();
  });
  document.addEventListener("focusin", (event) => {
    if (event.target.dataset.tip && event.target.matches(":focus-visible")) place(event.target);
  });
  document.addEventListener("focusout", hide);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") return hide();
    const chart = event.target.closest?.("svg.chart");
    const by = { ArrowRight: 1, ArrowLeft: -1, Home: -1e6, End: 1e6 }[event.key];
    if (!chart || !by) return;
    event.preventDefault();
    step(chart, by);
  });
}
