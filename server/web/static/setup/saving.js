// From draft to version in force: checked, saved, sent to the boxes. Nobody's work is lost on the way.
import { Refused } from "./api.js";
import { changes } from "./changes.js";
import { sorted } from "./checking.js";
import { author, reconcile } from "./dialogs.js";
import { show } from "../parts.js";
import { say } from "./words.js";

export async function send(studio, api, tell) {
  const { basedOn } = studio.state.draft;
  const { document } = studio;
  studio.update({ sending: true });
  try {
    const saved = await api.save(document, basedOn);
    studio.act({ type: "begin", document: saved.document, basedOn: saved.version });
    tell(say("saved", { version: saved.version }));
    show(location.href); // the version in force stands on the page too
  } catch (error) {
    if (!(error instanceof Refused)) return tell(say("notSent"), true);
    if (error.status === 409) return await meet(studio, await api.document(), tell);
    if (error.body.errors) return refuse(studio, document, error.body.errors, tell);
    tell(error.message, true);
  } finally {
    studio.update({ sending: false });
  }
  return undefined;
}

// The faults stand at their things; the first one is chosen.
function refuse(studio, document, errors, tell) {
  const { faults, others } = sorted(document, errors);
  studio.update({ check: { ...studio.state.check, faults, others } });
  const [first] = faults.keys();
  if (first) studio.select(first);
  tell(`${say("refused")} ${[...faults.values(), ...others].join(" ")}`, true);
}

// Another version came in between: the draft goes on upon it, in whichever way its author decides.
export async function meet(studio, theirs, tell) {
  const { base, kept } = studio.state.draft;
  if (!changes(base, kept.document).length)
    return studio.act({ type: "begin", document: theirs.document, basedOn: theirs.version });
  const document = await reconcile(base, kept.document, theirs);
  if (!document) {
    studio.update({ newer: theirs });
    return tell(say("newer", { version: theirs.version, author: author(theirs.author) }), true);
  }
  studio.act({ type: "rebase", document, base: theirs.document, basedOn: theirs.version });
  studio.update({ newer: null });
  return tell(say("merged", { version: theirs.version }));
}
