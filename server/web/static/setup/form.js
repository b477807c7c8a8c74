// The chosen thing in words and fields; without one, what there is to choose.
import { sampled, area, distance, inside } from "./geometry.js";
import { pairs } from "./edits.js";
import { cameraTitle, placeName, shapes, title } from "./shapes.js";
import { seenWords } from "./coverage.js";
import { h } from "./svg.js";
import { metres, number, percent, say } from "./words.js";

const ZONES = ["area", "category", "queue", "entrance", "street", "view"];
const FIXTURES = ["shelf", "table", "till", "wall", "closed", "green"];
const FIXTURE_HEIGHT_M = { shelf: 1.8, table: 0.9, till: 1.1, wall: 3, closed: 3, green: 0 };

// {title, note, body}
export function panel(studio) {
  const { state, selected } = studio;
  if (state.measured) return { title: say("scaleTitle"), note: "", body: scale(studio) };
  if (selected) return { title: title(studio.document, selected), note: say("hintSelected"), body: fields(studio, selected) };
  if (state.selected?.startsWith("pair.")) return pairPanel(studio);
  if (state.selected === "store") return { title: say("store"), note: "", body: store(studio) };
  if (/^cameras\.[^.]+$/.test(state.selected ?? "")) return cameraPanel(studio, state.selected.slice(8));
  return { title: say("things"), note: say("hintThings"), body: choice(studio) };
}

function fields(studio, one) {
  const rows = { zones: zone, lines: line, screens: screen, floor: one.fixture ? fixture : outline, cameras: mask }[
    one.key.split(".")[0]
  ](studio, one);
  const fault = studio.state.check.faults.get(one.key);
  return [
    fault && h("p", { key: "fault", class: "fault-note", role: "alert" }, fault),
    h("dl", { key: "rows", class: "fields" }, rows),
    studio.state.may &&
      h(
        "p",
        { key: "links", class: "links" },
        one.form === "line" && button("turnLine", "turnRound"),
        one.form === "area" && one.plane === "floor" && button("copyThing", "copy"),
        button("removeThing", "delete"),
      ),
  ];
}

const button = (what, words) => [h("button", { class: "link", type: "button", "data-do": what }, say(words)), " "];
const row = (label, content, id = null) => [
  h("dt", {}, id ? h("label", { for: id }, say(label)) : say(label)),
  h("dd", {}, content),
];

function field(studio, one, name, { type = "text", value, ...rest }) {
  return h("input", {
    key: `${one.key} ${name}`,
    id: `field-${name}`,
    type,
    "data-field": name,
    value: value ?? "",
    disabled: !studio.state.may,
    ...rest,
  });
}

function select(studio, one, name, value, options) {
  return h(
    "select",
    { key: `${one.key} ${name}`, id: `field-${name}`, "data-field": name, value, disabled: !studio.state.may },
    ...options.map(([key, words]) => h("option", { key, value: key }, words)),
  );
}

const amount = (studio, one, name, unit, rest) =>
  h(
    "span",
    { class: "amount" },
    field(studio, one, name, { type: "number", value: one.thing[name], ...rest }),
    unit && h("span", {}, say(unit)),
  );
const named = (studio, one) =>
  row(
    "name",
    field(studio, one, "name", {
      value: one.thing.name,
      maxlength: 80,
      autocomplete: "off",
      placeholder: title(studio.document, one),
    }),
    "field-name",
  );

function zone(studio, one) {
  return [
    named(studio, one),
    row(
      "kind",
      select(
        studio,
        one,
        "kind",
        one.kind,
        ZONES.map((kind) => [kind, say(`kind_${kind}`)]),
      ),
      "field-kind",
    ),
    ...place(studio, one),
    row("engagedAfter", amount(studio, one, "engaged_s", "s", { min: 1, max: 3600, placeholder: "10" }), "field-engaged_s"),
    row(
      "mostPeople",
      amount(studio, one, "most_people", null, { min: 1, step: 1, placeholder: say("noLimit") }),
      "field-most_people",
    ),
    one.kind === "queue" &&
      row(
        "longestWait",
        amount(studio, one, "longest_wait_s", "s", { min: 1, max: 7200, placeholder: say("noLimit") }),
        "field-longest_wait_s",
      ),
  ];
}

function place(studio, one) {
  const corners = say("corners", { n: one.points.length });
  if (one.plane === "image") return [row("area", `${percent(area(one.points))} ${say("ofPicture")}, ${corners}`)];
  const seen = seenWords(studio, one.key);
  return [
    row("area", `${number(area(one.points), 1)}\u00a0${say("m2")}, ${corners}`),
    seen && row("seen", seen),
    row("overlaps", overlaps(studio, one)),
  ];
}

// "Bakery, wholly inside; Queue, 12 %".
function overlaps(studio, one) {
  const within = sampled(one.points);
  const others = shapes(studio.document).filter(
    (other) => other.key.startsWith("zones.") && other.plane === "floor" && other.key !== one.key,
  );
  const found = others
    .map((other) => [other, within.filter((p) => inside(p, other.points)).length / Math.max(within.length, 1)])
    .filter(([, share]) => share > 0.01);
  if (!found.length) return say("noOverlap");
  return found
    .map(([other, share]) => `${title(studio.document, other)}, ${share > 0.99 ? say("whollyInside") : percent(share)}`)
    .join("; ");
}

function line(studio, one) {
  return [
    named(studio, one),
    row(
      "counts",
      h(
        "span",
        { class: "tick" },
        field(studio, one, "entrance", { type: "checkbox", checked: Boolean(one.thing.entrance) }),
        h("span", {}, say("countsFootfall")),
      ),
      "field-entrance",
    ),
    one.plane === "floor" && row("length", metres(distance(...one.points), 2)),
    row("direction", say("arrowIsIn")),
  ];
}

