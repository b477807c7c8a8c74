import json
import pickle
import re
import resource
import subprocess
import sys
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Client
from pathlib import Path
from time import monotonic

import pytest

from contract.messages import Command, Desired, DwellTable, Heatmap, LineStats, Live, Window, ZoneStats, encode, wrap
from contract.screens import Show, wrap_show
from contract.site import Site
from edge.config import Broker as BrokerSettings
from edge.config import CameraSettings, EdgeConfig, OutboxSettings
from edge.gate.outbox import Bounds, Outbox
from edge.io.channel import Uplink
from edge.jobs import GateJob
from edge.process import EXIT_RESTART
from edge.wire import AudienceCount, AudienceCounts, window_parcel

SITE = Site.model_validate(
    {
        "site": "shop",
        "version": 3,
        "floor": {"bounds_m": [[0, 0], [10, 10]]},
        "cameras": {"door": {}, "till": {}},
        "zones": {"hall": {"polygon_m": [[0, 0], [5, 0], [5, 5]]}},
        "screens": {"tower": {"at_m": [1, 1], "zone": "hall"}},
        "segments": {
            "cyclists": {"when": {"transport": ["bicycle"]}},
            "morning": {"when": {"hours": ["07:00-11:00"]}},
        },
    }
)
NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
EMPTY = [0] * 24


def window(minute=0, camera="door", **changes):
    start = NOW + timedelta(minutes=minute)
    dwell = DwellTable(left=EMPTY, lost=EMPTY, late_left=EMPTY, late_lost=EMPTY)
    zone = ZoneStats(entries=1, visits=1, presence_s=4.5, dwell_sum_s=4.5, dwell=dwell, occupancy_max=1)
    given = {
        "camera": camera,
        "t_start": start,
        "t_end": start + timedelta(minutes=1),
        "site_version": 3,
        "observed_s": 60.0,
        "frames": 480,
        "presence_s": 4.5,
        "occupancy_max": 1,
        "lines": {"gate": LineStats(in_=1, out=0)},
        "zones": {"hall": zone},
        "heatmap": Heatmap(unit="m", cell=0.5, origin=(0, 0), shape=(20, 20), index=[3], person_s=[4.5]),
    }
    return Window(**(given | changes))


class GateProcess:
    """A real gate in its own process, and eyes that say what the test wants."""

    def __init__(self, folder, broker, **changes):
        self.address = folder / "gate.sock"
        settings = BrokerSettings(host=broker.host, port=broker.port)
        config = EdgeConfig(
            box="box-1",
            site=folder / "site.yaml",
            broker=changes.pop("broker", settings),
            outbox=OutboxSettings(path=changes.pop("outbox", folder / "outbox.db"), **changes.pop("bounds", {})),
            cameras={"door": CameraSettings(source="door.mp4"), "till": CameraSettings(source="till.mp4")},
        )
        self.job = GateJob(config=config, site=SITE, address=self.address, settle_s=2.5, **changes)
        self.outbox_path = config.outbox.path
        self.log = folder / "gate.log"
        self.uplinks = []
        self.process = None

    def start(self):
        with self.log.open("ab") as log:
            self.process = subprocess.Popen([sys.executable, "-m", "edge.gate"], stdin=subprocess.PIPE, stderr=log)
        self.process.stdin.write(self.job.model_dump_json().encode() + b"\n")
        self.process.stdin.flush()
        return self

    def eye(self, name="00000001", **kwargs):
        self.uplinks.append(Uplink(self.address, name, **kwargs))
        return self.uplinks[-1]

    def link(self):
        """A bare connection to the wall, once the gate listens there."""
        deadline = monotonic() + 10
        while monotonic() < deadline:
            with suppress(OSError):
                return Client(str(self.address), family="AF_UNIX")
        return pytest.fail("the gate does not listen")

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()

    def stop(self):
        with suppress(BrokenPipeError):
            self.process.stdin.close()
        return self.process.wait(15)

    def close(self):
        for uplink in self.uplinks:
            uplink.close()
        if self.process is not None and self.process.poll() is None:
            self.stop()

    def logged(self):
        return self.log.read_text()

    def stored(self):
        outbox = Outbox(self.outbox_path, boot_id="test", bounds=Bounds())
        rows = outbox.pending(after=0, limit=10_000)
        outbox.close()
        return rows


