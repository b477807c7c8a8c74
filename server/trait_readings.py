"""Shares of gender and age of a store over a time, from its boxes' cells, set right for how their networks err."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection

from contract.messages import Confusion, Trait
from contract.site import Site
from server.db.boxes import confusions
from server.db.segment_shares import Counted, segment_zones
from server.domain.traits import TraitShare, trait_segments, trait_shares

Why = Literal["too few", "boxes disagree"]


@dataclass(frozen=True, slots=True)
class TraitReading:
    """One trait, all zones together. `shares` by the segment that means just their class; none where held back."""

    trait: Trait
    how_known: Literal["measured", "published", "assumed"]
    """How the networks' errors are known."""
    n: int
    """Visits behind the shares."""
    held_back: Why | None
    """Too few visits in a class, or boxes whose networks err differently."""
    shares: Mapping[str, TraitShare]


def read_traits(conn: Connection, document: Site, *, start: float, end: float, smallest: int) -> list[TraitReading]:
    """Traits that a box tells and all of whose classes have a segment, over (start, end] seconds UTC.

    `smallest`: visits that each class must have, and the others of the same visits.
    """
    told = confusions(conn, document.site)
    found = []
    for trait, segments in trait_segments(document.segments).items():
        if errors := [confusion[trait] for confusion in told if trait in confusion]:
            digests = {key: document.segments[key].digest for key in segments}
            zones = segment_zones(conn, site=document.site, segments=digests, start=start, end=end)
            counted = {key: sum(zones.get(key, {}).values(), Counted()) for key in segments}
            found.append(_reading(trait, counted, errors, smallest))
    return found


def _reading(trait: Trait, counted: Mapping[str, Counted], errors: list[Confusion], smallest: int) -> TraitReading:
    n = sum(each.n for each in counted.values())
    held_back = _held_back(counted, errors, smallest)
    rates = [] if held_back else [each.n / each.of for each in counted.values()]
    shares = trait_shares(trait, rates, n, errors[0]) if rates else []
    return TraitReading(trait, errors[0].how_known, n, held_back, dict(zip(counted, shares, strict=bool(shares))))


def _held_back(counted: Mapping[str, Counted], errors: list[Confusion], smallest: int) -> Why | None:
    if any(confusion != errors[0] for confusion in errors):
        return "boxes disagree"
    return None if all(each.tells(smallest) for each in counted.values()) else "too few"
