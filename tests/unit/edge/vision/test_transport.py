"""Who is with a bicycle, a suitcase, a car: things that go where a person goes."""

import numpy as np
import pytest

from contract.segments import TRANSPORT
from edge.arrays import Detections, Tracks
from edge.vision.people import PeopleOnly, is_other
from edge.vision.transport import AT_VEHICLE_S, TransportFinder

CLASSES = {1: "bicycle", 2: "car", 3: "motorcycle", 26: "handbag", 28: "suitcase"}
IDS = {name: class_id for class_id, name in CLASSES.items()}
FPS = 8
TALL = 160.0
"""Height of everybody, px."""


def person(x, y=400.0):
    return (x - 30, y - TALL, x + 30, y)


def bicycle(x, y=400.0):
    """Under a rider at x."""
    return (x - 70, y - 90, x + 70, y + 10)


def suitcase(x, y=400.0):
    """Pulled by somebody at x."""
    return (x - 75, y - 60, x - 45, y)


def car(x, y=420.0):
    return (x - 200, y - 180, x + 200, y)


def walk(x, speed=200.0, *, until=np.inf):
    """At `x` px, at `speed` px/s; more than a body height a second."""
    return lambda t: x + speed * min(t, until)


def found(things):
    boxes = np.array([box for _, box, _ in things], np.float32).reshape(-1, 4)
    score = np.array([score for _, _, score in things], np.float32)
    return Detections(boxes, score, np.array([IDS[name] for name, _, _ in things], np.int16))


def play(people, things, seconds, *, finder=None, start=0.0, ended=()):
    """`people`: id to a function from seconds to x; `things(t)`: (class, box, score) found then. What each is with."""
    finder = finder or TransportFinder(CLASSES, least_score=0.4)
    for k in range(round(seconds * FPS)):
        t = start + k / FPS
        ids = sorted(people)
        boxes = np.array([person(people[i](t)) for i in ids], np.float32).reshape(-1, 4)
        tracks = Tracks(
            np.array(ids, np.int64),
            boxes,
            np.full(len(ids), 0.9, np.float32),
            np.zeros(len(ids), np.uint8),
            np.array(ended if k == 0 else (), np.int64),
        )
        bits = finder.step(t, tracks, found(things(t)))
    return {
        i: {name for k, name in enumerate(TRANSPORT) if bit >> k & 1} for i, bit in zip(ids, bits.tolist(), strict=True)
    }


def test_a_rider_is_with_a_bicycle():
    rider = walk(50)
    assert play({1: rider}, lambda t: [("bicycle", bicycle(rider(t)), 0.7)], 4) == {1: {"bicycle"}}


def test_who_pulls_a_suitcase_is_with_it_and_the_others_are_not():
    traveller, other = walk(50), walk(300)
    with_it = play({1: traveller, 2: other}, lambda t: [("suitcase", suitcase(traveller(t)), 0.7)], 4)
    assert with_it == {1: {"suitcase"}, 2: set()}


def test_who_walks_past_parked_bicycles_and_cars_is_not():
    racks = [("bicycle", bicycle(x), 0.8) for x in range(100, 1500, 100)]
    row = [("car", car(x), 0.8) for x in range(0, 2000, 420)]
    assert play({1: walk(50)}, lambda _t: racks + row, 7) == {1: set()}


def test_who_stands_before_a_shelf_of_bags_is_not():
    shelf = [("handbag", (480, 300, 510, 340), 0.8), ("suitcase", (460, 340, 500, 400), 0.8)]
    assert play({1: walk(50, until=2.2)}, lambda _t: shelf, 40) == {1: set()}


def test_one_false_detection_makes_no_traveller():
    walker = walk(50)
    glimpse = lambda t: [("suitcase", suitcase(walker(t)), 0.9)] if 1.0 <= t < 1.3 else []  # noqa: E731
    assert play({1: walker}, glimpse, 6) == {1: set()}


@pytest.mark.parametrize(("every", "is_with"), [(2, True), (12, False)])
def test_a_detector_may_blink_but_must_see_a_share(every, is_with):
    rider = walk(50)
    blinking = lambda t: [("bicycle", bicycle(rider(t)), 0.7)] if round(t * FPS) % every == 0 else []  # noqa: E731
    assert (play({1: rider}, blinking, 8)[1] == {"bicycle"}) is is_with


def test_what_is_not_sure_enough_is_nothing():
    rider = walk(50)
    assert play({1: rider}, lambda t: [("bicycle", bicycle(rider(t)), 0.35)], 5) == {1: set()}


def test_one_thing_found_as_two_is_what_it_most_probably_is():
    rider = walk(50)
    both = lambda t: [("motorcycle", bicycle(rider(t)), 0.5), ("bicycle", bicycle(rider(t)), 0.7)]  # noqa: E731
    assert play({1: rider}, both, 4) == {1: {"bicycle"}}


def test_who_stands_at_a_car_for_long_is_by_car():
    parked = lambda _t: [("car", car(600), 0.8)]  # noqa: E731
    finder = TransportFinder(CLASSES, least_score=0.4)
    driver = walk(50, until=2.0)
    assert play({1: driver}, parked, AT_VEHICLE_S, finder=finder) == {1: set()}
    assert play({1: driver}, parked, 4, finder=finder, start=AT_VEHICLE_S) == {1: {"car"}}


def test_what_is_known_ends_with_the_track():
    rider = walk(50)
    finder = TransportFinder(CLASSES, least_score=0.4)
    riding = lambda t: [("bicycle", bicycle(rider(t)), 0.7)]  # noqa: E731
    assert play({1: rider}, riding, 4, finder=finder) == {1: {"bicycle"}}
    assert play({2: rider}, lambda _t: [], 1, finder=finder, start=4.0, ended=(1,)) == {2: set()}
    assert finder._ids.tolist() == [2]
    finder.restart()
    assert play({2: rider}, riding, 0.5, finder=finder, start=9.0) == {2: set()}


def test_people_are_sorted_from_everything_else():
    boxes = np.arange(12, dtype=np.float32).reshape(3, 4)
    everything = Detections(boxes, np.full(3, 0.9, np.float32), np.array([0, 28, 0], np.int16))

    class Finder:
        def detect(self, _image):
            return everything

    assert is_other(everything, {28: "suitcase"}).tolist() == [False, True, False]
    assert (
        PeopleOnly(Finder(), {28: "suitcase"}).detect(np.zeros((1, 1, 3), np.uint8)).xyxy_px.tolist()
        == boxes[[0, 2]].tolist()
    )
