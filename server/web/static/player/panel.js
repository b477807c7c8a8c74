// The words on an unpaired page; in every language at once, because nobody has chosen one.
export class Panel {
  constructor(element) {
    this.element = element;
  }

  // `told`: which sentences, by their `data-told`; `code`: what an administrator types in.
  show({ told = [], code = null, where = null }) {
    this.element.hidden = false;
    for (const each of this.element.querySelectorAll("[data-told]")) each.hidden = !told.includes(each.dataset.told);
    this.element.querySelector("[data-code]").textContent = code ? `${code.slice(0, 3)}-${code.slice(3)}` : "";
    if (!where) return;
    for (const [key, value] of Object.entries(where))
      for (const each of this.element.querySelectorAll(`[data-where=${key}]`)) each.textContent = value;
  }

  hide() {
    this.element.hidden = true;
  }
}
