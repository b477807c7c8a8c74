"""Weeks of windows, an hour each or shorter, drawn from a pool of shoppers."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from scipy.stats import poisson

from contract.arrays import F64, I64
from contract.messages import DWELL_BINS_S, Window
from contract.site import Site
from edge.analytics.window import WindowStats
from edge.layout import Layout, site_layout
from edge.report import window_part
from vitrina.simulate.pool import Pool
from vitrina.simulate.trade import Trade

_HOUR_S = 3600
_FPS = 8
WHOLE_HOUR: "tuple[Span, ...]" = ((0.0, 3600.0),)
_SPELLS_PER_HOUR = 60
"""So many times an hour are about all the crowds that an hour sees."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How days differ beyond hour and weekday.

    `trend` a week, counted from the day `since` (else the history's first); chance by day and by hour (sigma); how
    much busier `special` days are.
    """

    trend: float = 0.008
    since: date | None = None
    day_noise: float = 0.07
    hour_noise: float = 0.06
    special: Mapping[date, float] = field(default_factory=dict)


Span = tuple[float, float]
"""From and to, seconds of an hour."""


class Hour(NamedTuple):
    """What came of one open hour: how many shoppers came, and the windows of each camera."""

    start: datetime
    shoppers: int
    windows: list[Window]


def history(
    site: Site,
    trade: Trade,
    pool_at: Callable[[datetime], Pool],
    *,
    start: datetime,
    end: datetime,
    rng: np.random.Generator,
    rhythm: Rhythm = Rhythm(),
    spans: Sequence[Span] = WHOLE_HOUR,
) -> Iterator[Hour]:
    """One window per camera and span for each open hour of [start, end), both on the hour.

    `pool_at` says who shops at the start of a span. A shopper's visit lies whole in the span of the coming.
    `occupancy_max` is what an independent look a minute at a Poisson crowd of the span's mean would have seen at most,
    since shoppers drawn one by one have no common clock.
    """
    zone = ZoneInfo(site.timezone)
    layouts = {key: site_layout(site, key, camera.resolution_px) for key, camera in site.cameras.items()}
    moment, day, level = start, None, 1.0
    while moment < end:
        local = moment.astimezone(zone)
        if local.date() != day:
            day, since = local.date(), rhythm.since or start.astimezone(zone).date()
            weeks = (day - since) / timedelta(weeks=1)
            level = (1 + rhythm.trend) ** weeks * rng.lognormal(0, rhythm.day_noise) * rhythm.special.get(day, 1.0)
        rate = trade.shoppers_per_hour * trade.busy(local.weekday(), local.hour)
        if rate:
            busy, came, windows = rate * level * rng.lognormal(0, rhythm.hour_noise), 0, []
            for span in spans:
                pool = pool_at(moment + timedelta(seconds=span[0]))
                shoppers = rng.poisson(busy * (span[1] - span[0]) / _HOUR_S)
                weights = np.bincount(rng.integers(pool.shoppers, size=shoppers), minlength=pool.shoppers)
                came += int(shoppers)
                for camera, sums in zip(pool.cameras, pool.total(weights.astype(np.float64)), strict=True):
                    stats = _stats(moment, span, sums, pool, layouts[camera])
                    windows.append(window_part(stats, layouts[camera], camera))
            yield Hour(moment, came, windows)
        moment += timedelta(hours=1)


def _stats(moment: datetime, span: Span, sums: dict[str, F64], pool: Pool, layout: Layout) -> WindowStats:
    t, lasts_s = moment.astimezone(UTC).timestamp() + span[0], span[1] - span[0]
    lines = [pool.line_ids.index(key) for key in layout.line_ids]
    presence_s = float(sums["heat_s"].sum())
    stats = WindowStats.empty(
        t, t + lasts_s, lines=len(lines), zones=len(pool.zone_ids), bins=len(DWELL_BINS_S), cells=len(layout.grid)
    )
    stats.observed_s, stats.frames, stats.presence_s = lasts_s, round(lasts_s * _FPS), presence_s
    stats.occupancy_max = int(_most(np.array(presence_s), lasts_s))
    stats.zone_max = _most(sums["zone_presence_s"], lasts_s)
    stats.heat_s, stats.zone_presence_s, stats.dwell_sum_s = (
        sums[name] for name in ("heat_s", "zone_presence_s", "dwell_sum_s")
    )
    for name in ("passes", "stood", "lost", "entries", "visits", "stops", "reentries", "dwell", "flows"):
        setattr(stats, name, sums[name].astype(np.int64))
    stats.lines = sums["lines"][lines].astype(np.int64)
    stats.taken = int(sums["taken"][0])
    return stats


def _most(presence_s: F64, lasts_s: float) -> I64:
    """Most people at once in a span in which there were so many person-seconds."""
    looks = max(1.0, _SPELLS_PER_HOUR * lasts_s / _HOUR_S)
    result: I64 = np.asarray(poisson.ppf(1 - 1 / max(looks, 2.0), presence_s / lasts_s)).astype(np.int64)
    return result
