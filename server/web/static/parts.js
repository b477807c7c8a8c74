// A page is made of parts ([data-part]). A soft link, or news, fetches the page again and swaps the parts that differ,
// so that zoom, scroll and focus stay and nothing flickers.

let running = null;

async function fetchPage(url, signal) {
  const answer = await fetch(url, { headers: { Accept: "text/html" }, signal, credentials: "same-origin" });
  if (answer.redirected && new URL(answer.url).pathname === "/login") {
    location.assign(answer.url);
    return null;
  }
  if (!answer.ok) throw new Error(`${answer.status}`);
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

// Pictures are decoded before they are shown.
async function decoded(part) {
  const pictures = [...part.querySelectorAll("image[href]")].map((image) => {
    const picture = new Image();
    picture.src = image.getAttribute("href");
    return picture.decode().catch(() => undefined);
  });
  await Promise.all(pictures);
}

function focusKey(element) {
  return element.dataset.zone || element.id || element.getAttribute("href") || element.getAttribute("aria-label");
}

function restoreFocus(part, key) {
  const found = [...part.querySelectorAll("a, button, summary, [tabindex]")].find((element) => focusKey(element) === key);
  (found ?? part.querySelector("a, button"))?.focus({ preventScroll: true });
}

async function swap(page) {
  const pairs = [...document.querySelectorAll("[data-part]")]
    .map((old) => [old, page.querySelector(`[data-part="${old.dataset.part}"]`)])
    .filter(([old, next]) => next && (old.innerHTML !== next.innerHTML || old.className !== next.className));
  await Promise.all(pairs.map(([, next]) => decoded(next)));
  for (const [old, next] of pairs) {
    if (old.querySelector("details[open]")) continue; // someone is choosing there
    const key = old.contains(document.activeElement) ? focusKey(document.activeElement) : null;
    old.className = next.className;
    old.replaceChildren(...next.childNodes);
    if (key) restoreFocus(old, key);
  }
  document.dispatchEvent(new CustomEvent("parts", { detail: pairs.map(([old]) => old.dataset.part) }));
}

// Show `url` in this page. A newer wish takes the place of one under way.
export async function show(url, { push = false } = {}) {
  running?.abort();
  const mine = (running = new AbortController());
  if (push) document.body.classList.add("busy");
  try {
    const page = await fetchPage(url, mine.signal);
    if (!page || mine.signal.aborted) return;
    if (push) history.pushState(null, "", url);
    if (!page.querySelector("main") || kind(page) !== kind(document)) return location.assign(url);
    document.title = page.title;
    await swap(page);
  } catch (error) {
    if (error.name !== "AbortError" && push) location.assign(url); // the plain way tells what is wrong
  } finally {
    if (running === mine) {
      running = null;
      document.body.classList.remove("busy");
    }
  }
}

function kind(page) {
  return [...page.querySelectorAll("[data-part]")].map((part) => part.dataset.part).join();
}

export const busy = () => running !== null;

export function startSoftLinks() {
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-soft]");
    if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    link.closest("details")?.removeAttribute("open");
    show(link.href.baseVal ?? link.href, { push: true });
  });
  window.addEventListener("popstate", () => show(location.href));
}
