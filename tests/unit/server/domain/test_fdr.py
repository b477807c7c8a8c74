import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from server.domain.fdr import q_values


def test_the_paper_s_example():
    # Benjamini & Hochberg 1995, section 3.2: at 5 % the first four of fifteen are named.
    p = [
        0.0001,
        0.0004,
        0.0019,
        0.0095,
        0.0201,
        0.0278,
        0.0298,
        0.0344,
        0.0459,
        0.324,
        0.4262,
        0.5719,
        0.6528,
        0.759,
        1,
    ]
    assert (q_values(np.array(p)) <= 0.05).sum() == 4


@given(arrays(float, st.integers(1, 40), elements=st.floats(0, 1)))
def test_untested_places_change_nothing(p):
    with_gaps = np.insert(p, 0, np.nan)
    assert np.isnan(q_values(with_gaps)[0])
    assert q_values(with_gaps)[1:] == pytest.approx(q_values(p))


@given(arrays(float, st.integers(1, 40), elements=st.floats(0, 1)))
def test_by_the_definition(p):
    q, n = q_values(p), p.size
    order = np.argsort(p, kind="stable")
    raw = p[order] * n / np.arange(1, n + 1)
    assert q[order] == pytest.approx(np.minimum(np.minimum.accumulate(raw[::-1])[::-1], 1))


def test_nothing_tested():
    assert np.isnan(q_values(np.full((2, 2), np.nan))).all()
