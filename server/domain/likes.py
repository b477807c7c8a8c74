"""Which hours and screens reach those who like something: affinities of card holders beside who passes the screens."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from server.domain.intervals import Share, wilson

Floats = npt.NDArray[np.float64]
FEWEST = 30
"""Card receipts under which a share tells nothing."""
CLEARLY = 1.15
"""So many times the usual share before it is worth a word."""


@dataclass(frozen=True, slots=True)
class Liking:
    """Share of a segment's card receipts with a category at some times of the week."""

    segment: str
    category: str
    weekdays: tuple[int, ...]
    """0 is Monday."""
    hours: tuple[int, int]
    """From, until."""
    share: float
    receipts: int
    """The share is of."""


@dataclass(frozen=True, slots=True)
class Reached:
    """A liking that is above the usual, and where those who have it can be reached."""

    liking: Liking
    share: Share
    usual: float
    """Share of all card receipts of all times with the category."""
    screen: str | None
    """Passed by most of them."""
    people: float | None
    """Card holders with that liking who pass the screen in such hours of a week, about."""

    @property
    def times(self) -> float:
        """Share over the usual."""
        return self.share.value / self.usual


def reached(
    likings: Iterable[Liking],
    passing: Mapping[str, Floats],
    card: float | None,
    *,
    most: int = 12,
    everyone: str = "all",
) -> list[Reached]:
    """Those most above the usual first, one for each category and segment.

    Args:
        likings: as the programme tells them.
        passing: people who pass each screen, by weekday and hour (7, 24), of a mean week.
        card: share of the receipts with a card; None where it is not known, and then no people are told.
        most: so many at most.
        everyone: the segment of all members.
    """
    known = [each for each in likings if each.receipts >= FEWEST]
    usual = _usual([each for each in known if each.segment == everyone])
    found = [_reached(each, usual[each.category], passing, card) for each in known if usual.get(each.category)]
    clear = [each for each in found if each is not None and each.times >= CLEARLY and each.share.low > each.usual]
    best: dict[tuple[str, str], Reached] = {}
    for each in sorted(clear, key=lambda each: (-each.times, each.liking.segment, each.liking.category)):
        best.setdefault((each.liking.segment, each.liking.category), each)
    return list(best.values())[:most]


def _usual(likings: Sequence[Liking]) -> dict[str, float]:
    """Share of all card receipts with each category, over all times."""
    with_, receipts = defaultdict[str, float](float), defaultdict[str, int](int)
    for each in likings:
        with_[each.category] += each.share * each.receipts
        receipts[each.category] += each.receipts
    return {category: n / receipts[category] for category, n in with_.items()}


def _reached(liking: Liking, usual: float, passing: Mapping[str, Floats], card: float | None) -> Reached | None:
    share = wilson(round(liking.share * liking.receipts), liking.receipts)
    if share is None:
        return None
    hours = slice(*liking.hours)
    people = {screen: float(np.nansum(week[list(liking.weekdays), hours])) for screen, week in passing.items()}
    screen = max(people, key=lambda key: people[key], default=None)
    if screen is None or card is None or people[screen] == 0:
        return Reached(liking, share, usual, None, None)
    return Reached(liking, share, usual, screen, people[screen] * card * share.value)
