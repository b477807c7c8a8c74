import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.tracking.kalman import MOTION, Gait, begin, correct, predict, to_corners, to_places

GAIT = Gait()


def beginner():
    table = np.zeros(1, np.dtype(MOTION))
    begin(table, np.array([[100.0, 300.0, 40.0, 100.0]]), GAIT)
    return table


@given(st.floats(0.01, 5), st.integers(2, 9))
def test_many_small_steps_equal_one_large_step(seconds, steps):
    once, often = beginner(), beginner()
    once["speed"] = often["speed"] = 50.0
    predict(once, seconds, GAIT)
    for _ in range(steps):
        predict(often, seconds / steps, GAIT)
    for name in once.dtype.names:
        np.testing.assert_allclose(often[name], once[name], rtol=1e-6, atol=1e-9)


def test_the_spread_of_the_prediction_is_that_of_simulated_strollers():
    rng = np.random.default_rng(1)
    tau, dt, n = GAIT.persistence_s, 0.01, 4000
    speed = rng.normal(0, GAIT.first_pace[0], n)
    place = np.zeros(n)
    for _ in range(300):
        place += dt * speed
        speed += -speed * dt / tau + GAIT.pace[0] * np.sqrt(2 * dt / tau) * rng.normal(0, 1, n)
    table = beginner()
    predict(table, 3.0, GAIT)
    assert table["place_var"][0, 0] - GAIT.measured[0] ** 2 == pytest.approx(place.var(), rel=0.1)


def test_a_steady_walk_is_learned():
    table = beginner()
    for i in range(1, 51):
        predict(table, 0.1, GAIT)
        correct(table, np.array([0]), np.array([[100 + 6.0 * i, 300.0, 40.0, 100.0]]), GAIT)
    assert table["speed"][0, 0] == pytest.approx(60, rel=0.1)
    assert table["place"][0, 0] == pytest.approx(400, abs=2)


def test_the_unseen_slow_down():
    table = beginner()
    table["speed"] = [60.0, 0, 0, 0]
    predict(table, 1000.0, GAIT)
    assert table["place"][0, 0] == pytest.approx(100 + 60 * GAIT.persistence_s)
    assert table["speed"][0, 0] == pytest.approx(0)


def test_places_and_corners_are_each_other_back():
    corners = np.array([[10.0, 20.0, 50.0, 140.0], [0.0, 0.0, 7.0, 9.0]])
    assert to_places(corners)[0].tolist() == [30, 140, 40, 120]
    np.testing.assert_allclose(to_corners(to_places(corners)), corners)
