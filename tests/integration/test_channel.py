from datetime import UTC, datetime, timedelta

import pytest

from contract.messages import CameraHealth, Event, Window
from edge.io.channel import Doorway, Uplink
from edge.wire import AudienceCount, AudienceCounts, CamerasHealth, Showing, TakeStill, read_answer, unpack

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def event(number):
    return Event(t=NOW, kind="camera_lost", level="info", text=str(number))


@pytest.fixture
def address(tmp_path):
    return tmp_path / "gate"


@pytest.fixture
def eye(address):
    uplinks = []

    def make(**bounds):
        uplinks.append(Uplink(address, "0123abcd", **bounds))
        return uplinks[-1]

    yield make
    for uplink in uplinks:
        uplink.close()


class Gate:
    """Hears parcels, and acknowledges each kept one unless told to be silent."""

    def __init__(self, address, acknowledges=True):
        self.heard = []
        self.acknowledges = acknowledges
        self._doorway = Doorway(address, self._take)

    def _take(self, payload, acknowledge):
        parcel = unpack(payload)
        self.heard.append(parcel)
        if self.acknowledges and parcel.kind in ("window", "event"):
            acknowledge(parcel.n)

    @property
    def texts(self):
        return [parcel.data.text for parcel in self.heard if parcel.kind == "event"]

    @property
    def links(self):
        return self._doorway.links

    @property
    def welcomed(self):
        return self._doorway.welcomed

    def order(self, order):
        return self._doorway.order(order)

    def close(self):
        self._doorway.close()


def test_what_is_kept_arrives_in_order_however_much_it_is(address, eye):
    uplink = eye()
    for number in range(500):
        uplink.keep(event(number))
    gate = Gate(address)
    assert uplink.drain(20)
    assert gate.texts == [str(number) for number in range(500)]
    gate.close()


def test_beyond_its_bounds_the_oldest_is_given_up(address, eye):
    uplink = eye(most=10)
    for number in range(25):
        uplink.keep(event(number))
    assert uplink.dropped == 15
    gate = Gate(address)
    assert uplink.drain(10)
    assert gate.texts == [str(number) for number in range(15, 25)]
    gate.close()


def test_it_is_bounded_in_bytes_too(eye):
    uplink = eye(most_bytes=1000)
    for number in range(100):
        uplink.keep(event(number))
    assert 80 < uplink.dropped < 100


def test_something_too_large_for_the_gate_is_given_up_and_does_not_block_the_rest(address, eye):
    uplink = eye()
    uplink.keep(event(1).model_copy(update={"text": "x" * 3_000_000}))
    uplink.keep(event(2))
    gate = Gate(address)
    assert uplink.drain(10)
    assert (gate.texts, uplink.dropped) == (["2"], 1)
    gate.close()


def test_an_audience_too_large_for_the_gate_is_given_up_and_its_window_arrives(address, eye, caplog):
    end = NOW + timedelta(minutes=1)
    count = AudienceCount(zone="hall", segment="cyclists", digest="0" * 12, n=1, of=9, dwell_sum_s=1)
    audience = AudienceCounts(camera="door", t_start=NOW, t_end=end, cells=[count] * 50_000)
    window = Window(
        camera="door", t_start=NOW, t_end=end, site_version=1, observed_s=60, frames=1, presence_s=0, occupancy_max=0,
        lines={}, zones={}, heatmap=None,
    )  # fmt: skip
    gate = Gate(address)
    uplink = eye()
    uplink.keep(window, audience)
    assert uplink.drain(10)
    assert [(parcel.data, parcel.audience) for parcel in gate.heard] == [(window, None)]
    assert "use fewer segments or zones" in caplog.text
    gate.close()


def test_no_more_than_a_few_are_on_the_way_unacknowledged(address, eye, until):
    gate = Gate(address, acknowledges=False)
    uplink = eye()
    for number in range(200):
        uplink.keep(event(number))
    until(lambda: len(gate.heard) == 32, "the first ones")
    uplink.tell(CamerasHealth(cameras={}))
    until(lambda: gate.heard[-1].kind == "health", "what passes goes on all the same")
    assert len(gate.texts) == 32
    assert not uplink.drain(0.1)
    gate.close()


