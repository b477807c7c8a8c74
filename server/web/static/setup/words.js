// Texts, numbers and dates in the reader's language; the texts come with the page.
let texts = {};
let locale = "en-GB";
let timeZone = "UTC";

export function speak(language, zone, known) {
  texts = known;
  locale = language === "en" ? "en-GB" : language;
  timeZone = zone;
}

// `%(name)s` in the text is filled in; a text of several forms takes the one that goes with `values.n`.
export function say(key, values = {}) {
  const known = texts[key];
  if (known === undefined) throw new Error(`no text ${key}`);
  const text = typeof known === "string" ? known : known[new Intl.PluralRules(locale).select(values.n)];
  return text.replace(/%\((\w+)\)s/g, (_, name) => values[name]);
}

export const has = (key) => key in texts;

export function number(value, digits = 0) {
  const options = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return new Intl.NumberFormat(locale, options).format(Number(value.toFixed(digits)) + 0).replace("-", "−");
}

export const metres = (value, digits = 2) => `${number(value, digits)}\u00a0${say("m")}`;
export const percent = (share) => `${number(share * 100)}\u202f%`;

// An error on the floor: cm while that says something.
export function off(value_m) {
  if (value_m < 0.0095) return `${number(value_m * 100, 1)}\u00a0${say("cm")}`;
  return value_m < 9.995 ? `${number(value_m * 100)}\u00a0${say("cm")}` : metres(value_m, 0);
}

export function moment(iso) {
  const options = { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", timeZone };
  return new Intl.DateTimeFormat(locale, options).format(new Date(iso)).replace(",", "");
}

export const listed = (names) => new Intl.ListFormat(locale).format(names);