@pytest.fixture
def gate(tmp_path, broker):
    gates = []

    def make(**changes):
        gates.append(GateProcess(tmp_path, broker, **changes))
        return gates[-1]

    yield make
    for made in gates:
        made.close()


def minutes(listener):
    """Minutes of the windows that arrived, each message id once, in order of arrival."""
    seen = {message.id: message for message in listener.on("up/window")}
    return [round((message.data.t_start - NOW).total_seconds() / 60) for message in seen.values()]


def test_a_window_goes_from_eye_to_broker_and_is_struck_off(gate, broker, listen, until):
    listener = listen(broker)
    running = gate().start()
    eye = running.eye()
    eye.keep(window(0))
    assert eye.drain(10), "the gate acknowledges what it has stored"
    until(lambda: minutes(listener) == [0], "the window")
    (message,) = listener.on("up/window")
    assert message.data == window(0)
    assert (message.site, message.box, message.seq) == ("shop", "box-1", 1)
    eye.close()
    running.uplinks.clear()
    assert running.stop() == 0
    assert running.stored() == []


def test_the_box_introduces_itself_and_takes_its_leave(gate, broker, listen, until):
    listener = listen(broker)
    running = gate().start()
    until(lambda: listener.on("up/reported"), "reported")
    assert listener.on("up/state")[0].data.status == "online"
    assert listener.on("up/birth")[0].data.cameras == ["door", "till"]
    assert listener.on("up/reported")[0].data.site_version == 3
    until(lambda: listener.on("up/health"), "health")
    assert set(listener.on("up/health")[0].data.cameras) == {"door", "till"}
    assert running.stop() == 0
    until(lambda: listener.on("up/state")[-1].data.status == "offline", "the last word")
    late = listen(broker)
    until(lambda: len(late.messages) == 3, "what is retained")
    assert late.on("up/state")[0].data.status == "offline"


def test_a_gate_that_is_killed_is_reported_offline_by_the_broker(gate, broker, listen, until):
    listener = listen(broker)
    running = gate().start()
    until(lambda: listener.on("up/state"), "online")
    running.kill()
    until(lambda: listener.on("up/state")[-1].data.status == "offline", "the Will")
    running.start()
    until(lambda: listener.on("up/state")[-1].data.status == "online", "back")
    ids = [message.id for message in listener.on("up/state")]
    assert len(ids) == len(set(ids)), "each Will has an id of its own, or it would be taken for a double"


def test_a_broker_that_is_down_at_the_start_is_waited_for(gate, broker, listen, until):
    broker.stop()
    running = gate().start()
    eye = running.eye()
    eye.keep(window(0))
    assert eye.drain(10), "stored without a broker"
    broker.start()
    listener = listen(broker)
    until(lambda: minutes(listener) == [0], "the window", timeout_s=20)


def test_nothing_is_lost_when_the_broker_dies_and_comes_back(gate, broker, listen, until):
    listener = listen(broker)
    running = gate().start()
    eye = running.eye()
    for minute in range(10):
        eye.keep(window(minute))
    until(lambda: len(minutes(listener)) == 10, "the first ten")
    broker.stop()
    for minute in range(10, 40):
        eye.keep(window(minute))
    assert eye.drain(10)
    broker.start()
    for minute in range(40, 50):
        eye.keep(window(minute))
    until(lambda: sorted(minutes(listener)) == list(range(50)), "all fifty", timeout_s=30)


def test_what_the_broker_took_just_before_it_lost_its_memory_is_sent_again_as_it_was(gate, broker, listen, until):
    running = gate().start()
    eye = running.eye()
    first = listen(broker)
    eye.keep(window(0))
    until(lambda: minutes(first) == [0], "the window")
    until(lambda: not running.stored(), "struck off")
    first.close()
    broker.stop()
    broker.start()
    second = listen(broker)
    until(lambda: minutes(second) == [0], "the window again", timeout_s=20)
    assert second.on("up/window")[0] == first.on("up/window")[0]


def test_a_server_that_comes_back_a_moment_after_the_box_misses_nothing(gate, broker, listen, until):
    running = gate(health_every_s=0.1).start()
    eye = running.eye()
    first = listen(broker)
    eye.keep(window(0))
    until(lambda: minutes(first) == [0], "the window")
    first.close()
    broker.stop()
    for minute in range(1, 5):
        eye.keep(window(minute))
    assert eye.drain(10)
    broker.start()
    other = listen(broker, "vitrina/v1/shop/box-1/up/health")
    until(lambda: len(other.messages) > 2, "the box is back, and would have published", timeout_s=20)
    server = listen(broker)
    until(lambda: sorted(minutes(server)) == list(range(5)), "all five", timeout_s=20)


