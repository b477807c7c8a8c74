from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from server.domain.store_days import StoreDays

MakeDays = Callable[..., StoreDays]
FIRST = 739_000 // 7 * 7 + 1
"""A Monday."""


@pytest.fixture
def make_days() -> MakeDays:
    """Days of a store: so many a day of each thing, by chance (Poisson), a third more on Saturdays."""

    def make(
        days: int = 120,
        *,
        place: object = (0, 1),
        zones: int = 2,
        sold: object = 40.0,
        visits: object = 300.0,
        engaged: float = 0.3,
        entrants: object = 1000.0,
        margin: float = 2.0,
        memory: float = 0.0,
        seed: int = 0,
        **others: object,
    ) -> StoreDays:
        """`place` (c,) or (d, c); `sold` and `visits` a day, any shape that spreads over days; `memory` of moods."""
        rng = np.random.default_rng(seed)
        where = np.broadcast_to(np.asarray(place), (days, np.asarray(place).shape[-1])).astype(np.int64)
        categories = where.shape[1]
        week = np.where(np.arange(days) % 7 == 5, 4 / 3, 1.0)[:, None]
        mood = np.zeros((days, categories))
        for d in range(1, days):
            mood[d] = memory * mood[d - 1] + np.sqrt(1 - memory**2) * rng.normal(0, 0.1 if memory else 0, categories)
        came = np.broadcast_to(np.asarray(entrants, dtype=float), days)[:, None] * week
        passed = rng.poisson(np.broadcast_to(np.asarray(visits, dtype=float), (days, zones)) * came / 1000)
        took = np.broadcast_to(np.asarray(sold, dtype=float), (days, categories)) * came / 1000 * np.exp(mood)
        bought = rng.poisson(np.where(where >= 0, took, 0)).astype(float)
        stayed = rng.binomial(passed, engaged).astype(float)
        made = StoreDays(
            site="store",
            day=np.arange(FIRST, FIRST + days),
            categories=tuple(f"c{i}" for i in range(categories)),
            zones=tuple(f"z{i}" for i in range(zones)),
            offers=(),
            passers=came[:, 0] * 3,
            entrants=came[:, 0],
            receipts=came[:, 0] * 0.7,
            gross=bought.sum(axis=1) * 3 * margin,
            margin=bought.sum(axis=1) * margin,
            sold=bought,
            quantity=bought,
            category_gross=bought * 3 * margin,
            category_margin=bought * margin,
            discount=np.zeros_like(bought),
            visits=passed.astype(float),
            stops=stayed,
            engaged=stayed,
            presence_s=stayed * 40.0,
            place=where,
            offered=np.zeros((days, categories, 0), dtype=bool),
            closed=np.zeros(days, dtype=bool),
            special=np.zeros(days, dtype=bool),
            temperature_c=np.full(days, np.nan),
            rain_mm=np.full(days, np.nan),
        )
        return replace(made, **others)

    return make
