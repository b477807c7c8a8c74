// An unpaired page shows a code until an administrator has typed it in; its secret becomes the token.
import { Api, Refused } from "./api.js";

const PAUSE_MS = 5000;

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

// Resolves to the token; `show` is told the code, or that there is none.
export async function pair({ site, screen, show }) {
  for (;;) {
    try {
      const begun = await new Api().ask("/pairings", { method: "POST", json: { site, screen } });
      show({ code: begun.code });
      const token = await confirmed(begun);
      if (token) return token;
    } catch (error) {
      show({ code: null, unknown: error instanceof Refused && error.status === 422 });
      await pause(PAUSE_MS);
    }
  }
}

// The token; null once the code has expired.
async function confirmed({ secret, lasts_s, poll_s }) {
  const api = new Api(secret);
  const end = performance.now() + lasts_s * 1000;
  while (performance.now() < end) {
    await pause(poll_s * 1000);
    try {
      if ((await api.ask("/pairing")).state === "paired") return secret;
    } catch (error) {
      if (error instanceof Refused) return null;
    }
  }
  return null;
}
