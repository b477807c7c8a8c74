"""The proposals of a small store: what comes first, on what evidence, what held it, and what was tried before."""

from dataclasses import replace

import numpy as np
import pytest

from server.domain.baskets import Baskets
from server.domain.gains import weekly_margin
from server.domain.intervals import Estimate
from server.domain.placement import advise
from server.domain.promises import Kept
from server.domain.shelves import Goods, Place

DAYS, ROW = 168, 84
NO_BASKETS = Baskets(*[np.array([], dtype=np.int64)] * 3, sets=())
PLACES = [Place("z0", 2.0), Place("z1", 20.0), Place("z2", 20.0)]
MONDAY = 739_000 // 7 * 7 + 1


def spoilt(make_days, *, loss=0.5, row=ROW, seed=0, second=60.0, **more):
    """c0 went from the busy z0 to the quiet z1 and sells `loss` times as much; the others stay in z2."""
    after = np.arange(DAYS) >= row
    place = np.column_stack([after.astype(int), np.full((DAYS, 9), 2)])
    rate = np.full((DAYS, 10), 60.0)
    rate[after, 0] *= loss
    rate[:, 1] = second
    return make_days(DAYS, place=place, zones=3, sold=rate, visits=[600.0, 200.0, 300.0], seed=seed, **more)


def pairs(together):
    """Receipts of two each; `together` of c1 with c2, 600 of c1 and of c2 with others of c3 to c6."""
    n = {("c1", "c2"): together, ("c3", "c4"): 300, ("c5", "c6"): 300, ("c3", "c5"): 300, ("c4", "c6"): 300}
    n |= {(one, other): 60 for one in ("c1", "c2") for other in ("c3", "c4", "c5", "c6")}
    keys = sorted(n)
    week = np.full(len(keys), MONDAY)
    return Baskets(week, week * 0 + 1, np.array([n[key] for key in keys]), tuple(keys))


def said(days, baskets=NO_BASKETS, places=PLACES, adjacency=(), **more):
    return advise(days, baskets, places, adjacency, rng=np.random.default_rng(0), **more)


def test_taking_back_a_bad_move_comes_first(make_days):
    days = spoilt(make_days)
    first, *others = said(days)
    assert first.key == "move:c0::z1:z0"
    assert first.evidence == "estimated"
    assert first.effect.low < weekly_margin(days)[0] < first.effect.high
    assert first.reasons["change"] == pytest.approx(1.0, abs=0.3)
    assert first.reasons["visits_target"] == pytest.approx(days.visits[:, 0].mean())
    assert (first.reasons["days_before"], first.reasons["days_after"]) == (84, 84)
    assert first.checks == dict.fromkeys(("placebo", "pre_trend", "residuals", "traffic", "exposure"), True)
    assert all(advice.effect is None for advice in others)


def test_an_island_is_featured(make_days):
    first = said(spoilt(make_days), places=[Place("z0", 2.0, feature=True)])[0]
    assert (first.kind, first.target) == ("feature", "z0")


def test_a_full_place_is_swapped_into_and_the_unknown_is_bounded(make_days):
    days = spoilt(make_days, second=6.0)
    place = days.place.copy()
    place[:, 1] = 0
    full = replace(days, place=place)
    alone = said(days)[0]
    first = said(full, places=[Place("z0", 1.0), Place("z1", 1.0), Place("z2", 8.0)])[0]
    assert (first.kind, first.subject, first.other, first.target) == ("swap", "c0", "c1", "z0")
    assert first.evidence == "associated", "nobody ever saw c1 in z1"
    lost = -weekly_margin(full)[1] * 2 / 3
    assert first.effect.low == pytest.approx(alone.effect.low + lost, rel=0.05)
    assert first.effect.high == pytest.approx(alone.effect.high, rel=0.05)


@pytest.mark.parametrize(
    ("goods", "places"),
    [
        ([Goods("c0", needs="cold")], PLACES),
        ([Goods("c0", movable=False)], PLACES),
        ([Goods("c0", 3.0)], PLACES),
    ],
)
def test_what_cannot_be_is_not_advised(make_days, goods, places):
    assert [advice for advice in said(spoilt(make_days), places=places, goods=goods) if advice.target == "z0"] == []


def test_what_kept_it_from_better_places_is_said(make_days):
    """c0 was tried in z3, where it sold best, and in z0: z3 has no room for it any more."""
    stood = np.array([1] * 34 + [3] * 34 + [1] * 33 + [0] * 33 + [1] * 34)
    rate = np.full((DAYS, 10), 60.0)
    rate[:, 0] = np.array([0.0, 50.0, 0.0, 200.0])[stood] + 110.0 * (stood == 0)
    place = np.column_stack([stood, np.full((DAYS, 9), 2)])
    days = make_days(DAYS, place=place, zones=4, sold=rate, visits=[600.0, 200.0, 300.0, 900.0])
    free, narrow = said(days)[0], said(days, places=[Place("z3", 0.5)])[0]
    assert (free.target, free.held) == ("z3", ())
    assert (narrow.target, narrow.held) == ("z0", ("capacity",))


def test_goods_bought_together_and_apart_are_a_pair(make_days):
    place = np.array([0, 0, 2, 2, 1, 1, 1])
    days = make_days(DAYS, place=place, zones=3)
    first = said(days, pairs(240), places=[Place(z, 9.0) for z in ("z0", "z1", "z2")])[0]
    assert first.kind == "pair"
    assert {first.subject, first.other} == {"c1", "c2"}
    assert (first.evidence, first.effect) == ("associated", None)
    assert first.reasons["lift"] > first.reasons["lift_low"] > 1
    assert first.reasons["together"] == 240
    assert first.reasons["confidence"] == pytest.approx(0.5)


