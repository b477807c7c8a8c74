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

// {item, memory}: the campaign that has waited longest, of it its creatives in turn; never rivals next to each other, the
// default between them if need be; the default where nothing else may; item null: the house picture. `memory` goes into
// the next call: campaigns in order of their last turn, the last creative of each, what played last.
export function nextInTurn(playlist, memory, t, can) {
  const { order = [], creatives = {}, last = null } = memory ?? {};
  const open = playlist ? byCampaign(playlist, t, can) : new Map();
  const waiting = [...open.keys()].sort((a, b) => order.indexOf(a) - order.indexOf(b));
  for (const campaign of waiting) {
    const items = open.get(campaign);
    const creative = after(items.map((item) => item.creative), creatives[campaign]);
    const item = items.find((each) => each.creative === creative);
    const again = campaign === last?.campaign && waiting.length > 1; // only because the others are its rivals
    if (rivals(item, last) || again) continue;
    const turns = [...order.filter((each) => each !== campaign && open.has(each)), campaign];
    return { item, memory: { order: turns, creatives: { ...creatives, [campaign]: creative }, last: item } };
  }
  const fallback = playlist?.default && can(playlist.default) ? playlist.default : null;
  return { item: fallback, memory: { order, creatives, last: null } };
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
