"""How fast people walk, and where to."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.analytics.pace import PASSING, STANDING, STROLLING, UNKNOWN, Walk

ROW = np.array([7])


def walk(speeds, *, fps=10.0, per_metre=1.0, noise=0.0, seed=1):
    """Someone who walks along x at `speeds` m/s, one for each frame; the motions told."""
    rng, follower, x, told = np.random.default_rng(seed), Walk(), 0.0, []
    for k, speed in enumerate(speeds):
        xy = np.array([[x, 0.0]]) * per_metre + rng.normal(0, noise, (1, 2)) * per_metre
        told.append(follower.step(k / fps, ROW, np.array([k == 0]), xy, np.array([per_metre])))
        x += speed / fps
    return told


@pytest.mark.parametrize(("speed", "pace"), [(0.0, STANDING), (0.5, STROLLING), (1.3, PASSING)])
@pytest.mark.parametrize("fps", [4.0, 10.0, 25.0])
def test_a_steady_walker_is_known_within_a_second_at_any_rate(speed, pace, fps):
    told = walk([speed] * int(1.5 * fps), fps=fps)
    assert told[0].pace[0] == UNKNOWN
    assert {int(motion.pace[0]) for motion in told[int(fps) + 1 :]} == {pace}
    assert told[-1].velocity_m_s[0] == pytest.approx([speed, 0.0], abs=1e-6)


def test_metres_are_metres_on_an_image_too():
    on_floor, on_image = walk([1.0] * 20)[-1], walk([1.0] * 20, per_metre=0.07)[-1]
    assert on_image.velocity_m_s == pytest.approx(on_floor.velocity_m_s)


def test_who_stands_with_a_jittering_box_stands():
    told = walk([0.0] * 300, noise=0.05)
    assert np.mean([motion.pace[0] == STANDING for motion in told[10:]]) > 0.98


def test_about_a_limit_the_pace_does_not_flicker():
    wobble = [0.8 + 0.06 * (-1) ** (k // 20) for k in range(400)]
    told = [int(motion.pace[0]) for motion in walk(wobble)[20:]]
    assert sum(a != b for a, b in itertools.pairwise(told)) <= 1


def test_who_stops_looks_where_they_went():
    told = walk([1.2] * 20 + [0.0] * 60)
    assert told[-1].pace[0] == STANDING
    assert told[-1].heading[0] == pytest.approx([1.0, 0.0], abs=1e-6)


def test_a_new_track_in_a_row_begins_anew():
    follower = Walk()
    for k in range(20):
        follower.step(k / 10, ROW, np.array([k == 0]), np.array([[k * 0.2, 0.0]]), np.ones(1))
    motion = follower.step(2.0, ROW, np.array([True]), np.array([[50.0, 50.0]]), np.ones(1))
    assert motion.pace[0] == UNKNOWN
    assert not motion.heading.any()


@given(st.floats(0, 6.28), st.floats(0.4, 2.0))
def test_the_heading_is_the_way_walked(angle, speed):
    follower, way = Walk(), np.array([np.cos(angle), np.sin(angle)])
    for k in range(15):
        motion = follower.step(k / 8, ROW, np.array([k == 0]), (way * speed * k / 8)[None], np.ones(1))
    assert motion.heading[0] == pytest.approx(way, abs=1e-6)
