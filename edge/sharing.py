"""Which cameras share a process: those whose parts of the floor touch, so that people can be passed on between them."""

from collections.abc import Mapping

import numpy as np

from contract.site import Site
from edge.config import CameraSettings
from edge.layout import site_areas

Borders = Mapping[frozenset[str], int]
"""Cells along the border of two cameras' areas."""


def borders(site: Site) -> Borders:
    """How long the borders between the areas of calibrated cameras are.

    Raises:
        ConfigError: a calibration does not hold.
    """
    areas = site_areas(site)
    if len(areas) < 2:
        return {}
    names = list(areas)
    shape = areas[names[0]].grid.shape
    owner = np.argmax([area.depth > 0 for area in areas.values()], axis=0).reshape(shape)
    sides = [(owner[:, :-1].ravel(), owner[:, 1:].ravel()), (owner[:-1].ravel(), owner[1:].ravel())]
    pairs = np.concatenate([np.stack(side, axis=1)[side[0] != side[1]] for side in sides])
    found, length = np.unique(np.sort(pairs, axis=1), axis=0, return_counts=True)
    return {frozenset((names[a], names[b])): int(n) for (a, b), n in zip(found.tolist(), length, strict=True)}


def share_out(cameras: Mapping[str, CameraSettings], workers: int, touch: Borders) -> list[dict[str, CameraSettings]]:
    """As many cameras for each worker, to within one, and no worker without; each takes what touches its own most."""
    left = list(cameras)
    shares: list[dict[str, CameraSettings]] = []
    for free in range(min(workers, len(left)), 0, -1):
        share: list[str] = []
        for _ in range(-(-len(left) // free)):
            share.append(max(left, key=lambda name: sum(touch.get(frozenset((name, one)), 0) for one in share)))
            left.remove(share[-1])
        shares.append({name: cameras[name] for name in share})
    return shares
