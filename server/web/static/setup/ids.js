// Ids of new things: ours until they have a name, then made of it.
const STEMS = { zones: "zone", lines: "line", screens: "screen" };
const LATIN = {
  а: "a",
  б: "b",
  в: "v",
  г: "g",
  д: "d",
  е: "e",
  ё: "e",
  ж: "zh",
  з: "z",
  и: "i",
  й: "y",
  к: "k",
  л: "l",
  м: "m",
  н: "n",
  о: "o",
  п: "p",
  р: "r",
  с: "s",
  т: "t",
  у: "u",
  ф: "f",
  х: "h",
  ц: "ts",
  ч: "ch",
  ш: "sh",
  щ: "sch",
  ъ: "",
  ы: "y",
  ь: "",
  э: "e",
  ю: "yu",
  я: "ya",
};

// The number of an id of ours; null of any other.
export const ownId = (id) => /^(?:zone|line|screen)_(\d+)$/.exec(id)?.[1] ?? null;

export function freeId(taken, kind) {
  for (let n = 1; ; n++) if (!(`${STEMS[kind]}_${n}` in taken)) return `${STEMS[kind]}_${n}`;
}

// "Rolls and buns" is rolls_and_buns; null where nothing is left of the name or it is taken.
export function idOf(name, taken) {
  const latin = [...name.toLowerCase()]
    .map((letter) => LATIN[letter] ?? letter)
    .join("")
    .normalize("NFD");
  const id = latin
    .replace(/[\u0300-\u036f]/g, "")
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^_+|_+$/g, "")
    .slice(0, 40);
  return id && !(id in taken) ? id : null;
}
