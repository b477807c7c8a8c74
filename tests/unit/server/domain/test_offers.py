from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.domain.offers import Group, Offer, advise_offers, ranked

RATE, PRICE = 1 / 3, 6.0
"""Of the store that `make_days` makes: margin over price, and the price of a piece."""


@pytest.fixture
def make_offer_days(make_days):
    """Days with offers: name to (category, spans of rows, share off, how many times as much is sold)."""

    def make(days=160, seed=0, after=1.0, **offers):
        made = make_days(days, place=(0, 1, 0, 1), sold=(90.0, 120.0, 80.0, 100.0), seed=seed, memory=0.4)
        offered = np.zeros((days, 4, len(offers)), bool)
        for i, (category, spans, share, more) in enumerate(offers.values()):
            for first, last in spans:
                offered[first:last, category, i] = True
                made = sold_more(made, slice(first, last), category, more)
                made = sold_more(made, slice(last, last + 14), category, after)
            made = taken_off(made, offered[:, category, i], category, share)
        return replace(made, offers=tuple(offers), offered=offered)

    return make


def sold_more(days, rows, category, times):
    figures = {}
    for name in ("sold", "quantity", "category_gross", "category_margin"):
        figure = getattr(days, name).copy()
        figure[rows, category] *= times
        figures[name] = figure
    return with_sums(replace(days, **figures))


def taken_off(days, on, category, share):
    off = np.zeros_like(days.discount)
    off[on, category] = share * days.category_gross[on, category]
    return with_sums(
        replace(
            days,
            discount=days.discount + off,
            category_gross=days.category_gross - off,
            category_margin=days.category_margin - off,
        )
    )


def with_sums(days):
    return replace(days, gross=days.category_gross.sum(axis=1), margin=days.category_margin.sum(axis=1))


def told(days, **options):
    return [Offer(key, int(days.day[0]), int(days.day[-1]), **options) for key in days.offers]


def group(members=2000, margin=20_000.0, spread=12.0):
    return Group(members, members * 2, margin, spread)


TWICE = ((40, 61), (110, 131))
PER_WEEK = 90 * PRICE * 22 / 21 * 7
"""Takings of the first category in a week."""


def test_a_discount_nobody_needed_is_found_and_told_to_be_dropped(make_offer_days):
    days = make_offer_days(useless=(0, TWICE, 0.2, 1.0))
    (advice,) = advise_offers(days, told(days, share_off=0.2))
    assert (advice.kind, advice.subject, advice.evidence) == ("drop_offer", "useless", "estimated")
    assert advice.effect.low < 0.2 * PER_WEEK < advice.effect.high and advice.effect.low > 0
    assert advice.reasons["discount_week"] == pytest.approx(0.2 * PER_WEEK, rel=0.1)
    assert advice.reasons["net_week"] == -advice.effect.value
    assert advice.reasons["sold_anyway"] > 0.8
    assert advice.confounders == ("season", "weather") and all(advice.checks.values())


def test_a_discount_that_pays_is_left_alone(make_offer_days):
    days = make_offer_days(works=(0, TWICE, 0.1, 2.2))
    assert advise_offers(days, told(days, share_off=0.1)) == []
    (judged,) = ranked(days, told(days, share_off=0.1))
    assert judged.net.low > 0 and judged.sold_anyway.value == pytest.approx(1 / 2.2, abs=0.08)


def test_offers_that_do_nothing_are_no_advice(make_offer_days):
    for seed in range(10):
        days = make_offer_days(
            seed=seed, a=(0, TWICE, 0.0, 1.0), b=(1, ((30, 44), (90, 104)), 0.0, 1.0), c=(2, ((60, 74),), 0.0, 1.0)
        )
        assert advise_offers(days, told(days)) == [], seed


def test_an_offer_most_would_pay_full_price_for_goes_to_the_others(make_offer_days):
    days = make_offer_days(coffee=(0, TWICE, 0.15, 1.25))
    (advice,) = advise_offers(days, told(days, share_off=0.15))
    assert advice.kind == "retarget_offer" and advice.evidence == "estimated"
    given = 0.15 * 1.25 * PER_WEEK
    assert advice.effect.value == pytest.approx(0.8 * given, rel=0.15)
    assert advice.effect.low > 0.5 * advice.reasons["discount_week"]
    assert advice.reasons["sold_anyway"] == pytest.approx(0.8, abs=0.1)


def test_sales_without_the_offer_do_not_count_as_sold_under_it(make_offer_days):
    days = make_offer_days(card=(0, TWICE, 0.1, 1.25))
    half = told(days, share_off=0.2)
    (some,), (all_,) = ranked(days, half), ranked(days, told(days, share_off=0.1))
    assert some.sold_anyway.value < all_.sold_anyway.value - 0.1


def test_what_is_missing_afterwards_is_counted_in(make_offer_days):
    days, hoarded = (make_offer_days(hoarded=(0, TWICE, 0.1, 1.6), after=after) for after in (1.0, 0.6))
    (fair,), (judged,) = ranked(days, told(days, share_off=0.1)), ranked(hoarded, told(hoarded, share_off=0.1))
    assert fair.net.low > 0 > judged.net.high
    assert judged.sold_anyway.value > fair.sold_anyway.value + 0.1
    (advice,) = advise_offers(hoarded, told(hoarded, share_off=0.1))
    assert advice.reasons["echo_week"] == pytest.approx(-0.4 * PER_WEEK * RATE, rel=0.2)