def test_what_passes_is_not_kept(address, eye, until):
    uplink = eye()
    health = CameraHealth(state="watching", fps=8, observed_share=1, dropped=0, bad_frames=0)
    for _ in range(1000):
        uplink.tell(CamerasHealth(cameras={"door": health}))
    uplink.keep(event(1))
    gate = Gate(address)
    assert uplink.drain(10)
    assert len(gate.heard) <= 65
    gate.close()


def test_an_eye_that_hangs_up_is_noticed(address, until):
    gate = Gate(address)
    uplink = Uplink(address, "0123abcd")
    until(lambda: gate.links == 1, "the eye")
    uplink.close()
    until(lambda: gate.links == 0, "nobody")
    gate.close()


def test_a_gate_may_answer_nonsense(address, eye, until):
    answers = iter([b"nonsense", b"999999999999999999999"])

    class Rude(Gate):
        def _take(self, payload, acknowledge):
            self.heard.append(unpack(payload))
            link = acknowledge.__closure__[0].cell_contents
            link.send_bytes(next(answers, b"1"))

    gate = Rude(address)
    uplink = eye()
    uplink.keep(event(1))
    assert uplink.drain(10)
    assert len(gate.heard) == 3, "sent again after each answer that was none"
    gate.close()


def test_an_order_reaches_every_eye_and_is_taken_once(address, until):
    gate = Gate(address)
    eyes = [Uplink(address, name) for name in ("0123abcd", "4567abcd")]
    until(lambda: gate.links == 2, "the eyes")
    assert gate.order(TakeStill(camera="door")) == 2
    for uplink in eyes:
        heard = until(uplink.orders, "the order")
        assert heard == [TakeStill(camera="door")]
        assert uplink.orders() == []
        uplink.keep(event(1))
        assert uplink.drain(10), "acknowledging goes on beside it"
        uplink.close()
    gate.close()


def test_orders_that_nobody_collects_are_bounded(address, eye, until):
    gate = Gate(address)
    uplink = eye()
    until(lambda: gate.links == 1, "the eye")
    for number in range(100):
        gate.order(TakeStill(camera=f"cam{number}"))
    uplink.keep(event(1))
    assert uplink.drain(10), "acknowledged after the last order was heard"
    assert [order.camera for order in uplink.orders()] == [f"cam{number}" for number in range(84, 100)]
    gate.close()


def showing(screen, creative="shoes"):
    return Showing(screen=screen, creative=creative, at=NOW, until=NOW + timedelta(minutes=1))


def test_what_screens_show_is_heard_in_order_beside_orders_and_acknowledgements(address, eye, until):
    gate = Gate(address)
    uplink = eye()
    until(lambda: gate.links == 1, "the eye")
    for number in range(100):
        gate.order(showing(f"screen{number}"))
    gate.order(TakeStill(camera="door"))
    uplink.keep(event(1))
    assert uplink.drain(10), "acknowledged after the last was heard"
    assert [shown.screen for shown in uplink.showings()] == [f"screen{number}" for number in range(100)]
    assert uplink.orders() == [TakeStill(camera="door")]
    assert uplink.showings() == []
    gate.close()


def test_what_screens_show_is_bounded_where_nobody_asks(address, eye, until):
    gate = Gate(address)
    uplink = eye()
    until(lambda: gate.links == 1, "the eye")
    for number in range(1100):
        gate.order(showing("tower", f"creative{number}"))
    uplink.keep(event(1))
    assert uplink.drain(10)
    heard = uplink.showings()
    assert (len(heard), heard[-1].creative) == (1024, "creative1099")
    gate.close()


def test_the_gate_learns_of_each_eye_that_comes(address, until):
    gate = Gate(address)
    for number in range(1, 4):
        uplink = Uplink(address, "0123abcd")
        until(lambda number=number: gate.welcomed == number, "the eye")
        uplink.close()
    gate.close()


@pytest.mark.parametrize("payload", [b'{"order": "shoot"}', b'{"order": "showing", "screen": "../x"}', b"{", b"[]"])
def test_an_order_that_is_none_is_refused(payload):
    with pytest.raises(ValueError, match="."):
        read_answer(payload)
