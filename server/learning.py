"""Learning what creatives bring: the last weeks, by screen and part of the week, similar screens fitted together.

A reward is the attention that ten seconds on the screen drew, so that long creatives are not better for being long. Of
a campaign whose goal is visits or sales, and whose codes were scanned or coupons redeemed, creatives are told apart by
that instead. What was learned is worth half after two weeks. Screens of a group are similar, and so are those of none.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import Connection

from contract.site import Site
from server.db.attention_days import attention_by_hour
from server.db.deeds import Deeds, deeds
from server.domain.bandit import HALF_LIFE_S, Learned, attention, conversions
from server.domain.campaigns import Campaign
from server.domain.decide import creative_key
from server.lessons import PARTS, Fit, Lessons, Place, part_of_week

DAY_S = 86_400
DAYS = 28
UNIT_S = 10.0
"""On a screen: what counts as one play."""
CONVERSIONS = {"visits": "scan", "sales": "redeem"}
"""What counts as having brought something, by a campaign's goal."""
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
        done, zone = list(deeds(conn, site=site.site, start=now - DAYS * DAY_S)), ZoneInfo(site.timezone)
        where = {campaign.id: _where(campaign, done, zone, now) for campaign in campaigns}
        fits: list[Fit] = []
        for screens in groups.values():
            known = self._known(screens, creatives, now)
            fits += _attention(known, campaigns)
            for campaign in campaigns:
                fits += _conversions(known, campaign, where[campaign.id])
        return Lessons(tuple(fits))

    def _read(self, conn: Connection, site: Site, *, now: float) -> None:
        today = int(now // DAY_S)
        self._days = {day: sums for day, sums in self._days.items() if today - DAYS < day <= today - STILL_OPEN}
        for day in range(today - DAYS + 1, today + 1):
            if day not in self._days:
                self._days[day] = _sums(conn, site, day)

    def _known(self, screens: list[str], creatives: list[str], now: float) -> "_Known":
        places = {place: row for row, place in enumerate((screen, part) for screen in screens for part in PARTS)}
        columns = {creative: column for column, creative in enumerate(creatives)}
        whole = _nothing(len(places), len(columns))
        for day, sums in self._days.items():
            of_day = _nothing(len(places), len(columns))
            for (place, creative), (plays, total, squares) in sums.items():
                if place in places and creative in columns:
                    cell = places[place], columns[creative]
                    of_day.plays[cell], of_day.total[cell], of_day.squares[cell] = plays, total, squares
            whole += of_day.aged(max(now - (day + 0.5) * DAY_S, 0.0))
        return _Known(places, columns, whole)


@dataclass(frozen=True, slots=True)
class _Known:
    """Attention to creatives, (places, creatives), of screens that are similar."""

    places: dict[Place, int]
    columns: dict[str, int]
    sums: Learned

    def of(self, arms: Iterable[list[str]]) -> Learned:
        """Of arms that are several creatives each."""
        columns = [[self.columns[creative] for creative in arm] for arm in arms]
        parts = (self.sums.plays, self.sums.total, self.sums.squares)
        return Learned(*(np.stack([part[:, each].sum(axis=1) for each in columns], axis=1) for part in parts))


Deed = tuple[Place, str, float]
"""Where it was done, by which creative, and how many it is worth by now."""


def _attention(known: _Known, campaigns: tuple[Campaign, ...]) -> list[Fit]:
    """Of campaigns, and of their creatives."""
    together = {campaign.id: [creative.id for creative in campaign.creatives] for campaign in campaigns}
    apart = {creative_key(campaign.id, c.id): [c.id] for campaign in campaigns for c in campaign.creatives}
    fits = []
    for arms in (together, apart):
        found = attention(known.of(arms.values()))
        fits.append(Fit(known.places, tuple(arms), (found.mean, found.scale, found.freedom)))
    return fits


def _conversions(known: _Known, campaign: Campaign, done: list[Deed]) -> list[Fit]:
    """Of a campaign's creatives, where something was done by them."""
    if not done:
        return []
    arms = {creative.id: column for column, creative in enumerate(campaign.creatives)}
    sums = _nothing(len(known.places), len(arms))
    for place, creative, worth in done:
        if place in known.places and creative in arms:
            sums.total[known.places[place], arms[creative]] += worth
    found = conversions(Learned(known.of([arm] for arm in arms).plays, sums.total, sums.total))
    return [Fit(known.places, tuple(creative_key(campaign.id, arm) for arm in arms), (found.shape, found.plays))]


def _where(campaign: Campaign, done: list[Deeds], zone: ZoneInfo, now: float) -> list[Deed]:
    """Those deeds that count for the campaign's goal; none where no deed does."""
    what = CONVERSIONS.get(campaign.goal.kind)
    return [
        ((each.screen, _part_at(each.t, zone)), each.creative, each.n * 0.5 ** (max(now - each.t, 0.0) / HALF_LIFE_S))
        for each in done
        if each.campaign == campaign.id and each.what == what
    ]


def _nothing(places: int, arms: int) -> Learned:
    shape = (places, arms)
    return Learned(np.zeros(shape), np.zeros(shape), np.zeros(shape))


def _part_at(t: float, zone: ZoneInfo) -> str:
    local = datetime.fromtimestamp(t, zone)
    return part_of_week(local.weekday(), local.hour * 60)


def _sums(conn: Connection, site: Site, day: int) -> Sums:
    zone = ZoneInfo(site.timezone)
    found: defaultdict[tuple[Place, str], list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
    for hour in attention_by_hour(conn, site=site.site, start=day * DAY_S, end=(day + 1) * DAY_S):
        sums = found[(hour.screen, _part_at(hour.t, zone)), hour.creative]
        sums[0] += hour.shown_s / UNIT_S
        sums[1] += hour.attention_s
        sums[2] += hour.squares * UNIT_S
    return {key: (plays, total, squares) for key, (plays, total, squares) in found.items()}
