"""What the cameras of a site see, remembered by what it follows from: asked for by every page that shows the floor."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np

from contract.arrays import F64, I64
from contract.coverage import Coverage, coverage
from contract.errors import GeometryError
from contract.site import Site


def covered(site: Site) -> Coverage | None:
    """The site's coverage; None without a floor, or with a calibration that does not hold."""
    return _covered(floor_document(site))


def floor_document(site: Site) -> str:
    """What the coverage follows from, as text: the same text, the same coverage."""
    return site.model_dump_json(include={"site", "floor", "cameras"})


def seconds_by_cell(best: I64, cameras: Sequence[str], observed_s: Mapping[str, float]) -> F64:
    """How long each cell was watched by the camera that answers for it; of `best`'s shape, 0 without one.

    Args:
        best: index into `cameras` of who answers for a cell, -1 for nobody.
        cameras: their names.
        observed_s: seconds by camera.
    """
    seconds = np.array([*(observed_s.get(camera, 0.0) for camera in cameras), 0.0])
    return np.asarray(seconds[best])


@lru_cache(maxsize=8)
def _covered(document: str) -> Coverage | None:
    try:
        return coverage(Site.model_validate_json(document))
    except GeometryError:
        return None  # an old document; a new one is refused when it is saved
