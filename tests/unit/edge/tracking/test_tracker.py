"""Constructed scenes: people are 100 px tall, so 100 px/s is one body height per second, a brisk walk."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.arrays import Detections, TrackState
from edge.tracking.tracker import Tracker, TrackerSettings


def feed(tracker, frames, *, fps=25.0, start=0.0):
    return [tracker.update(start + i / fps, frame) for i, frame in enumerate(frames)]


def test_a_second_detection_makes_a_track(tracker, people):
    first, second = feed(tracker, [people([(100, 300)])] * 2)
    assert len(first) == 0
    assert second.track_id.tolist() == [1]
    assert second.state.tolist() == [TrackState.SEEN]
    np.testing.assert_allclose(second.xyxy_px, [[80, 200, 120, 300]], atol=0.5)


def test_two_people_crossing_keep_their_ids(watch):
    scene = {
        "right": lambda t: (100 + 60 * t, 300),
        "left": lambda t: (700 - 60 * t, 315),
    }
    ids = watch(scene, 10)
    assert [len(found) for found in ids.values()] == [1, 1]
    assert ids["right"] != ids["left"]


def test_the_nearer_of_two_crossing_hides_the_other(watch):
    """While their boxes cover each other, only the nearer is detected."""

    def hidden(t):
        x = 700 - 60 * t
        return None if abs(x - (100 + 60 * t)) < 40 else (x, 290)

    ids = watch({"near": lambda t: (100 + 60 * t, 310), "far": hidden}, 10)
    assert [len(found) for found in ids.values()] == [1, 1]
    assert ids["near"] != ids["far"]


@pytest.mark.parametrize("fps", [5, 10, 30])
def test_who_passes_behind_a_pillar_is_found_again(watch, fps):
    ids = watch({"walker": lambda t: None if 4 <= t < 5.5 else (100 + 50 * t, 300)}, 10, fps=fps)
    assert ids == {"walker": [1]}


def test_the_rate_does_not_change_who_is_who():
    """Three people with pauses and gaps, told the same at 5 and at 30 frames per second."""

    def crowd(t):
        a = None if 3 < t < 3.9 else (100 + 40 * t, 300)
        b = (400, 320 - 30 * abs(t - 4))
        c = None if t < 2 else (900 - 70 * (t - 2), 350)
        return [foot for foot in (a, b, c) if foot]

    seen = []
    for fps in (5, 30):
        tracker = Tracker(TrackerSettings())
        ids = set()
        for t in np.arange(0, 8, 1 / fps):
            corners = np.array([(x - 20, y - 100, x + 20, y) for x, y in crowd(t)], np.float32)
            detections = Detections(corners, np.full(len(corners), 0.9, np.float32), np.zeros(len(corners), np.int16))
            ids |= set(tracker.update(float(t), detections).track_id.tolist())
        seen.append(ids)
    assert seen == [{1, 2, 3}] * 2


def test_nobody_returns_faster_than_a_walker(watch):
    """Lost at the left; a second later someone stands six heights to the right: another person."""
    ids = watch({"left": lambda t: (100, 300) if t < 3 else None, "right": lambda t: (700, 300) if t >= 4 else None}, 6)
    assert ids == {"left": [1], "right": [2]}


def test_the_gate_has_a_ceiling_whatever_the_speed_was(tracker, people):
    """A box that shot across the view (two people mistaken for one) does not carry its id on at that speed."""
    feed(tracker, [people([(100 + 60 * i, 300)]) for i in range(6)])
    jumped = [tracker.update(1.2 + i / 25, people([(1500, 300)])) for i in range(3)]
    assert 1 not in jumped[-1].track_id[jumped[-1].state == TrackState.SEEN]


def test_a_short_gap_is_coasted_and_a_long_one_is_not(tracker, people):
    feed(tracker, [people([(100 + 4 * i, 300), (600, 400)]) for i in range(50)])
    gap = feed(tracker, [people([(600, 400)])] * 50, start=2.0)
    short = gap[10]
    assert short.track_id.tolist() == [1, 2]
    assert short.state.tolist() == [TrackState.COASTED, TrackState.SEEN]
    x = (short.xyxy_px[0, 0] + short.xyxy_px[0, 2]) / 2
    assert x == pytest.approx(100 + 4 * 60, abs=10)
    assert gap[-1].track_id.tolist() == [2]


def test_who_walks_out_of_the_view_is_not_coasted(tracker, people):
    """The view is as wide as what was ever seen in it: here up to x = 520."""
    feed(tracker, [people([(100 + 10 * i, 300), (50, 400)]) for i in range(41)])
    after = feed(tracker, [people([(50, 400)])] * 5, start=41 / 25)
    assert after[-1].track_id.tolist() == [2]


def test_empty_frames_end_tracks(tracker, people):
    feed(tracker, [people([(100, 300)])] * 5)
    empty = feed(tracker, [Detections.empty()] * 100, start=0.2)
    assert np.concatenate([tracks.ended for tracks in empty]).tolist() == [1]
    assert len(empty[-1]) == 0


def test_a_ghost_seen_once_never_was(tracker, people):
    told = feed(tracker, [people([(100, 300)])] + [Detections.empty()] * 100)
    assert all(len(tracks) == len(tracks.ended) == 0 for tracks in told)


def test_ids_go_on_after_a_restart(tracker, people):
    feed(tracker, [people([(100, 300), (400, 300)])] * 5)
    assert tracker.restart().ended.tolist() == [1, 2]
    after = feed(tracker, [people([(100, 300), (400, 300)])] * 5, start=0.0)
    assert after[-1].track_id.tolist() == [3, 4]
    assert all(len(tracks.ended) == 0 for tracks in after)


def test_a_box_inside_a_better_one_is_the_same_person(tracker, people):
    person, head = people([(100, 300)], score=0.9), people([(100, 250)], score=0.8, height=45)
    both = Detections(
        np.concatenate([head.xyxy_px, person.xyxy_px]),
        np.concatenate([head.confidence, person.confidence]),
        np.zeros(2, np.int16),
    )
    assert feed(tracker, [both] * 5)[-1].track_id.tolist() == [1]


def test_nonsense_boxes_are_ignored(tracker, people):
    good = people([(100, 300)]).xyxy_px[0]
    corners = np.array(
        [good, good * np.nan, (5, 5, 5, 5), (50, 50, 40, 90), (0, 0, np.inf, 10), (9, 9, 19, 9)], np.float32
    )
    frame = Detections(corners, np.full(6, 0.9, np.float32), np.zeros(6, np.int16))
    assert feed(tracker, [frame] * 4)[-1].track_id.tolist() == [1]


def test_weak_detections_keep_a_track_but_begin_none(people):
    tracker = Tracker(TrackerSettings(low=0.3, high=0.6, new=0.7))
    feed(tracker, [people([(100, 300)], score=0.9)] * 5)
    weak = feed(tracker, [people([(100, 300), (400, 300)], score=0.4)] * 50, start=0.2)
    assert weak[-1].track_id.tolist() == [1]
    assert weak[-1].state.tolist() == [TrackState.SEEN]


def test_two_people_seen_as_one_tall_box_do_not_raise_the_height(tracker, people):
    """After a minute on this floor a box of twice the height for its row is cut to what stands there."""
    feed(tracker, [people([(100 + i % 200, 300), (700, 400)]) for i in range(600)])
    tall = feed(tracker, [people([(700, 400), (100 + i % 200, 300)], height=200) for i in range(3)], start=24.0)
    heights = tall[-1].xyxy_px[:, 3] - tall[-1].xyxy_px[:, 1]
    np.testing.assert_allclose(heights, 100, rtol=0.1)


def test_no_more_tracks_than_allowed(people):
    tracker = Tracker(TrackerSettings(max_tracks=20))
    crowd = people([(100 * (i % 10), 100 * (i // 10)) for i in range(50)])
    told = feed(tracker, [crowd] * 10)
    assert len(told[-1]) == 20


def test_time_that_stands_still_or_steps_back_harms_nobody(tracker, people):
    feed(tracker, [people([(100, 300)])] * 5, start=10.0)
    again = feed(tracker, [people([(100, 300)])] * 5, start=9.0)
    assert again[-1].track_id.tolist() == [1]
    assert np.isfinite(again[-1].xyxy_px).all()


frames = st.lists(
    st.lists(
        st.tuples(st.integers(0, 640), st.integers(20, 480), st.integers(10, 200), st.floats(0.125, 1.0, width=32)),
        max_size=6,
    ),
    max_size=40,
)


def detections_of(frame):
    corners = np.array([(x - h / 5, y - h, x + h / 5, y) for x, y, h, _ in frame], np.float32).reshape(-1, 4)
    scores = np.array([score for *_, score in frame], np.float32)
    return Detections(corners, scores, np.zeros(len(frame), np.int16))


@settings(max_examples=60, deadline=None)
@given(frames, st.sampled_from([3.0, 10.0, 30.0]))
def test_the_promises_of_the_output(recording, fps):
    """Ids ascend and are unique, the ended never come back, nobody is invented, and twice gives the same."""
    first, second = Tracker(TrackerSettings()), Tracker(TrackerSettings())
    ended: set[int] = set()
    for i, frame in enumerate(recording):
        told, again = (tracker.update(i / fps, detections_of(frame)) for tracker in (first, second))
        assert (np.diff(told.track_id) > 0).all()
        assert not ended & set(told.track_id.tolist())
        assert not ended & set(told.ended.tolist())
        assert (told.state == TrackState.SEEN).sum() <= len(frame)
        assert np.isfinite(told.xyxy_px).all()
        assert (told.xyxy_px[:, 2:] > told.xyxy_px[:, :2]).all()
        for name in ("track_id", "xyxy_px", "confidence", "state", "ended"):
            np.testing.assert_array_equal(getattr(told, name), getattr(again, name))
        ended |= set(told.ended.tolist())


def test_over_someone_known_a_newcomer_must_be_surer(people):
    """Two half-covering boxes of one person: the weaker does not become a second track, a distant one does."""
    tracker = Tracker(TrackerSettings(new=0.55, crowding=0.5))
    feed(tracker, [people([(100, 300)], score=0.9)] * 5)
    one, double, other = (
        people([foot], score=score) for foot, score in (((100, 300), 0.9), ((112, 330), 0.6), ((400, 300), 0.6))
    )
    both = Detections(
        np.concatenate([one.xyxy_px, double.xyxy_px, other.xyxy_px]),
        np.concatenate([one.confidence, double.confidence, other.confidence]),
        np.zeros(3, np.int16),
    )
    told = feed(tracker, [both] * 5, start=0.2)[-1]
    assert told.track_id.tolist() == [1, 2]
    assert told.xyxy_px[1, 0] == pytest.approx(380, abs=2)


def test_someone_coming_into_view_is_one_track_while_the_box_still_grows(tracker):
    """As measured at the lower edge of a picture at 10 frames per second, where only the head is seen first."""
    grown = [
        (192, 274, 401, 432),
        (218, 219, 427, 431),
        (237, 168, 459, 431),
        (258, 149, 482, 430),
        (279, 135, 479, 431),
    ]
    told = [
        tracker.update(
            i / 10, Detections(np.array([box], np.float32), np.full(1, 0.8, np.float32), np.zeros(1, np.int16))
        )
        for i, box in enumerate(grown)
    ]
    assert [tracks.track_id.tolist() for tracks in told] == [[], [1], [1], [1], [1]]


def half_out(people, x, *, score):
    """Someone of whom the right half is outside a picture 520 px wide."""
    whole = people([(x, 300)], score=score)
    return Detections(np.minimum(whole.xyxy_px, 520), whole.confidence, whole.class_id)


def test_a_faint_detection_tells_that_someone_leaving_is_still_there(tracker, people):
    feed(tracker, [half_out(people, 100 + 10 * i, score=0.9) for i in range(41)])
    leaving = feed(tracker, [half_out(people, 510 + 10 * i, score=0.25) for i in range(2)], start=41 / 25)
    assert [tracks.state.tolist() for tracks in leaving] == [[TrackState.SEEN]] * 2
    assert len(feed(tracker, [Detections.empty()], start=43 / 25)[0]) == 0


def test_faint_detections_begin_nobody_move_nobody_and_call_nobody_back(tracker, people):
    feed(tracker, [people([(100, 300)], score=0.9)] * 25)
    aside = feed(tracker, [people([(108, 300), (400, 300)], score=0.3)] * 50, start=1.0)
    assert {tuple(tracks.track_id) for tracks in aside} == {(1,), ()}
    np.testing.assert_allclose(aside[0].xyxy_px, [[80, 200, 120, 300]], atol=0.5)
    assert len(aside[-1]) == 0
