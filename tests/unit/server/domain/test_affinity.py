"""Rules: the planted pair and nothing else, whatever else makes goods lie in one basket."""

from collections import Counter

import numpy as np
import pytest

from server.domain.affinity import rules
from server.domain.baskets import Baskets

MONDAY = 739_000 // 7 * 7 + 1


def drawn(seed, receipts=20_000, *, categories=20, pair=None, taken=0.1, sizes=0.8, parts=0.5):
    """Receipts of people who buy little and much (`sizes`), mornings and evenings otherwise (`parts`)."""
    rng = np.random.default_rng(seed)
    wanted = np.exp(rng.normal(-2.3, 0.8, categories)) * np.exp(rng.normal(0, sizes, receipts))[:, None]
    part = rng.integers(1, 4, receipts)
    wanted = wanted * np.exp(rng.normal(0, parts, (4, categories)))[part]
    holds = rng.random((receipts, categories)) < wanted / (1 + wanted)
    if pair:
        holds[:, pair[1]] |= holds[:, pair[0]] & (rng.random(receipts) < taken)
    week = MONDAY + 7 * rng.integers(0, 4, receipts)
    names = np.array([f"c{i:02}" for i in range(categories)])
    return counted((w, p, tuple(names[row])) for w, p, row in zip(week.tolist(), part.tolist(), holds, strict=True))


def counted(receipts):
    n = Counter(receipt for receipt in receipts if receipt[2])
    keys = sorted(n)
    week, part = (np.array([key[i] for key in keys], dtype=np.int64) for i in (0, 1))
    return Baskets(week, part, np.array([n[key] for key in keys], dtype=np.int64), tuple(key[2] for key in keys))


def found(baskets):
    return rules(baskets, rng=np.random.default_rng(0))


@pytest.mark.parametrize("seed", range(3))
def test_large_baskets_and_mornings_alone_make_no_rule(seed):
    assert found(drawn(seed)) == []


@pytest.mark.parametrize("seed", range(3))
def test_a_planted_pair_is_the_only_rule_both_ways(seed):
    named = found(drawn(seed, pair=(3, 7), taken=0.3))
    assert {(rule.given, rule.then) for rule in named} == {("c03", "c07"), ("c07", "c03")}
    assert named[0].lift.low > 1


def test_figures_of_a_rule_are_those_of_the_receipts():
    """60 with both, 20 with the first, 40 with the second alone, 280 of others: alike in size, two each."""
    receipts = [("a", "b")] * 60 + [("a", "x")] * 20 + [("b", "x")] * 40 + [("x", "y")] * 140 + [("x", "z")] * 140
    named = found(counted((MONDAY, 1, receipt) for receipt in receipts))
    rule = next(rule for rule in named if (rule.given, rule.then) == ("a", "b"))
    assert (rule.together, rule.support, rule.confidence) == (60, 60 / 400, 60 / 80)
    log_error = np.log(rule.lift.high / rule.lift.value) / 1.959964
    assert log_error**2 == pytest.approx(1 / 60 - 1 / 80 - 1 / 100 + 2 * 60 / (80 * 100) - 1 / 400)


def test_interval_covers_the_truth():
    """Who buys a takes b in 30 of 100, others in 20. 95 of 100 intervals hold that lift; of 30, 26 at the least."""
    truth, names = 0.3 / (0.3 * 0.3 + 0.7 * 0.2), np.array(["a", "b", *(f"x{i:02}" for i in range(20))])
    inside, tries = 0, 30
    for seed in range(tries):
        rng = np.random.default_rng(seed)
        holds = rng.random((6000, len(names))) < 0.25
        holds[:, 0] = rng.random(len(holds)) < 0.3
        holds[:, 1] = rng.random(len(holds)) < np.where(holds[:, 0], 0.3, 0.2)
        pair = [rule for rule in found(counted((MONDAY, 1, tuple(names[row])) for row in holds)) if rule.given == "a"]
        inside += any(rule.then == "b" and rule.lift.low <= truth <= rule.lift.high for rule in pair)
    assert inside >= 26


def test_many_receipts_are_sampled_and_all_are_counted():
    baskets = drawn(1, 20_000, pair=(3, 7), taken=0.3)
    many = Baskets(baskets.week, baskets.part, baskets.n * 10, baskets.sets)
    one, ten = found(baskets)[0], found(many)[0]
    assert ten.together == 10 * one.together
    assert ten.lift.value == pytest.approx(one.lift.value)
    assert ten.lift.low > one.lift.low


def test_the_order_of_what_comes_does_not_matter():
    baskets = drawn(2, pair=(3, 7), taken=0.3)
    back = Baskets(baskets.week[::-1], baskets.part[::-1], baskets.n[::-1], baskets.sets[::-1])
    assert [(r.given, r.then, r.together) for r in found(back)] == [
        (r.given, r.then, r.together) for r in found(baskets)
    ]


def test_nothing_bought_makes_no_rules():
    empty = np.array([], dtype=np.int64)
    assert found(Baskets(empty, empty, empty, ())) == []


def test_parts_of_other_lengths_are_refused():
    one = np.array([1], dtype=np.int64)
    with pytest.raises(ValueError, match="1 sets need as many"):
        Baskets(one, one, np.array([1, 2], dtype=np.int64), (("a",),))
