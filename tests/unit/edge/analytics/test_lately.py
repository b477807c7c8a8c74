"""The last ten minutes, in bins."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from edge.analytics.lately import BIN_S, SPAN_S, Lately


@given(st.lists(st.floats(0, 5000), min_size=1, max_size=30), st.floats(0, 2000))
def test_who_came_in_the_last_ten_minutes_is_counted_and_nobody_else(times, later):
    lately = Lately(1, 1)
    for t in sorted(times):
        lately.add(t, np.ones((1, 1), np.int64))
    now = max(times) + later
    surely = sum(t > now - SPAN_S + BIN_S for t in times)
    perhaps = sum(t > now - SPAN_S - BIN_S for t in times)
    assert surely <= int(lately.total(now)[0, 0]) <= perhaps


def test_screens_and_segments_are_kept_apart():
    lately = Lately(2, 3)
    lately.add(5.0, np.array([[1, 0, 1], [0, 0, 0]]))
    lately.add(25.0, np.array([[1, 0, 0], [2, 1, 0]]))
    assert lately.total(30.0).tolist() == [[2, 0, 1], [2, 1, 0]]
