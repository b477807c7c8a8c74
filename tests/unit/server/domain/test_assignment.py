"""The plan that is found is the best there is, and breaks nothing: against all plans of small floors."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.assignment import Floor, alone, held, solve, steps


def floor(now, capacity, *, needs=None, has=None, movable=None, adjacent=None, together=(), metres=None):
    c, z = len(now), len(capacity)
    return Floor(
        now=np.array(now, dtype=np.int64),
        metres=np.ones(c) if metres is None else np.array(metres, dtype=float),
        capacity=np.array(capacity, dtype=float),
        needs=needs or ("",) * c,
        has=has or (frozenset(),) * z,
        movable=np.ones(c, dtype=bool) if movable is None else np.array(movable),
        adjacent=np.zeros((z, z), dtype=bool) if adjacent is None else np.array(adjacent),
        together=together,
    )


@st.composite
def small_floors(draw):
    c, z = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    zones = st.integers(0, z - 1)
    one = floor(
        draw(st.lists(st.integers(-1, z - 1), min_size=c, max_size=c)),
        draw(st.lists(st.floats(0, 4), min_size=z, max_size=z)),
        needs=tuple(draw(st.sampled_from(["", "cold"])) for _ in range(c)),
        has=tuple(frozenset(draw(st.sets(st.just("cold")))) for _ in range(z)),
        movable=draw(st.lists(st.booleans(), min_size=c, max_size=c)),
        adjacent=[[draw(st.booleans()) for _ in range(z)] for _ in range(z)],
        together=tuple(draw(st.sets(st.tuples(st.integers(0, c - 1), st.integers(0, c - 1)), max_size=2))),
        metres=[draw(st.sampled_from([0.5, 1.0, 2.0])) for _ in range(c)],
    )
    gain = np.array([[draw(st.integers(-5, 5)) for _ in range(z)] for _ in range(c)], dtype=float)
    if draw(st.booleans()):
        gain[draw(st.integers(0, c - 1)), draw(zones)] = -np.inf
    placed = one.now >= 0
    gain[placed, one.now[placed]] = 0
    return one, gain, draw(st.integers(0, 3))


def worth(one, gain, place):
    return sum(gain[c, z] for c, z in enumerate(place) if z >= 0)


def all_plans(one, gain, most):
    choices = [range(len(one.capacity)) if now >= 0 else [-1] for now in one.now]
    for place in map(np.array, product(*choices)):
        if (place != one.now).sum() <= most and not one.faults(place) and np.isfinite(worth(one, gain, place)):
            yield place


@given(small_floors())
def test_no_plan_is_better_and_none_is_broken(case):
    one, gain, most = case
    place = solve(one, gain, most=most)
    assert not one.faults(place)
    assert (place != one.now).sum() <= most
    assert worth(one, gain, place) == pytest.approx(max(worth(one, gain, plan) for plan in all_plans(one, gain, most)))


@given(small_floors())
def test_steps_add_up_to_the_plan(case):
    one, gain, most = case
    place = solve(one, gain, most=most)
    done = steps(one, gain, place)
    assert sum(step.gain for step in done) == pytest.approx(worth(one, gain, place))
    after = one.now.copy()
    for step in done:
        after[step.category] = step.target
        if step.other is not None:
            after[step.other] = step.origin
    assert after.tolist() == place.tolist()


@given(small_floors(), st.data())
def test_a_step_alone_can_be_done(case, data):
    one, gain, _ = case
    category = data.draw(st.integers(0, len(one.now) - 1))
    zone = data.draw(st.integers(0, len(one.capacity) - 1))
    if one.now[category] in (-1, zone):
        return
    step = alone(one, gain, category, zone)
    fits = [plan for plan in all_plans(one, gain, 2) if plan[category] == zone]
    swaps_or_moves = [
        plan
        for plan in fits
        if all(c == category or (one.now[c], z) == (zone, one.now[category]) for c, z in enumerate(plan) if z != one.now[c])
    ]  # fmt: skip
    assert (step is None) == (not swaps_or_moves)


def test_a_full_zone_is_entered_by_a_swap():
    one = floor([0, 1], [1, 1])
    gain = np.array([[0.0, 9.0], [-2.0, 0.0]])
    assert solve(one, gain, most=2).tolist() == [1, 0]
    (step,) = steps(one, gain, solve(one, gain, most=2))
    assert (step.category, step.other, step.gain) == (0, 1, 7.0)


def test_a_chain_moves_three_where_no_pair_would_do():
    one = floor([0, 1, 2], [1, 1, 1])
    gain = np.array([[0, 5, -9], [-9, 0, 5], [5, -9, 0]], dtype=float)
    assert solve(one, gain, most=3).tolist() == [1, 2, 0]
    assert solve(one, gain, most=2).tolist() == [0, 1, 2]
    assert len(steps(one, gain, np.array([1, 2, 0]))) == 3


@pytest.mark.parametrize(
    ("one", "why"),
    [
        (floor([0, 1], [1, 1]), "capacity"),
        (floor([0], [1, 1], needs=("cold",)), "cold"),
        (floor([0], [1, 1], movable=[False]), "not_movable"),
        (floor([0, 0], [2, 2], together=((0, 1),)), "pair"),
    ],
)
def test_what_kept_it_is_said(one, why):
    gain = np.zeros((len(one.now), 2))
    gain[0, 1] = 3.0
    gain[1:, :] = np.where(one.now[1:, None] == np.arange(2), 0.0, -50.0)
    place = solve(one, gain, most=1)
    assert place.tolist() == one.now.tolist()
    assert held(one, gain, place, 0) == (why,)


def test_an_overfull_zone_stays_as_it_is():
    one = floor([0, 0], [1, 1])
    assert solve(one, np.array([[0.0, -1.0], [0.0, -1.0]]), most=2).tolist() == [0, 0]


def test_parts_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="2 categories and 1 zones"):
        floor([0, 0], [1], metres=[1])
