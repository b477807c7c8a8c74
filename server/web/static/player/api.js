// The server's answers to a player. Away: nobody answers, or not now; Refused: it does, and says no.
const PATIENCE_MS = 10000;

export class Away extends Error {}

export class Refused extends Error {
  constructor(status, body) {
    super(body?.detail ?? `${status}`);
    this.status = status;
  }
}

export class Api {
  constructor(token = null) {
    this.token = token;
  }

  async ask(path, { method = "GET", json, body, type, patience = PATIENCE_MS } = {}) {
    const answer = await this.fetch(`/api/v1/player${path}`, {
      method,
      headers: { Accept: "application/json", ...(json || type ? { "Content-Type": type ?? "application/json" } : {}) },
      body: json === undefined ? body : JSON.stringify(json),
      signal: AbortSignal.timeout(patience),
    });
    if (answer.status === 204) return null;
    return answer.json().catch(() => {
      throw new Away("an answer that is none");
    });
  }

  // The response, where the server gave what was asked for.
  async fetch(address, { headers, ...options } = {}) {
    const leave = this.token ? { Authorization: `Bearer ${this.token}` } : {};
    let answer;
    try {
      answer = await fetch(address, { ...options, headers: { ...headers, ...leave }, cache: "no-store" });
    } catch (error) {
      throw new Away(error.message);
    }
    if (answer.ok) return answer;
    if (answer.status >= 500 || answer.status === 429) throw new Away(`${answer.status}`);
    throw new Refused(answer.status, await answer.json().catch(() => null));
  }
}
