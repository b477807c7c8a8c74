// Menus are <details>: they work without this; with it they close on Escape, on a click elsewhere, and one another.
const open = () => document.querySelectorAll("details[data-menu][open]");

export function startMenus() {
  document.addEventListener("click", (event) => {
    for (const menu of open()) if (!menu.contains(event.target)) menu.removeAttribute("open");
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of open()) {
      menu.removeAttribute("open");
      menu.querySelector("summary").focus();
    }
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) window.print();
    if (event.target.closest("[data-sheet]")) document.body.classList.toggle("sheet-up");
  });
}
