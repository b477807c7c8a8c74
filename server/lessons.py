"""What was learned of a site's creatives, by screen and part of the week: beliefs about what they bring."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from server.domain.decide import Belief, Learned

PARTS = tuple(f"{day}-{part}" for day in ("weekday", "weekend") for part in ("morning", "afternoon", "evening"))

Place = tuple[str, str]
"""A screen and a part of the week."""


@dataclass(frozen=True, slots=True)
class Fit:
    """Beliefs of similar screens, fitted together. `arms` are keys as in `Learned`."""

    places: Mapping[Place, int]
    """Their rows in the beliefs."""
    arms: tuple[str, ...]
    beliefs: tuple[npt.NDArray[np.float64], ...]
    """The parts of a `Belief`, each (places, arms)."""

    def at(self, place: Place) -> dict[str, Belief]:
        """Of one place."""
        row = self.places.get(place)
        if row is None:
            return {}
        parts = [part[row].tolist() for part in self.beliefs]
        return dict(zip(self.arms, zip(*parts, strict=True), strict=True))


@dataclass(slots=True)
class Lessons:
    """All fits of a site; where two know the same arm, the later one is believed."""

    fits: tuple[Fit, ...] = ()
    _looked_up: dict[Place, Learned] = field(default_factory=dict)
    """At most one entry for each of the fits' places."""

    def at(self, screen: str, *, weekday: int, minute: int) -> Learned:
        """On a screen at a time of the site's week; nothing of what is in no fit."""
        place = (screen, part_of_week(weekday, minute))
        found = self._looked_up.get(place)
        if found is None:
            found = {key: belief for fit in self.fits for key, belief in fit.at(place).items()}
            self._looked_up[place] = found
        return found


def part_of_week(weekday: int, minute: int) -> str:
    """Working day or weekend, morning until noon, afternoon until five, evening."""
    hour = minute // 60
    return PARTS[(3 if weekday >= 5 else 0) + (0 if hour < 12 else 1 if hour < 17 else 2)]
