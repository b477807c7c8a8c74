"""Learning what draws attention: windows of the last weeks, by screen and part of the week, fitted together.

A reward is the attention that ten seconds on the screen drew, so that long creatives are not better for being long.
What was learned is worth half after two weeks. Screens of a group are similar, and so are those of none.
"""

from collections import defaultdict
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import Connection

from contract.site import Site
from server.db.attention_days import attention_by_hour
from server.domain.bandit import Learned, attention
from server.domain.campaigns import Campaign
from server.domain.decide import creative_key
from server.lessons import PARTS, Fit, Lessons, Place, part_of_week

DAY_S = 86_400
DAYS = 28
UNIT_S = 10.0
"""On a screen: what counts as one play."""
STILL_OPEN = 2
"""Days, the last ones: their windows may still come late."""

Sums = dict[tuple[Place, str], tuple[float, float, float]]
"""By place and creative: plays, their attention, and its squares."""


class Learning:
    """One site's; remembers the days that are over."""

    def __init__(self) -> None:
        self._days: dict[int, Sums] = {}

    def learn(self, conn: Connection, site: Site, campaigns: tuple[Campaign, ...], *, now: float) -> Lessons:
        """What is known at `now`, seconds UTC."""
        self._read(conn, site, now=now)
        creatives = sorted({creative.id for campaign in campaigns for creative in campaign.creatives})
        if not creatives:
            return Lessons()
        groups: defaultdict[str, list[str]] = defaultdict(list)
        for key, screen in sorted(site.screens.items()):
            groups[screen.group or ""].append(key)
        fits = [fit for screens in groups.values() for fit in self._fit(screens, creatives, campaigns, now)]
        return Lessons(tuple(fits))

    def _read(self, conn: Connection, site: Site, *, now: float) -> None:
        today = int(now // DAY_S)
        self._days = {day: sums for day, sums in self._days.items() if today - DAYS < day <= today - STILL_OPEN}
        for day in range(today - DAYS + 1, today + 1):
            if day not in self._days:
                self._days[day] = _sums(conn, site, day)

    def _fit(
        self, screens: list[str], creatives: list[str], campaigns: tuple[Campaign, ...], now: float
    ) -> tuple[Fit, Fit]:
        places = {place: row for row, place in enumerate((screen, part) for screen in screens for part in PARTS)}
        columns = {creative: column for column, creative in enumerate(creatives)}
        known = self._learned(places, columns, now)
        own = [(campaign.id, [columns[creative.id] for creative in campaign.creatives]) for campaign in campaigns]
        together = _of_each(known, [of for _, of in own])
        single = [
            (creative_key(campaign.id, c.id), columns[c.id]) for campaign in campaigns for c in campaign.creatives
        ]
        apart = _of_each(known, [[column] for _, column in single])
        return (
            Fit(places, tuple(key for key, _ in own), attention(together)),
            Fit(places, tuple(key for key, _ in single), attention(apart)),
        )

    def _learned(self, places: dict[Place, int], columns: dict[str, int], now: float) -> Learned:
        shape = (len(places), len(columns))
        whole = Learned(np.zeros(shape), np.zeros(shape), np.zeros(shape))
        for day, sums in self._days.items():
            of_day = Learned(np.zeros(shape), np.zeros(shape), np.zeros(shape))
            for (place, creative), (plays, total, squares) in sums.items():
                if place in places and creative in columns:
                    cell = places[place], columns[creative]
                    of_day.plays[cell], of_day.total[cell], of_day.squares[cell] = plays, total, squares
            whole += of_day.aged(max(now - (day + 0.5) * DAY_S, 0.0))
        return whole


def _sums(conn: Connection, site: Site, day: int) -> Sums:
    zone = ZoneInfo(site.timezone)
    found: defaultdict[tuple[Place, str], list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
    for hour in attention_by_hour(conn, site=site.site, start=day * DAY_S, end=(day + 1) * DAY_S):
        local = datetime.fromtimestamp(hour.t, zone)
        place = (hour.screen, part_of_week(local.weekday(), local.hour * 60))
        sums = found[place, hour.creative]
        sums[0] += hour.shown_s / UNIT_S
        sums[1] += hour.attention_s
        sums[2] += hour.squares * UNIT_S
    return {key: (plays, total, squares) for key, (plays, total, squares) in found.items()}


def _of_each(known: Learned, columns: list[list[int]]) -> Learned:
    """Sums of some columns, one list for each arm."""

    def summed(
        of: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
    ) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        return np.stack([of[:, each].sum(axis=1) for each in columns], axis=1)

    return Learned(summed(known.plays), summed(known.total), summed(known.squares))
