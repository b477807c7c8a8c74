// What buttons, fields, files and keys of the page do.
import { thingOf, withThing } from "./changes.js";
import { askPage, nothingToSave, showChanges, showVersions } from "./dialogs.js";
import { set, withIdOfName, withNew, withPoints } from "./edits.js";
import { add } from "./geometry.js";
import { meet, send } from "./saving.js";
import { draws } from "./tools.js";
import { say } from "./words.js";

export function startActions({ studio, api, pictures, tell, panes }) {
  const deeds = { ...pageDeeds(studio, api, tell), ...thingDeeds(studio), ...pictureDeeds(studio, pictures) };
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-do]");
    if (button) deeds[button.dataset.do]?.(button.dataset);
  });
  document.getElementById("setup").addEventListener("submit", (event) => {
    if (event.target.dataset.do !== "setScale") return;
    event.preventDefault();
    studio.setScale(Number(document.getElementById("scale-length").value));
  });
  takeTools(studio, panes);
  takeFields(studio);
  takeLooks(studio, pictures);
  takeFiles(studio, pictures);
  takeShortcuts(studio);
}

function pageDeeds(studio, api, tell) {
  return {
    send: () => send(studio, api, tell),
    undo: () => studio.undo(),
    redo: () => studio.redo(),
    discard() {
      studio.change(studio.state.draft.base, null, { aside: {} });
      studio.select(null);
      tell(say("discarded"));
    },
    changes: () => showChanges(studio.state.draft.base, studio.document, studio.state.draft.basedOn),
    review: () => meet(studio, studio.state.newer, tell),
    async versions() {
      const chosen = await showVersions(await api.versions());
      if (chosen !== null) await goBack(studio, api, chosen, tell);
    },
    back: ({ i }) => goBack(studio, api, Number(i), tell),
  };
}

// An earlier version becomes the draft: looked over, undone or sent like any other.
async function goBack(studio, api, version, tell) {
  const found = await api.version(version);
  studio.change(found.document);
  studio.select(null);
  tell(nothingToSave(studio.state.draft.base, studio.document) ? say("noChanges") : say("wentBack", { version }));
}

function thingDeeds(studio) {
  return {
    selectThing: ({ key }) => studio.select(key),
    selectPair: ({ i }) => studio.select(`pair.${i}`),
    leaveOut: ({ i }) => studio.leaveOut(Number(i)),
    putBack: ({ i }) => studio.putBack(Number(i)),
    removePair: ({ i }) => studio.removePair(Number(i)),
    leaveOutChosen() {
      studio.leaveOut(chosenPair(studio));
      studio.select(null);
    },
    removeChosenPair() {
      studio.removePair(chosenPair(studio));
      studio.select(null);
    },
    removeThing() {
      studio.update({ corner: null });
      studio.remove();
    },
    turnLine() {
      studio.change(withPoints(studio.document, studio.state.selected, [...studio.selected.points].reverse()));
    },
    copyThing: () => copyThing(studio),
    measure: () => studio.choose("measure"),
    walls: () => studio.choose("outline"),
  };
}

const chosenPair = (studio) => Number(studio.state.selected.slice(5));

function copyThing(studio) {
  const { key, points, kind, fixture, thing } = studio.selected;
  const tool = fixture ? "fixture" : kind === "category" ? "category" : "zone";
  const made = withNew(studio.document, tool, { plane: "floor", points: points.map((p) => add(p, [1, 1])) });
  const { polygon_m: _, name: __, ...rest } = thing;
  const copied = Object.entries(rest).reduce(
    (document, [field, value]) => set(document, `${made.key}.${field}`, value),
    made.document,
  );
  studio.change(copied);
  studio.update({ selected: key.startsWith("floor.outline") ? key : made.key, corner: null, fresh: made.key });
}

function pictureDeeds(studio, pictures) {
  return {
    takeStill: () => pictures.takeStill(studio.camera),
    deleteStill: () => pictures.deleteStill(studio.camera),
    uploadStill: () => document.getElementById("still-file").click(),
    uploadPlan: () => document.getElementById("plan-file").click(),
  };
}

