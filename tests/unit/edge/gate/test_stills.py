import pytest

from contract.messages import Still
from edge.config import Broker
from edge.gate.sender import Sender
from edge.gate.stills import Stills
from edge.io.mqtt import Line, Publication
from edge.wire import NoStill, TakeStill


@pytest.fixture
def desk(fake_clock):
    """Stills at a gate whose broker is away: `.ordered` and `.events` are what came of it."""

    class Desk:
        def __init__(self):
            self.ordered, self.events, self.eyes, self.clock = [], [], 1, fake_clock
            line = Line(
                Broker(port=1), client_id="x", subscribe={}, will=lambda: Publication("x", b""), tell=lambda _: None
            )
            sender = Sender(site="shop", box="b1", boot_id="boot", clock=fake_clock)
            self.stills = Stills(
                line=line,
                sender=sender,
                order=self._order,
                record=self.events.append,
                cameras=frozenset({"door"}),
                clock=fake_clock,
            )

        def _order(self, order):
            self.ordered.append(order)
            return self.eyes

        def told(self):
            told = [(event.kind, event.text) for event in self.events]
            self.events.clear()
            return told

    return Desk()


def still(clock):
    return Still(camera="door", t=clock.time, jpeg="AAAA", landmarks=[])


def test_an_eye_that_does_not_answer_is_waited_for_a_minute(desk):
    desk.stills.ask("door")
    assert desk.ordered == [TakeStill(camera="door")]
    desk.clock.time += 59
    desk.stills.tidy()
    assert desk.told() == []
    desk.clock.time += 2
    desk.stills.tidy()
    desk.stills.tidy()
    assert desk.told() == [("still_refused", "no still: its eye gave no answer; try again")]
    desk.stills.take(still(desk.clock))
    assert desk.told() == [], "too late: nobody asks for it any more"


def test_without_an_eye_or_the_camera_it_is_refused_at_once(desk):
    desk.eyes = 0
    desk.stills.ask("door")
    desk.stills.ask("vault")
    assert [text for _, text in desk.told()] == [
        "no still: no eye is at work; try again in a minute",
        "no still: this box has no such camera",
    ]
    assert desk.ordered == [TakeStill(camera="door")]


def test_each_order_has_one_outcome(desk):
    desk.stills.ask("door")
    desk.stills.take(NoStill(camera="door", reason="too many people"))
    desk.stills.take(NoStill(camera="door", reason="too many people"))
    assert desk.told() == [("still_refused", "no still: too many people")]
    desk.stills.ask("door")
    desk.stills.take(still(desk.clock))
    assert desk.told() == [("still_refused", "no still: the broker is away; the still was thrown away")]
