import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from contract.confusion import check_confusion, corrected_shares

AGES = np.array([[0.82, 0.18, 0, 0], [0.18, 0.64, 0.18, 0], [0, 0.16, 0.68, 0.16], [0, 0, 0.12, 0.88]])


@st.composite
def confusions(draw, classes):
    """Each class is more often told right than not."""
    wrong = np.array(draw(st.lists(st.floats(0.01, 1), min_size=classes**2, max_size=classes**2))).reshape(
        classes, classes
    )
    np.fill_diagonal(wrong, 0)
    right = np.array(draw(st.lists(st.floats(0.6, 1), min_size=classes, max_size=classes)))
    return np.diag(right) + (1 - right)[:, None] * wrong / wrong.sum(axis=1, keepdims=True)


@st.composite
def shares(draw, classes):
    parts = np.array(draw(st.lists(st.floats(0, 1), min_size=classes, max_size=classes)))
    assume(parts.sum() > 0.1)
    return parts / parts.sum()


def likelihood(counts, confusion, found):
    expected = found @ confusion
    return float(np.sum(counts * np.log(np.maximum(expected, 1e-300))))


@given(st.data())
def test_shares_that_explain_the_counts_are_found_again(data):
    classes = data.draw(st.integers(2, 5))
    confusion, true = data.draw(confusions(classes)), data.draw(shares(classes))
    np.testing.assert_allclose(corrected_shares(1e6 * true @ confusion, confusion), true, atol=2e-3)


@given(st.data())
def test_whatever_the_counts_are_they_are_shares_and_none_are_likelier(data):
    classes = data.draw(st.integers(2, 4))
    confusion = data.draw(confusions(classes))
    counts = np.array(data.draw(st.lists(st.integers(0, 500), min_size=classes, max_size=classes)))
    assume(counts.sum() > 0)
    found = corrected_shares(counts, confusion)
    assert (found >= 0).all()
    assert found.sum() == pytest.approx(1)
    best = likelihood(counts, confusion, found)
    for other in [counts / counts.sum(), np.full(classes, 1 / classes), data.draw(shares(classes))]:
        assert likelihood(counts, confusion, other) <= best + 1e-3


@given(counts=st.lists(st.integers(0, 10_000), min_size=4, max_size=4))
def test_who_never_errs_needs_no_correction(counts):
    assume(sum(counts) > 0)
    np.testing.assert_allclose(corrected_shares(np.array(counts), np.eye(4)), np.array(counts) / sum(counts), atol=1e-6)


def test_more_in_a_class_than_its_neighbours_errors_explain_are_not_made_fewer_than_none():
    found = corrected_shares(np.array([0, 0, 1000, 0]), AGES)
    assert found.sum() == pytest.approx(1)
    assert found.argmax() == 2
    assert found.min() >= 0


def test_the_biased_are_set_right():
    """A quarter each, seen through the networks' errors, is a quarter each again."""
    counts = 1000 * np.full(4, 0.25) @ AGES
    assert counts.max() / counts.min() > 1.02
    np.testing.assert_allclose(corrected_shares(counts, AGES), 0.25, atol=1e-4)


def test_nobody_has_no_shares():
    assert corrected_shares(np.zeros(4), AGES) is None


@pytest.mark.parametrize(
    ("confusion", "told"),
    [([[1.0]], "2 rows of 2"), ([[1, 0], [0.4, 0.5]], "row 2 adds up to 0.9"), ([[1, 0], [1]], "2 rows")],
)
def test_what_is_no_confusion_is_told(confusion, told):
    with pytest.raises(ValueError, match=told):
        check_confusion(confusion, 2)
