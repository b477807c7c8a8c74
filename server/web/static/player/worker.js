// Serves the player without the server: the page, whichever screen it is for, and all its parts. Media are the page's
// own matter. SHELL stands in the line above, put there by the server: a new version is another file, and is taken in.
const NAME = `vitrina-shell-${SHELL.version}`;

self.addEventListener("install", (event) => {
  event.waitUntil(fill().then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(forgetOlder().then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const kept = keptAs(event.request);
  if (kept) event.respondWith(serve(kept, event.request));
});

async function fill() {
  const cache = await caches.open(NAME);
  await cache.addAll(SHELL.files.map((file) => new Request(file, { cache: "reload" })));
}

async function forgetOlder() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith("vitrina-shell-") && name !== NAME).map((name) => caches.delete(name)));
}

function keptAs(request) {
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return null;
  if (SHELL.files.includes(pathname)) return pathname;
  return request.mode === "navigate" && pathname.startsWith("/screens/") ? SHELL.page : null;
}

async function serve(kept, request) {
  const cache = await caches.open(NAME);
  return (await cache.match(kept)) ?? fetch(request);
}
