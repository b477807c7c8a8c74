// What the form would say, from the server, a moment after each change; the newest question counts.
const QUIET_MS = 300;

export function startChecks(form) {
  const verdict = document.getElementById("verdict");
  const sentence = document.getElementById("sentence");
  const unsaved = form.querySelector("[data-unsaved]");
  if (!unsaved) return () => {}; // it is only shown
  let timer, running;

  async function check() {
    running?.abort();
    running = new AbortController();
    try {
      const body = new URLSearchParams(new FormData(form));
      const answer = await fetch(form.dataset.check, { method: "POST", body, signal: running.signal, credentials: "same-origin" });
      if (!answer.ok) return;
      verdict.innerHTML = await answer.text();
      sentence.textContent = verdict.querySelector("[data-sentence]").innerHTML.trim() ? told() : sentence.dataset.empty;
      mark();
    } catch (error) {
      if (error.name !== "AbortError") throw error;
    }
  }

  const told = () => verdict.querySelector("[data-sentence]").content.textContent;

  // The fields that a fault is about, for the eye and for a screen reader.
  function mark() {
    const keys = [...verdict.querySelectorAll(".bad[data-key]")].map((fault) => fault.dataset.key.split(".")[0]);
    for (const name of ["name", "promotes", "category", "rivals", "share_of_voice", "plays_per_hour"]) {
      form.elements[name].toggleAttribute("aria-invalid", keys.includes(name));
      if (keys.includes(name)) form.elements[name].setAttribute("aria-invalid", "true");
    }
  }

  function soon() {
    unsaved.hidden = false;
    for (const button of document.querySelectorAll("[data-step]")) button.disabled = true;
    document.querySelector("[data-first]")?.removeAttribute("hidden");
    clearTimeout(timer);
    timer = setTimeout(check, QUIET_MS);
  }

  form.addEventListener("input", soon);
  return soon;
}
