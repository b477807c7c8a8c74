// What can be drawn, and with how many points.
const PLACES = { line: 2, entrance: 2, measure: 2, screen: 2 };
const AREAS = new Set(["zone", "category", "mask", "fixture", "outline"]);

// null: as many as one likes.
export const placesNeeded = (tool) => PLACES[tool] ?? null;
export const isArea = (tool) => AREAS.has(tool);
export const draws = (tool) => isArea(tool) || tool in PLACES;
