import pytest

from contract.messages import CameraHealth
from edge.eye.meter import Meter
from edge.gate.health import CameraRoll


def seen(meter, start, end, fps):
    for n in range(int((end - start) * fps)):
        meter.saw(start + n / fps)


def test_a_camera_that_is_watched_all_the_time():
    meter = Meter(hold_s=2)
    seen(meter, 0, 120, 8)
    fps, share = meter.measure(120)
    assert fps == pytest.approx(8, abs=0.2)
    assert share == pytest.approx(1, abs=0.01)


def test_a_camera_that_was_gone_for_half_of_the_last_minute():
    meter = Meter(hold_s=2)
    seen(meter, 0, 90, 4)
    fps, share = meter.measure(120)
    assert fps == pytest.approx(2, abs=0.1)
    assert share == pytest.approx(32 / 60, abs=0.02), "the last frame stands for hold_s more"


def test_a_camera_that_has_just_begun_is_not_blamed_for_the_time_before():
    meter = Meter(hold_s=2)
    assert meter.measure(1000) == (0, 0)
    seen(meter, 1000, 1005, 8)
    fps, share = meter.measure(1005)
    assert fps == pytest.approx(8, abs=0.2)
    assert share == pytest.approx(1, abs=0.01)


def test_it_remembers_a_minute_and_no_more():
    meter = Meter(hold_s=2)
    seen(meter, 0, 1000, 10)
    assert len(meter._seen) <= 601


WATCHING = CameraHealth(state="watching", fps=8, observed_share=1, dropped=0, bad_frames=0)


def test_a_camera_whose_eye_falls_silent_is_dead():
    roll = CameraRoll(["door", "till"], now=0, patience_s=30)
    assert roll.view(now=1)["door"].state == "starting"
    roll.hear({"door": WATCHING, "stranger": WATCHING}, now=10)
    view = roll.view(now=35)
    assert (view["door"].state, view["till"].state) == ("watching", "dead")
    assert "no word from its eye for 35 s" in view["till"].error
    assert set(view) == {"door", "till"}
    assert roll.view(now=41)["door"].fps == 0
