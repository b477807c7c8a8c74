import threading
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from pathlib import Path
from time import monotonic, sleep
from zoneinfo import ZoneInfo

import av
import numpy as np
import onnx
import paho.mqtt.client as mqtt
import pytest
from hypothesis import settings
from onnx import TensorProto, helper, numpy_helper
from paho.mqtt.enums import CallbackAPIVersion
from sqlalchemy import insert

from contract.messages import DWELL_BINS_S, Message, decode
from edge.arrays import U8
from edge.data_files import find_data
from edge.io.video import VideoFile
from edge.models import ModelEntry, ModelInput, Thresholds, file_sha256
from server.db import trade_tables
from server.db.packing import pack_table
from server.db.rollup_tables import HOURS
from vitrina.broker import Broker

# A loaded machine is no fault of the code: how long an example takes is measured in benchmarks/, not here.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

Until = Callable[..., object]
MakeClip = Callable[..., Path]
MakeModel = Callable[..., Path]
MakeEntry = Callable[..., ModelEntry]


@pytest.fixture
def broker() -> Iterator[Broker]:
    """A real MQTT 5 broker: `.host`, `.port`, and `.stop()` / `.start()` on the same port."""
    with Broker() as broker:
        yield broker


@pytest.fixture
def until() -> Until:
    """`until(condition, what, timeout_s)`: poll, return the condition's value once true, fail naming `what`."""

    def wait(condition, what="the condition", timeout_s=10.0):
        deadline = monotonic() + timeout_s
        while not (value := condition()):
            if monotonic() > deadline:
                pytest.fail(f"{what} did not come true within {timeout_s} s")
            sleep(0.02)
        return value

    return wait


@pytest.fixture
def make_clip(tmp_path: Path) -> MakeClip:
    """`make_clip("a.mp4", frames=, fps=, size=, codec=, pts=)`: frame n is of one grey, 10 + 8 n, modulo 200."""

    def make(name, *, frames=6, fps=10, size=(64, 48), codec="libx264", pts=None, options=None) -> Path:
        with av.open(str(tmp_path / name), "w") as container:
            stream = container.add_stream(codec, rate=fps, options=options or {})
            stream.width, stream.height = size
            stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
            for n in range(frames):
                grey = np.full((size[1], size[0], 3), 10 + 8 * n % 200, np.uint8)
                frame = av.VideoFrame.from_ndarray(grey, format="bgr24")
                frame.pts, frame.time_base = n if pts is None else pts[n], Fraction(1, fps)
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        return tmp_path / name

    return make


