"""What came of a change, from days whose truth is known."""

from datetime import timedelta

import numpy as np
import pytest

from contract.loyalty import Placing
from server.advice.judge import Grounds, facts_of, judge, over
from server.change_document import ChangeDocument, Days

CHANGED = 84
"""The row of the change's day."""


@pytest.fixture
def document(first):
    """`document(**changed)`: coffee goes to the till on day 84, looked at for four weeks."""

    def make(**changed):
        day = first + timedelta(days=CHANGED)
        before = Days(first=first, last=day - timedelta(days=1))
        after = Days(first=day + timedelta(days=2), last=day + timedelta(days=29))
        plain = {"kind": "move", "subject": "coffee", "target": "till", "categories": ["coffee"], "zones": ["till"]}
        return ChangeDocument(**{"before": before, "after": after} | plain | changed)

    return make


@pytest.fixture
def margins(noise):
    """`margins(rng, effect)`: (120,) a day's margin, `effect` more from the change on."""

    def make(rng, effect=0.0, days=120):
        weekday = np.arange(days) % 7
        return 100 + 5 * weekday + noise(rng, days) + effect * (np.arange(days) >= CHANGED)

    return make


def placed(document, *, days_later=0, zone="till"):
    return [
        Placing(category="coffee", zone="aisle", since=document.before.first - timedelta(days=200)),
        Placing(category="coffee", zone=zone, since=document.day + timedelta(days=days_later)),
    ]


def grounds(own, document, *others, alone=True, placings=None):
    return Grounds(own, {other.site: other for other in others}, placings or placed(document), alone=alone)


def test_the_interval_holds_the_truth_and_verdicts_follow_it(store, document, margins):
    change, rng = document(), np.random.default_rng(1)
    found = {}
    for effect, verdict in ((20.0, "worked"), (-20.0, "wrong"), (0.0, "no_effect")):
        results = [judge(change, grounds(store({"coffee": margins(rng, effect)}), change)) for _ in range(20)]
        inside = sum(result.effect.low <= 7 * effect <= result.effect.high for result in results)
        found[verdict] = inside, sum(result.verdict == verdict for result in results)
    for verdict, (inside, agreed) in found.items():
        assert inside >= 17, verdict
        assert agreed >= 16, verdict


def test_a_week_has_seven_days_and_the_share_is_of_what_would_have_been(store, document, margins):
    result = judge(document(), grounds(store({"coffee": margins(np.random.default_rng(2), 20.0)}), document()))
    assert result.effect.value == pytest.approx(140, abs=45)
    assert result.relative.value == pytest.approx(20 / 115, abs=0.06)
    assert result.days == 28


def test_days_of_settling_count_for_neither_side(store, document, margins):
    margin = margins(np.random.default_rng(3))
    margin[CHANGED : CHANGED + 2] = -1000.0
    result = judge(document(), grounds(store({"coffee": margin}), document()))
    assert abs(result.effect.value) < 100


def test_what_happened_in_other_stores_too_is_not_the_change(store, document, margins):
    """All stores rise on the day: before and after it looks like an effect, against the others like none."""
    rng = np.random.default_rng(4)
    own = store({"coffee": margins(rng, 20.0)})
    others = [store({"coffee": margins(rng, 20.0)}, site=site) for site in ("east", "west")]
    alone = judge(document(), grounds(own, document()))
    beside = judge(document(design="against_stores", stores=["east", "west"]), grounds(own, document(), *others))
    assert alone.effect.low > 0
    assert beside.effect.low < 0 < beside.effect.high


def test_another_offer_on_the_goods_is_not_taken_for_the_effect(store, document, margins):
    margin = margins(np.random.default_rng(5))
    on = np.zeros(120, bool)
    on[20:40] = on[90:100] = True
    own = store({"coffee": margin + 60 * on}, offered={"sale": on})
    assert judge(document(), grounds(own, document())).verdict == "no_effect"


def test_stops_are_told_beside_the_margin(store, document, margins):
    rng = np.random.default_rng(6)
    stops = np.column_stack([rng.poisson(100, 120), rng.poisson(100 + 40 * (np.arange(120) >= CHANGED))]).astype(float)
    result = judge(document(), grounds(store({"coffee": margins(rng, 20.0)}, stops=stops), document()))
    assert result.stops.low > 20
    assert result.stops.low < 40 < result.stops.high


@pytest.mark.parametrize("reason", ["not made", "not alone", "too short", "not sold"])
def test_what_cannot_be_concluded_is_called_unclear(store, document, margins, reason):
    margin = margins(np.random.default_rng(7), 40.0, days=120 if reason != "too short" else 90)
    own = store({"tea" if reason == "not sold" else "coffee": margin})
    placings = placed(document(), zone="elsewhere") if reason == "not made" else None
    result = judge(document(), grounds(own, document(), alone=reason != "not alone", placings=placings))
    assert result.verdict == "unclear"


@pytest.mark.parametrize(
    ("later", "zone", "code"), [(0, "till", "moved"), (5, "till", "moved_on_other_day"), (0, "shelf", "not_moved")]
)
def test_the_planogram_says_whether_it_was_done(document, later, zone, code):
    (fact,) = facts_of(document(), placed(document(), days_later=later, zone=zone))
    assert fact.code == code


def test_without_a_planogram_nothing_is_claimed(document):
    (fact,) = facts_of(document(), [])
    assert fact.code == "not_told"
    assert facts_of(document(kind="other"), []) == []


def test_a_test_is_over_when_its_last_day_has_come_in(document):
    last = document().after.last
    assert [over(document(), last + timedelta(days=n)) for n in (0, 1, 2)] == [False, False, True]
