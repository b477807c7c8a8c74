import numpy as np
import pytest

from contract.messages import DWELL_BINS_S
from server.domain.queues import queue
from server.domain.survival import survival

BINS = len(DWELL_BINS_S)
DAY_S = 10 * 3600.0


def till(rng, *, per_h=40.0, service_s=75.0):
    """One till over a day: who comes in when, and how long each waits (Lindley's recursion)."""
    arrive = np.cumsum(rng.exponential(3600 / per_h, 2000))
    arrive = arrive[arrive < DAY_S]
    wait, waits = 0.0, []
    for gap, service in zip(np.diff(arrive, prepend=0), rng.exponential(service_s, arrive.size), strict=True):
        wait = max(wait - gap, 0)
        waits.append(wait + service)
        wait += service
    return np.array(waits)


def queue_of(waits, *, entries=None, observed_s=DAY_S):
    left = np.histogram(waits, [*DWELL_BINS_S, np.inf])[0].astype(float)
    curve = survival(np.array([left, *np.zeros((3, BINS))]), DWELL_BINS_S)
    return queue(curve, presence_s=waits.sum(), entries=entries or waits.size, observed_s=observed_s, up_to_s=3600)


def test_length_wait_and_littles_law():
    waits = till(np.random.default_rng(1))
    found = queue_of(waits)
    assert found.length.value == pytest.approx(waits.sum() / DAY_S)
    assert found.length.low < found.length.value < found.length.high
    assert found.wait_mean.value_s == pytest.approx(waits.mean(), rel=0.1)
    assert found.wait_median_s == pytest.approx(np.median(waits), rel=0.15)
    assert found.arrivals_per_h == pytest.approx(waits.size / 10)
    assert found.little.verdict == "agree"


def test_a_queue_whose_joins_are_missed_breaks_littles_law():
    waits = till(np.random.default_rng(2))
    found = queue_of(waits, entries=waits.size // 2)
    assert found.little.alarm
    assert found.little.ratio.value == pytest.approx(2, rel=0.15)


def test_independent_stays_keep_the_length_within_its_interval():
    rng, inside = np.random.default_rng(3), 0
    truth = 30 * 120 / 3600
    for _ in range(200):
        stays = rng.exponential(120, rng.poisson(30 * 10))
        found = queue_of(stays)
        inside += found.length.low <= truth <= found.length.high
    assert 0.9 <= inside / 200 <= 0.99


@pytest.mark.parametrize("observed_s", [0.0])
def test_not_observed(observed_s):
    assert queue_of(np.array([10.0]), observed_s=observed_s) is None


def test_empty_all_day():
    found = queue_of(np.array([]))
    assert (found.length.value, found.wait_median_s, found.little) == (0, None, None)
