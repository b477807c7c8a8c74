// The address holds what is looked at: camera, chosen thing, layers.
const LAYERS = ["grid", "errors", "warp", "coverage"];
const USUAL = ["grid", "errors", "coverage"];

export function readAddress() {
  const query = new URLSearchParams(location.search);
  const shown = query.has("show") ? query.get("show").split(" ") : USUAL;
  return {
    camera: query.get("camera"),
    selected: query.get("pick"),
    layers: Object.fromEntries(LAYERS.map((layer) => [layer, shown.includes(layer)])),
  };
}

export function writeAddress({ camera, selected, layers }) {
  const query = new URLSearchParams(location.search);
  const shown = LAYERS.filter((layer) => layers[layer]).join(" ");
  for (const [key, value] of Object.entries({ camera, pick: selected, show: shown === USUAL.join(" ") ? null : shown })) {
    if (value !== null && value !== undefined) query.set(key, value);
    else query.delete(key);
  }
  const address = `${location.pathname}${query.size ? `?${query}` : ""}`;
  if (address !== `${location.pathname}${location.search}`) history.replaceState(history.state, "", address);
}