def test_a_gate_killed_before_it_could_publish_loses_nothing_it_acknowledged(gate, broker, listen, until):
    broker.stop()
    running = gate().start()
    eye = running.eye()
    for minute in range(5):
        eye.keep(window(minute))
    assert eye.drain(10)
    running.kill()
    eye.keep(window(5))
    broker.start()
    listener = listen(broker)
    running.start()
    until(lambda: sorted(minutes(listener)) == list(range(6)), "all six", timeout_s=20)


def test_a_lost_acknowledgement_does_not_count_twice(gate, broker, listen, until):
    listener = listen(broker)
    running = gate().start()
    for _ in range(3):  # the eye never heard that its window is safe
        with running.link() as link:
            link.send_bytes(window_parcel(window(0), None, eye="0000000a", n=1))
            assert link.recv_bytes() == b"1"
    with running.link() as link:
        link.send_bytes(window_parcel(window(1), None, eye="0000000a", n=2))
        assert link.recv_bytes() == b"2"
    until(lambda: {0, 1} <= set(minutes(listener)) and not running.stored(), "both windows, and nothing more to come")
    assert sorted(minutes(listener)) == [0, 1]


def test_two_pieces_of_one_window_become_one_with_a_new_revision(gate, broker, listen, until):
    listener = listen(broker)
    running = gate().start()
    running.eye("0000000a").keep(window(0, frames=100))
    until(lambda: minutes(listener) == [0], "the first piece")
    running.kill()
    running.start()
    running.eye("0000000b").keep(window(0, frames=50, occupancy_max=3))
    until(lambda: len(minutes(listener)) == 2, "the joined window")
    joined = listener.on("up/window")[-1].data
    assert (joined.revision, joined.frames, joined.occupancy_max, joined.zones["hall"].entries) == (1, 150, 3, 2)
    assert joined.heatmap.person_s == [9.0]


def parcel(**changes):
    return json.loads(window_parcel(window(0), None, eye="0000000b", n=1)) | changes


def changed_window(**changes):
    raw = parcel()
    raw["data"] |= changes
    return raw


HOSTILE = {
    "truncated": json.dumps(parcel()).encode()[:200],
    "not JSON": b"\xff\xfe",
    "empty": b"",
    "a pickle": pickle.dumps({"kind": "window"}),
    "a track id": json.dumps(changed_window(track_id=17)).encode(),
    "a picture": json.dumps(changed_window(image="aGVsbG8=")).encode(),
    "a path": json.dumps(changed_window(paths=[[1.0, 2.0], [1.5, 2.5]])).encode(),
    "a key beside the data": json.dumps(parcel(embedding=[0.1, 0.2])).encode(),
    "an unknown kind": json.dumps(parcel(kind="tracks")).encode(),
    "text for a number": json.dumps(changed_window(frames="480")).encode(),
    "a negative count": json.dumps(changed_window(occupancy_max=-1)).encode(),
    "not a number": json.dumps(parcel()).replace("60.0", "NaN").encode(),
    "a camera of another box": json.dumps(changed_window(camera="vault")).encode(),
    "a name that is a sentence": json.dumps(changed_window(zones={"Mrs. Smith, 14:03": {}})).encode(),
}


def test_what_does_not_fit_the_wall_is_refused_and_the_rest_goes_on(gate, broker, listen, until):
    listener = listen(broker)
    running = gate().start()
    with running.link() as link:
        for payload in HOSTILE.values():
            link.send_bytes(payload)
        link.send_bytes(window_parcel(window(7), None, eye="0000000b", n=2))
        assert link.recv_bytes() == b"2"
    until(lambda: minutes(listener), "the good window")
    assert minutes(listener) == [7]
    assert "refused what came from an eye (1 so far)" in running.logged()
    assert "Smith" not in running.logged()


