import pytest

from server.domain.intervals import Estimate
from server.domain.promises import FEWEST, Kept, corrected, correction, factor_of


def kept(promised, measured):
    return Kept(Estimate(promised, promised - 50, promised + 50), Estimate(measured, measured - 10, measured + 10))


def test_the_factor_is_a_ratio_of_sums():
    assert factor_of([kept(100, 70)] * 4 + [kept(200, 140)]) == pytest.approx(0.7)
    assert factor_of([kept(100, 70)] * (FEWEST - 1)) is None


def test_promises_are_made_smaller_and_never_larger():
    assert correction([kept(100, 70)] * FEWEST) == pytest.approx(0.7)
    assert correction([kept(100, 170)] * FEWEST) == 1.0
    assert correction([kept(100, -70)] * FEWEST) == 0.0
    assert corrected(Estimate(100, 40, 160), 0.5) == Estimate(50, 20, 80)


def test_what_lands_inside_its_interval():
    assert kept(100, 60).inside
    assert not kept(100, 40).inside
