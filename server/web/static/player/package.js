// An HTML package as one document: what it names is written into it, because a sandboxed frame may fetch nothing
// and no service worker serves it.
const ATTRIBUTES = ["src", "href", "poster", "data", "xlink:href"];
const IN_STYLES = /url\(\s*(['"]?)([^'")]+)\1\s*\)|@import\s+(['"])([^'"]+)\3/g;

// `fetch`: path within the package -> Blob. Resolves to a Blob of text/html.
export async function composePackage(api, sha256) {
  const { files } = await api.ask(`/packages/${sha256}`);
  const parts = new Map();
  for (const path of files) {
    const answer = await api.fetch(`/media/${sha256}/${path.split("/").map(encodeURIComponent).join("/")}`);
    parts.set(path, await answer.blob());
  }
  return compose(parts);
}

// `parts`: path -> Blob, index.html among them.
export async function compose(parts) {
  const index = parts.get("index.html");
  if (!index) throw new Error("the package has no index.html");
  const page = new DOMParser().parseFromString(await index.text(), "text/html");
  const composer = new Composer(parts);
  for (const style of page.querySelectorAll("style, link[rel~=stylesheet][href]")) await composer.sheet(style);
  for (const element of page.querySelectorAll("*")) await composer.element(element);
  page.querySelectorAll("base").forEach((base) => base.remove());
  return new Blob([`<!doctype html>\n${composer.write(page)}`], { type: "text/html" });
}

// Styles are kept aside until the page is text: even in a page that is never shown this page's policy refuses them.
class Composer {
  #parts;
  #addresses = new Map();
  #sheets = [];

  constructor(parts) {
    this.#parts = parts;
  }

  async sheet(element) {
    const path = element.localName === "link" ? resolve(element.getAttribute("href"), "") : "";
    const text = path ? await this.#parts.get(path)?.text() : element.textContent;
    if (text === undefined) return;
    const place = element.ownerDocument.createElement("x-sheet");
    if (element.media) place.setAttribute("media", element.media);
    this.#sheets.push(await this.styles(text, path ?? ""));
    element.replaceWith(place);
  }

  async element(element) {
    for (const name of ATTRIBUTES) {
      const value = element.getAttribute(name);
      const address = value && (await this.address(value, ""));
      if (address) element.setAttribute(name, address);
    }
    if (element.hasAttribute("style")) {
      element.setAttribute("x-style", await this.styles(element.getAttribute("style"), ""));
      element.removeAttribute("style");
    }
    if (element.hasAttribute("srcset")) element.removeAttribute("srcset"); // `src` stands beside it
  }

  write(page) {
    const sheets = this.#sheets.values();
    return page.documentElement.outerHTML
      .replaceAll(/<x-sheet( [^>]*)?><\/x-sheet>/g, (_, media = "") => `<style${media}>${sheets.next().value}</style>`)
      .replaceAll(" x-style=", " style=");
  }

  async styles(text, from) {
    let made = "";
    let end = 0;
    for (const found of text.matchAll(IN_STYLES)) {
      const address = await this.address(found[2] ?? found[4], from);
      made += text.slice(end, found.index) + (address ? `${found[4] ? "@import " : ""}url("${address}")` : found[0]);
      end = found.index + found[0].length;
    }
    return made + text.slice(end);
  }

  // A data: address of what `link` names; null where the package does not hold it.
  async address(link, from) {
    const path = resolve(link, from);
    const part = this.#parts.get(path);
    if (!part) return null;
    if (!this.#addresses.has(path)) {
      const nested = part.type.startsWith("text/css") ? new Blob([await this.styles(await part.text(), path)], { type: "text/css" }) : part;
      this.#addresses.set(path, await asData(nested));
    }
    return this.#addresses.get(path);
  }
}

// The path within the package that a link in the file `from` means; null for one that leads out of it.
export function resolve(link, from) {
  try {
    const there = new URL(link, `package:///${from}`);
    return there.protocol === "package:" ? decodeURIComponent(there.pathname.slice(1)) : null;
  } catch {
    return null;
  }
}

function asData(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}
