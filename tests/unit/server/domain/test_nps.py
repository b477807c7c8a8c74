"""Net promoter score: points, and how sure they are."""

import numpy as np
import pytest

from server.domain.nps import score


def test_points_are_promoters_less_detractors():
    found = score({"10": 40, "9": 10, "8": 20, "7": 10, "6": 5, "0": 15})
    assert (found.promoters, found.passives, found.detractors, found.n) == (50, 30, 20, 100)
    assert found.points.value == pytest.approx(30)
    assert found.points.low < 30 < found.points.high


def test_few_alike_answers_are_not_sure():
    found = score({"10": 3})
    assert found.points.value == 100
    assert found.points.low < 60


def test_nothing_asked_tells_nothing():
    assert score({}) is None
    assert score({"10": 0}) is None


@pytest.mark.parametrize(("n", "shares"), [(30, (0.5, 0.3, 0.2)), (200, (0.2, 0.3, 0.5)), (15, (0.85, 0.1, 0.05))])
def test_intervals_cover(n, shares):
    """95 % stated; 92 to 99 of 100 in 4,000 draws."""
    truth = (shares[0] - shares[2]) * 100
    held = 0
    for up, middle, down in np.random.default_rng(3).multinomial(n, shares, 4000).tolist():
        points = score({"10": up, "8": middle, "2": down}).points
        held += points.low <= truth <= points.high
    assert 0.92 <= held / 4000 <= 0.99
