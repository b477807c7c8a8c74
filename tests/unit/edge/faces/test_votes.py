import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.faces.votes import LEAST_LOOKS, Votes

ROWS = np.array([3, 5])


def told(*looks, least_share=0.6):
    votes = Votes(2, least_share=least_share)
    for look in looks:
        votes.add(5, np.array(look))
    return votes.result(ROWS).tolist()


def test_too_few_looks_say_nothing():
    assert told(*[(0, 1)] * (LEAST_LOOKS - 1)) == [-1, -1]
    assert told(*[(0, 1)] * LEAST_LOOKS) == [-1, 1]


def test_looks_that_do_not_agree_say_nothing():
    assert told((0, 1), (1, 0), (0.5, 0.5)) == [-1, -1]
    assert told((0, 1), (1, 0), (1, 0)) == [-1, 0]


def test_one_bad_look_is_outvoted():
    assert told(*[(0.1, 0.9)] * 5, (1, 0)) == [-1, 1]


@pytest.mark.parametrize("row", [3, 5])
def test_rows_do_not_mix_and_forget(row):
    votes = Votes(2, least_share=0.6)
    for _ in range(LEAST_LOOKS):
        votes.add(3, np.array([1.0, 0.0]))
        votes.add(5, np.array([0.0, 1.0]))
    assert votes.result(ROWS).tolist() == [0, 1]
    votes.forget(np.array([row]))
    assert votes.result(ROWS).tolist() == [-1 if r == row else k for k, r in enumerate(ROWS)]


@given(st.lists(st.floats(0, 1), min_size=LEAST_LOOKS, max_size=40))
def test_the_order_of_looks_does_not_matter_and_the_mean_decides(male):
    looks = [(1 - p, p) for p in male]
    mean = np.mean(male)
    if abs(mean - 0.6) < 1e-6 or abs(mean - 0.4) < 1e-6:
        return
    expected = 1 if mean > 0.6 else 0 if mean < 0.4 else -1
    assert told(*looks) == told(*reversed(looks)) == [-1, expected]
