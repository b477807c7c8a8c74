import threading
from itertools import islice

import pytest

from edge.arrays import Detections
from edge.errors import SourceError
from edge.io.playback import Looped, Newest, Paced
from edge.ports import SeenDetections, SourceCounts, StreamRestarted


class Listed:
    """A source of given observations; `gate`, where there is one, is waited for before each."""

    size_px, duration_s = (64, 48), None

    def __init__(self, observations, gate: threading.Semaphore | None = None, fails: Exception | None = None) -> None:
        self.observations, self.gate, self.fails = observations, gate, fails
        self.given = 0
        self.closed = False
        self.counts = SourceCounts(bad_frames=2)

    def __iter__(self):
        for observation in self.observations:
            if self.gate:
                self.gate.acquire()
            if self.closed:
                return
            self.given += 1
            yield observation
        if self.fails:
            raise self.fails

    def close(self) -> None:
        self.closed = True
        if self.gate:
            self.gate.release()


def seen(*times: float) -> list[SeenDetections]:
    return [SeenDetections(t, Detections.empty()) for t in times]


def times(observations) -> list[float]:
    return [round(o.t, 6) for o in observations]


def test_pacing_waits_as_long_as_it_took_and_changes_no_time(fake_clock):
    source = Paced(Listed(seen(5.0, 5.5, 7.0)), fake_clock)
    began = fake_clock.now()
    arrived = [(o.t, fake_clock.now() - began) for o in source]
    assert arrived == [(5.0, 0), (5.5, 0.5), (7.0, 2.0)]


def test_pacing_catches_up_after_a_slow_consumer(fake_clock):
    source = iter(Paced(Listed(seen(0, 1, 2, 3)), fake_clock))
    next(source)
    fake_clock.time += 2.5
    began = fake_clock.now()
    assert [next(source).t for _ in range(2)] == [1, 2]
    assert fake_clock.now() == began
    next(source)
    assert fake_clock.now() == began + 0.5


def test_a_loop_goes_on_in_time_and_announces_each_round():
    rounds = list(islice(Looped(Listed(seen(10, 10.5, 11))), 8))
    assert times(rounds) == [10, 10.5, 11, 11.5, 11.5, 12, 12.5, 13]
    assert [i for i, o in enumerate(rounds) if isinstance(o, StreamRestarted)] == [3, 7]


def test_a_loop_of_nothing_ends():
    assert list(Looped(Listed([]))) == []


def test_a_loop_ends_when_closed():
    source = Looped(Listed(seen(0, 1)))
    got = []
    for observation in source:
        got.append(observation)
        if len(got) == 4:
            source.close()
    assert len(got) == 4


def test_the_newest_is_kept_and_what_was_not_taken_is_counted(until):
    listed = Listed(seen(0, 1, 2, 3), gate=threading.Semaphore(0))
    source = Newest(listed)
    assert source.take(timeout_s=0) is None
    for n in range(3):
        listed.gate.release()
        until(lambda n=n: listed.given == n + 1 and source.counts.dropped == n, "the thread reads on")
    assert source.take().t == 2
    assert source.counts == SourceCounts(dropped=2, bad_frames=2)
    source.close()


def test_a_restart_is_never_dropped(until):
    listed = Listed([*seen(0), StreamRestarted(1), *seen(1, 2)], gate=threading.Semaphore(0))
    source = Newest(listed)
    assert source.take(timeout_s=0) is None
    listed.gate.release(4)
    until(lambda: source.counts.dropped == 2, "all is read")
    assert [type(o).__name__ for o in source] == ["StreamRestarted", "SeenDetections"]
    source.close()


def test_a_frame_from_before_a_restart_does_not_come_after_it(until):
    listed = Listed([*seen(0), StreamRestarted(1), *seen(2)], gate=threading.Semaphore(0))
    source = Newest(listed)
    assert source.take(timeout_s=0) is None
    listed.gate.release(2)
    until(lambda: source.counts.dropped == 1, "the frame and the restart are read")
    assert isinstance(source.take(), StreamRestarted)
    assert source.take(timeout_s=0) is None
    listed.gate.release()
    assert source.take(timeout_s=5).t == 2
    source.close()


def test_a_consumer_that_keeps_up_loses_nothing():
    listed = Listed(seen(*range(50)), gate=threading.Semaphore(1))
    source = Newest(listed)
    got = []
    for observation in source:
        got.append(observation.t)
        listed.gate.release()
    assert got == list(range(50))
    assert source.counts.dropped == 0


def test_closing_frees_whoever_waits(until):
    listed = Listed(seen(0), gate=threading.Semaphore(0))
    source = Newest(listed)
    got: list = []
    waiting = threading.Thread(target=lambda: got.extend(source))
    waiting.start()
    until(lambda: any(thread.name == "newest" for thread in threading.enumerate()), "the reader runs")
    source.close()
    waiting.join(5)
    assert not waiting.is_alive()
    assert got == []
    assert not any(thread.name == "newest" for thread in threading.enumerate())


@pytest.mark.parametrize("error", [SourceError("the cable was cut"), RuntimeError("a mistake of ours")])
def test_what_ends_the_source_reaches_the_consumer(error):
    """Even what nobody foresaw: a camera thread that died silently would look like an empty shop."""
    with pytest.raises(type(error), match=str(error)):
        list(Newest(Listed(seen(0), fails=error)))


def test_trouble_is_passed_on():
    assert Newest(Listed([]), lambda: "no signal").trouble == "no signal"
    assert Newest(Listed([])).trouble is None
