"""How often a campaign is due: its plays spread over what is left of its hours, its share of each screen's time.

Plays that its arm held back count in the rhythm as if they had been, so that a slot with the arm `nothing` is like any
other but for what is seen; they are neither paid nor counted towards the goal.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from server.domain.campaigns import Campaign, Daypart

HOUR_S = 3600.0
DAY_MIN = 1440
WEEK_S = 7 * 86_400.0
VOICE_MOST_S = 300.0
"""Of screen time a campaign may be owed, or be ahead by: half a ten-minute slot, in which a rival had the screen."""
VOICE_WITHIN_S = 0.01
"""A share of the screen's time is had to within this."""

Claim = Literal["owed", "free"]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a campaign is. `hour`, `last` and `voice_s` are of the screen that is decided for."""

    total: int = 0
    """Plays on all screens, those included that were decided and are not heard of yet."""
    held: int = 0
    """Turns in which its arm put the default in its place."""
    hour: int = 0
    """Turns begun within the last hour."""
    last: float | None = None
    """Seconds UTC at which the last turn began."""
    voice_s: float = 0.0
    """Of its share of the screen's time: seconds it is owed; negative where it had more."""


NOTHING_YET = Progress()


def spent(campaign: Campaign, progress: Progress) -> bool:
    """Whether one more play is more than was bought."""
    return campaign.plays_most is not None and progress.total + 1 > campaign.plays_most


def hourly(campaign: Campaign, progress: Progress, t: float) -> bool:
    """Whether one more turn is too many for the hour; paced evenly, turns keep their distance."""
    most = campaign.plays_per_hour
    if most is None or progress.last is None:
        return False
    if campaign.pacing == "even" or most < 1:
        return t - progress.last < HOUR_S / most
    return progress.hour + 1 > most


def claim(campaign: Campaign, progress: Progress, *, t: float, weekday: int, minute: int) -> Claim | None:
    """What a campaign may claim at `t` seconds UTC, on the site's `weekday` and `minute`; None: its share is had."""
    if campaign.share_of_voice is not None and progress.voice_s < -VOICE_WITHIN_S:
        return None
    if campaign.plays_most is not None and campaign.pacing == "even":
        held = 0.0 if campaign.shares.same else campaign.shares.nothing
        turns = campaign.plays_most / (1 - held) if held < 1 else 0.0
        if progress.total + progress.held >= turns * elapsed(campaign, t=t, weekday=weekday, minute=minute):
            return None
    return "owed" if campaign.share_of_voice is not None or campaign.plays_most is not None else "free"


def settle(voice_s: float, *, share: float, elapsed_s: float, had: bool) -> float:
    """What is owed after `elapsed_s` seconds in which the campaign could have been on, and was if `had`."""
    owed = voice_s + share * elapsed_s - (elapsed_s if had else 0.0)
    return min(max(owed, -VOICE_MOST_S), VOICE_MOST_S)


def elapsed(campaign: Campaign, *, t: float, weekday: int, minute: int) -> float:
    """The share, 0 to 1, of the campaign's hours that is over."""
    now_s = (weekday * DAY_MIN + minute) * 60.0
    week = _week(campaign.dayparts)
    over = whole = 0.0
    for flight in campaign.flights:
        start, end = now_s + flight.start - t, now_s + flight.end - t
        whole += week.between(start, end)
        over += week.between(start, min(max(now_s, start), end))
    return over / whole if whole else 1.0


def active_s(dayparts: Sequence[Daypart], *, start: float, end: float, t: float, weekday: int, minute: int) -> float:
    """Seconds within [start, end) in which the dayparts hold; `weekday` and `minute` are the site's clock at `t`.

    A change between summer and winter time moves the hours after it by an hour.
    """
    now_s = (weekday * DAY_MIN + minute) * 60.0
    return _week(tuple(dayparts)).between(now_s + start - t, now_s + end - t)


@dataclass(frozen=True, slots=True)
class _Week:
    """[start, end) seconds since Monday's midnight that hold, in order, apart from each other."""

    spans: tuple[tuple[float, float], ...]

    def between(self, start: float, end: float) -> float:
        """Seconds that hold within [start, end), both counted from any Monday's midnight."""
        return max(self._until(end) - self._until(start), 0.0)

    def _until(self, x: float) -> float:
        weeks, rest = divmod(x, WEEK_S)
        return sum((min(end, max(rest, start)) - start) + weeks * (end - start) for start, end in self.spans)


@lru_cache(maxsize=4096)
def _week(dayparts: tuple[Daypart, ...]) -> _Week:
    if not dayparts:
        return _Week(((0.0, WEEK_S),))
    pieces = sorted(piece for part in dayparts for day in part.weekdays for piece in _pieces(part, day))
    merged: list[tuple[float, float]] = []
    for start, end in pieces:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return _Week(tuple(merged))


def _pieces(part: Daypart, day: int) -> list[tuple[float, float]]:
    start = (day * DAY_MIN + part.start_min) * 60.0
    length = (part.end_min - part.start_min) * 60.0
    end = start + (length if length > 0 else length + DAY_MIN * 60.0)
    return [(start, end)] if end <= WEEK_S else [(start, WEEK_S), (0.0, end - WEEK_S)]
