"""What the cameras of a site see, remembered by what it follows from: asked for by every page that shows the floor."""

from functools import lru_cache

from contract.coverage import Coverage, coverage
from contract.errors import GeometryError
from contract.site import Site


def covered(site: Site) -> Coverage | None:
    """The site's coverage; None without a floor, or with a calibration that does not hold."""
    return _covered(floor_document(site))


def floor_document(site: Site) -> str:
    """What the coverage follows from, as text: the same text, the same coverage."""
    return site.model_dump_json(include={"site", "floor", "cameras"})


@lru_cache(maxsize=8)
def _covered(document: str) -> Coverage | None:
    try:
        return coverage(Site.model_validate_json(document))
    except GeometryError:
        return None  # an old document; a new one is refused when it is saved
