// Flights and hours: as soon as the last row is filled in there is another one.
function another(rows) {
  const last = rows.lastElementChild;
  const number = rows.children.length;
  const made = last.cloneNode(true);
  for (const field of made.querySelectorAll("[name]")) {
    field.name = field.name.replace(/\d+/, String(number));
    if (field.type === "checkbox") field.checked = false;
    else field.value = "";
  }
  rows.append(made);
}

export function startRows(form) {
  form.addEventListener("input", (event) => {
    const rows = event.target.closest("[data-rows]");
    if (!rows || event.target.type === "checkbox" || rows.children.length >= 50) return;
    if (rows.lastElementChild.contains(event.target) && event.target.value) another(rows);
  });
}
