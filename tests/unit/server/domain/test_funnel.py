import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.day_rates import day_rate
from server.domain.funnel import by_hour, by_weekday, category_funnels, store_funnel, worst_loss
from server.domain.store_days import StoreDays

MONDAY = 739_000 // 7 * 7 + 1
WEEK = np.array([0.8, 0.8, 0.9, 1, 1.2, 1.5, 0.8])


def store(**changed):
    """A week: categories coffee and tea where zones shelf and island are, 100 in and 60 receipts a day."""
    d = len(next(iter(changed.values()))) if changed else 7
    one = np.ones(d)
    plain = {
        "passers": 300 * one,
        "entrants": 100 * one,
        "receipts": 60 * one,
        "gross": 900 * one,
        "margin": 90 * one,
        "sold": np.outer(one, [20, 5]),
        "quantity": np.outer(one, [30, 5]),
        "category_gross": np.outer(one, [80, 40]),
        "category_margin": np.outer(one, [8, 4]),
        "discount": np.outer(one, [0, 0]),
        "visits": np.outer(one, [50, 40]),
        "stops": np.outer(one, [30, 20]),
        "engaged": np.outer(one, [40, 10]),
        "presence_s": np.outer(one, [500, 400]),
        "place": np.outer(one, [0, 1]).astype(int),
        "offered": np.zeros((d, 2, 0), dtype=bool),
        "closed": np.zeros(d, dtype=bool),
        "special": np.zeros(d, dtype=bool),
        "temperature_c": 10 * one,
        "rain_mm": 0 * one,
    }
    names = {"categories": ("coffee", "tea"), "zones": ("shelf", "island"), "offers": ()}
    return StoreDays(site="shop", day=MONDAY + np.arange(d), **names, **(plain | changed))


def some(values):
    return np.array(values, dtype=float)


@pytest.mark.parametrize(
    ("days", "mean", "rate", "spread"), [(7, 800, 0.6, 0.1), (28, 800, 0.6, 0.1), (28, 60, 0.1, 0.2)]
)
def test_intervals_hold_the_truth(days, mean, rate, spread):
    """95 % intervals, with twice the variance of chance and a rate that differs from day to day."""
    rng = np.random.default_rng(days)
    hits, runs = 0, 2000
    for _ in range(runs):
        expected = mean * np.tile(WEEK, days // 7) * rng.lognormal(-0.02, 0.2, days)
        entrants = rng.negative_binomial(expected, 0.5)
        receipts = rng.binomial(entrants, np.minimum(rate * rng.gamma(spread**-2, spread**2, days), 1))
        found = day_rate(receipts.astype(float), entrants.astype(float))
        hits += found.low <= rate <= found.high
    assert 0.93 <= hits / runs <= 0.97


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 50)), min_size=3, max_size=20))
def test_an_interval_holds_its_value_and_days_without_both_are_left_out(days):
    above, below = (some(column) for column in zip(*days, strict=True))
    found = day_rate(above, below)
    assert found.value == pytest.approx(above.sum() / below.sum())
    assert 0 <= found.low <= found.value <= found.high
    gaps = day_rate(np.append(above, [np.nan, 7]), np.append(below, [9, np.nan]))
    assert gaps == found


def test_two_days_give_a_value_and_no_interval():
    found = day_rate(some([1, 2]), some([4, 4]))
    assert (found.value, found.days, found.sure) == (0.375, 2, False)
    assert not day_rate(some([1]), some([0])).known


def test_the_store_from_the_street_to_the_till():
    found = store_funnel(store(), floor_m2=30.0)
    assert (found.days, found.left_out) == (7, 0)
    assert (found.passed, found.entrants, found.receipts) == (2800, 700, 420)
    assert (found.capture.value, found.conversion.value) == (0.25, 0.6)
    assert (found.basket.value, found.per_entrant.value, found.per_m2.value) == (15, 9, 30)


def test_all_steps_are_of_the_same_days():
    closed = np.arange(7) == 6
    found = store_funnel(
        store(
            entrants=np.where(np.arange(7) == 0, np.nan, 100.0),
            receipts=np.where(closed, 0.0, 60.0),
            passers=np.where(np.arange(7) == 1, np.nan, 300.0),
            closed=closed,
        ),
        floor_m2=np.nan,
    )
    assert (found.days, found.left_out) == (4, 2)
    assert (found.passed, found.entrants, found.receipts) == (1600, 400, 240)
    assert not found.per_m2.known