@pytest.mark.parametrize("name", HOSTILE)
def test_each_kind_of_stranger_is_refused(name):
    from edge.errors import WallError
    from edge.gate.health import CameraRoll
    from edge.gate.intake import Intake
    from edge.gate.overflow import Overflow
    from edge.io.clock import SystemClock

    held = Overflow()
    intake = Intake(
        outbox=None,  # it would fail loudly where one of these came so far
        overflow=held,
        roll=CameraRoll([], now=0),
        cameras=frozenset({"door"}),
        clock=SystemClock(),
        on_live=lambda _: None,
        on_audience=lambda _: pytest.fail("counted"),
        on_still=lambda _: pytest.fail("passed on"),
    )
    intake.admit(HOSTILE[name], lambda _: pytest.fail("acknowledged"))
    assert intake.refused == 1
    assert WallError  # the reason is logged, see above


def test_something_too_large_ends_the_connection_and_the_gate_lives(gate, broker, listen, until):
    running = gate().start()
    with running.link() as link, suppress(OSError):
        link.send_bytes(b"x" * 3_000_000)
        with pytest.raises((EOFError, ConnectionError)):
            link.recv_bytes()
    eye = running.eye()
    eye.keep(window(0))
    assert eye.drain(10)
    assert "hung up" in running.logged()


def test_live_counts_pass_through_and_are_never_stored(gate, broker, listen, until):
    listener = listen(broker)
    running = gate().start()
    until(lambda: listener.on("up/birth"), "the gate")
    eye = running.eye()
    now = datetime.now(UTC)
    live = Live(camera="door", t=now, expires_at=now + timedelta(seconds=5), occupancy=2, zones={"hall": 1})
    until(lambda: eye.tell(live) or listener.on("up/live"), "live counts")
    assert listener.on("up/live")[0].data.occupancy == 2
    stale = live.model_copy(update={"expires_at": now - timedelta(seconds=1), "occupancy": 99})
    eye.tell(stale)
    eye.keep(window(0))
    until(lambda: minutes(listener), "a window after it")
    assert all(message.data.occupancy != 99 for message in listener.on("up/live"))
    assert b'occupancy": 2' not in running.outbox_path.read_bytes()


def audience(minute, of, **n):
    start = NOW + timedelta(minutes=minute)
    cells = [
        AudienceCount(zone="hall", segment=key, digest=SITE.segments[key].digest, n=n[key], of=of, dwell_sum_s=n[key])
        for key in n
    ]
    return AudienceCounts(camera="door", t_start=start, t_end=start + timedelta(minutes=1), cells=cells)


def cells(listener):
    return [cell for message in listener.on("up/audience") for cell in message.data.cells]


def test_counts_by_segment_are_held_in_memory_until_they_are_many(gate, broker, listen, until):
    listener = listen(broker)
    running = gate().start()
    eye = running.eye()
    for minute, n in enumerate([3, 1, 4]):
        eye.keep(window(minute), audience(minute, 9, cyclists=n))
    assert eye.drain(10)
    until(lambda: cells(listener), "the cell")
    (cell,) = cells(listener)
    assert (cell.zone, cell.segment, cell.digest) == ("hall", "cyclists", SITE.segments["cyclists"].digest)
    assert (cell.n, cell.of, cell.t_start, cell.t_end) == (5, 27, NOW, NOW + timedelta(minutes=3))
    (message,) = listener.on("up/audience")
    assert (message.data.camera, message.data.smallest_cell) == ("door", 5)
    until(lambda: len(minutes(listener)) == 3 and not running.stored(), "everything is sent")
    carried = b"".join(payload for _, payload, _ in listener.messages)
    assert carried.count(b"cyclists") == 1
    files = running.outbox_path.parent.glob("*")
    assert sum(path.read_bytes().count(b'"cyclists"') for path in files if path.suffix == ".db") <= 1
    assert "cyclists" not in running.logged()


def test_a_gate_that_dies_leaves_no_core_dump_with_what_it_held(gate, until):
    running = gate().start()

    def limits():
        return Path(f"/proc/{running.process.pid}/limits").read_text()

    until(lambda: re.search(r"Max core file size +0 +0", limits()), "the limit")


def test_a_cell_that_has_grown_waits_for_the_broker_on_disk_like_an_event(gate, broker, listen, until):
    broker.stop()
    running = gate().start()
    running.eye().keep(window(0), audience(0, 10, cyclists=5))
    until(lambda: any(row.channel == "up/audience" for row in running.stored()), "the cell")
    running.kill()
    broker.start()
    listener = listen(broker)
    running.start()
    until(lambda: [cell.n for cell in cells(listener)] == [5], "the cell", timeout_s=20)