function screen(studio, one) {
  const zones = Object.entries(studio.document.zones ?? {}).map(([id, thing]) => [id, thing.name || id]);
  return [
    named(studio, one),
    row("facing", amount(studio, one, "facing_deg", "degrees", { min: 0, max: 359, step: 1 }), "field-facing_deg"),
    row("seenFrom", select(studio, one, "zone", one.thing.zone ?? "", [["", say("noZone")], ...zones]), "field-zone"),
    row("at", `${metres(one.points[0][0])}, ${metres(one.points[0][1])}`),
  ];
}

function fixture(studio, one) {
  return [
    named(studio, one),
    row(
      "kind",
      select(
        studio,
        one,
        "kind",
        one.kind,
        FIXTURES.map((kind) => [kind, say(`kind_${kind}`)]),
      ),
      "field-kind",
    ),
    row(
      "height",
      amount(studio, one, "height_m", "m", { min: 0, max: 20, step: 0.1, placeholder: number(FIXTURE_HEIGHT_M[one.kind], 1) }),
      "field-height_m",
    ),
    row("area", `${number(area(one.points), 1)}\u00a0${say("m2")}, ${say("corners", { n: one.points.length })}`),
  ];
}

const outline = (_, one) =>
  row("area", `${number(area(one.points), 1)}\u00a0${say("m2")}, ${say("corners", { n: one.points.length })}`);
const mask = (_, one) => [
  row("area", `${percent(area(one.points))} ${say("ofPicture")}, ${say("corners", { n: one.points.length })}`),
  row("effect", say("maskEffect")),
];

function scale(studio) {
  const drawn = distance(...studio.state.measured);
  return [
    h(
      "form",
      { class: "scale-form", "data-do": "setScale" },
      h("label", { for: "scale-length" }, say("scaleAsk")),
      h(
        "span",
        { class: "amount" },
        h("input", { id: "scale-length", type: "number", min: 0.1, max: 1000, step: 0.001, required: true, value: "" }),
        h("span", {}, say("m")),
      ),
      h("button", { class: "button" }, say("scaleSet")),
    ),
    h("p", { class: "quiet" }, say("scaleNow", { length: metres(drawn) })),
  ];
}

function pairPanel(studio) {
  const i = Number(studio.state.selected.slice(5));
  const pair = pairs(studio.document, studio.camera)[i];
  if (!pair) return { title: say("things"), note: "", body: choice(studio) };
  return {
    title: say("pointTitle", { i: i + 1 }),
    note: say("hintPoint"),
    body: [
      h(
        "dl",
        { class: "fields" },
        row("standsOn", placeName(studio.document, pair.floor_m)),
        row("onPlan", pair.floor_m.map((value) => metres(value)).join(", ")),
        row("onStill", pair.image.map((value, k) => number(value * studio.sight.size[k])).join(", ")),
      ),
      studio.state.may && h("p", { class: "links" }, button("leaveOutChosen", "leaveOut"), button("removeChosenPair", "delete")),
    ],
  };
}

function store(studio) {
  const one = { key: "store", thing: studio.document };
  return [
    h(
      "dl",
      { class: "fields" },
      row("name", field(studio, one, "name", { value: studio.document.name, maxlength: 80 }), "field-name"),
      row(
        "mostPeople",
        amount(studio, one, "most_people", null, { min: 1, step: 1, placeholder: say("noLimit") }),
        "field-most_people",
      ),
    ),
  ];
}

function cameraPanel(studio, id) {
  const thing = studio.document.cameras?.[id] ?? {};
  const one = { key: `cameras.${id}`, thing };
  const found = studio.state.check.cameras?.[id];
  return {
    title: cameraTitle(studio.state.cameras, studio.document, id),
    note: "",
    body: [
      h(
        "dl",
        { class: "fields" },
        row("name", field(studio, one, "name", { value: thing.name, maxlength: 80, placeholder: id }), "field-name"),
        row(
          "smallestPerson",
          amount(studio, one, "smallest_person", "ofWidth", { min: 0.01, max: 1, step: 0.01, placeholder: "0.05" }),
          "field-smallest_person",
        ),
        found && [
          row(
            "at",
            found.place_m
              .slice(0, 2)
              .map((value) => metres(value, 1))
              .join(", "),
          ),
          row("height", metres(found.place_m[2], 1)),
          row("sees", say("ofFloor", { share: percent(found.seen_share) })),
        ],
      ),
    ],
  };
}

// Everything drawn, to be chosen without the drawings.
function choice(studio) {
  const all = shapes(studio.document).filter(
    (one) => !one.fixture && (one.plane === "floor" || one.camera === studio.camera) && one.kind !== "outline",
  );
  const shown = all.map((one) =>
    h(
      "li",
      { key: one.key },
      h(
        "button",
        { class: "plain", type: "button", "data-do": "selectThing", "data-key": one.key },
        title(studio.document, one),
        h("span", { class: "quiet" }, say(`kind_${one.kind}`)),
      ),
      studio.state.check.faults.has(one.key) && h("span", { class: "state bad" }, say("toMend")),
    ),
  );
  const more = [
    ["store", say("store"), ""],
    ...(studio.camera
      ? [[`cameras.${studio.camera}`, cameraTitle(studio.state.cameras, studio.document, studio.camera), say("camera")]]
      : []),
  ];
  const others = more.map(([key, words, kind]) =>
    h(
      "li",
      { key },
      h(
        "button",
        { class: "plain", type: "button", "data-do": "selectThing", "data-key": key },
        words,
        h("span", { class: "quiet" }, kind),
      ),
    ),
  );
  return [!all.length && h("p", { class: "empty-row" }, say("nothingDrawn")), h("ul", { class: "things" }, others, shown)];
}
