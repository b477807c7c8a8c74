// The service worker, by which the page comes up without the server; and the change to a newer player.
const LOOK_EVERY_MS = 600000;

// `renewed()` when a newer player is ready for the next load.
export async function startShell(renewed) {
  if (!navigator.serviceWorker) return; // without https
  const had = Boolean(navigator.serviceWorker.controller);
  navigator.serviceWorker.addEventListener("controllerchange", () => had && renewed());
  try {
    const registration = await navigator.serviceWorker.register("/screens/worker.js", { scope: "/screens/" });
    setInterval(() => registration.update().catch(() => {}), LOOK_EVERY_MS);
  } catch {
    // away, or not allowed here: the page goes on, and a reload needs the server
  }
}

export function offlineReady() {
  return Boolean(navigator.serviceWorker?.controller);
}

// The screen stays lit; the browser takes the lock back whenever the page was hidden.
export function stayAwake() {
  const lock = () => document.visibilityState === "visible" && navigator.wakeLock?.request("screen").catch(() => {});
  document.addEventListener("visibilitychange", lock);
  lock();
}
