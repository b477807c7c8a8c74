"""What a store did, day by day: the floor beside the till. Everything that is advised is worked out from this."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Strings = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StoreDays:
    """Of d days in a row, c categories, z zones and o offers. What was not measured is nan, never 0."""

    site: str
    day: Ints
    """(d,) proleptic Gregorian ordinals, each one more than the one before."""
    categories: Strings
    zones: Strings
    offers: Strings
    passers: Floats
    """(d,) who passed the door without coming in."""
    entrants: Floats
    """(d,)"""
    receipts: Floats
    """(d,)"""
    gross: Floats
    """(d,) takings in the currency's unit."""
    margin: Floats
    """(d,)"""
    sold: Floats
    """(d, c) receipts with the category."""
    quantity: Floats
    """(d, c)"""
    category_gross: Floats
    """(d, c)"""
    category_margin: Floats
    """(d, c)"""
    discount: Floats
    """(d, c) taken off."""
    visits: Floats
    """(d, z) who came into the zone."""
    stops: Floats
    """(d, z) visits in which the person stood still."""
    engaged: Floats
    """(d, z) visits of at least the zone's `engaged_s`."""
    presence_s: Floats
    """(d, z)"""
    place: Ints
    """(d, c) index of the zone where the category stood, -1 nowhere or unknown."""
    offered: Bools
    """(d, c, o) whether an offer held for the category."""
    closed: Bools
    """(d,) the store did not open, or hardly was seen: no such day is held against others."""
    special: Bools
    """(d,) not like its weekday: holidays and the like."""
    temperature_c: Floats
    """(d,)"""
    rain_mm: Floats
    """(d,)"""

    def __len__(self) -> int:
        return len(self.day)

    @property
    def weekday(self) -> Ints:
        """(d,) 0 is Monday."""
        return (self.day + 6) % 7

    def zone_of(self, category: str) -> str | None:
        """Where a category stands on the last day."""
        at = int(self.place[-1, self.categories.index(category)])
        return self.zones[at] if at >= 0 else None

    def between(self, first: int, last: int) -> "StoreDays":
        """The days from ordinal `first` to `last`, both with."""
        rows = (self.day >= first) & (self.day <= last)
        by_day = {name: getattr(self, name)[rows] for name in _BY_DAY}
        return replace(self, **by_day)


_BY_DAY = (
    "day", "passers", "entrants", "receipts", "gross", "margin", "sold", "quantity", "category_gross",
    "category_margin", "discount", "visits", "stops", "engaged", "presence_s", "place", "offered", "closed", "special",
    "temperature_c", "rain_mm",
)  # fmt: skip