def test_another_offer_on_the_same_goods_is_told_apart(make_offer_days):
    days = make_offer_days(strong=(0, ((35, 56), (100, 121)), 0.1, 2.2), weak=(0, ((70, 84), (130, 144)), 0.2, 1.0))
    by_name = {each.offer: each for each in ranked(days, told(days, share_off=0.2))}
    assert by_name["strong"].net.low > 0 > by_name["weak"].net.high


def test_an_offer_on_other_goods_that_moves_these_is_told_apart(make_offer_days):
    days = make_offer_days(bread=(1, ((30, 51), (95, 116)), 0.0, 1.0), coffee=(0, ((51, 72), (116, 137)), 0.15, 1.0))
    days = sold_more(sold_more(days, slice(30, 51), 0, 1.6), slice(95, 116), 0, 1.6)
    (coffee,) = [each for each in ranked(days, told(days, share_off=0.15)) if each.offer == "coffee"]
    assert coffee.net.low < -0.15 * PER_WEEK < coffee.net.high < 0


def test_its_cost_counts_against_it(make_offer_days):
    days = make_offer_days(points=(0, TWICE, 0.0, 1.0))
    (free,), (dear,) = ranked(days, told(days)), ranked(days, told(days, cost=40_000.0))
    weeks = len(days) / 7
    assert dear.net.value == pytest.approx(free.net.value - 40_000 / weeks)
    assert [each.kind for each in advise_offers(days, told(days, cost=40_000.0))] == ["drop_offer"]


def test_an_experiment_goes_before_the_days(make_offer_days):
    days = make_offer_days(mailing=(0, TWICE, 0.2, 1.0))
    lost = told(days, given=group(margin=18_000.0), held_out=group())
    (advice,) = advise_offers(days, lost)
    assert (advice.kind, advice.evidence, advice.checks) == ("drop_offer", "tested", {})
    weeks = len(days) / 7
    assert advice.effect.value == pytest.approx(2000 / weeks)
    assert advice.effect.high - advice.effect.low == pytest.approx(
        2 * 1.96 * 12 * (2 / 2000) ** 0.5 * 2000 / weeks, rel=0.01
    )
    assert advise_offers(days, told(days, given=group(margin=22_000.0), held_out=group())) == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])  # nothing of the days is changed
@given(
    members=st.integers(30, 5000),
    out=st.integers(30, 5000),
    each=st.floats(-50, 50),
    gain=st.floats(-20, 20),
    cost=st.floats(0, 1e4),
)
def test_groups_are_compared_by_the_member(members, out, each, gain, cost, make_offer_days):
    days = make_offer_days(days=14, a=(0, (), 0.0, 1.0))
    given_to, held_out = Group(members, 1, members * (each + gain), 5.0), Group(out, 1, out * each, 5.0)
    (judged,) = ranked(days, told(days, cost=cost, given=given_to, held_out=held_out))
    assert judged.evidence == "tested"
    assert judged.net.value == pytest.approx((gain * members - cost) / 2, abs=0.01)
    assert judged.net.low < judged.net.value < judged.net.high


@pytest.mark.parametrize(
    ("given", "out"),
    [(None, None), (group(members=29), group()), (group(spread=None), group()), (group(spread=0), group(spread=0))],
)
def test_groups_that_tell_too_little_leave_it_to_the_days(given, out, make_offer_days):
    days = make_offer_days(a=(0, TWICE, 0.2, 1.0))
    (judged,) = ranked(days, told(days, given=given, held_out=out))
    assert judged.evidence == "estimated"


def test_a_young_offer_says_how_many_days_it_needs(make_offer_days):
    days = make_offer_days(young=(0, ((157, 160),), 0.2, 1.0))
    (advice,) = advise_offers(days, told(days))
    assert (advice.kind, advice.evidence, advice.effect, advice.needs_days) == ("drop_offer", None, None, 4)
    assert 0.8 < advice.gathered < 1


def test_an_offer_without_end_or_goods_cannot_be_judged(make_offer_days):
    days = make_offer_days(always=(0, ((0, 160),), 0.2, 1.0), empty=(0, (), 0.2, 1.0))
    found = {each.offer: each for each in ranked(days, told(days))}
    assert found["always"].evidence is None and found["always"].needs_days == 28
    assert found["empty"].evidence is None


def test_a_failed_check_makes_it_associated(make_offer_days):
    days = make_offer_days(late=(0, ((100, 160),), 0.3, 1.0))
    slid = np.ones(160)
    slid[60:] = np.linspace(1, 0.4, 100)
    days = with_sums(
        replace(days, category_margin=days.category_margin * np.where(np.arange(4) == 0, slid[:, None], 1))
    )
    (judged,) = ranked(days, told(days))
    assert judged.evidence == "associated" and not all(judged.checks.values())


def test_only_offers_of_late_are_advice(make_offer_days):
    days = make_offer_days(useless=(0, TWICE, 0.2, 1.0))
    last = int(days.day[-1])
    (offer,) = told(days)
    assert advise_offers(days, [replace(offer, last=last - 91)]) == []
    assert len(advise_offers(days, [replace(offer, last=last - 89)])) == 1
    assert advise_offers(days, [replace(offer, offer="unknown")]) == []
    assert advise_offers(days.between(0, 1), [offer]) == []
