// The set-up page, put together: the draft, the two drawings, the words around them, the server.
import { Api } from "./api.js";
import { startActions } from "./actions.js";
import { startChecking } from "./checking.js";
import { nothingToSave } from "./dialogs.js";
import { keep, recall } from "./draft.js";
import { begin } from "./model.js";
import { Pane } from "./pane.js";
import { takeKeys } from "./keys.js";
import { takePointers } from "./pointer.js";
import { Pictures } from "./pictures.js";
import { paint } from "./painting.js";
import { meet } from "./saving.js";
import { Studio } from "./studio.js";
import { readAddress, writeAddress } from "./urlstate.js";
import { say, speak } from "./words.js";

const root = document.getElementById("setup");
const { site, language, timezone } = root.dataset;
speak(language, timezone, JSON.parse(root.dataset.texts));
const api = new Api(site);

function tell(words, bad = false) {
  document.getElementById(bad ? "trouble" : "told").textContent = words ?? "";
  document.getElementById(bad ? "told" : "trouble").textContent = "";
}

// For ears only: where the cross is.
function utter(words) {
  document.getElementById("spoken").textContent = words;
}

// What was drawn here last time and not sent yet, else the version in force.
function firstDraft(found, may) {
  const held = may ? recall(site) : null;
  const draft = begin(found.document, found.version);
  if (!held) return draft;
  return { ...draft, kept: held.kept, base: held.base, basedOn: held.basedOn };
}

async function start() {
  const found = await api.document();
  const may = root.dataset.may === "yes";
  const cameras = JSON.parse(root.dataset.cameras);
  const asked = readAddress();
  const draft = firstDraft(found, may);
  const studio = new Studio({
    ...asked,
    may,
    cameras,
    draft,
    camera: cameras.includes(asked.camera) ? asked.camera : (cameras[0] ?? null),
    stills: {},
    known: {},
    planUrl: null,
    planSize: null,
    warped: null,
    check: { faults: new Map(), others: [], coverage: null, cameras: {}, zones: {} },
    tab: "plan",
    newer: null,
    taking: null,
    sending: false,
  });
  const panes = ["still", "plan"].map((name) => new Pane(document.getElementById(name), name));
  const pictures = new Pictures(studio, api, tell);
  wire(studio, panes, pictures);
  await Promise.all([pictures.loadPlan(), pictures.loadStills()]);
  if (draft.basedOn < found.version) await meet(studio, found, tell);
  else if (!nothingToSave(draft.base, studio.document)) tell(say("recalled"));
}

function wire(studio, panes, pictures) {
  const draw = onceAFrame(() => paint(studio, panes));
  studio.listen(draw);
  studio.listen(() => keepDraft(studio));
  studio.listen(writeAddress);
  for (const pane of panes) {
    takePointers(pane, studio);
    takeKeys(pane, studio, utter);
    pane.svg.addEventListener("moved", draw);
    new ResizeObserver(draw).observe(pane.svg);
  }
  if (studio.state.may) startChecking(studio, api);
  startActions({ studio, api, pictures, tell, panes });
  followVersions(studio);
  studio.update({});
}

let kept = null; // the draft that is in the browser

function keepDraft(studio) {
  const { draft, may } = studio.state;
  if (!may || kept === draft.kept) return;
  kept = draft.kept;
  if (!keep(site, draft, !nothingToSave(draft.base, studio.document))) tell(say("notKept"), true);
}

function onceAFrame(work) {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      work();
    });
  };
}

// The page's news tell when somebody else saved a version.
function followVersions(studio) {
  document.addEventListener("parts", async () => {
    const version = Number(document.querySelector("[data-version]")?.dataset.version);
    const { draft, sending, newer } = studio.state;
    if (sending || !(version > draft.basedOn) || newer?.version === version) return;
    const theirs = await api.document().catch(() => null);
    if (!theirs || studio.state.draft.basedOn >= theirs.version) return;
    if (nothingToSave(draft.base, studio.document))
      studio.act({ type: "begin", document: theirs.document, basedOn: theirs.version });
    else studio.update({ newer: theirs });
  });
}

start().catch((error) => {
  tell(error.message, true);
  throw error;
});
