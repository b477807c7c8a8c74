// The day and the length of a test are looked at before it is planned: the panel shows what they would see.
import { show } from "./parts.js";

document.addEventListener("change", (event) => {
  const field = event.target.closest("[data-again]");
  if (!field || !field.value) return;
  const url = new URL(location.href);
  url.searchParams.set(field.name, field.value);
  show(url.href, { push: true });
});
