"""Counts by segment wait here, in memory, until they are many enough to say nothing of anybody.

Three rules keep small counts from being worked out of large ones:

- A cell says a multiple of the smallest cell, the rest waits on. So cells of segments that contain each other, over
  whatever spans, differ by nothing or by at least the smallest cell (rounding to a base, as in Willenborg and de Waal,
  Elements of Statistical Disclosure Control, 2001, with the rest carried over in place of chance).
- Those who are left of all the zone's visits are none, or as many as the smallest cell too.
- Whether a cell is ready is asked only each time that so many visits have ended in the zone, by whomever: when it
  comes tells as little of the last of them as what it says.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from contract.messages import AudienceCell
from contract.segments import tells_nobody
from contract.site import Site
from edge.wire import AudienceCount, AudienceCounts

LONGEST = timedelta(days=7)
"""A cell that has not grown large enough by then is given up."""

Key = tuple[str, str, str, str]
"""Camera, zone, segment, digest."""


@dataclass(slots=True)
class _Pile:
    """What waits of one segment in one zone. `unasked`: visits to the zone since it was last asked for."""

    t_start: datetime
    t_end: datetime
    n: int = 0
    of: int = 0
    dwell_sum_s: float = 0.0
    unasked: int = 0

    def add(self, count: AudienceCount, t_end: datetime) -> None:
        self.t_end = max(self.t_end, t_end)
        self.n += count.n
        self.of += count.of
        self.unasked += count.of
        self.dwell_sum_s += count.dwell_sum_s

    def ready(self, limit: int) -> int:
        """How many may go, 0 for none."""
        n = self.n - self.n % limit
        return n if tells_nobody(n, self.of, limit) else 0

    def take(self, n: int, limit: int) -> float:
        """Take `n` out; their dwell, in whole seconds on average where it could tell who they are."""
        dwell_sum_s = self.dwell_sum_s if limit == 1 else n * max(0.0, round(self.dwell_sum_s / self.n))
        self.n, self.of, self.t_start = self.n - n, 0, self.t_end
        self.dwell_sum_s -= dwell_sum_s
        return dwell_sum_s


class Holdback:
    """Adds up what the eyes count by segment, and gives out what has become many.

    `smallest`: people that a cell holds at least. `times`: digests of segments that mean times and not people, who
    need not wait. At most `most` piles are kept; beyond that the one that was begun first is given up.
    """

    def __init__(self, *, smallest: int, times: frozenset[str] = frozenset(), most: int = 20_000) -> None:
        self._smallest, self._times, self._most = smallest, times, most
        self._piles: dict[Key, _Pile] = {}

    @classmethod
    def of_site(cls, site: Site, *, smallest: int) -> "Holdback":
        """For the segments of a site."""
        times = frozenset(segment.digest for segment in site.segments.values() if not segment.when.of_people)
        return cls(smallest=smallest, times=times)

    def __len__(self) -> int:
        return len(self._piles)

    def add(self, counts: AudienceCounts) -> list[AudienceCell]:
        """Take in one window of one camera; the cells that may go now."""
        return [cell for count in counts.cells for cell in self._add(count, counts)]

    def _add(self, count: AudienceCount, counts: AudienceCounts) -> Iterator[AudienceCell]:
        key = (counts.camera, count.zone, count.segment, count.digest)
        limit = 1 if count.digest in self._times else self._smallest
        pile = self._pile(key, counts)
        pile.add(count, counts.t_end)
        if pile.unasked < limit:
            return
        pile.unasked = 0
        if n := pile.ready(limit):
            t_start, of = pile.t_start, pile.of
            yield AudienceCell(
                zone=count.zone,
                segment=count.segment,
                digest=count.digest,
                t_start=t_start,
                t_end=pile.t_end,
                n=n,
                of=of,
                dwell_sum_s=pile.take(n, limit),
            )

    def _pile(self, key: Key, counts: AudienceCounts) -> _Pile:
        pile = self._piles.get(key)
        if pile is None or counts.t_end - pile.t_start > LONGEST:
            self._piles.pop(key, None)
            pile = self._piles[key] = _Pile(counts.t_start, counts.t_end)
            if len(self._piles) > self._most:
                del self._piles[next(iter(self._piles))]
        return pile
