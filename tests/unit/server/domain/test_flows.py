from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.flows import ENTRY, EXIT, LOST, chain, first_zones, reach, routes, transitions

# Of 100 who come in, 60 go to the bread, 30 to the milk, 10 leave. From bread half go to milk, half leave; from milk a
# quarter goes to the bread and the rest leaves.
SHOP = {
    (ENTRY, "bread"): 60,
    (ENTRY, "milk"): 30,
    (ENTRY, EXIT): 10,
    ("bread", "milk"): 40,
    ("bread", EXIT): 40,
    ("milk", "bread"): 20,
    ("milk", EXIT): 60,
}


def reached(counts, seed=0):
    return {of.zone: of for of in reach(chain(counts), np.random.default_rng(seed))}


def test_reach_of_a_chain_solved_by_hand():
    found = reached(SHOP)
    # To bread: .6 at once, or .3 to milk and a quarter of those. To milk: .3, or .6 to bread and half of those.
    assert found["bread"].share.value == pytest.approx(0.6 + 0.3 * 0.25)
    assert found["milk"].share.value == pytest.approx(0.3 + 0.6 * 0.5)
    # Each return to bread is a round of .5 * .25.
    assert found["bread"].visits.value == pytest.approx(0.675 / (1 - 0.125))
    assert found["milk"].visits.value == pytest.approx(0.6 / (1 - 0.125))


def test_reach_has_the_interval_of_its_sample():
    straight = {(ENTRY, "a"): 300, (ENTRY, EXIT): 700, ("a", EXIT): 300}
    share = reached(straight)["a"].share
    half = 1.96 * np.sqrt(0.3 * 0.7 / 1000)
    assert (share.low, share.high) == pytest.approx((0.3 - half, 0.3 + half), abs=0.005)


def test_most_drawn_truths_lie_within_their_intervals():
    rng, inside = np.random.default_rng(3), 0
    rows = {
        ENTRY: ([("a", 0.7), ("b", 0.3)], 80),
        "a": ([("b", 0.5), (EXIT, 0.5)], 60),
        "b": ([("a", 0.2), (EXIT, 0.8)], 60),
    }
    truth = (0.3 + 0.7 * 0.5) / 1  # to b at once, or over a
    for seed in range(60):
        counts = {
            (source, target): int(n)
            for source, (ways, total) in rows.items()
            for (target, _), n in zip(ways, rng.multinomial(total, [p for _, p in ways]), strict=True)
        }
        share = reached(counts, seed)["b"].share
        inside += share.low <= truth <= share.high
    assert inside >= 52


def test_lost_tracks_change_no_share_but_their_own():
    broken = SHOP | {("bread", LOST): 1000, (LOST, "milk"): 900}
    shares = {(step.source, step.target): step.share for step in transitions(broken)}
    assert shares["bread", EXIT].value == pytest.approx(0.5)
    assert shares["bread", LOST].value == pytest.approx(1000 / 1080)
    assert reached(broken)["milk"].share.value == pytest.approx(reached(SHOP)["milk"].share.value)


def test_censored_visits_reach_what_whole_visits_reach():
    rng, counts = np.random.default_rng(8), {}
    ways = {ENTRY: (["a", "b"], [0.8, 0.2]), "a": (["b", EXIT], [0.6, 0.4]), "b": (["a", EXIT], [0.1, 0.9])}
    for _ in range(6000):
        at = ENTRY
        while at != EXIT:
            to = str(rng.choice(ways[at][0], p=ways[at][1]))
            if rng.random() < 0.3:
                counts[at, LOST] = counts.get((at, LOST), 0) + 1
                at = LOST
            counts[at, to] = counts.get((at, to), 0) + 1
            at = to
    assert reached(counts)["b"].share.value == pytest.approx(0.2 + 0.8 * 0.6, abs=0.02)


def test_first_zones_are_shares_of_those_seen():
    first = first_zones(SHOP | {(ENTRY, LOST): 50})
    assert [(step.target, step.n) for step in first] == [("bread", 60), ("milk", 30), (EXIT, 10)]
    assert first[0].share.value == pytest.approx(0.6)
    assert first[0].share.low < 0.6 < first[0].share.high


def test_routes_likeliest_first():
    found = routes(chain(SHOP | {("bread", EXIT): 60}), most=5)
    assert [route.zones for route in found] == [("bread",), ("milk",), ("bread", "milk"), (), ("milk", "bread")]
    assert [route.share for route in found] == pytest.approx([0.36, 0.225, 0.18, 0.1, 0.045])


def test_loops_end():
    ring = {(ENTRY, "a"): 10, ("a", "b"): 99, ("b", "a"): 98, ("b", EXIT): 1}
    found = routes(chain(ring), most=50, longest=6, times=3)
    assert max(len(route.zones) for route in found) <= 6
    assert all(route.zones.count("a") <= 3 for route in found)


def test_zones_nobody_was_seen_to_leave():
    trap = {(ENTRY, "a"): 10, ("a", "b"): 5, ("b", "a"): 5, (ENTRY, "c"): 10}
    found = reached(trap)
    assert found["c"].share.value == pytest.approx(0.5)
    assert np.isfinite(found["b"].visits.value)


def test_nobody_came():
    assert reach(chain({}), np.random.default_rng(0)) == []
    assert routes(chain({("a", "b"): 3})) == []
    assert transitions({}) == []


PLACES = st.sampled_from(["a", "b", "c", "d"])
FLOWS = st.dictionaries(
    st.tuples(PLACES | st.sampled_from([ENTRY, LOST]), PLACES | st.sampled_from([EXIT, LOST])),
    st.integers(1, 200),
    max_size=20,
)


@given(FLOWS)
def test_shares_are_shares(counts):
    flow = chain(counts)
    assert flow.steps.sum(axis=1) == pytest.approx(1)
    for of in reach(flow, np.random.default_rng(0), draws=20):
        assert 0 <= of.share.low <= of.share.value <= of.share.high <= 1
        assert of.share.value <= of.visits.value + 1e-9
    found = routes(flow, most=100)
    assert sum(route.share for route in found) <= 1 + 1e-9
    assert all(a.share >= b.share for a, b in pairwise(found))


@given(FLOWS)
def test_same_seed_same_answer(counts):
    assert reached(counts, 4) == reached(counts, 4)