def test_a_segment_of_times_does_not_wait(gate, broker, listen, until):
    listener = listen(broker)
    gate().start().eye().keep(window(0), audience(0, 2, cyclists=1, morning=2))
    until(lambda: [(cell.segment, cell.n) for cell in cells(listener)] == [("morning", 2)], "the cell")


def test_counts_that_an_eye_sends_again_are_taken_once(gate, broker, listen, until):
    listener = listen(broker)
    running = gate().start()
    parcels = [window_parcel(window(m), audience(m, 10, cyclists=4), eye="0000000a", n=m + 1) for m in range(2)]
    with running.link() as link:
        for payload in (parcels[0], parcels[0], parcels[0]):
            link.send_bytes(payload)
            assert link.recv_bytes() == b"1"
        assert cells(listener) == []
        link.send_bytes(parcels[1])
        assert link.recv_bytes() == b"2"
    until(lambda: [(cell.n, cell.of) for cell in cells(listener)] == [(5, 20)], "the cell")


def show(creative="shoes", lasts_s=60, **changes):
    now = datetime.now(UTC)
    given = {
        "screen": "tower",
        "decision": "decision-1",
        "campaign": None,
        "creative": creative,
        "media": None,
        "at": now,
        "until": now + timedelta(seconds=lasts_s),
        "switch": "now",
        "reason": "because",
    }
    return wrap_show(Show(**(given | changes)), site="shop", time=now).model_dump_json().encode()


SHOWS = "vitrina/v1/shop/screens/tower/show"


def test_what_a_screen_shows_reaches_the_eyes_and_those_that_come_later(gate, broker, listen, until):
    listener, a_while_ago = listen(broker), datetime.now(UTC) - timedelta(minutes=5)
    listener.publish(SHOWS, show("shoes"), retain=True)
    running = gate().start()
    early, heard = running.eye("00000001"), []
    until(lambda: heard.extend(early.showings()) or heard, "what was retained")
    listener.publish(SHOWS, b"nonsense")
    listener.publish(SHOWS, show("over", at=a_while_ago, until=a_while_ago + timedelta(seconds=60)))
    listener.publish(SHOWS, show("hats"), retain=True)
    until(lambda: heard.extend(early.showings()) or heard[-1].creative == "hats", "what is new")
    assert {showing.creative for showing in heard} == {"shoes", "hats"}
    late = running.eye("00000002")
    assert until(late.showings, "what is on") == [heard[-1]]
    assert "passed over what a screen is to show (1 so far)" in running.logged()


def letter(part, seq, **changes):
    given = {"site": "shop", "box": "box-1", "boot_id": "server", "seq": seq, "time": datetime.now(UTC)} | changes
    return encode(wrap(part, **given))


def desired(version, **changes):
    document = SITE.model_dump(mode="json", exclude_defaults=True) | {"version": version} | changes
    return letter(Desired(site_version=version, site=document), version)


def test_a_newer_site_document_is_put_in_force_by_starting_again(gate, broker, listen, until):
    listener = listen(broker)
    running = gate().start()
    until(lambda: listener.on("up/reported"), "the gate")
    listener.publish("vitrina/v1/shop/box-1/down/desired", desired(4), retain=True)
    assert running.process.wait(15) == EXIT_RESTART
    kept = json.loads(running.outbox_path.with_name("box-1.site.json").read_text())
    assert kept["version"] == 4


IN_A_ROW = {"points": [{"image": [n / 10, n / 10], "floor_m": [n, n]} for n in range(4)]}


@pytest.mark.parametrize(
    "case",
    [
        ({"version": 4, "zones": {"hall": {"polygon_m": [[0, 0], [5, 0]]}}}, "three points"),
        ({"version": 4, "cameras": {"door": {}}}, "no camera till"),
        ({"version": 4, "site": "elsewhere"}, "is for site 'elsewhere'"),
        ({"version": 4, "cameras": {"door": {"calibration": IN_A_ROW}, "till": {}}}, "cameras.door.calibration"),
        ({"version": 2}, "send a higher one"),
        ({"version": 4, "surprise": 1}, "unknown key"),
    ],
)
def test_a_site_document_that_does_not_fit_is_refused_and_the_old_one_stays(gate, broker, listen, until, case):
    changes, reason = case
    listener = listen(broker)
    running = gate().start()
    until(lambda: listener.on("up/reported"), "the gate")
    listener.publish("vitrina/v1/shop/box-1/down/desired", desired(**changes))
    until(lambda: listener.on("up/reported")[-1].data.refused_version == changes["version"], "the refusal")
    reported = listener.on("up/reported")[-1].data
    assert reported.site_version == 3
    assert reason in reported.reason
    assert running.process.poll() is None


