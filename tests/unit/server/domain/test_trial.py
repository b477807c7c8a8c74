"""What a test would take: held against tests that are carried out."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from server.domain.autoregression import regress
from server.domain.trial import LENGTHS, SETTLING_DAYS, plan_trial

spec = importlib.util.spec_from_file_location("advice_days", Path(__file__).parents[1] / "advice" / "conftest.py")
made = importlib.util.module_from_spec(spec)
spec.loader.exec_module(made)

BEFORE = 84


def margins(rng, days=BEFORE, *, sd=10.0, common=0.0):
    return 100 + 5 * (np.arange(days) % 7) + made.scatter(rng, days, sd=sd) + common


def trial(own, *others, promised=None, categories=("coffee",)):
    return plan_trial(own, others, categories=categories, zones=["till"], promised=promised)


def test_what_it_says_it_sees_is_seen_eight_times_in_ten():
    rng, days = np.random.default_rng(1), BEFORE + SETTLING_DAYS + 28
    day = np.arange(days)
    told, on = (day < BEFORE) | (day >= BEFORE + SETTLING_DAYS), day >= BEFORE
    columns = np.column_stack([on, np.ones(days), day / days, day[:, None] % 7 == np.arange(1, 7)]).astype(float)
    seen = []
    for _ in range(120):
        margin = margins(rng, days)
        planned = trial(made.days_of({"coffee": margin[:BEFORE]}))
        effect = next(length.sees for length in planned.lengths if length.days == 28) / 7
        found = regress((margin + effect * on)[told], columns[told], day[told])
        seen.append(found.estimate(0).low > 0)
    assert 0.68 <= np.mean(seen) <= 0.9


def test_longer_tests_see_smaller_effects_and_the_shortest_that_suffices_is_advised():
    own = made.days_of({"coffee": margins(np.random.default_rng(2))})
    planned = trial(own)
    seen = [length.sees for length in planned.lengths]
    assert [length.days for length in planned.lengths] == list(LENGTHS)
    assert seen == sorted(seen, reverse=True)
    assert trial(own, promised=seen[2] + 1).days == LENGTHS[2]
    assert trial(own, promised=-seen[2] - 1).days == LENGTHS[2]
    assert trial(own, promised=seen[-1] / 10).days == LENGTHS[-1]


def test_a_store_that_goes_along_is_compared_with_and_sees_more():
    rng = np.random.default_rng(3)
    moods = made.scatter(rng, BEFORE, sd=20.0)
    own = made.days_of({"coffee": margins(rng, common=moods)})
    along = made.days_of({"coffee": margins(rng, common=moods)}, site="along")
    stranger = made.days_of({"coffee": margins(rng, common=made.scatter(rng, BEFORE, sd=20.0))}, site="stranger")
    beside, alone = trial(own, along, stranger), trial(own)
    assert (beside.design, beside.stores[0]) == ("against_stores", "along")
    assert (alone.design, alone.stores) == ("before_after", ())
    assert beside.sees < 0.8 * alone.sees
    assert trial(own, stranger).design == "before_after"


def test_two_categories_are_judged_together_and_unknown_ones_passed_over():
    rng = np.random.default_rng(4)
    own = made.days_of({"coffee": margins(rng), "milk": margins(rng)})
    both = trial(own, categories=("coffee", "milk", "gone"))
    assert both.categories == ("coffee", "milk")
    assert both.sees > trial(own).sees


@pytest.mark.parametrize("days", [5, 27])
def test_too_few_days_make_no_test(days):
    assert trial(made.days_of({"coffee": margins(np.random.default_rng(5), days)})) is None


def test_nothing_that_is_sold_makes_no_test():
    own = made.days_of({"coffee": np.full(BEFORE, np.nan)})
    assert trial(own) is None
    assert trial(own, categories=("gone",)) is None


def test_closed_days_do_not_widen_it():
    margin = margins(np.random.default_rng(6))
    whole = made.days_of({"coffee": margin})
    shut = np.arange(BEFORE) % 13 == 5
    closed = made.days_of({"coffee": np.where(shut, 0.0, margin)})
    closed.closed[shut] = True
    assert trial(closed).sees == pytest.approx(trial(whole).sees, rel=0.3)
