// Makes the page be what the state says.
import { answer, meta, question } from "./answer.js";
import { summary } from "./change_words.js";
import { changes } from "./changes.js";
import { author } from "./dialogs.js";
import { panel } from "./form.js";
import { planFrame, drawPlan } from "./plan_drawing.js";
import { drawStill, stillFrame } from "./still_drawing.js";
import { cameraTitle } from "./shapes.js";
import { h, patch } from "./svg.js";
import { pointsNote, pointsTable } from "./table.js";
import { draws, isArea } from "./tools.js";
import { moment, number, say } from "./words.js";

const coarse = matchMedia("(pointer: coarse)");
const part = (id) => document.getElementById(id);

export function paint(studio, panes) {
  const found = changes(studio.state.draft.base, studio.document);
  paintHead(studio, found);
  paintBar(studio);
  for (const pane of panes) paintPane(studio, pane);
  paintEmpty(studio);
  patch(part("points"), pointsTable(studio));
  patch(part("points-note"), [pointsNote(studio)]);
  paintPanel(studio);
  patch(part("draft-facts"), facts(studio, found));
  toField(studio);
}

function paintHead(studio, found) {
  const { draft, sending, may } = studio.state;
  patch(part("question"), [question(studio)]);
  patch(
    part("answer"),
    answer(studio).map((piece, i) => (piece.strong ? h("b", { key: i }, piece.strong) : piece)),
  );
  patch(part("meta"), [meta(studio)]);
  if (!may) return;
  const next = say("draft", { version: draft.basedOn + 1 });
  patch(part("draft-state"), [
    found.length ? `${next}, ${say("nChanges", { n: found.length })}` : say("unchanged", { version: draft.basedOn }),
  ]);
  document.querySelector('[data-do="discard"]').disabled = !found.length || sending;
  document.querySelector('[data-do="send"]').disabled = !found.length || sending;
  document.querySelector('[data-do="undo"]').disabled = !draft.past.length;
  document.querySelector('[data-do="redo"]').disabled = !draft.future.length;
}

function paintBar(studio) {
  const { tool, layers, cameras, tab } = studio.state;
  for (const button of document.querySelectorAll("[data-tool]"))
    button.setAttribute("aria-pressed", String(button.dataset.tool === tool));
  for (const button of document.querySelectorAll("[data-tab]"))
    button.setAttribute("aria-pressed", String(button.dataset.tab === tab));
  for (const tick of document.querySelectorAll("[data-layer]")) tick.checked = layers[tick.dataset.layer];
  document.querySelector(".panes").dataset.shown = tab;
  const options = cameras.map((id) => h("option", { key: id, value: id }, cameraTitle(cameras, studio.document, id)));
  patch(part("camera"), options);
  part("camera").value = studio.camera ?? "";
  const lens = studio.sight.full?.lens ?? 0;
  if (document.activeElement !== part("lens")) part("lens").value = lens;
  part("lens-value").textContent = number(lens, 2);
  patch(part("still-title"), [studio.still ? say("stillOf", { when: moment(studio.still.t) }) : say("still")]);
  patch(part("hint"), [say(hint(studio))]);
}

function hint({ state, document }) {
  const { tool, may } = state;
  if (!may) return "hint_reader";
  if (!document.floor) return "hint_none";
  if (tool === "mask") return "hint_masks";
  if (isArea(tool)) return "hint_area";
  return ["line", "entrance"].includes(tool) ? "hint_line" : `hint_${tool}`;
}

function paintPane(studio, pane) {
  const still = pane.name === "still";
  const drawing = draws(studio.state.tool) || studio.state.tool === "pair";
  pane.svg.setAttribute("tabindex", "0");
  pane.svg.setAttribute("aria-label", say(still ? "stillLabel" : "planLabel"));
  pane.svg.classList.toggle("drawing", drawing);
  if (!pane.svg.getBoundingClientRect().width) return;
  pane.show(still ? stillFrame(studio.sight) : planFrame(studio.document));
  const scene = {
    studio,
    pane: pane.name,
    places: studio.placesOf(pane.name),
    u: pane.u,
    shown: pane.shown,
    coarse: coarse.matches,
  };
  patch(pane.svg, still ? drawStill(scene) : drawPlan(scene));
}

function paintEmpty(studio) {
  const { may, taking } = studio.state;
  const noStill = !studio.still;
  part("still-empty").hidden = !noStill;
  patch(
    part("still-empty"),
    !noStill
      ? []
      : [
          h("p", {}, may ? say("noStill") : say("adminsOnly")),
          may &&
            studio.camera &&
            h(
              "p",
              { class: "links" },
              taking ? say("taking") : link("takeStill", "takeFirst"),
              " ",
              link("uploadStill", "upload"),
            ),
        ],
  );
  const noPlan = !studio.document.floor;
  part("plan-empty").hidden = !noPlan;
  patch(
    part("plan-empty"),
    noPlan ? [h("p", {}, say("noPlan")), may ? h("p", { class: "links" }, link("uploadPlan", "upload")) : ""] : [],
  );
}

const link = (what, words, values) => h("button", { class: "link", type: "button", "data-do": what }, say(words, values));

function paintPanel(studio) {
  const { title, note, body } = panel(studio);
  patch(part("panel-title"), [title]);
  patch(part("panel-note"), [note]);
  patch(part("panel"), body);
}

function facts(studio, found) {
  const { draft, newer, check, may, taking } = studio.state;
  if (!may) return [];
  const { previous } = document.querySelector("[data-version]").dataset;
  const shown = found.length ? summary(draft.base, studio.document) : [say("noChanges")];
  return [
    h("dt", {}, say("draft", { version: draft.basedOn + 1 })),
    h(
      "dd",
      {},
      shown.map((words, i) => h("div", { key: i }, words)),
      found.length > 0 && link("changes", "seeChanges"),
      Number(previous) < draft.basedOn && [
        found.length ? ", " : "",
        h(
          "button",
          { class: "link", type: "button", "data-do": "back", "data-i": previous },
          say("backToPrevious", { version: previous }),
        ),
      ],
      check.others.map((words) => h("p", { class: "fault-note" }, words)),
      newer &&
        h(
          "p",
          { class: "fault-note" },
          say("newer", { version: newer.version, author: author(newer.author) }),
          " ",
          link("review", "review"),
        ),
    ),
    studio.camera && [
      h("dt", {}, say("still")),
      h(
        "dd",
        {},
        taking === studio.camera
          ? say("taking")
          : [
              link("takeStill", studio.still ? "takeNew" : "takeFirst"),
              ", ",
              link("uploadStill", "upload"),
              studio.still && [", ", link("deleteStill", "deleteStill")],
            ],
      ),
    ],
    h("dt", {}, say("plan")),
    h(
      "dd",
      {},
      link("uploadPlan", "uploadPlan"),
      studio.document.floor?.plan && [", ", link("measure", "setScale")],
      studio.document.floor && [", ", link("walls", "drawWalls")],
    ),
  ];
}

// What was just drawn wants a name; Enter on a thing leads to its fields.
function toField(studio) {
  const { fresh, toForm, measured } = studio.state;
  if (!fresh && !toForm && !measured) return;
  if (fresh || toForm) {
    const field = part("panel").querySelector("input, select, button");
    studio.state.fresh = studio.state.toForm = null;
    field?.focus({ preventScroll: true });
    field?.select?.();
    field?.scrollIntoView({ block: "nearest" });
  } else if (!part("panel").contains(document.activeElement)) part("scale-length")?.focus();
}