def test_commands_are_obeyed_once_and_in_time(gate, broker, listen, until):
    listener = listen(broker)
    running = gate().start()
    until(lambda: listener.on("up/reported"), "the gate")
    later, earlier = datetime.now(UTC) + timedelta(minutes=1), datetime.now(UTC) - timedelta(minutes=1)
    topic = "vitrina/v1/shop/box-1/down/cmd"
    listener.publish(topic, letter(Command(command="restart", expires_at=earlier), 1))
    listener.publish(topic, b"{not json")
    listener.publish(topic, letter(Command(command="restart", expires_at=later), 2, box="box-2"))
    listener.publish(topic, letter(Command(command="send_birth", expires_at=later), 3))
    until(lambda: len(listener.on("up/birth")) == 2, "the second birth")
    assert running.process.poll() is None, "neither an expired nor a foreign command is obeyed"
    restart = letter(Command(command="restart", expires_at=later), 4)
    listener.publish(topic, restart)
    assert running.process.wait(15) == EXIT_RESTART
    running.process.stdin.close()
    running.start()
    until(lambda: len(listener.on("up/birth")) == 3, "the third birth")
    listener.publish(topic, restart)
    listener.publish(topic, letter(Command(command="send_birth", expires_at=later), 5))
    until(lambda: len(listener.on("up/birth")) == 4, "the fourth birth")
    listener.publish(topic, letter(Command(command="send_birth", expires_at=later), 6))
    until(lambda: len(listener.on("up/birth")) == 5, "the fifth birth, because the same command again changes nothing")


def test_beyond_its_bounds_the_outbox_says_so(gate, broker, listen, until):
    broker.stop()
    size = len(window(0).model_dump_json())
    bounds = {"max_mb": 3.5 * size / 1e6}
    running = gate(bounds=bounds).start()
    eye = running.eye()
    for minute in range(8):
        eye.keep(window(minute))
    assert eye.drain(10)
    running.kill()
    running.start()  # it keeps its bounds at the start and every half minute
    broker.start()
    listener = listen(broker)
    until(lambda: listener.on("up/event"), "the event", timeout_s=60)
    assert listener.on("up/event")[0].data.kind == "outbox_full"
    until(lambda: 7 in minutes(listener), "the newest window")
    assert 0 not in minutes(listener), "the oldest were given up"


def test_a_full_disk_loses_nothing(gate, broker, listen, until):
    listener = listen(broker)
    running = gate().start()
    eye = running.eye()
    eye.keep(window(0))
    until(lambda: minutes(listener) == [0], "a window while there is room")
    _, hard = resource.prlimit(running.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(running.process.pid, resource.RLIMIT_FSIZE, (0, hard))  # no file can grow: as good as full
    for minute in range(1, 50):
        eye.keep(window(minute))
    assert eye.drain(20), "the broker has them, so they are safe"
    until(lambda: sorted(minutes(listener)) == list(range(50)), "windows past the full disk")
    until(lambda: [message.data.kind for message in listener.on("up/event")] == ["disk_full"], "the event, once")

    broker.stop()
    for minute in range(50, 100):
        eye.keep(window(minute))
    assert not eye.drain(2), "neither disk nor broker has them: nothing is acknowledged"
    resource.prlimit(running.process.pid, resource.RLIMIT_FSIZE, (hard, hard))
    assert eye.drain(10), "there is room again"
    running.kill()
    running.start()
    broker.start()
    until(lambda: set(range(50, 100)) <= set(minutes(listener)), "everything", timeout_s=30)


def test_a_box_whose_outbox_cannot_be_written_says_so_in_one_line(gate, tmp_path):
    running = gate(outbox=tmp_path / "absent" / "outbox.db").start()
    assert running.process.wait(15) == 1
    assert len(running.logged().splitlines()) == 1
    assert "outbox.db" in running.logged()
