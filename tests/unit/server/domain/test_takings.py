from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from server.domain.store_days import StoreDays
from server.domain.takings import effects, takings

MONDAY = 739_000 // 7 * 7 + 1
FACTORS = arrays(np.float64, (2, 4), elements=st.floats(0.01, 1000))


def store(entrants, receipts, units, gross, *, first=MONDAY):
    """Days from `first` on; one category that is all of the quantity."""
    n = len(gross)
    nan, none = np.full(n, np.nan), np.zeros((n, 0))
    column = np.asarray(units, dtype=float)[:, None]
    return StoreDays(
        site="shop",
        day=first + np.arange(n),
        categories=("all",),
        zones=(),
        offers=(),
        passers=nan,
        entrants=np.asarray(entrants, dtype=float),
        receipts=np.asarray(receipts, dtype=float),
        gross=np.asarray(gross, dtype=float),
        margin=nan,
        sold=column,
        quantity=column,
        category_gross=column,
        category_margin=column,
        discount=column,
        visits=none,
        stops=none,
        engaged=none,
        presence_s=none,
        place=np.full((n, 1), -1),
        offered=np.zeros((n, 1, 0), dtype=bool),
        closed=np.zeros(n, dtype=bool),
        special=np.zeros(n, dtype=bool),
        temperature_c=nan,
        rain_mm=nan,
    )


def flat(entrants=1000.0, conversion=0.5, units=2.0, price=3.0, days=7, **more):
    one = np.ones(days)
    receipts = entrants * conversion
    return store(one * entrants, one * receipts, one * receipts * units, one * receipts * units * price, **more)


def held(now, before):
    return takings(now, before, rng=np.random.default_rng(1))


@given(FACTORS)
def test_parts_add_up_exactly(factors):
    now, before = factors.cumprod(axis=1)
    found = effects(now[None], before[None])
    assert found.sum() == pytest.approx(now[-1] - before[-1], rel=1e-9, abs=1e-9 * max(now[-1], before[-1]))


@given(FACTORS)
def test_the_order_of_the_factors_does_not_matter(factors):
    alone = {}
    for order in permutations(range(4)):
        now, before = factors[:, order].cumprod(axis=1)
        for place, effect in zip(order, effects(now[None], before[None])[0], strict=True):
            assert effect == pytest.approx(alone.setdefault(place, effect), rel=1e-6, abs=1e-6 * abs(now[-1]))


@given(FACTORS, st.integers(0, 3), st.floats(0.2, 5))
def test_one_factor_that_moved_gets_all(factors, moved, times):
    later = factors[0].copy()
    later[moved] *= times
    now, before = later.cumprod(), factors[0].cumprod()
    found = effects(now[None], before[None])[0]
    change = now[-1] - before[-1]
    assert found[moved] == pytest.approx(change, rel=1e-6, abs=1e-9 * before[-1])
    assert np.delete(found, moved) == pytest.approx(0, abs=1e-9 * before[-1])


def test_no_change_gives_nothing():
    found = held(flat(first=MONDAY + 7), flat())
    assert [(part.effect, part.interval.low, part.interval.high) for part in found.parts] == [(0, 0, 0)] * 4
    assert found.main is None
    assert found.change.now == found.change.before == 7 * 1000 * 0.5 * 2 * 3


def test_the_part_that_moved_is_named():
    found = held(flat(conversion=0.4, first=MONDAY + 7), flat())
    assert [part.factor for part in found.parts] == ["entrants", "conversion", "units", "price"]
    assert found.main.factor == "conversion"
    assert (found.main.before, found.main.now) == (0.5, 0.4)
    assert found.main.effect == pytest.approx(-4200)
    assert found.basket.effect == pytest.approx(0, abs=1e-6)
    assert found.basket.now == 6


def test_days_are_matched_by_weekday():
    """Takings rise with the weekday; the period lacks its Wednesday, which is then not held against the other's."""
    takes = 100.0 * np.arange(1, 8)
    before = store(takes, takes / 2, takes, takes)
    now = store(np.where(np.arange(7) == 2, np.nan, takes), takes / 2, takes, takes, first=MONDAY + 7)
    found = held(now, before)
    assert (found.pairs, found.left_out) == (6, 1)
    assert found.change.effect == pytest.approx(0)
    assert found.change.before == takes.sum() - 300


def test_closed_days_are_no_days():
    before, now = flat(), flat(first=MONDAY + 7)
    now = replace(now, closed=np.arange(7) == 6, gross=np.where(np.arange(7) == 6, 0, now.gross))
    found = held(now, before)
    assert (found.pairs, found.left_out, found.change.effect) == (6, 0, 0)


def test_without_entrants_receipts_are_a_part_and_without_units_the_basket():
    nothing = np.full(7, np.nan)
    before, now = flat(), flat(entrants=1200, first=MONDAY + 7)
    uncounted = held(replace(now, entrants=nothing), before)
    assert [part.factor for part in uncounted.parts] == ["receipts", "units", "price"]
    assert uncounted.main.factor == "receipts"
    unweighed = held(replace(now, quantity=np.zeros((7, 1))), before)
    assert [part.factor for part in unweighed.parts] == ["entrants", "conversion", "basket"]
    assert unweighed.basket is None


def test_few_days_give_no_interval_and_none_gives_nothing():
    found = held(flat(days=4, conversion=0.4, first=MONDAY + 7), flat(days=4))
    assert found.parts[1].interval is None
    assert found.main is None
    nothing = np.full(7, np.nan)
    assert held(replace(flat(), receipts=nothing, gross=nothing), flat()) is None
    assert held(flat(days=1), flat(days=1, first=MONDAY + 1)) is None
    assert held(flat(), replace(flat(), receipts=np.zeros(7), gross=np.zeros(7))) is None


@pytest.mark.parametrize("days", [7, 28])
def test_intervals_hold_the_truth(days):
    """95 % intervals of what entrants and conversion contributed, under counts that vary more than chance."""
    rng = np.random.default_rng(days)
    week = np.tile([0.8, 0.8, 0.9, 1, 1.2, 1.5, 0.8], days // 7)
    sums = [np.array([[mean * week.sum(), mean * week.sum() * c, mean * week.sum() * c * 12]])
            for mean, c in ((900, 0.55), (800, 0.6))]  # fmt: skip
    truth = effects(*sums)[0]
    hits = np.zeros(2)
    for _ in range(250):
        periods = []
        for mean, conversion in ((900, 0.55), (800, 0.6)):
            entrants = rng.poisson(mean * week * rng.gamma(50, 1 / 50, days))
            receipts = rng.binomial(entrants, np.minimum(conversion * rng.gamma(200, 1 / 200, days), 1))
            gross = receipts * 12 * rng.gamma(400, 1 / 400, days)
            periods.append(store(entrants, receipts, np.zeros(days), gross))
        found = takings(*periods, rng=rng)
        hits += [
            part.interval.low <= true <= part.interval.high for part, true in zip(found.parts[:2], truth, strict=False)
        ]
    assert ((hits / 250 >= 0.92) & (hits / 250 <= 0.985)).all(), hits / 250
