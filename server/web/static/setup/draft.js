// The draft outlives the page: kept in the browser until it is saved or discarded.
const place = (site) => `vitrina.setup.${site}`;

export function recall(site) {
  try {
    const found = JSON.parse(localStorage.getItem(place(site)));
    return found?.kept?.document && found.base ? found : null;
  } catch {
    return null; // not ours, or cut off: as if there were none
  }
}

// False where the browser keeps nothing; the page says so.
export function keep(site, { kept, base, basedOn }, changed) {
  try {
    if (changed) localStorage.setItem(place(site), JSON.stringify({ kept, base, basedOn }));
    else localStorage.removeItem(place(site));
    return true;
  } catch {
    return false;
  }
}
