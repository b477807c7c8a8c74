// Buttons that do one thing on the server ([data-post]) and show the page anew.
import { show } from "./parts.js";

async function press(button) {
  button.disabled = true;
  const answer = await fetch(button.dataset.post, { method: "POST", credentials: "same-origin" });
  button.disabled = false;
  if (answer.ok) return show(location.href);
  button.textContent = `${button.textContent} (${answer.status})`;
}

export function startPosts() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-post]");
    if (button) press(button);
  });
}
