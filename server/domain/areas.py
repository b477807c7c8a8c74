"""How large zones and the floor are, in square metres."""

import numpy as np

from contract.arrays import F64
from contract.site import Site, Zone
from contract.view import camera_view


def polygon_m2(polygon: F64) -> float:
    """By the shoelace formula, of corners (k, 2) in metres."""
    x, y = polygon[:, 0], polygon[:, 1]
    return float(abs(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2)


def on_floor(zone: Zone, site: Site) -> F64 | None:
    """The zone's polygon (k, 2) in metres; None where it cannot be laid on the floor."""
    if zone.polygon_m is not None:
        return np.array(zone.polygon_m, dtype=np.float64)
    camera = site.cameras[zone.camera or ""]
    if camera.calibration is None:
        return None
    view = camera_view(camera)
    ground, below = view.to_ground(np.array(zone.polygon, dtype=np.float64) * view.size_px)
    return ground if below.all() else None


def zones_m2(site: Site) -> dict[str, float]:
    """By zone; those that cannot be laid on the floor are left out."""
    polygons = {key: on_floor(zone, site) for key, zone in site.zones.items()}
    return {key: polygon_m2(polygon) for key, polygon in polygons.items() if polygon is not None}


def floor_m2(site: Site) -> float | None:
    """Within the outer walls, else within the floor's bounds, with what stands there; None without a floor."""
    if site.floor is None:
        return None
    (x0, y0), (x1, y1) = site.floor.bounds_m
    return polygon_m2(np.array(site.floor.outline_m or [(x0, y0), (x1, y0), (x1, y1), (x0, y1)], dtype=np.float64))
