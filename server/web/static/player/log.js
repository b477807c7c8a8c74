// For technicians: what this player itself remembers of its plays, at #log.
const COLUMNS = ["started_at", "seconds", "outcome", "state", "cached", "campaign", "creative", "decision", "trouble", "play"];

function row(cells, kind) {
  const made = document.createElement("tr");
  for (const text of cells) made.append(Object.assign(document.createElement(kind), { textContent: text ?? "" }));
  return made;
}

export function startLog(panel, journal) {
  const draw = async () => {
    panel.hidden = location.hash !== "#log";
    if (panel.hidden) return;
    const plays = await journal.log();
    const table = document.createElement("table");
    table.append(row(COLUMNS, "th"), ...plays.map((play) => row(COLUMNS.map((key) => play[key]), "td")));
    panel.replaceChildren(table);
  };
  addEventListener("hashchange", draw);
  setInterval(draw, 5000);
  draw();
}