// Chosen with the keyboard, a tool takes one to where it draws.
function takeTools(studio, panes) {
  document.addEventListener("click", (event) => {
    const { tool, tab } = event.target.closest("[data-tool], [data-tab]")?.dataset ?? {};
    if (tab) return studio.update({ tab });
    if (!tool) return undefined;
    studio.choose(tool);
    const name = tool === "pair" || !studio.planeOf("plan", tool) ? "still" : "plan";
    if (draws(tool) || tool === "pair") studio.update({ tab: name });
    if (event.detail === 0 && tool !== "select") panes.find((pane) => pane.name === name).svg.focus();
    return undefined;
  });
}

function takeFields(studio) {
  const panel = document.getElementById("panel");
  const typed = (target) => ["text", "number"].includes(target.type);
  panel.addEventListener("input", ({ target }) => {
    if (typed(target) && target.checkValidity()) change(studio, target, `field ${studio.state.selected} ${target.dataset.field}`);
  });
  panel.addEventListener("change", ({ target }) => {
    if (typed(target)) target.reportValidity();
    else change(studio, target, null);
  });
  panel.addEventListener("focusout", ({ target }) => {
    if (target.dataset.field === "name") nameId(studio);
    if (target.dataset.field) studio.act({ type: "settle" });
  });
}

function nameId(studio) {
  const { selected, draft } = studio.state;
  if (!/^(zones|lines|screens)\./.test(selected ?? "")) return;
  const { document, key } = withIdOfName(studio.document, draft.base, selected);
  if (key === selected) return;
  studio.change(document, `field ${selected} name`);
  studio.select(key);
}

function change(studio, target, join) {
  const { field } = target.dataset;
  if (!field || !studio.state.selected) return;
  const value =
    target.type === "checkbox"
      ? target.checked || undefined
      : target.type === "number"
        ? target.value === ""
          ? undefined
          : target.valueAsNumber
        : target.value || undefined;
  const { selected } = studio.state;
  studio.change(set(studio.document, selected === "store" ? field : `${selected}.${field}`, value), join);
}

function takeLooks(studio, pictures) {
  document.addEventListener("change", ({ target }) => {
    if (target.dataset.layer) studio.update({ layers: { ...studio.state.layers, [target.dataset.layer]: target.checked } });
    if (target.id === "camera") {
      studio.look(target.value);
      pictures.loadStill(target.value);
    }
    if (target.id === "lens") studio.act({ type: "settle" });
  });
  document.getElementById("lens").addEventListener("input", ({ target }) => {
    const lens = target.valueAsNumber || undefined;
    if (studio.camera && thingOf(studio.document, `cameras.${studio.camera}.lens`) !== lens)
      studio.change(withThing(studio.document, `cameras.${studio.camera}.lens`, lens), "lens");
  });
}

function takeFiles(studio, pictures) {
  const take = {
    plan: async (file) => {
      const page = /\.pdf$/i.test(file.name) ? await askPage() : 1;
      if (page) await pictures.takePlan(file, page);
    },
    still: (file) => studio.camera && pictures.uploadStill(studio.camera, file),
  };
  for (const name of ["plan", "still"]) {
    document.getElementById(`${name}-file`).addEventListener("change", ({ target }) => {
      if (target.files[0]) take[name](target.files[0]);
      target.value = "";
    });
    const box = document.querySelector(`[data-pane="${name}"]`);
    box.addEventListener("dragover", (event) => {
      if (studio.state.may) event.preventDefault();
    });
    box.addEventListener("drop", (event) => {
      event.preventDefault();
      const [file] = event.dataTransfer.files;
      if (file && studio.state.may) take[name](file);
    });
  }
}

function takeShortcuts(studio) {
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z" || event.target.matches("input[type=text]")) return;
    event.preventDefault();
    if (event.shiftKey) studio.redo();
    else studio.undo();
  });
}
