import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from server.domain.smoothing import smooth

SHAPES = st.tuples(st.integers(1, 9), st.integers(1, 9))


@st.composite
def floors(draw):
    shape = draw(SHAPES)
    amounts = draw(arrays(float, (2, *shape), elements=st.floats(0, 1e4)))
    return amounts, draw(arrays(bool, shape)), draw(st.floats(0, 4))


@given(floors())
def test_nothing_is_lost_nor_made(floor):
    amounts, free, sigma = floor
    smoothed = smooth(amounts, free, sigma_cells=sigma)
    assert np.all(np.isnan(smoothed) == ~free)
    assert np.nansum(smoothed, axis=(1, 2)) == pytest.approx(np.where(free, amounts, 0).sum(axis=(1, 2)))
    assert np.nanmin(smoothed, initial=0) >= -1e-9
    assert np.nanmax(smoothed, initial=0) <= amounts.max(initial=0) + 1e-9


@given(floors())
def test_an_even_floor_stays_even(floor):
    _, free, sigma = floor
    assert np.all(smooth(np.full(free.shape, 7.0), free, sigma_cells=sigma)[free] == pytest.approx(7.0))


@given(floors(), st.floats(0, 3))
def test_smoothing_is_linear(floor, factor):
    amounts, free, sigma = floor
    together = smooth(amounts[0] + factor * amounts[1], free, sigma_cells=sigma)
    apart = smooth(amounts, free, sigma_cells=sigma)
    assert together[free] == pytest.approx((apart[0] + factor * apart[1])[free], rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("sigma", [0.5, 1.0, 2.5])
def test_in_the_open_it_is_a_gaussian(sigma):
    point = np.zeros((41, 41))
    point[20, 20] = 1
    found = smooth(point, np.ones(point.shape, dtype=bool), sigma_cells=sigma)
    y, x = np.indices(point.shape) - 20
    assert (found * x**2).sum() == pytest.approx(sigma**2)
    assert (found * y**2).sum() == pytest.approx(sigma**2)
    if sigma >= 1:
        gauss = np.exp(-(x**2 + y**2) / (2 * sigma**2)) / (2 * np.pi * sigma**2)
        assert np.abs(found - gauss).max() < 0.2 * gauss.max()


def test_a_wall_keeps_what_is_on_its_side():
    free = np.ones((9, 20), dtype=bool)
    free[:, 10] = False
    amounts = np.zeros(free.shape)
    amounts[4, 9] = 100
    found = smooth(amounts, free, sigma_cells=3)
    assert found[:, :10].sum() == pytest.approx(100)
    assert np.all(found[:, 11:] == 0)


def test_heat_takes_the_way_round_and_not_the_corner():
    free = np.array([[True, False], [False, True]])
    assert smooth(np.array([[4.0, 0], [0, 0]]), free, sigma_cells=2)[1, 1] == 0
