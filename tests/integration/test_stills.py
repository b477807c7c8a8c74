"""The still's way through a real gate and a real broker: when it is asked for, from memory, now or never."""

import subprocess
import sys
from base64 import b64encode
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from contract.messages import Command, Event, Still, encode, wrap
from contract.site import Site
from edge.config import Broker as BrokerSettings
from edge.config import CameraSettings, EdgeConfig, OutboxSettings
from edge.io.channel import Uplink
from edge.jobs import GateJob
from edge.wire import NoStill

SITE = Site.model_validate({"site": "shop", "version": 3, "cameras": {"door": {}, "till": {}}})
COMMANDS = "vitrina/v1/shop/box-1/down/cmd"
PICTURE = b64encode(b"\xff\xd8\xff\xe0 nobody is on it " * 1000).decode()


def still(camera="door"):
    return Still(camera=camera, t=datetime.now(UTC).replace(microsecond=0), jpeg=PICTURE, landmarks=[])


def command(seq, camera="door", lasts_s=60):
    expires = datetime.now(UTC) + timedelta(seconds=lasts_s)
    part = Command(command="take_still", camera=camera, expires_at=expires)
    return encode(wrap(part, site="shop", box="box-1", boot_id="server", seq=seq, time=datetime.now(UTC)))


@pytest.fixture
def gate(tmp_path, broker):
    """A gate in its own process: `.log` and `.files()` are what it left on the disk."""

    class Running:
        address, log = tmp_path / "gate.sock", tmp_path / "gate.log"

        def files(self):
            return [path for path in tmp_path.iterdir() if path.is_file()]

    config = EdgeConfig(
        box="box-1",
        site=tmp_path / "site.yaml",
        broker=BrokerSettings(host=broker.host, port=broker.port),
        outbox=OutboxSettings(path=tmp_path / "outbox.db"),
        cameras={"door": CameraSettings(source="door.mp4"), "till": CameraSettings(source="till.mp4")},
    )
    job = GateJob(config=config, site=SITE, address=Running.address, settle_s=0.1, health_every_s=0.2)
    with Running.log.open("wb") as log:
        process = subprocess.Popen([sys.executable, "-m", "edge.gate"], stdin=subprocess.PIPE, stderr=log)
    process.stdin.write(job.model_dump_json().encode() + b"\n")
    process.stdin.flush()
    yield Running()
    with suppress(BrokenPipeError):
        process.stdin.close()
    process.wait(15)


@pytest.fixture
def eye(gate):
    """An eye that the gate knows."""
    uplink = Uplink(gate.address, "0123abcd")
    uplink.keep(Event(t=datetime.now(UTC), kind="camera_back", level="info", camera="door", text="the camera is back"))
    assert uplink.drain(15)
    yield uplink
    uplink.close()


@pytest.fixture
def listener(gate, broker, listen, until):
    listener = listen(broker)
    until(lambda: listener.on("up/health"), "the gate", timeout_s=20)
    return listener


def events(listener):
    told = [message.data for message in listener.on("up/event") if message.data.kind.startswith("still")]
    return [(event.kind, event.level, event.camera) for event in told]


def texts(listener):
    return [message.data.text for message in listener.on("up/event")]


def test_an_order_goes_down_and_a_still_comes_up_and_an_event_says_so(gate, eye, listener, until):
    listener.publish(COMMANDS, command(1))
    assert [order.camera for order in until(eye.orders, "the order")] == ["door"]
    made = still()
    eye.tell(made)
    (message,) = until(lambda: listener.on("up/still"), "the still")
    assert message.data == made
    assert (message.site, message.box, message.data.camera) == ("shop", "box-1", "door")
    until(lambda: events(listener) == [("still_taken", "info", "door")], "the event")
    assert not [path.name for path in gate.files() if PICTURE[:40].encode() in path.read_bytes()]
    retained = [topic for topic, payload, retain in listener.messages if retain and PICTURE[:40].encode() in payload]
    assert retained == []


def test_a_still_that_nobody_asked_for_goes_nowhere(gate, eye, listener, until):
    eye.tell(still())
    until(lambda: "threw away a still that nobody asked for" in gate.log.read_text(), "the refusal")
    listener.publish(COMMANDS, command(1))
    until(eye.orders, "the order")
    eye.tell(still("till"))
    eye.tell(still())
    eye.tell(still())
    until(lambda: listener.on("up/still"), "the one that was asked for")
    until(lambda: gate.log.read_text().count("threw away") == 3, "the refusals")
    assert [message.data.camera for message in listener.on("up/still")] == ["door"]


def test_expired_and_repeated_commands_do_nothing(eye, listener, until):
    listener.publish(COMMANDS, command(1, lasts_s=-1))
    listener.publish(COMMANDS, command(2))
    listener.publish(COMMANDS, command(3, camera="till"))
    listener.publish(COMMANDS, command(2))
    listener.publish(COMMANDS, command(3, camera="till"))
    listener.publish(COMMANDS, command(4, camera="door"))
    heard = []
    until(lambda: heard.extend(order.camera for order in eye.orders()) or len(heard) >= 3, "the orders")
    assert heard == ["door", "till", "door"]


@pytest.mark.parametrize("camera", ["door", "vault"])
def test_where_nobody_can_take_it_an_event_says_why(gate, listener, until, camera):
    listener.publish(COMMANDS, command(1, camera))
    until(lambda: events(listener) == [("still_refused", "warning", camera)], "the event")
    (event,) = listener.on("up/event")
    assert event.data.text in {
        "no still: no eye is at work; try again in a minute",
        "no still: this box has no such camera",
    }


def test_why_an_eye_has_none_is_told(eye, listener, until):
    listener.publish(COMMANDS, command(1))
    until(eye.orders, "the order")
    eye.tell(NoStill(camera="door", reason="people hid 70% of the picture"))
    until(lambda: events(listener) == [("still_refused", "warning", "door")], "the event")
    assert [text for text in texts(listener) if "still" in text] == ["no still: people hid 70% of the picture"]


def test_while_the_broker_is_away_a_still_is_thrown_away_and_an_event_says_so(
    gate, eye, listener, broker, listen, until
):
    listener.publish(COMMANDS, command(1))
    until(eye.orders, "the order")
    broker.stop()
    until(lambda: "connection lost" in gate.log.read_text(), "the gate noticing")
    eye.tell(still())
    broker.start()
    again = listen(broker)
    until(lambda: events(again) == [("still_refused", "warning", "door")], "the event", timeout_s=20)
    assert again.on("up/still") == []
    assert not [path.name for path in gate.files() if PICTURE[:40].encode() in path.read_bytes()]
