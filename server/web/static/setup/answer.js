// The page's question, its answer in words, and what the answer stands on.
import { LIMIT_M, withoutWorst } from "./calibration.js";
import { pairs } from "./edits.js";
import { cameraName } from "./shapes.js";
import { off, say } from "./words.js";

export function question(studio) {
  if (!studio.document.floor) return say("askFloor");
  return studio.camera ? say("askCamera", { n: studio.state.cameras.indexOf(studio.camera) + 1 }) : say("askNoCamera");
}

// Pieces; those in {strong} are the facts.
export function answer(studio) {
  const { document, camera, sight } = studio;
  if (!document.floor) return marked(say("answerNoFloor"));
  if (!camera) return marked(say("answerNoCamera"));
  const n = pairs(document, camera).length;
  if (n < 4) return marked(say(n ? "answerMore" : "answerNone", { n: 4 - n }));
  if (!sight.view) return marked(say(sight.fault));
  if (n === 4) return marked(say("answerFour"));
  return judged(sight);
}

function judged({ view, full }) {
  const { worst, rms } = withoutWorst(full, view);
  const values = { rms: off(view.rms), i: worst + 1, worst: off(view.errors[worst]), better: rms === null ? "" : off(rms) };
  if (view.errors[worst] <= LIMIT_M) return marked(say("answerGood", { ...values, limit: off(LIMIT_M) }));
  return marked(say(rms === null ? "answerBadFew" : rms < view.rms ? "answerBad" : "answerBadAll", values));
}

// *fact* becomes {strong: fact}.
function marked(text) {
  return text
    .split("*")
    .map((piece, i) => (i % 2 ? { strong: piece } : piece))
    .filter((piece) => piece !== "");
}

export function meta(studio) {
  const { document, camera, state } = studio;
  if (!document.floor || !camera) return say("metaStart");
  const n = pairs(document, camera).length;
  const who = say("metaCamera", { n: state.cameras.indexOf(camera) + 1, name: cameraName(document, camera) });
  return `${who} ${say("metaPoints", { n })} ${say(state.may ? "metaStill" : "metaReader")}`;
}
