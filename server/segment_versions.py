"""How segments were defined in each version of the site document: counts under another definition are not added up."""

from collections.abc import Sequence
from dataclasses import dataclass

from contract.segments import Segment
from server.db.site_versions import SiteVersion

MOST_VERSIONS = 200
"""That are looked through."""


@dataclass(frozen=True, slots=True)
class SegmentVersion:
    """A definition, and the version of the site document that brought it."""

    version: int
    author: str
    created: float
    """Seconds UTC."""
    segment: Segment | None
    """None: the segment was taken out."""


def segment_versions(made_of_site: Sequence[SiteVersion], segment: str) -> list[SegmentVersion]:
    """Of a site's versions, newest first, those that changed what the segment means; a new name alone is no change."""
    found: list[SegmentVersion] = []
    for made in reversed(made_of_site):
        raw = made.document.get("segments", {}).get(segment)
        known = Segment.model_validate(raw) if raw is not None else None
        if _digest(known) != _digest(found[-1].segment if found else None):
            found.append(SegmentVersion(made.version, made.author, made.created, known))
    return found[::-1]


def _digest(segment: Segment | None) -> str | None:
    return segment.digest if segment else None
