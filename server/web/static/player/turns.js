// What plays in turn while nobody decides. Pure: a playlist, what played before, the time.
export function mayPlay(item, t) {
  return (item.until === null || t < item.until) && item.turns.some(({ start, end }) => start <= t && t < end);
}

function rivals(a, b) {
  return Boolean(a && b && (a.rivals.includes(b.category) || b.rivals.includes(a.category)));
}

// By campaign: those of its creatives that `can(item)` play at `t`. A Map keeps the playlist's order.
function byCampaign(playlist, t, can) {
  const found = new Map();
  for (const item of playlist.items.filter((item) => mayPlay(item, t) && can(item)))
    found.set(item.campaign, [...(found.get(item.campaign) ?? []), item]);
  return found;
}

function after(list, last) {
  return list[(list.indexOf(last) + 1) % list.length];
}

// {item, memory}: campaigns in turn, of each its creatives in turn, never rivals next to each other; the default where
// nothing else may; item null: the house picture. `memory` goes into the next call.
export function nextInTurn(playlist, memory, t, can) {
  const { campaign = null, creatives = {}, last = null } = memory ?? {};
  const fallback = playlist?.default && can(playlist.default) ? playlist.default : null;
  const open = playlist ? byCampaign(playlist, t, can) : new Map();
  const keys = [...open.keys()];
  const order = keys.map((_, i) => keys[(keys.indexOf(campaign) + 1 + i) % keys.length]);
  for (const key of order) {
    const items = open.get(key);
    const chosen = items.find((item) => item.creative === after(items.map((each) => each.creative), creatives[key]));
    if (!rivals(chosen, last))
      return { item: chosen, memory: { campaign: key, creatives: { ...creatives, [key]: chosen.creative }, last: chosen } };
  }
  return { item: fallback, memory: { campaign, creatives, last: null } };
}

// {item, start, end} that every screen of a group finds by the clock alone, where they have the same to play.
export function turnByClock(playlist, t, can) {
  const items = [...byCampaign(playlist, t, can).values()].flat();
  if (items.length === 0 && playlist.default && can(playlist.default)) items.push(playlist.default);
  const round = items.reduce((sum, item) => sum + item.media.seconds, 0);
  let start = t - (round ? t % round : 0);
  for (const item of items) {
    const end = start + item.media.seconds;
    if (t < end) return { item, start, end };
    start = end;
  }
  return { item: null, start: t, end: t };
}
