// The media of a screen: fetched once, checked, kept by hash; what the playlist names is kept longest.
import { Away } from "./api.js";
import { composePackage } from "./package.js";

const SHARE = 0.6; // of what the browser gives a site
const MOST_BYTES = 8e9;
const MEMORY_BYTES = 256e6; // where the browser keeps nothing
const PATIENCE_MS = 300000; // for one file

export class Library {
  #name;
  #api;
  #store;
  #cache = null;
  #known = new Map(); // key -> {bytes, used} of what is in the cache
  #memory = new Map(); // key -> Blob, oldest first
  #pinned = new Map(); // key -> media
  #loading = new Map(); // key -> promise
  #quota = MOST_BYTES;

  constructor(name, api, store) {
    this.#name = name;
    this.#api = api;
    this.#store = store;
  }

  async open() {
    this.#cache = (await globalThis.caches?.open(this.#name).catch(() => null)) ?? null; // none without https
    const used = new Map(await this.#store.all("media"));
    for (const request of (await this.#cache?.keys().catch(() => [])) ?? []) {
      const key = new URL(request.url).pathname;
      this.#known.set(key, used.get(key) ?? { bytes: 0, used: 0 });
    }
    navigator.storage?.persist?.().catch(() => {});
    return this;
  }

  has(media) {
    return this.#known.has(keyOf(media)) || this.#memory.has(keyOf(media));
  }

  // A blob of the whole file. Throws Away where it is not here and cannot be fetched, or is not what it should be.
  async get(media) {
    const key = keyOf(media);
    const blob = this.#memory.get(key) ?? (await this.#read(key));
    if (blob) return blob;
    if (!this.#loading.has(key))
      this.#loading.set(key, this.#load(key, media).finally(() => this.#loading.delete(key)));
    return this.#loading.get(key);
  }

  // Let these stay, and fetch what is missing, one after the other; what cannot be had now is left for the next time.
  // Tells whether there is more than before.
  async keep(wanted) {
    this.#pinned = new Map(wanted.map((media) => [keyOf(media), media]));
    const missed = this.missing;
    for (const media of wanted) if (!this.has(media)) await this.get(media).catch(() => {});
    return this.missing < missed;
  }

  get missing() {
    return [...this.#pinned.values()].filter((media) => !this.has(media)).length;
  }

  get bytes() {
    return [...this.#known.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  }

  // Bytes that the browser would still give; null where it does not say.
  async free() {
    const { quota, usage } = (await navigator.storage?.estimate?.().catch(() => null)) ?? {};
    if (quota === undefined) return null;
    this.#quota = Math.min(MOST_BYTES, quota * SHARE);
    return Math.max(0, Math.round(quota - usage));
  }

  async #read(key) {
    const found = await this.#cache?.match(key).catch(() => undefined);
    if (!found) return void this.#known.delete(key); // the browser took it away
    this.#note(key, { ...this.#known.get(key), used: Date.now() });
    return found.blob().catch(() => undefined);
  }

  async #load(key, media) {
    const blob = media.kind === "html" ? await composePackage(this.#api, media.sha256) : await this.#fetch(key, media);
    await this.#keep(key, blob);
    return blob;
  }

  async #fetch(key, media) {
    const answer = await this.#api.fetch(key, { signal: AbortSignal.timeout(PATIENCE_MS) });
    const blob = await answer.blob();
    const found = media.sha256 ? await digest(blob) : null;
    if (found !== null && found !== media.sha256) throw new Away("what came is not what was asked for"); // a proxy's page
    return blob.type ? blob : new Blob([blob], { type: media.type });
  }

  async #keep(key, blob) {
    await this.free();
    await this.#makeRoom(this.#quota - blob.size);
    if ((await this.#write(key, blob)) || ((await this.#makeRoom(0)) && (await this.#write(key, blob)))) return;
    this.#memory.set(key, blob);
    let held = [...this.#memory.values()].reduce((sum, { size }) => sum + size, 0);
    for (const [old, { size }] of this.#memory) {
      if (held <= MEMORY_BYTES || old === key) break;
      held -= size;
      this.#memory.delete(old);
    }
  }

  async #write(key, blob) {
    try {
      await this.#cache.put(key, new Response(blob, { headers: { "Content-Type": blob.type } }));
    } catch {
      return false; // no cache, or it is full
    }
    this.#note(key, { bytes: blob.size, used: Date.now() });
    return true;
  }

  // Let go what was used longest ago and no playlist names, until at most `most` bytes are kept.
  async #makeRoom(most) {
    const idle = [...this.#known].filter(([key]) => !this.#pinned.has(key)).sort(([, a], [, b]) => a.used - b.used);
    let held = this.bytes;
    for (const [key, { bytes }] of idle) {
      if (held <= most) break;
      held -= bytes;
      this.#known.delete(key);
      await this.#cache.delete(key).catch(() => {});
      await this.#store.delete("media", key);
    }
    return true;
  }

  #note(key, entry) {
    this.#known.set(key, entry);
    this.#store.put("media", key, entry);
  }
}

// Where a file is asked for, and by what name it is kept. The picture of a QR code has no hash.
function keyOf(media) {
  return media.path ?? `/media/${media.sha256}`;
}

// Lower-case hex; null where the browser gives no digests, which is without https.
async function digest(blob) {
  if (!globalThis.crypto?.subtle) return null;
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", await blob.arrayBuffer()));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
