"""A small version of tests/quality/test_simulator.py: a box's counting is near the truth, also with faults."""

import numpy as np
import pytest

from contract.coverage import coverage
from contract.messages import DWELL_BINS_S
from server.domain.survival import survival
from vitrina.simulate.noise import Faults
from vitrina.simulate.samples import sample
from vitrina.simulate.truth import truth
from vitrina.simulate.watching import watch


def test_three_cameras_with_faults_are_near_the_truth(watched_shop, store, start, rng):
    seen = coverage(watched_shop)
    assert seen.share > 0.9
    crowd = store.visit(start + np.arange(80) * 20.0, rng)
    true = truth(watched_shop, crowd)
    faults = Faults(0.1, 60, 0.05)
    told = list(watch(watched_shop, seen, sample(crowd.walks, 0.5), faults=faults, rng=rng, window_s=3600))
    assert sum(window.presence_s for window in told) == pytest.approx(true["presence_s"], rel=0.08)
    for zone in ("tea", "jam"):
        tables = [window.zones[zone].dwell for window in told]
        dwell = np.sum([[table.left, table.lost, table.late_left, table.late_lost] for table in tables], axis=0)
        naive = sum(w.zones[zone].dwell_sum_s for w in told) / sum(w.zones[zone].visits for w in told)
        mean = survival(dwell.astype(float), DWELL_BINS_S).mean_s(600)
        assert abs(mean - true["zones"][zone]["dwell_mean_s"]) < 0.5 * abs(naive - true["zones"][zone]["dwell_mean_s"])
        assert mean == pytest.approx(true["zones"][zone]["dwell_mean_s"], rel=0.2)
