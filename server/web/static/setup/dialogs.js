// What needs a decision is asked in a dialog: differences, earlier versions, two people's changes.
import { changes, conflicts, merged } from "./changes.js";
import { changeWords, thingWords } from "./change_words.js";
import { h, patch } from "./svg.js";
import { listed, moment, say } from "./words.js";

const dialog = () => document.getElementById("dialog");

// Resolves to the `value` of the button that closed it; "" for Escape.
function ask(title, body, buttons, pressed = () => undefined) {
  const shown = dialog();
  patch(shown, [
    h(
      "form",
      { method: "dialog" },
      h("h2", { id: "dialog-title" }, title),
      h("div", { class: "dialog-body" }, body),
      h(
        "p",
        { class: "dialog-buttons" },
        buttons.map(([value, words, look]) => h("button", { class: `button ${look ?? ""}`, value }, words)),
      ),
    ),
  ]);
  shown.returnValue = "";
  shown.onclick = pressed;
  shown.showModal();
  return new Promise((done) => {
    shown.onclose = () => done(shown.returnValue);
  });
}

const list = (items) =>
  items.length
    ? h(
        "ul",
        { class: "change-list" },
        items.map((words) => h("li", {}, words)),
      )
    : h("p", { class: "quiet" }, say("noChanges"));
const words = (before, after) => changeWords(before, after).map((change) => change.words);

export function showChanges(before, after, version) {
  return ask(say("changesTitle", { version }), list(words(before, after)), [["", say("close")]]);
}

// Resolves to the page of a PDF to take, or null.
export async function askPage() {
  const page = h("input", { id: "pdf-page", name: "page", type: "number", min: "1", max: "10000", value: "1", required: "" });
  const body = h("label", { class: "field" }, h("span", {}, say("page")), page);
  const answer = await ask(say("pageTitle"), body, [["take", say("takePage"), "primary"], ["", say("close")]]);
  return answer ? Number(new FormData(dialog().querySelector("form")).get("page")) || 1 : null;
}

// Resolves to the number of the version to go back to, or null.
export async function showVersions({ in_force: inForce, versions }) {
  const rows = versions.map((version) =>
    h(
      "tr",
      { key: version.version },
      h("th", { scope: "row" }, String(version.version)),
      h("td", {}, author(version.author)),
      h("td", {}, moment(version.saved_at)),
      h("td", { class: "wrap" }, version.note || (version.changes.length ? say("nChanges", { n: version.changes.length }) : "–")),
      h("td", {}, version.boxes.length ? listed(version.boxes) : "–"),
      h(
        "td",
        { class: "doing" },
        version.version === inForce
          ? h("span", { class: "quiet" }, say("inForce"))
          : h("button", { class: "link", value: String(version.version) }, say("backTo", { version: version.version })),
      ),
    ),
  );
  const head = h(
    "thead",
    {},
    h(
      "tr",
      {},
      ["version", "author", "savedAt", "whatChanged", "boxes"].map((key) => h("th", { scope: "col" }, say(key))),
      h("th", {}, h("span", { class: "sr-only" }, say("actions"))),
    ),
  );
  const chosen = await ask(
    say("versionsTitle"),
    h(
      "div",
      { class: "scroll", tabindex: 0, role: "region", "aria-label": say("versionsTitle") },
      h("table", {}, head, h("tbody", {}, rows)),
    ),
    [["", say("close")]],
  );
  return chosen ? Number(chosen) : null;
}

export const author = (name) => ({ file: say("byFile"), link: say("byLink") })[name] ?? name;

// Two people saved at once: shows who did what, and resolves to the document to go on with, or null to leave it.
export async function reconcile(base, mine, theirs) {
  const both = conflicts(base, mine, theirs.document);
  const choice = (key) =>
    h(
      "fieldset",
      { key, class: "choice" },
      h("legend", {}, thingWords(base, mine, key)),
      ["mine", "theirs"].map((side) =>
        h(
          "label",
          { class: "tick" },
          h("input", { type: "radio", name: key, value: side, checked: side === "mine" }),
          h("span", {}, say(side)),
        ),
      ),
    );
  const body = [
    h("p", {}, say("conflictIntro", { author: author(theirs.author), version: theirs.version, when: moment(theirs.saved_at) })),
    h("h3", {}, say("theirChanges", { author: author(theirs.author) })),
    list(words(base, theirs.document)),
    h("h3", {}, say("myChanges")),
    list(words(base, mine)),
    both.length > 0 && [h("h3", {}, say("bothChanged")), both.map(choice)],
  ];
  const said = await ask(say("conflictTitle"), body, [
    ["merge", say("merge"), "primary"],
    ["mine", say("keepMine")],
    ["", say("later")],
  ]);
  if (said === "mine") return mine;
  if (said !== "merge") return null;
  const kept = new FormData(dialog().querySelector("form"));
  return merged(base, mine, theirs.document, (key) => kept.get(key) !== "theirs");
}

export const nothingToSave = (base, document) => !changes(base, document).length;