def test_without_street_or_till_their_steps_are_missing():
    nothing = np.full(7, np.nan)
    found = store_funnel(store(passers=nothing), floor_m2=np.nan)
    assert (found.passed, found.entrants, found.conversion.value) == (None, 700, 0.6)
    found = store_funnel(store(receipts=nothing, gross=nothing), floor_m2=np.nan)
    assert (found.receipts, found.entrants, found.passed) == (None, 700, 2800)
    assert not found.conversion.known


def test_a_category_follows_its_place():
    place = np.array([[0, 1]] * 3 + [[1, -1]] * 4)
    coffee, tea = category_funnels(store(place=place), zone_m2={"island": 4.0})
    assert (coffee.zone, coffee.visits, coffee.engaged, coffee.receipts) == ("island", 3 * 50 + 4 * 40, 160, 140)
    assert coffee.bought.value == pytest.approx(140 / 160)
    assert coffee.engagement.value == pytest.approx(160 / 310)
    assert coffee.per_visit.value == pytest.approx(560 / 310)
    assert coffee.per_m2.value == 20
    assert (tea.zone, tea.visits, tea.receipts, tea.gross) == (None, None, 35, 280)


def test_days_on_which_a_zone_was_not_watched_count_for_none_of_its_steps():
    visits = np.outer(np.ones(7), [50.0, 40.0])
    visits[2, 0] = np.nan
    coffee, tea = category_funnels(store(visits=visits), zone_m2={})
    assert (coffee.days, coffee.visits, coffee.receipts) == (6, 300, 120)
    assert tea.days == 7


def test_more_bought_than_came_is_told_and_not_cut():
    sold = np.outer(np.ones(7), [90.0, 5.0])
    coffee, _ = category_funnels(store(sold=sold), zone_m2={})
    assert coffee.bought_of_visits.value == pytest.approx(1.8)
    assert coffee.faulty
    found = store_funnel(store(receipts=np.full(7, 130.0)), floor_m2=np.nan)
    assert found.conversion.beyond_whole
    assert found.conversion.value == 1.3


def many(sold):
    """Categories side by side, 40 engaged a day each."""
    d, c = sold.shape
    even = np.full((d, c), 40.0)
    place = np.tile(np.arange(c), (d, 1))
    names = {"categories": tuple(f"c{i}" for i in range(c)), "zones": tuple(f"z{i}" for i in range(c))}
    more = dict.fromkeys(("visits", "stops", "engaged", "presence_s", "quantity", "category_gross"), even)
    days = store(sold=sold, place=place, **more)
    return category_funnels(StoreDays(**({name: getattr(days, name) for name in days.__slots__} | names)), zone_m2={})


def test_the_worst_loss_is_the_largest_of_those_surely_under_the_middle():
    noise = np.random.default_rng(2).normal(0, 1, (7, 4))
    found = worst_loss(many(np.array([20.0, 20, 8, 15]) + noise))
    assert found.category == "c2"
    assert found.receipts == pytest.approx((found.usual - found.bought.value) * 280)
    assert worst_loss(many(np.full((7, 4), 20.0) + noise)) is None
    assert worst_loss(many(np.array([20.0, 8]) + noise[:, :2])) is None
    # One that is sold more often than visited is a fault of counting: it neither loses nor sets the middle.
    faulty = worst_loss(many(np.array([20.0, 20, 60, 20]) + noise))
    assert faulty is None


def test_weekdays_leave_closed_days_out():
    found = by_weekday(store(closed=np.arange(7) == 6))
    assert [rate.known for rate in found] == [True] * 6 + [False]
    assert found[0].value == 0.6


def test_hours():
    entrants, receipts = np.full((5, 24), np.nan), np.full((5, 24), 0.0)
    entrants[:, 9], receipts[:, 9] = 10, some([4, 5, 6, 5, 5])
    found = by_hour(entrants, receipts)
    assert [i for i, rate in enumerate(found) if rate.known] == [9]
    assert found[9].value == 0.5
    assert found[9].low < 0.5 < found[9].high
