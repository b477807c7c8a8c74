// Where a place someone points at comes to lie, by plane and tool.
import { snap, toGrid } from "./geometry.js";
import { anchors } from "./shapes.js";

const REACH_PX = 8;
const MOST_M = 0.4; // on a small screen few pixels are many metres
const STEP_M = 0.1;

// {at, on}: `on` says what it snapped to. `free` (Alt) leaves the place as it is. `except`: the thing that is moved.
export function snapped(studio, pane, plane, at, { free = false, except = null, before = null } = {}) {
  if (plane === "image") return { at: at.map((value) => Math.min(Math.max(value, 0), 1)), on: null };
  if (free) return { at: toGrid(at, 0.001), on: null };
  if (pane.name === "still") return { at: toGrid(at, 0.05), on: "grid" };
  const { sketch, tool } = studio.state;
  const { corners, walls } = anchors(studio.document, except);
  const first = sketch?.points.length > 2 ? [sketch.points[0]] : [];
  const step = tool === "pair" || tool === "measure" ? 0.01 : STEP_M;
  return snap(at, { corners: [...first, ...corners], walls, before, reach: Math.min((REACH_PX * pane.u) / 100, MOST_M), step });
}

export const lastPlaced = (studio) => studio.sketch?.points.at(-1) ?? null;
