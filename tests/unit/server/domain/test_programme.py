"""The loyalty programme's ratios: each by its formula, and nothing where there is nothing to divide by."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.intervals import Estimate
from server.domain.programme import CohortMonth, Sums, cohorts, figures, roi, weighted

MONTH = Sums(
    days=30, members=1000, active=400, joined=30, returned=300, lapsed=100, card_receipts=1200, receipts=2000,
    card_gross=36_000.0, gross=50_000.0, card_margin=9_000.0, points_issued=10_000, points_redeemed=4_000,
    rewards_issued=80, rewards_redeemed=20, cost=1_500.0,
)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("basket", 30.0, id="36,000 over 1,200 receipts"),
        pytest.param("basket_without", 17.5, id="14,000 over 800"),
        pytest.param("frequency", 3.0, id="1,200 receipts of 400 members in 30 days"),
        pytest.param("redemption", 0.4, id="4,000 of 10,000 points"),
        pytest.param("takings", 0.72, id="36,000 of 50,000"),
    ],
)
def test_ratios(name, value):
    assert getattr(figures(MONTH), name) == pytest.approx(value)


@pytest.mark.parametrize(
    ("name", "value", "n"),
    [
        ("active", 0.4, 1000),
        ("retention", 0.75, 400),
        ("churn", 0.25, 400),
        ("penetration", 0.6, 2000),
        ("rewards", 0.25, 80),
    ],
)
def test_shares_carry_their_interval_and_what_they_are_of(name, value, n):
    found = getattr(figures(MONTH), name)
    assert (found.value, found.n) == (pytest.approx(value), n)
    assert found.low < value < found.high


def test_frequency_is_of_thirty_days_whatever_the_period():
    week = replace(MONTH, days=7, card_receipts=280)
    assert figures(week).frequency == pytest.approx(280 / 400 * 30 / 7)


def test_what_a_customer_is_worth():
    """22.50 of margin a month, three in four stay: adding up month by month comes to the formula."""
    interest = 1.1 ** (30 / 365.25) - 1
    added = sum(22.5 * 0.75**k / (1 + interest) ** k for k in range(1, 400))
    assert figures(MONTH).value == pytest.approx(added)


@pytest.mark.parametrize(
    ("changed", "unknown"),
    [
        pytest.param({"card_receipts": 0, "card_gross": 0.0}, "basket", id="no receipt with a card"),
        pytest.param({"card_receipts": 2000}, "basket_without", id="no receipt without"),
        pytest.param({"returned": 0, "lapsed": 0}, "retention", id="the first period has none before it"),
        pytest.param({"members": 0, "active": 0}, "active", id="nobody enrolled"),
        pytest.param({"points_issued": 0}, "redemption", id="no points"),
        pytest.param({"card_margin": float("nan")}, "value", id="margin was not told"),
    ],
)
def test_nothing_is_made_up(changed, unknown):
    assert getattr(figures(replace(MONTH, **changed)), unknown) is None


def test_return_on_what_was_spent():
    assert roi(Estimate(3000.0, 1500.0, 4500.0), 1500.0) == Estimate(1.0, 0.0, 2.0)
    assert roi(Estimate(10.0, 0.0, 20.0), 0.0) is None


def test_cohorts_by_month_with_gaps_told_as_gaps():
    told = [CohortMonth("2026-03", 0, 200, 200, 400.0), CohortMonth("2026-03", 2, 200, 90, 100.0)]
    told += [CohortMonth("2026-04", 0, 100, 100, 300.0), CohortMonth("2026-04", 1, 100, 60, None)]
    april, march = cohorts(told)
    assert (april.joined, march.joined) == ("2026-04", "2026-03")
    assert [kept and kept.value for kept in march.kept] == [1.0, None, 0.45]
    assert march.margin == (2.0, None, None)
    assert april.margin == (3.0, None)
    assert weighted([april, march], 0).value == 1.0
    assert weighted([april, march], 1).value == 0.6
    assert weighted([april, march], 9) is None


@given(st.integers(0, 500), st.integers(0, 500), st.integers(0, 500))
def test_who_stays_and_who_leaves_are_all_there_were(returned, lapsed, active):
    found = figures(replace(MONTH, returned=returned, lapsed=lapsed, active=active))
    if returned + lapsed:
        assert found.retention.value + found.churn.value == pytest.approx(1.0)
