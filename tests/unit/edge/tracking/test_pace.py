import numpy as np
import pytest

from edge.tracking.kalman import Gait, begin
from edge.tracking.pace import LEEWAY, SLOWEST, Pace
from edge.tracking.tracker import TRACK

ASSUMED = Gait()


def walking(*speeds):
    """Tracks of people 100 px tall whose speed across is known, body heights per second."""
    tracks = np.zeros(len(speeds), TRACK)
    begin(tracks, np.tile([300.0, 400.0, 40.0, 100.0], (len(speeds), 1)), ASSUMED)
    tracks["speed"][:, 0], tracks["speed_var"] = 100 * np.array(speeds), 0.0
    return tracks


def learned(pace, tracks, *, fps, seconds=120.0):
    for t in np.arange(0, seconds, 1 / fps):
        pace.learn(float(t), tracks)
    return pace.gait.pace


def test_people_are_first_expected_to_move_as_assumed_with_some_leeway():
    x, y, width, height = ASSUMED.pace
    assert Pace(ASSUMED).gait.pace == pytest.approx((LEEWAY * x, LEEWAY * y, width, height))


@pytest.mark.parametrize("fps", [5, 30])
def test_the_usual_pace_is_learned_at_any_rate(fps):
    x, *_ = learned(Pace(ASSUMED), walking(0.7, -0.7), fps=fps)
    assert x == pytest.approx(LEEWAY * 0.7, rel=0.05)


def test_nobody_to_learn_from_changes_nothing():
    pace = Pace(ASSUMED)
    assert learned(pace, walking(), fps=10) == Pace(ASSUMED).gait.pace


def test_there_are_bounds_to_what_is_believed():
    assert learned(Pace(ASSUMED), walking(50.0), fps=10)[0] == pytest.approx(2 * ASSUMED.pace[0])
    assert learned(Pace(ASSUMED), walking(0.0), fps=10, seconds=3600)[0] == pytest.approx(SLOWEST * ASSUMED.pace[0])
