"""Walks and tracks as rows: who was where when, at a steady rate."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from contract.arrays import F64, I64, Bool
from vitrina.simulate.trip import Walk


@dataclass(frozen=True, slots=True)
class Samples:
    """Rows ordered by track, then time.

    `track` i64 (n,), numbered from 0; `person` i64 (n,): whose it is; `tick` i64 (n,): the time is `tick` x `period_s`,
    seconds UTC; `xy` f64 (n, 2) metres.
    """

    track: I64
    person: I64
    tick: I64
    xy: F64
    period_s: float

    def __len__(self) -> int:
        return len(self.track)

    def __getitem__(self, keep: Bool | I64) -> "Samples":
        return Samples(self.track[keep], self.person[keep], self.tick[keep], self.xy[keep], self.period_s)

    @property
    def t(self) -> F64:
        """Seconds UTC (n,)."""
        return self.tick * np.float64(self.period_s)

    @property
    def begins(self) -> Bool:
        """First row of a track (n,)."""
        return np.asarray(np.diff(self.track, prepend=-1) != 0)

    @property
    def finishes(self) -> Bool:
        """Last row of a track (n,)."""
        return np.asarray(np.diff(self.track, append=-1) != 0)


def sample(walks: Sequence[Walk], period_s: float) -> Samples:
    """Where everyone is at every multiple of `period_s`; the person is the walk's number, and has one track."""
    ticks = [np.arange(np.ceil(w.t[0] / period_s), np.floor(w.t[-1] / period_s) + 1).astype(np.int64) for w in walks]
    xy = [walk.at(tick * np.float64(period_s)) for walk, tick in zip(walks, ticks, strict=True)]
    person = np.repeat(np.arange(len(walks)), [len(tick) for tick in ticks])
    rows = Samples(
        person,
        person,
        np.concatenate([np.empty(0, np.int64), *ticks]),
        np.concatenate([np.empty((0, 2)), *xy]),
        period_s,
    )
    return split(rows, rows.begins)


def split(samples: Samples, breaks: Bool) -> Samples:
    """The same rows, with a new track at each row of `breaks` (n,) too; tracks are numbered anew."""
    track = np.cumsum(breaks | samples.begins) - 1
    return Samples(track, samples.person, samples.tick, samples.xy, samples.period_s)


def instants(samples: Samples) -> Iterator[tuple[int, I64]]:
    """Each tick from the first to the last and the rows (k,) of that instant, by track; also when nobody is there."""
    if not len(samples):
        return
    order = np.lexsort((samples.track, samples.tick))
    ticks = samples.tick[order]
    first, last = int(ticks[0]), int(ticks[-1])
    cuts = np.searchsorted(ticks, np.arange(first, last + 2))
    for k, tick in enumerate(range(first, last + 1)):
        yield tick, order[cuts[k] : cuts[k + 1]]