def test_goods_beside_each_other_already_are_none(make_days):
    days = make_days(DAYS, place=[0, 0, 2, 2, 1, 1, 1], zones=3)
    assert "pair" not in {advice.kind for advice in said(days, pairs(240), adjacency=[("z0", "z2")])}
    assert "pair" not in {advice.kind for advice in said(days, pairs(60))}


def test_a_pair_beside_each_other_stays_so(make_days):
    days = spoilt(make_days)
    beside = replace(days, place=np.column_stack([days.place[:, 0], days.place[:, 0], days.place[:, 2:]]))
    together = Baskets(*(getattr(pairs(240), name) for name in ("week", "part", "n")), sets=tuple(tuple({"c1": "c0", "c2": "c1"}.get(c, c) for c in of) for of in pairs(240).sets))  # fmt: skip
    free = [advice.subject for advice in said(beside, places=[Place("z0", 1.0)])]
    held = [advice.subject for advice in said(beside, together, places=[Place("z0", 1.0)])]
    assert "c0" in free
    assert "c0" not in held


def test_who_goes_elsewhere_is_not_sent_beside_another_too(make_days):
    days = spoilt(make_days)
    names = {"c1": "c0", "c2": "c9"}
    bought = pairs(240)
    apart = replace(bought, sets=tuple(tuple(sorted(names.get(c, c) for c in of)) for of in bought.sets))
    assert [advice.kind for advice in said(days, apart)] == ["move"]
    assert "pair" in {advice.kind for advice in said(spoilt(make_days, loss=1.0), apart)}


def test_a_new_move_waits(make_days):
    days = spoilt(make_days, row=DAYS - 5)
    (only,) = said(days)
    assert (only.kind, only.origin, only.target) == ("move", "z1", "z0")
    assert (only.evidence, only.effect, only.needs_days) == (None, None, 9)
    assert only.gathered == pytest.approx(5 / 14)


@pytest.mark.parametrize("seed", range(5))
def test_a_move_without_effect_brings_no_advice(make_days, seed):
    advice = said(spoilt(make_days, loss=1.0, seed=seed))
    assert [one for one in advice if one.effect is not None] == []


def test_what_was_tested_here_is_told_as_measured(make_days):
    days, measured = spoilt(make_days), Estimate(70.0, 30.0, 110.0)
    kept = {"move:c0::z1:z0": Kept(Estimate(400.0, 300.0, 500.0), measured)}
    first = said(days, results=kept)[0]
    assert (first.evidence, first.effect) == ("tested", measured)


def test_what_was_tested_here_and_failed_is_not_advised_again(make_days):
    kept = {"move:c0::z1:z0": Kept(Estimate(400.0, 300.0, 500.0), Estimate(5.0, -30.0, 40.0))}
    assert [advice for advice in said(spoilt(make_days), results=kept) if advice.target == "z0"] == []


def test_broken_promises_make_new_ones_smaller(make_days):
    days = spoilt(make_days)
    kept = {f"move:x{i}::z1:z0": Kept(Estimate(100.0, 50, 150), Estimate(70.0, 30, 110)) for i in range(6)}
    plain, corrected = said(days)[0], said(days, results=kept)[0]
    assert corrected.effect.value == pytest.approx(0.7 * plain.effect.value)
    assert corrected.effect.low == pytest.approx(0.7 * plain.effect.low)
    assert (corrected.reasons["past_factor"], corrected.reasons["past_tests"]) == (pytest.approx(0.7), 6)


def test_what_few_see_is_shown_on_the_island_or_on_a_screen(make_days):
    days = make_days(60, place=range(8), zones=8, sold=[40.0] * 7 + [30.0], visits=[300.0] * 7 + [60.0])
    island = said(days, places=[Place("z0", 5.0, feature=True)])
    assert ("feature", "c7", "z0", "described") in {(a.kind, a.subject, a.target, a.evidence) for a in island}
    screen = said(days, places=[], screens={"door": "z1", "till": "z9"}, goods=[Goods("c7", movable=False)])
    assert ("advertise", "c7", "door", "z1") in {(a.kind, a.subject, a.other, a.target) for a in screen}


def test_the_same_question_has_the_same_answer(make_days):
    days = spoilt(make_days)
    assert said(days, pairs(240)) == said(days, pairs(240))


@pytest.mark.parametrize("length", [0, 1, 20])
def test_few_days_say_nothing(make_days, length):
    days = make_days(30).between(0, 0) if not length else make_days(length)
    assert said(days) == []


def test_a_store_that_knows_nothing_gets_no_advice(make_days):
    days = make_days(DAYS, place=[-1, -1])
    blind = replace(
        days,
        **{name: getattr(days, name) * np.nan for name in ("visits", "stops", "engaged", "presence_s", "entrants")},
        **{name: getattr(days, name) * np.nan for name in ("sold", "category_margin", "receipts")},
    )
    assert said(blind) == []


def test_a_store_without_zones_or_goods_gets_no_advice(make_days):
    nowhere = make_days(DAYS, place=[-1] * 3, zones=0, visits=np.zeros((DAYS, 0)))
    nothing = make_days(DAYS, place=np.zeros((DAYS, 0)), sold=np.zeros((DAYS, 0)))
    assert (said(nowhere, pairs(240)), said(nothing, pairs(240))) == ([], [])


def test_goods_nobody_ever_bought_or_moved_away_stop_nothing(make_days):
    days = spoilt(make_days)
    place, sold = days.place.copy(), days.sold.copy()
    place[-30:, 3], sold[-30:, 3], sold[:, 4] = -1, 0.0, 0.0
    assert said(replace(days, place=place, sold=sold))[0].key == "move:c0::z1:z0"
