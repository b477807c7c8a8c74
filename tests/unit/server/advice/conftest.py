from datetime import date

import numpy as np
import pytest

from server.domain.store_days import StoreDays

FIRST = date(2026, 1, 5)
"""A Monday."""


def scatter(rng, days, *, sd=10.0, memory=0.3):
    """(d,) errors that hang together from day to day."""
    left = rng.normal(0, sd * np.sqrt(1 - memory**2), days)
    for i in range(1, days):
        left[i] += memory * left[i - 1]
    return left


def days_of(margin, *, site="shop", zones=("aisle", "till"), stops=None, offered=None):
    """StoreDays of categories by their margins (d,), in order; nothing else was measured but stops."""
    names = tuple(margin)
    table = np.column_stack([margin[name] for name in names]).astype(float)
    d, c, z = len(table), len(names), len(zones)
    nothing, of_zones = np.full(d, np.nan), np.full((d, z), np.nan)
    offers = tuple(offered or ())
    held = np.zeros((d, c, len(offers)), bool)
    for i, offer in enumerate(offers):
        held[:, :, i] = offered[offer][:, None]
    return StoreDays(
        site=site, day=np.arange(FIRST.toordinal(), FIRST.toordinal() + d), categories=names, zones=tuple(zones),
        offers=offers, passers=nothing, entrants=nothing, receipts=np.full(d, 400.0), gross=nothing, margin=nothing,
        sold=np.full((d, c), 50.0), quantity=np.full((d, c), 60.0), category_gross=3 * table, category_margin=table,
        discount=np.zeros((d, c)), visits=of_zones, stops=of_zones if stops is None else stops, engaged=of_zones,
        presence_s=of_zones, place=np.zeros((d, c), np.int64), offered=held, closed=np.zeros(d, bool),
        special=np.zeros(d, bool), temperature_c=nothing, rain_mm=nothing,
    )  # fmt: skip


@pytest.fixture
def first():
    return FIRST


@pytest.fixture
def store():
    """`store({"coffee": margins}, stops=..., offered={"sale": mask})`."""
    return days_of


@pytest.fixture
def noise():
    """`noise(rng, 100, sd=10, memory=0.3)`."""
    return scatter
