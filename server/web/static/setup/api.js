// The server's answers about one site. A refusal is thrown as Refused: its status, its words, its body.
export class Refused extends Error {
  constructor(status, body) {
    super(body?.detail ?? `${status}`);
    this.status = status;
    this.body = body ?? {};
  }
}

export class Api {
  constructor(site) {
    this.root = `/api/v1/sites/${encodeURIComponent(site)}`;
  }

  async #ask(path, { method = "GET", json, body, type } = {}) {
    const headers = { Accept: "application/json" };
    if (json !== undefined) headers["Content-Type"] = "application/json";
    else if (type) headers["Content-Type"] = type;
    const answer = await fetch(`${this.root}${path}`, {
      method,
      headers,
      body: json === undefined ? body : JSON.stringify(json),
      credentials: "same-origin",
    });
    const found = answer.status === 204 || answer.status === 304 ? null : await answer.json().catch(() => null);
    if (!answer.ok) throw new Refused(answer.status, found);
    return found;
  }

  document() {
    return this.#ask("/document");
  }
  save(document, basedOn, note = "") {
    return this.#ask("/document", { method: "PUT", json: { document, based_on: basedOn, note } });
  }
  versions() {
    return this.#ask("/versions");
  }
  version(n) {
    return this.#ask(`/versions/${n}`);
  }
  check(document) {
    return this.#ask("/check", { method: "POST", json: { document } });
  }
  putPlan(file, page = 1) {
    return this.#ask(`/plan?page=${page}`, { method: "PUT", body: file, type: "application/octet-stream" });
  }
  planUrl(sha256) {
    return `${this.root}/plan.png?sha256=${sha256}`;
  }
  stillPath(camera) {
    return `/cameras/${encodeURIComponent(camera)}/still`;
  }
  putStill(camera, file) {
    return this.#ask(this.stillPath(camera), { method: "PUT", body: file, type: "application/octet-stream" });
  }
  deleteStill(camera) {
    return this.#ask(this.stillPath(camera), { method: "DELETE" });
  }
  takeStill(camera) {
    return this.#ask(`${this.stillPath(camera)}/take`, { method: "POST" });
  }

  // [{camera, t, width, height}] of the cameras that have one.
  stills() {
    return this.#ask("/stills");
  }

  // The picture as an address of this page; nothing of it stays in the browser's cache.
  async stillPicture(camera) {
    const answer = await fetch(`${this.root}${this.stillPath(camera)}`, { credentials: "same-origin", cache: "no-store" });
    if (!answer.ok) throw new Refused(answer.status, await answer.json().catch(() => null));
    return URL.createObjectURL(await answer.blob());
  }
}
