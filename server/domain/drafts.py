"""A draft of a site's document, judged as the file is, and what it would mean: errors of calibrations, what is seen."""

import json
from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import numpy as np

from contract.arrays import F64, I64, Bool
from contract.coverage import Coverage, coverage
from contract.documents import Fault, inspect
from contract.errors import GeometryError
from contract.geometry import points_in_polygon
from contract.site import Camera, Site, Zone
from contract.view import View, camera_view, point_errors_m
from server.domain.areas import on_floor, polygon_m2

CELLS_MOST = 10_000
"""Cells that a draft is judged by; on a larger floor they are larger than the heatmap's."""
DEEPEST = 32
"""Maps and lists within each other: four times what a document needs, and far below what Python can follow."""
_ROUNDS = 8
"""How often what is at fault is left away to judge the rest: a zone's camera falls, then the zone."""


@dataclass(frozen=True, slots=True)
class Draft:
    """`site` is what can be judged of it, without the parts at fault; None where nothing can."""

    faults: list[Fault]
    site: Site | None


@dataclass(frozen=True, slots=True)
class CameraFigures:
    """One calibrated camera. `errors_m` f64 (n,), one per point; `seen_share` of the walkable floor, 0..1."""

    view: View
    errors_m: F64
    seen_share: float


@dataclass(frozen=True, slots=True)
class ZoneFigures:
    """One zone. None where it lies on the picture of a camera that is not calibrated."""

    area_m2: float | None
    seen_share: float | None
    """Share of its walkable part that any camera sees, 0..1."""
    cameras: tuple[str, ...]
    """Those that answer for it, who answers for most of it first."""


def judge(raw: Mapping[str, Any]) -> Draft:
    """Everything that is wrong with `raw`, in the order it is found."""
    if _is_deeper(raw, DEEPEST):
        return Draft([Fault("document", f"is nested more than {DEEPEST} deep, which no site.yaml is")], None)
    if not is_writable(json.dumps(raw, ensure_ascii=False)):
        return Draft([Fault("document", "holds signs that cannot be written (NUL, or half of one); remove them")], None)
    found: list[Fault] = []
    rest: dict[str, Any] = deepcopy(dict(raw))
    for _ in range(_ROUNDS):
        read = inspect(Site, rest)
        if isinstance(read, Site):
            geometry = calibration_faults(read)
            whole = read if not geometry else _without_calibrations(read, geometry)
            return Draft(found + geometry, whole)
        found += [fault for fault in read if fault not in found]
        if not _leave_away(rest, read):
            break
    return Draft(found, None)


def is_writable(text: str) -> bool:
    """Whether files and databases take it: no NUL, also as JSON writes it, and no half of a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text and "\\u0000" not in text


def _is_deeper(raw: object, most: int) -> bool:
    """Whether maps and lists stand more than `most` deep in each other."""
    level: list[object] = [raw]
    for _ in range(most):
        level = [part for whole in level for part in _within(whole)]
    return bool(level)


def _within(whole: object) -> Iterable[object]:
    if isinstance(whole, Mapping):
        return whole.values()
    return whole if isinstance(whole, list) else ()


def calibration_faults(site: Site) -> list[Fault]:
    """Calibrations that do not hold: too few points, on one line or one spot, mirrored, behind the camera."""
    found = []
    for key, camera in site.cameras.items():
        if camera.calibration is not None:
            try:
                camera_view(camera)
            except GeometryError as error:
                found.append(Fault(f"cameras.{key}.calibration", str(error)))
    return found


def _without_calibrations(site: Site, faults: list[Fault]) -> Site:
    faulty = {fault.key.split(".")[1] for fault in faults}
    return site.model_copy(
        update={"cameras": {key: _bare(c) if key in faulty else c for key, c in site.cameras.items()}}
    )


def _bare(camera: Camera) -> Camera:
    return camera.model_copy(update={"calibration": None})


def _leave_away(document: dict[str, Any], faults: list[Fault]) -> bool:
    """Take the zones, lines, screens and calibrations at fault out of `document`; False where another part is."""
    for key, _ in faults:
        kind, _, rest = key.partition(".")
        name, _, field = rest.partition(".")
        place = document.get(kind)
        if kind not in {"zones", "lines", "screens", "cameras"} or not isinstance(place, dict) or name not in place:
            return False
        if kind != "cameras":
            place[name] = None
        elif isinstance(place[name], dict) and field.partition(".")[0] in place[name]:
            del place[name][field.partition(".")[0]]
        else:
            return False
    for kind in ("zones", "lines", "screens"):
        if isinstance(document.get(kind), dict):
            document[kind] = {name: part for name, part in document[kind].items() if part is not None}
    return True


def floor_coverage(site: Site) -> Coverage | None:
    """The coverage of the site in cells that are few enough to ask for it again and again."""
    if site.floor is None:
        return None
    (x0, y0), (x1, y1) = site.floor.bounds_m
    cell_m = max(site.floor.cell_m, float(np.sqrt((x1 - x0) * (y1 - y0) / CELLS_MOST)))
    return coverage(site.model_copy(update={"floor": site.floor.model_copy(update={"cell_m": min(cell_m, 10.0)})}))


def camera_figures(site: Site, seen: Coverage) -> dict[str, CameraFigures]:
    """Figures of the calibrated cameras."""
    found = {}
    walkable = max(int(seen.walkable.sum()), 1)
    for i, key in enumerate(seen.cameras):
        view = camera_view(site.cameras[key])
        share = float((seen.seen[i] & seen.walkable).sum()) / walkable
        found[key] = CameraFigures(view, point_errors_m(site.cameras[key], view), share)
    return found


def zone_figures(site: Site, seen: Coverage) -> dict[str, ZoneFigures]:
    """Figures of all zones."""
    centres, any_sees = seen.grid.centres(), seen.seen_by_any
    return {key: _zone(zone, site, seen, centres, any_sees) for key, zone in site.zones.items()}


def _zone(zone: Zone, site: Site, seen: Coverage, centres: F64, any_sees: Bool) -> ZoneFigures:
    polygon = on_floor(zone, site)
    if polygon is None:
        return ZoneFigures(None, None, (zone.camera,) if zone.camera else ())
    inside = points_in_polygon(centres, polygon)
    if not inside.any():  # smaller than a cell
        at = seen.grid.cells(polygon.mean(axis=0)[None])
        inside[at[at >= 0]] = True
    inside &= seen.walkable
    answering: I64 = seen.best[inside & any_sees]
    counts = np.bincount(answering[answering >= 0], minlength=len(seen.cameras))
    cameras = tuple(seen.cameras[i] for i in np.argsort(-counts, kind="stable") if counts[i])
    share = float(any_sees[inside].mean()) if inside.any() else None
    return ZoneFigures(polygon_m2(polygon), share, cameras)
