"""What is held back stays unknown: an auditor adds and subtracts everything that is told, by linear programming."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from server.domain.suppression import SMALLEST, Held, Table, hold_back, hold_back_part, tells_nobody

SMALL_ONES = st.integers(0, 14)
COUNTS = st.lists(st.one_of(st.just(0), SMALL_ONES, st.integers(0, 60)), min_size=1, max_size=8)


def rng(seed=1):
    return np.random.default_rng(seed)


def table(cells):
    return Table(cells, int(cells.sum()))


def nothing(n):
    return np.zeros(n, np.bool_)


def width(objective, equal, upper):
    """How far an attacker cannot tell: the range of one unknown under all that is known."""
    rows, sums = zip(*equal, strict=True) if equal else ((), ())
    below, caps = zip(*upper, strict=True) if upper else ((), ())
    known = {
        "A_eq": np.array(rows) if rows else None,
        "b_eq": np.array(sums) if rows else None,
        "A_ub": np.array(below) if below else None,
        "b_ub": np.array(caps) if below else None,
        "bounds": (0, None),
    }
    low, high = (linprog(sign * objective, **known, method="highs") for sign in (1, -1))
    assert low.status == 0
    return np.inf if high.status == 3 else -high.fun - low.fun


def knowledge_of(cells, total, held, offset, n):
    """Equations over n unknowns: what is told of a table whose cells begin at `offset`."""
    found = []
    for i, cell in enumerate(cells):
        if not held.cells[i]:
            row = np.zeros(n)
            row[offset + i] = 1
            found.append((row, cell))
    if not held.total:
        row = np.zeros(n)
        row[offset : offset + len(cells)] = 1
        found.append((row, total))
    return found


@given(COUNTS, st.integers(0, 99), st.data())
def test_no_cell_of_a_day_can_be_bounded(counts, seed, data):
    cells = np.array(counts, np.int64)
    withheld = np.array(data.draw(st.lists(st.booleans(), min_size=len(counts), max_size=len(counts))), np.bool_)
    held = hold_back(table(cells), withheld, rng(seed))
    assert held.cells[withheld].all()
    assert (cells[~held.cells] >= SMALLEST).all()
    told = knowledge_of(cells, cells.sum(), held, 0, len(cells))
    for i in np.flatnonzero(held.cells):
        assert width(np.eye(len(cells))[i], told, []) >= SMALLEST


@settings(max_examples=60)
@given(st.lists(st.tuples(SMALL_ONES, st.integers(0, 30)), min_size=1, max_size=6), st.integers(0, 99))
def test_neither_a_part_nor_its_rest_can_be_bounded(pairs, seed):
    """Two tables at once, hours across and part and rest down, with all that is told of the whole and of the part."""
    part = np.array([pair[0] for pair in pairs], np.int64)
    whole = part + np.array([pair[1] for pair in pairs], np.int64)
    n = len(part)
    of_whole = hold_back(table(whole), nothing(n), rng(seed))
    held = hold_back_part(table(part), table(whole), of_whole, rng(seed + 1))
    told = knowledge_of(part, part.sum(), held, 0, 2 * n) + knowledge_of(whole, whole.sum(), of_whole, n, 2 * n)
    at_most = [(np.concatenate([np.eye(n)[i], -np.eye(n)[i]]), 0) for i in range(n)]
    for i in np.flatnonzero(held.cells):
        of_part = np.concatenate([np.eye(n)[i], np.zeros(n)])
        of_rest = np.concatenate([-np.eye(n)[i], np.eye(n)[i]])
        assert width(of_part, told, at_most) >= SMALLEST
        assert width(of_rest, told, at_most) >= SMALLEST
    for i in np.flatnonzero(of_whole.cells):
        assert held.cells[i]
        assert width(np.concatenate([np.zeros(n), np.eye(n)[i]]), told, at_most) >= SMALLEST
    for cell, rest in zip(part[~held.cells], (whole - part)[~held.cells], strict=True):
        assert min(cell, rest) >= SMALLEST


def test_who_knows_the_rule_and_may_guess_the_draw_knows_no_more():
    """Every table that could have led to the same answer: the held cell may be 0, and may be all that is missing."""
    told, missing = 40, 12
    possible = set()
    for a in range(missing + 1):
        cells = np.array([a, missing - a, told], np.int64)
        for seed in range(20):
            held = hold_back(table(cells), nothing(3), rng(seed))
            if held.cells.tolist() == [True, True, False] and not held.total:
                possible.add(a)
    assert possible == set(range(missing + 1))


@pytest.mark.parametrize(
    ("counts", "held", "reason"),
    [
        ([20, 30], [False, False], "nothing is small"),
        ([3, 9, 50], [True, True, False], "two small ones that come to 12"),
        ([3, 4, 2], [True, True, True], "the whole day is small"),
        ([9], [True], "a single small one is the total"),
        ([10], [False], "ten are enough"),
    ],
)
def test_what_is_held_back(counts, held, reason):
    cells = np.array(counts, np.int64)
    found = hold_back(table(cells), nothing(len(counts)), rng())
    assert found.cells.tolist() == held, reason
    assert found.total == (cells.sum() < SMALLEST)


def test_one_small_cell_takes_another_with_it_and_the_same_each_time():
    cells = np.array([0, 40, 50, 60], np.int64)
    first, again = (hold_back(table(cells), nothing(4), rng(3)) for _ in range(2))
    assert first.cells.sum() == 2
    assert first.cells[0]
    assert first.cells.tolist() == again.cells.tolist()


def test_a_total_that_is_not_the_sum_is_taken_as_it_is_told():
    """What is told is what is subtracted: a total estimated for itself may leave little over."""
    cells = np.array([5, 6, 40], np.int64)
    assert not hold_back(Table(cells, 51), nothing(3), rng()).cells[2]
    assert hold_back(Table(cells, 45), nothing(3), rng()).cells.all()


def test_a_part_of_everybody_tells_of_everybody():
    whole = np.array([30, 30], np.int64)
    none_held = Held(nothing(2), total=False)
    assert hold_back_part(table(whole), table(whole), none_held, rng()).total
    assert not tells_nobody(30, 30)
    assert tells_nobody(20, 30)
