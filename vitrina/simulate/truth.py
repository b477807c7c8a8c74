"""What truly happened: counted on the perfect walks, and not by what is measured against it."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, is_dataclass
from typing import Any

import numpy as np

from contract.arrays import F64, I64, Bool
from contract.grid import floor_grid
from contract.messages import ENTRY, EXIT
from contract.site import Site
from vitrina.errors import SimulationError
from vitrina.simulate.passages import DOOR, Visits, crossings, inside_zones, moves, visits
from vitrina.simulate.samples import Samples, sample
from vitrina.simulate.shoppers import Crowd

PERIOD_S = 0.1
"""How finely the walks are looked at."""


def floor_shapes(site: Site) -> tuple[list[str], list[F64], list[str], list[F64]]:
    """Zones and lines drawn in metres: ids and polygons (k, 2), ids and ends (2, 2)."""
    zones = {key: zone.polygon_m for key, zone in site.zones.items() if zone.polygon_m is not None}
    lines = {key: line.ends_m for key, line in site.lines.items() if line.ends_m is not None}
    polygons = [np.array(polygon, dtype=np.float64) for polygon in zones.values()]
    return list(zones), polygons, list(lines), [np.array(ends, dtype=np.float64) for ends in lines.values()]


def truth(site: Site, crowd: Crowd, planted: Iterable[object] = ()) -> dict[str, Any]:
    """Everything that is measured elsewhere, as a document for JSON; `planted` is written down beside it.

    Raises:
        SimulationError: the site has no floor.
    """
    if site.floor is None:
        raise SimulationError(f"site {site.site!r} has no floor; there is nothing to be true on it")
    samples = sample(crowd.walks, PERIOD_S)
    zone_ids, polygons, line_ids, ends = floor_shapes(site)
    inside = inside_zones(samples, polygons)
    seen = visits(samples, inside, gap_s=site.gap_s)
    grid = floor_grid(site.floor)
    cell = grid.cells(samples.xy)
    person_s = np.bincount(cell[cell >= 0], minlength=len(grid)) * PERIOD_S
    present = _present(samples)
    return {
        "site": site.site,
        "shoppers": len(crowd.walks),
        "presence_s": round(len(samples) * PERIOD_S, 1),
        "occupancy": {
            "most": int(present.max(initial=0)),
            "mean": round(float(present.sum()) / max(len(present), 1), 3),
        },
        "zones": {key: _zone(i, seen, inside[:, i], samples) for i, key in enumerate(zone_ids)},
        "lines": {key: _line(samples, line) for key, line in zip(line_ids, ends, strict=True)},
        "flows": flows(site, zone_ids, samples, seen),
        "tills": _tills(crowd),
        "heatmap": {
            "unit": "m",
            "cell": grid.cell,
            "origin": list(grid.origin),
            "person_s": np.round(person_s.reshape(grid.shape), 1).tolist(),
        },
        "planted": [_described(each) for each in planted],
    }


def _zone(i: int, seen: Visits, inside: Bool, samples: Samples) -> dict[str, Any]:
    mine = seen[seen.zone == i]
    stay_s = mine.stay_s
    return {
        "entries": len(mine),
        "visits": len(mine),
        "reentries": int(mine.again.sum()),
        "presence_s": round(float(inside.sum()) * PERIOD_S, 1),
        "dwell_mean_s": round(float(stay_s.mean()), 2) if len(mine) else None,
        "dwell_median_s": round(float(np.median(stay_s)), 2) if len(mine) else None,
        "stops": int(mine.stopped.sum()),
        "occupancy_max": int(_present(samples[inside]).max(initial=0)),
    }


def _line(samples: Samples, ends: F64) -> dict[str, int]:
    """Who crosses and comes back has crossed twice."""
    sign = crossings(samples, ends).sign
    return {"in": int((sign > 0).sum()), "out": int((sign < 0).sum())}


def flows(site: Site, zone_ids: Sequence[str], samples: Samples, seen: Visits) -> list[dict[str, Any]]:
    """From zone to zone, ENTRY before the first and EXIT after the last; entrances are no stations."""
    station = np.array([site.zones[key].kind not in ("entrance", "street", "view") for key in zone_ids], np.bool_)
    everyone = np.ones(int(samples.begins.sum()), np.bool_)
    went = moves(samples, seen, station, everyone, everyone)
    pairs, counts = np.unique(np.stack([went.source, went.target]), axis=1, return_counts=True)
    names = [(ENTRY if a == DOOR else zone_ids[a], EXIT if b == DOOR else zone_ids[b]) for a, b in pairs.T.tolist()]
    return [{"source": a, "target": b, "n": n} for (a, b), n in zip(names, counts.tolist(), strict=True)]


def _present(samples: Samples) -> I64:
    """People at each instant from the first to the last (ticks,)."""
    if not len(samples):
        return np.empty(0, np.int64)
    return np.bincount(samples.tick - samples.tick.min())


def _tills(crowd: Crowd) -> dict[str, Any]:
    by_till: dict[str, list[float]] = {}
    for service in crowd.services:
        by_till.setdefault(service.till, []).append(service.served - service.joined)
    return {
        key: {
            "served": len(waits),
            "wait_mean_s": round(float(np.mean(waits)), 2),
            "wait_median_s": round(float(np.median(waits)), 2),
        }
        for key, waits in sorted(by_till.items())
    }


def _described(each: object) -> dict[str, Any]:
    values = asdict(each) if is_dataclass(each) and not isinstance(each, type) else {"what": str(each)}
    plain = {key: value.tolist() if isinstance(value, np.ndarray) else value for key, value in values.items()}
    return {"kind": type(each).__name__, **plain}
