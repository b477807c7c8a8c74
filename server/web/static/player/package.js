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
  for (const sheet of page.querySelectorAll("link[rel~=stylesheet][href]")) await composer.sheet(sheet);
  for (const style of page.querySelectorAll("style")) style.textContent = await composer.styles(style.textContent, "");
  for (const element of page.querySelectorAll("*")) await composer.element(element);
  page.querySelectorAll("base").forEach((base) => base.remove());
  return new Blob([`<!doctype html>\n${page.documentElement.outerHTML}`], { type: "text/html" });
}

class Composer {
  #parts;
  #addresses = new Map();

  constructor(parts) {
    this.#parts = parts;
  }

  async sheet(link) {
    const path = resolve(link.getAttribute("href"), "");
    const part = this.#parts.get(path);
    if (!part) return;
    const style = link.ownerDocument.createElement("style");
    if (link.media) style.media = link.media;
    style.textContent = await this.styles(await part.text(), path);
    link.replaceWith(style);
  }

  async element(element) {
    for (const name of ATTRIBUTES) {
      const value = element.getAttribute(name);
      const address = value && (await this.address(value, ""));
      if (address) element.setAttribute(name, address);
    }
    if (element.hasAttribute("style")) element.setAttribute("style", await this.styles(element.getAttribute("style"), ""));
    if (element.hasAttribute("srcset")) element.removeAttribute("srcset"); // `src` stands beside it
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