@pytest.fixture
def make_model(tmp_path: Path) -> MakeModel:
    """`make_model([array, ...], height=, width=, metadata=)`: an ONNX file that answers every picture with those."""

    def make(outputs, *, height="height", width="width", metadata=None, name="model.onnx") -> Path:
        nodes, infos, constants = [], [], []
        for i, output in enumerate(outputs):
            constants.append(numpy_helper.from_array(np.asarray(output, np.float32), f"c{i}"))
            nodes.append(helper.make_node("Identity", [f"c{i}"], [f"out{i}"]))
            infos.append(helper.make_tensor_value_info(f"out{i}", TensorProto.FLOAT, np.shape(output)))
        picture = helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, 3, height, width])
        graph = helper.make_graph(nodes, "fixed", [picture], infos, constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        helper.set_model_props(model, metadata or {})
        path = tmp_path / name
        onnx.save(model, path)
        return path

    return make


@pytest.fixture
def make_entry() -> MakeEntry:
    """`make_entry(path, decoder, ...)`: a manifest entry for a file, with its true digest unless told otherwise."""

    def make(path, decoder, *, sha256=None, classes=None, low=0.4, long_side=64) -> ModelEntry:
        return ModelEntry(
            name="small",
            path=path,
            sha256=sha256 or file_sha256(path),
            licence="Apache-2.0",
            copyright="nobody",
            source="this test",
            decoder=decoder,
            classes=classes or {"person": 0},
            nms_iou=0.6,
            input=ModelInput(colour="bgr", mean=(0, 0, 0), std=(1, 1, 1), long_side=long_side, side_multiple=32),
            thresholds=Thresholds(low=low, high=0.5, new=0.6),
        )

    return make


@pytest.fixture(scope="session")
def demo_frame() -> U8:
    """The first picture of the demo clip."""
    return next(iter(VideoFile(find_data("config/demo/vtest.mp4"), camera_id="demo"))).image


class FakeClock:
    """Time that passes only when someone sleeps; `slept` lists for how long."""

    def __init__(self) -> None:
        self.time = 1_000_000.0
        self.slept: list[float] = []

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += max(0.0, seconds)


@pytest.fixture
def fake_clock() -> FakeClock:
    return FakeClock()


class Listener:
    """A subscriber that keeps every message it got, in order; it comes back when the broker does."""

    def __init__(self, broker: Broker, topic: str = "vitrina/#", **credentials: str) -> None:
        self.messages: list[tuple[str, bytes, bool]] = []
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, f"listener-{id(self)}", protocol=mqtt.MQTTv5)
        if credentials:
            self._client.username_pw_set(**credentials)
        ready = threading.Event()
        self._client.on_connect = lambda client, *_: client.subscribe(topic, 1)
        self._client.on_subscribe = lambda *_: ready.set()
        self._client.on_message = self._keep
        self._client.reconnect_delay_set(1, 1)
        self._client.connect(broker.host, broker.port)
        self._client.loop_start()
        assert ready.wait(5), "the listener was not let in"

    def _keep(self, client: mqtt.Client, userdata: object, message: mqtt.MQTTMessage) -> None:
        self.messages.append((message.topic, bytes(message.payload), message.retain))

    def on(self, channel: str) -> list[Message]:
        """Everything that came on one channel, decoded."""
        return [decode(channel, payload) for topic, payload, _ in list(self.messages) if topic.endswith(channel)]

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Say something, and wait until the broker has it."""
        self._client.publish(topic, payload, 1, retain).wait_for_publish(5)

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


@pytest.fixture
def listen() -> Iterator[Callable[..., Listener]]:
    """`listen(broker)`: a subscriber to everything; ends with the test."""
    listeners: list[Listener] = []

    def start(*args, **kwargs):
        listeners.append(Listener(*args, **kwargs))
        return listeners[-1]

    yield start
    for listener in listeners:
        listener.close()


@pytest.fixture
def make_face_models(tmp_path: Path, make_model: MakeModel) -> Callable[..., Path]:
    """`make_face_models(share=, nose=, male=, age=)`: a folder of small face models, with a manifest of their own.

    The finder takes what is white for a face, `share` of the head's square tall, its nose at `nose` of its width; the
    others answer always the same: `male`, a probability, and the year `age`.
    """

    def make(*, share=0.4, nose=0.5, male=0.95, age=40, folder="faces") -> Path:
        target = tmp_path / folder / "demographics"
        target.mkdir(parents=True)
        year = np.eye(81, dtype=np.float32)[[age]]
        text = find_data("models/demographics.toml").read_text()
        for path in (
            _white_finder(target / "centerface.onnx", share, nose),
            make_model([[[1 - male, male]]], height=32, width=32, name="gender-v1.onnx").rename(
                target / "gender-v1.onnx"
            ),
            make_model([year], height=64, width=64, name="age-v1.onnx").rename(target / "age-v1.onnx"),
        ):
            entry = text.index(f'file = "{path.name}"')
            digest = text.index("sha256 = ", entry)
            text = f'{text[:digest]}sha256 = "{file_sha256(path)}"{text[text.index(chr(10), digest) :]}'
        (target / "manifest.toml").write_text(text)
        return target

    return make


def _white_finder(path: Path, share: float, nose: float) -> Path:
    """Laid out as CenterFace: one cell for 4x4 px; y before x."""
    log_size = np.log(160 * share / 4)
    places = [0.35, 0.3, 0.35, 0.7, 0.35 + 0.4 * 0.54, nose, 0.8, 0.3, 0.8, 0.7]
    heads = {
        "537": (1 / (48 * 255), [0.0]),
        "538": (0.0, [log_size] * 2),
        "539": (0.0, [0.0] * 2),
        "540": (0.0, places),
    }
    nodes, weights, outputs = [], [], []
    for name, (weight, bias) in heads.items():
        kernel = np.full((len(bias), 3, 4, 4), weight, np.float32)
        weights += [numpy_helper.from_array(kernel, f"w{name}"), numpy_helper.from_array(np.float32(bias), f"b{name}")]
        nodes.append(
            helper.make_node("Conv", ["input.1", f"w{name}", f"b{name}"], [name], kernel_shape=[4, 4], strides=[4, 4])
        )
        outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, len(bias), 40, 40]))
    picture = helper.make_tensor_value_info("input.1", TensorProto.FLOAT, [1, 3, 160, 160])
    graph = helper.make_graph(nodes, "white", [picture], outputs, weights)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)], ir_version=8), path)
    return path


class Trading:
    """Writes what was measured of a store's days straight into its tables, one camera, 12 hours from 8:00."""

    def __init__(self, conn, site: str, timezone: str, first: date) -> None:
        self._conn, self._site, self._zone, self._first = conn, site, ZoneInfo(timezone), first

    def hour_ms(self, day: int, hour: int) -> int:
        start = datetime.combine(self._first + timedelta(day), time(hour), self._zone)
        return round(start.timestamp() * 1000)

    def floor(self, day: int, *, lines=(), zones=(), hours=range(8, 20), observed_s=3600.0) -> None:
        """`lines`: {id: (entered, left) an hour}; `zones`: {id: {"visits": n, "engaged": n, ...} an hour}."""
        keys = [{"site": self._site, "hour_ms": self.hour_ms(day, hour), "camera": "door"} for hour in hours]
        totals = {"observed_s": observed_s, "moved_s": 0, "frames": 1, "presence_s": 0, "occupancy_max": 1}
        totals |= {"handovers_taken": 0, "handovers_guessed": 0, "handovers_missed": 0}
        self._insert(HOURS.totals, keys, totals)
        for line, (entered, left) in dict(lines).items():
            self._insert(HOURS.lines, keys, {"line": line, "entered": entered, "left": left, "observed_s": observed_s})
        for zone, counts in dict(zones).items():
            visits, engaged = counts["visits"], counts.get("engaged", 0)
            dwell = np.zeros((4, len(DWELL_BINS_S)), np.int64)
            dwell[0, DWELL_BINS_S.index(2)] = visits - engaged
            dwell[0, DWELL_BINS_S.index(30)] = engaged
            plain = {"entries": visits, "stops": engaged, "presence_s": 10.0 * visits, "dwell_sum_s": 10.0 * visits}
            plain |= {"zone": zone, "observed_s": observed_s, "occupancy_max": 1, "reentries": 0}
            plain |= {key: value for key, value in counts.items() if key != "engaged"}
            self._insert(HOURS.zones, keys, plain | {"dwell": pack_table(dwell)})

    def sold(self, day: int, category: str = "", **sums) -> None:
        """`receipts`, `gross_c` and so on of a day; what is not given is 0."""
        names = ("receipts", "card_receipts", "returns", "quantity", "gross_c", "margin_c", "margin_gross_c")
        row = dict.fromkeys((*names, "discount_c"), 0) | {"offer": ""} | sums
        row |= {"site": self._site, "day": self._first + timedelta(day), "category": category}
        self._conn.execute(insert(trade_tables.sales_days), row)

    def sold_by_hour(self, day: int, hour: int, category: str = "", **sums) -> None:
        """The same of one bin."""
        names = ("receipts", "card_receipts", "returns", "quantity", "gross_c", "margin_c", "margin_gross_c")
        row = dict.fromkeys((*names, "discount_c"), 0) | sums
        row |= {"site": self._site, "bin_ms": self.hour_ms(day, hour), "category": category}
        self._conn.execute(insert(trade_tables.sales), row)

    def _insert(self, table, keys, values) -> None:
        self._conn.execute(insert(table), [key | values for key in keys])


@pytest.fixture(scope="session")
def trading() -> type[Trading]:
    """`trading(conn, site, timezone, first_day)`: see the class."""
    return Trading
