"""What one camera tells of the audience: who is before its screens, of which segments, and what it looked at."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np

from edge.analytics.audience import Facts, LocalTime
from edge.analytics.groups import GroupFinder
from edge.analytics.knowledge import Knowledge, Known
from edge.analytics.lately import Lately
from edge.analytics.pace import Motion, Walk
from edge.analytics.screens import Attention, Impression
from edge.analytics.slots import CAPACITY
from edge.analytics.window import WindowStats
from edge.arrays import I64, Bool, Traits
from edge.layout import Layout
from edge.sighting import Sighting

_ASK_EVERY_S = 0.25
"""So often it is asked who is before a screen, and of which segments, for the last ten minutes."""

_EPS_S = 1e-6


@dataclass(frozen=True, slots=True)
class Crowd:
    """Before one screen: `near` people now, of them `now` i64 (S,) by segment; `lately_n` came, of them `lately`."""

    near: int
    now: I64
    lately_n: int
    lately: I64


@dataclass(frozen=True, slots=True, eq=False)
class Acquaintance:
    """What goes over with a person: what is known of them (one row), and what they saw of each screen."""

    known: Known
    impressions: Mapping[str, Impression]


@dataclass(frozen=True, slots=True)
class _View:
    """The last sighting with what is known of it: `near`, `turned` bool (m, K), `group` i64 (m,) people."""

    seen: Sighting
    motion: Motion
    group: I64
    near: Bool
    turned: Bool


class Onlookers:
    """Follows who passes the screens of a layout, and which of its segments each visitor of a zone is of."""

    def __init__(self, layout: Layout) -> None:
        self._segments, self._screens = layout.segments, layout.screens
        self._timezone = ZoneInfo(layout.timezone)
        self._gap_s = layout.gap_s + 2 * _ASK_EVERY_S
        self._is_idle = not layout.has_audience
        self._walk, self._groups = Walk(), GroupFinder()
        self._knowledge = Knowledge(len(layout.zone_ids))
        self._attention = Attention(self._screens)
        self._lately = Lately(len(self._screens), 1 + len(self._segments))
        self._near_until = np.full((CAPACITY, len(self._screens)), -np.inf)
        self._told = np.zeros((CAPACITY, len(self._screens), len(self._segments)), np.bool_)
        self._asked_t = -np.inf
        self._last: _View | None = None

    def show(self, screen: str, creative: str | None, t_start: float, t_end: float) -> None:
        """What a screen shows, see `Attention.show`."""
        self._attention.show(screen, creative, t_start, t_end)

    def look(self, seen: Sighting, traits: Traits | None) -> None:
        """Take in the next instant."""
        if self._is_idle:
            return
        if traits is None:
            traits = Traits.none(len(seen.rows))
        if seen.new.any():
            self._begin(seen.rows[seen.new])
        motion = self._walk.step(seen.t, seen.rows, seen.fresh, seen.xy, traits.per_metre)
        if self._segments.groups:
            self._groups.step(seen.t, seen.rows, seen.xy, motion.velocity_m_s, traits.per_metre)
        self._knowledge.learn(seen.rows, traits)
        near = seen.inside[:, self._screens.zone]
        turned = np.zeros_like(near)
        who = np.flatnonzero(near.any(axis=1))
        if len(who):
            turned[who] = self._attention.turned(seen.xy[who], motion.heading[who], traits.facing[who])
        self._last = _View(seen, motion, self._groups.sizes(seen.rows), near, turned)

    def _begin(self, rows: I64) -> None:
        self._knowledge.begin(rows)
        self._attention.begin(rows)
        self._near_until[rows] = -np.inf

    def stood(self, rows: I64, inside: Bool) -> None:
        """The tracks in `rows` (m,) have stopped, `inside` zones (m, Z)."""
        if not self._is_idle:
            self._knowledge.stand(rows, inside)

    def hold(self, followed: Bool, *, start: float, end: float, window: WindowStats) -> None:
        """The last instant stood from `start` to `end` within `window`; `followed` (m,) by this camera."""
        view = self._last
        if view is None:
            return
        rows, inside = view.seen.rows, view.seen.inside
        self._knowledge.spend(rows, end - start, inside=inside, pace=view.motion.pace, group=view.group)
        if not len(self._screens):
            return
        counted = view.near & followed[:, None]
        own = view.near & view.seen.own[:, None]
        self._attention.credit(rows, counted, own, view.turned, start=start, end=end, to=window.screens)
        if end - self._asked_t >= _ASK_EVERY_S - _EPS_S:
            self._asked_t = end
            self._remember(view, counted, start, end)

    def _remember(self, view: _View, counted: Bool, start: float, end: float) -> None:
        """Who came before a screen is told of once a visit, and so of each segment they turn out to be of."""
        which, screen = np.nonzero(counted)
        if not len(which):
            return
        rows = view.seen.rows[which]
        came = start - self._near_until[rows, screen] > self._gap_s
        self._near_until[rows, screen] = end
        self._told[rows[came], screen[came]] = False
        now = self._segments.of(self._facts(view, which)).T
        counts = np.zeros((len(self._screens), 1 + len(self._segments)), np.int64)
        np.add.at(counts[:, 0], screen, came)
        np.add.at(counts[:, 1:], screen, now & ~self._told[rows, screen])
        self._told[rows, screen] |= now
        self._lately.add(end, counts)

    def segments_of(self, t: float, rows: I64) -> Bool:
        """Which segments the visitors in `rows` (m,) are of, for all that was seen of them until `t` (S, m)."""
        return self._segments.of(self._knowledge.of(rows).facts(self._local(t)))

    def segments_of_gone(self, t: float, acquaintance: Acquaintance) -> Bool:
        """Likewise who left until `t`, and whom nobody took over (S, 1)."""
        return self._segments.of(acquaintance.known.facts(self._local(t)))

    def acquaintance(self, row: int) -> Acquaintance | None:
        """What goes over with the track in `row`; None where nothing is asked."""
        if self._is_idle:
            return None
        return Acquaintance(self._knowledge.of(np.array([row])), self._attention.impressions(row))

    def take_over(self, row: int, acquaintance: Acquaintance) -> None:
        """The track in `row` was followed elsewhere until it came here."""
        self._knowledge.take_over(np.array([row]), acquaintance.known)
        self._attention.take_over(row, acquaintance.impressions)

    def end(self, rows: I64) -> None:
        """The tracks in `rows` (m,) ended."""
        if len(rows) and self._segments.groups:
            self._groups.end(rows)

    def restart(self) -> None:
        """Nobody is there until the next instant."""
        self._last = None

    def crowds(self) -> list[Crowd]:
        """Who is before each screen, in this camera's own area."""
        view = self._last
        if view is None or not len(self._screens):
            return []
        near = view.near & view.seen.own[:, None]
        who = np.flatnonzero(near.any(axis=1))
        now = self._segments.of(self._facts(view, who)).astype(np.int64) @ near[who]
        lately = self._lately.total(view.seen.t)
        return [
            Crowd(int(near[:, k].sum()), now[:, k], int(lately[k, 0]), lately[k, 1:]) for k in range(len(self._screens))
        ]

    def _facts(self, view: _View, who: I64) -> Facts:
        """Of those `who` (k,) of the m."""
        time = self._local(view.seen.t)
        return self._knowledge.now(view.seen.rows[who], time, pace=view.motion.pace[who], group=view.group[who])

    def _local(self, t: float) -> LocalTime:
        local = datetime.fromtimestamp(t, self._timezone)
        return LocalTime(local.weekday(), local.hour * 60 + local.minute + local.second / 60)
