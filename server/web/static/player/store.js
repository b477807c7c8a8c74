// What must outlive the page: on disk; where the disk is full, in the little that browsers keep apart; else in memory.
const TABLES = ["state", "plays", "log", "media"];
const PATIENCE_MS = 4000;

function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new Error("blocked"));
    setTimeout(() => reject(new Error("the disk does not answer")), PATIENCE_MS);
  });
}

async function openDisk(name) {
  try {
    const opening = indexedDB.open(name, 1);
    opening.onupgradeneeded = () => TABLES.forEach((table) => opening.result.createObjectStore(table));
    const disk = await done(opening);
    disk.onversionchange = () => disk.close();
    return disk;
  } catch {
    return null; // private windows and broken profiles have none
  }
}

// Beside the disk: `localStorage`, whose few MB are counted apart and which is written before the page can go away.
class Little {
  constructor(prefix) {
    this.prefix = prefix;
  }
  name(table, key = "") {
    return `${this.prefix}/${table}/${key}`;
  }
  put(table, key, value) {
    try {
      localStorage.setItem(this.name(table, key), JSON.stringify(value));
      return true;
    } catch {
      return false;
    }
  }
  get(table, key) {
    try {
      return JSON.parse(localStorage.getItem(this.name(table, key))) ?? undefined;
    } catch {
      return undefined;
    }
  }
  delete(table, key) {
    try {
      localStorage.removeItem(this.name(table, key));
    } catch {
      // there is none, so nothing of it stays
    }
  }
  keys(table) {
    const start = this.name(table);
    try {
      return Object.keys(localStorage).filter((key) => key.startsWith(start)).map((key) => key.slice(start.length));
    } catch {
      return [];
    }
  }
}

export class Store {
  #disk;
  #little;
  #memory = new Map(TABLES.map((table) => [table, new Map()]));
  keeps = "disk";

  constructor(disk, name) {
    this.#disk = disk;
    this.#little = new Little(name);
  }

  static async open(name) {
    return new Store(await openDisk(name), name);
  }

  async put(table, key, value) {
    if (await this.#onDisk(table, "readwrite", (rows) => rows.put(value, key))) {
      this.#little.delete(table, key);
      this.#memory.get(table).delete(key);
      this.keeps = "disk";
      return;
    }
    this.putAtOnce(table, key, value);
  }

  // Written when this returns; for what is small and changes by the second.
  putAtOnce(table, key, value) {
    const kept = this.#little.put(table, key, value);
    if (kept) this.#memory.get(table).delete(key);
    else this.#memory.get(table).set(key, value);
    if (!this.#disk || table !== "state") this.keeps = kept ? "little" : "memory";
  }

  async get(table, key) {
    const held = this.#memory.get(table).get(key) ?? this.#little.get(table, key);
    return held ?? (await this.#onDisk(table, "readonly", (rows) => rows.get(key)))?.found;
  }

  getAtOnce(table, key) {
    return this.#memory.get(table).get(key) ?? this.#little.get(table, key);
  }

  async delete(table, key) {
    this.#memory.get(table).delete(key);
    this.#little.delete(table, key);
    await this.#onDisk(table, "readwrite", (rows) => rows.delete(key));
  }

  // [[key, value]]
  async all(table) {
    const keys = (await this.#onDisk(table, "readonly", (rows) => rows.getAllKeys()))?.found ?? [];
    const values = (await this.#onDisk(table, "readonly", (rows) => rows.getAll()))?.found ?? [];
    const found = new Map(keys.slice(0, values.length).map((key, i) => [key, values[i]]));
    for (const key of this.#little.keys(table)) found.set(key, this.#little.get(table, key));
    for (const [key, value] of this.#memory.get(table)) found.set(key, value);
    return [...found].filter(([, value]) => value !== undefined);
  }

  // {found}, or undefined where the disk refuses.
  async #onDisk(table, mode, work) {
    if (!this.#disk) return undefined;
    try {
      const deed = this.#disk.transaction(table, mode, { durability: "strict" });
      const found = await done(work(deed.objectStore(table)));
      if (mode === "readwrite") await finished(deed);
      return { found };
    } catch {
      return undefined;
    }
  }
}

function finished(deed) {
  return new Promise((resolve, reject) => {
    deed.oncomplete = resolve;
    deed.onerror = () => reject(deed.error);
    deed.onabort = () => reject(deed.error); // QuotaExceededError comes here
    setTimeout(() => reject(new Error("the disk does not answer")), PATIENCE_MS);
  });
}
