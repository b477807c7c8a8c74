"""What a store says of its shelves, as the floor that plans are made on."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from server.domain.assignment import Floor
from server.domain.store_days import Bools, Floats, StoreDays, Strings

USUAL_SHELF_M = 1.0
"""Where no shelf is known at all, every category takes alike."""


@dataclass(frozen=True, slots=True)
class Place:
    """What a zone can hold."""

    zone: str
    shelf_m: float | None = None
    """None: as much as ever stood there."""
    has: frozenset[str] = frozenset()
    """cold, frozen, tap, counter."""
    feature: bool = False
    """An island or an aisle's end."""


@dataclass(frozen=True, slots=True)
class Goods:
    """What a category asks of its place."""

    category: str
    shelf_m: float | None = None
    """None: as much as the usual category."""
    needs: str = ""
    """One of what places have; empty for nothing."""
    movable: bool = True


def floor_of(
    days: StoreDays,
    places: Iterable[Place],
    adjacency: Collection[tuple[str, str]],
    goods: Iterable[Goods],
    together: Iterable[tuple[str, str]],
) -> Floor:
    """The floor on the last day.

    Args:
        days: what stands where.
        places: of the zones; those not named have nothing.
        adjacency: pairs of zones beside each other; names that are not known are passed over.
        goods: those not named need nothing and may be moved.
        together: pairs of categories that are to stay beside each other where they are.
    """
    of_zone, of_goods = {place.zone: place for place in places}, {one.category: one for one in goods}
    asked = [of_goods.get(name, Goods(name)) for name in days.categories]
    there = [of_zone.get(name, Place(name)) for name in days.zones]
    metres = _metres(asked)
    return Floor(
        now=days.place[-1],
        metres=metres,
        capacity=_capacity(days, there, metres),
        needs=tuple(one.needs for one in asked),
        has=tuple(place.has for place in there),
        movable=np.array([one.movable for one in asked], dtype=np.bool_),
        adjacent=_adjacent(days.zones, adjacency),
        together=tuple((days.categories.index(a), days.categories.index(b)) for a, b in together),
    )


def features(days: StoreDays, places: Iterable[Place]) -> set[int]:
    """Zones for goods on show."""
    return {days.zones.index(place.zone) for place in places if place.feature and place.zone in days.zones}


def _metres(goods: Sequence[Goods]) -> Floats:
    told = [one.shelf_m for one in goods if one.shelf_m is not None]
    usual = float(np.median(told)) if told else USUAL_SHELF_M
    return np.array([usual if one.shelf_m is None else one.shelf_m for one in goods], dtype=np.float64)


def _capacity(days: StoreDays, places: Sequence[Place], metres: Floats) -> Floats:
    ever = [float(((days.place == zone) @ metres).max()) for zone in range(len(places))]
    told = [most if place.shelf_m is None else place.shelf_m for place, most in zip(places, ever, strict=True)]
    return np.array(told, dtype=np.float64)


def _adjacent(zones: Strings, pairs: Collection[tuple[str, str]]) -> Bools:
    found = np.zeros((len(zones), len(zones)), dtype=np.bool_)
    for one, other in pairs:
        if one in zones and other in zones:
            found[zones.index(one), zones.index(other)] = True
    return found
