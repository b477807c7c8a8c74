"""Which zones stand beside each other, by the floor's geometry."""

from itertools import combinations

import numpy as np

from contract.geometry import distance_to_lines, points_in_polygon
from contract.site import Site

BESIDE_M = 2.5
"""Zones nearer than this are beside each other: across an aisle, or along one."""


def neighbours(site: Site) -> set[tuple[str, str]]:
    """Pairs of zones on the floor that are beside each other, each once; zones on a camera's image have none."""
    floor = {key: np.array(zone.polygon_m) for key, zone in site.zones.items() if zone.polygon_m}
    return {(a, b) for a, b in combinations(sorted(floor), 2) if _gap_m(floor[a], floor[b]) <= BESIDE_M}


def _gap_m(a: np.ndarray, b: np.ndarray) -> float:
    """Metres between two polygons; 0 where they touch or one holds the other."""
    if points_in_polygon(a, b).any() or points_in_polygon(b, a).any():
        return 0.0
    ends_a, ends_b = np.roll(a, -1, axis=0), np.roll(b, -1, axis=0)
    return float(min(distance_to_lines(a, b, ends_b).min(), distance_to_lines(b, a, ends_a).min()))
