import json
from datetime import UTC, datetime

import pytest

from contract.screens import Show, wrap_show
from contract.topics import show_topic
from edge.gate.showings import Showings
from edge.wire import LARGEST_ANSWER


@pytest.fixture
def gate(fake_clock):
    """Showings at a gate of a site with two screens: `.told` is what the eyes heard."""

    class Gate:
        def __init__(self):
            self.told, self.clock = [], fake_clock
            self.showings = Showings(site="shop", screens=["till", "door"], order=self._order, clock=fake_clock)

        def _order(self, showing):
            self.told.append(showing)
            return 1

        def now(self, seconds=0.0):
            return datetime.fromtimestamp(fake_clock.time + seconds, UTC)

        def show(self, creative="shoes", screen="till", at=0.0, until=60.0):
            return Show(
                screen=screen, decision="decision-1", campaign=None, creative=creative, media=None,
                at=self.now(at), until=self.now(until), switch="now", reason="because",
            )  # fmt: skip

        def read(self, topic="till", **shown):
            show = self.show(**shown)
            message = wrap_show(show, site="shop", time=self.now())
            self.showings.read(show_topic("shop", topic), message.model_dump_json().encode())

        def heard(self):
            heard = [(showing.screen, showing.creative) for showing in self.told]
            self.told.clear()
            return heard

    return Gate()


def test_what_comes_on_is_said_to_the_eyes(gate):
    gate.read(creative="shoes")
    (showing,) = gate.told
    assert (showing.screen, showing.creative) == ("till", "shoes")
    assert (showing.at, showing.until) == (gate.now(), gate.now(60))


def test_an_eye_that_comes_later_hears_what_is_on_and_what_comes_next(gate):
    gate.read(creative="shoes", until=30)
    gate.read(creative="hats", at=20, until=90)
    gate.heard()
    gate.showings.tell()
    assert gate.heard() == [("till", "shoes"), ("till", "hats")]
    gate.clock.time += 31
    gate.showings.tell()
    assert gate.heard() == [("till", "hats")]


def test_what_is_replaced_before_it_came_on_is_forgotten(gate):
    gate.read(creative="shoes", until=100)
    gate.read(creative="hats", at=20, until=90)
    gate.read(creative="bags", at=20, until=90)
    gate.heard()
    gate.showings.tell()
    assert gate.heard() == [("till", "shoes"), ("till", "bags")]


def test_a_retained_one_that_is_over_is_passed_over_without_a_word(gate):
    gate.read(at=-120, until=-60)
    gate.showings.tell()
    assert (gate.heard(), gate.showings.refused) == ([], 0)


def test_what_is_taken_back_is_not_known_any_more(gate):
    gate.read(creative="shoes")
    gate.clock.time += 10
    gate.showings.read(show_topic("shop", "till"), b"")
    assert gate.heard() == [("till", "shoes"), ("till", None)]
    gate.showings.tell()
    assert gate.heard() == []


def raw(gate, **changes):
    message = wrap_show(gate.show(), site="shop", time=gate.now()).model_dump(mode="json")
    return json.dumps(message | changes)


@pytest.mark.parametrize(
    "payload",
    [
        lambda gate: "not JSON",
        lambda gate: "[" * 100_000,
        lambda gate: "[]",
        lambda gate: raw(gate, schema_version=2),
        lambda gate: raw(gate, site="elsewhere"),
        lambda gate: raw(gate, data=json.loads(raw(gate))["data"] | {"screen": "door"}),
        lambda gate: raw(gate, data=json.loads(raw(gate))["data"] | {"until": "1999-01-01T00:00:00Z"}),
        lambda gate: raw(gate, data=json.loads(raw(gate))["data"] | {"until": "9999-12-31T23:59:59-12:00"}),
        lambda gate: raw(gate, data=json.loads(raw(gate))["data"] | {"at": "0001-01-01T00:00:00+12:00"}),
        lambda gate: raw(gate, reason="x" * 20_000),
    ],
)
def test_what_is_no_show_is_counted_and_passed_over(gate, payload):
    gate.showings.read(show_topic("shop", "till"), payload(gate).encode())
    assert (gate.heard(), gate.showings.refused) == ([], 1)
    gate.read()
    assert gate.heard() == [("till", "shoes")]


def test_a_screen_that_the_site_does_not_have_is_counted_and_passed_over(gate):
    gate.read(topic="roof", screen="roof")
    gate.showings.read("vitrina/v1/elsewhere/screens/till/show", b"{}")
    gate.showings.read("vitrina/v1/shop/screens/till/until/show", b"{}")
    assert (gate.heard(), gate.showings.refused) == ([], 3)


def test_it_says_once_a_minute_what_it_refuses(gate, caplog):
    for _ in range(100):
        gate.showings.read(show_topic("shop", "till"), b"nonsense")
    assert len(caplog.messages) == 1


def test_the_longest_fits_what_an_eye_takes_at_once(gate):
    gate.showings = Showings(site="shop", screens=["s" * 64], order=gate._order, clock=gate.clock)
    gate.read(topic="s" * 64, screen="s" * 64, creative="c" * 64)
    (showing,) = gate.told
    assert len(showing.model_dump_json()) < LARGEST_ANSWER
