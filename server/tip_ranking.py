"""Which of an hour's tips comes first, by who is in the shop now."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

from contract.loyalty import Affinity
from contract.segments import BAND_STARTS
from server.control_room import OnScreen
from server.db.tips import TipRecord
from server.domain.tips import liking


def ranked(found: Iterable[TipRecord], likes: Mapping[str, float]) -> list[TipRecord]:
    """Those sent by hand first, then by worth times how much those in the shop like what is offered."""

    def weight(record: TipRecord) -> float:
        return (record.tip.worth or 0.0) * likes.get(record.tip.then, 1.0)

    return sorted(found, key=lambda record: (not record.tip.by, -weight(record), record.id))


def likes_now(told: Iterable[Affinity], on: Mapping[str, OnScreen], local: datetime) -> dict[str, float]:
    """How much more than everyone those before the screens like each category, at a time of the store's clock.

    A segment of the programme and one of the cameras are held for the same where they have the same id.
    """
    shares: defaultdict[str, dict[str, float]] = defaultdict(dict)
    for each in told:
        if local.weekday() in each.weekdays and each.from_hour <= local.hour < each.to_hour:
            shares[each.segment][each.category] = each.share
    return liking(shares, present(on))


def present(on: Mapping[str, OnScreen]) -> dict[str, int]:
    """At least so many of each segment are before the screens: the lower ends of the bands."""
    found: defaultdict[str, int] = defaultdict(int)
    for screen in on.values():
        for segment, band in screen.crowd.now.items():
            found[segment] += BAND_STARTS[band]
    return dict(found)
