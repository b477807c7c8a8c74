"""How long each stage took."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from time import perf_counter

import numpy as np

MOST = 100_000
"""Measurements kept per stage: a day of video must not fill the memory."""


class Stopwatch:
    """`with watch("track"): ...` adds one measurement, in milliseconds, to the stage."""

    def __init__(self) -> None:
        self.ms: dict[str, list[float]] = {}

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        """Measure one run of `stage`."""
        start = perf_counter()
        yield
        kept = self.ms.setdefault(stage, [])
        if len(kept) >= MOST:
            del kept[::2]
        kept.append(1000 * (perf_counter() - start))

    @classmethod
    def of_all(cls, watches: Iterable["Stopwatch"]) -> "Stopwatch":
        """The measurements of several."""
        together = cls()
        for watch in watches:
            for stage, ms in watch.ms.items():
                together.ms.setdefault(stage, []).extend(ms)
        return together

    def summary(self) -> dict[str, dict[str, float]]:
        """Mean and 95th percentile per stage, milliseconds."""
        return {
            stage: {"mean": round(float(np.mean(ms)), 4), "p95": round(float(np.percentile(ms, 95)), 4)}
            for stage, ms in self.ms.items()
        }
