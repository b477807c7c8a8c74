import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.messages import DWELL_BINS_S
from server.domain import stays
from server.domain.survival import survival

BINS = len(DWELL_BINS_S)


def curve_of(seconds, lost=()):
    rows = [np.histogram(part, [*DWELL_BINS_S, np.inf])[0] for part in (seconds, lost)]
    return survival(np.array([*rows, [0] * BINS, [0] * BINS], dtype=float), DWELL_BINS_S)


def check(*, presence_factor=1.0, entries_factor=1.0, n=2000, seed=0):
    seconds = np.random.default_rng(seed).exponential(90, n)
    presence_s, entries = presence_factor * seconds.sum(), round(entries_factor * n)
    return stays.check_mean(curve_of(seconds), presence_s=presence_s, entries=entries)


def test_both_ways_to_the_mean_agree():
    found = check()
    assert (found.verdict, found.alarm) == ("agree", False)
    assert found.ratio.value == pytest.approx(1, abs=0.03)


def test_missed_entries_raise_the_alarm():
    found = check(entries_factor=0.6)
    assert (found.verdict, found.alarm) == ("tracks_begin_inside", True)
    assert found.per_entry_s == pytest.approx(150, rel=0.1)


def test_entries_counted_twice_raise_the_alarm():
    assert check(entries_factor=1.8).verdict == "entries_counted_twice"


def test_few_visits_raise_none():
    found = check(entries_factor=0.6, n=10, seed=3)
    assert (found.verdict, found.alarm) == ("unsure", False)


def test_the_ratio_has_the_spread_of_both():
    """The curve of some visits, the presence of others: the harder case, as they are not the same people's."""
    rng, inside = np.random.default_rng(7), 0
    for _ in range(200):
        seen, counted = rng.exponential(90, 200), rng.exponential(90, 200)
        ratio = stays.check_mean(curve_of(seen), presence_s=counted.sum(), entries=200).ratio
        inside += ratio.low <= 1 <= ratio.high
    assert 0.91 <= inside / 200 <= 0.99


def test_tracks_that_break_by_chance_raise_none():
    rng = np.random.default_rng(1)
    seconds, breaks = rng.exponential(306, 5000), rng.exponential(200, 5000)
    whole = seconds <= breaks
    curve = curve_of(seconds[whole], breaks[~whole])
    assert stays.check_mean(curve, presence_s=seconds.sum(), entries=5000).verdict == "agree"


@pytest.mark.parametrize(("presence_s", "entries"), [(0.0, 5), (10.0, 0)])
def test_nothing_to_compare(presence_s, entries):
    assert stays.check_mean(curve_of([20.0] * 9), presence_s=presence_s, entries=entries) is None
    assert stays.check_mean(curve_of([], [20.0] * 9), presence_s=100, entries=9) is None


def test_naive_mean_beside_it():
    assert stays.naive_mean_s(dwell_sum_s=600, visits=10) == 60
    assert stays.naive_mean_s(dwell_sum_s=0, visits=0) is None


def test_broken_share_is_of_all_pieces():
    dwell = np.zeros((4, BINS))
    dwell[:, 3] = (6, 2, 0, 2)
    assert stays.broken_share(dwell).value == pytest.approx(0.4)
    assert stays.broken_share(np.zeros((4, BINS))) is None


def test_engagement_and_bounce_part_the_visits():
    curve = curve_of([1.0, 2.0, 5.0, 12.0, 40.0, 40.0, 100.0, 100.0])
    assert stays.engagement(curve, engaged_s=10).value == pytest.approx(5 / 8)
    bounced = stays.bounce(curve)
    assert bounced.value == pytest.approx(2 / 8)
    assert bounced.low < 2 / 8 < bounced.high


def test_no_visits_no_shares():
    nobody = curve_of([])
    assert (stays.engagement(nobody, engaged_s=10), stays.bounce(nobody)) == (None, None)
    assert stays.returning(reentries=0, entries=0) is None


def test_a_stop_before_the_visit_ends_is_no_error():
    assert stays.stopping(stops=3, visits=2).value == 1


@given(st.integers(0, 500), st.integers(1, 500))
def test_stops_per_hundred(stops, visits):
    found = stays.stopping(stops=min(stops, visits), visits=visits)
    assert 0 <= found.low <= found.value == min(stops, visits) / visits <= found.high <= 1
