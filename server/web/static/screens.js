// The wall's own controls: pairing a player, and choosing what plays when nothing else may.
import { show } from "./parts.js";

async function send(method, address, body) {
  const answer = await fetch(address, {
    method,
    credentials: "same-origin",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  if (answer.ok) return null;
  const told = await answer.json().catch(() => ({}));
  return told.detail ?? String(answer.status);
}

async function pair(form) {
  const body = { code: form.elements.code.value.trim(), replace: form.elements.replace?.checked ?? false };
  const trouble = await send("POST", form.dataset.pair, body);
  if (trouble) {
    form.querySelector("[role=status]").textContent = trouble;
    return;
  }
  form.closest("details").removeAttribute("open");
  show(location.href);
}

async function choose(select) {
  const address = select.dataset.default;
  const settings = await (await fetch(address, { credentials: "same-origin" })).json();
  const body = { default_creative: select.value || null, screenshots: settings.screenshots };
  select.setCustomValidity((await send("PUT", address, body)) ?? "");
  select.reportValidity();
}

export function startScreens() {
  document.addEventListener("submit", (event) => {
    if (!event.target.dataset.pair) return;
    event.preventDefault();
    pair(event.target);
  });
  document.addEventListener("change", (event) => {
    if (event.target.dataset.default) choose(event.target);
  });
}
