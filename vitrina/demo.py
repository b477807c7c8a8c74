"""The whole system on one machine: broker, server and one box as real processes, on the bundled clip."""

import json
import shutil
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import paho.mqtt.client as paho
import yaml
from paho.mqtt.enums import CallbackAPIVersion

from contract.topics import WINDOW, box_topic
from edge.data_files import find_data
from vitrina.broker import Broker
from vitrina.children import Child
from vitrina.errors import DemoError

CAMERA, BOX = "forecourt", "demo-box"
CLIP, SITE = "config/demo/vtest.mp4", "config/demo/site.yaml"
STORE = "config/demo/store.yaml"
SERVER = "server.yaml"
STORE_SITE, EXPORTS, MAPPING = "harbour-street", "receipts", "till-export"
"""The store whose till puts its exports into a folder, and how they are read."""

WINDOW_S = 10
"""Short windows, so that the heatmap is seen growing."""

_READY = "Vitrina is ready: "


@dataclass(frozen=True, slots=True)
class Demo:
    """What runs. `link` signs in; `port` is the server's."""

    folder: Path
    link: str
    broker_port: int
    server: Child

    @property
    def address(self) -> str:
        """The server's address, without the link's secret."""
        return self.link.split("/login", 1)[0]


def choose_port(wanted: int | None) -> int:
    """`wanted`, or 8000, or any free one where nobody asked for a port and 8000 is taken.

    Raises:
        DemoError: the port that was asked for is taken.
    """
    for port in (wanted,) if wanted is not None else (8000, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise DemoError(f"port {wanted} is taken; leave --port away to have a free one chosen")


def configure(folder: Path, broker_port: int, port: int) -> Path:
    """Write the server's configuration, with both stores beside it; the server.yaml."""
    shutil.copy(find_data(SITE), folder / "site.yaml")
    shutil.copy(find_data(STORE), folder / "store.yaml")
    _write(folder / SERVER, _server_config(broker_port, port))
    return folder / SERVER


@contextmanager
def serving(folder: Path, broker_port: int) -> Iterator[Demo]:
    """The server that was configured in `folder`, ready; it ends with the context."""
    server = Child("server", ["server", "run", "--config", str(folder / SERVER)], folder / "server.log")
    try:
        line = server.wait_for(lambda said: said.startswith(_READY), timeout_s=60)
        yield Demo(folder, line.removeprefix(_READY), broker_port, server)
    finally:
        server.stop()


@contextmanager
def running(folder: Path, port: int) -> Iterator[Demo]:
    """Broker and server, ready; both end with the context."""
    with Broker() as broker:
        configure(folder, broker.port, port)
        with serving(folder, broker.port) as demo:
            yield demo


@contextmanager
def watching(demo: Demo) -> Iterator[Child]:
    """One box that watches the clip again and again, as if it were a camera."""
    _write(demo.folder / "edge.yaml", _box_config(demo.broker_port))
    box = Child("box", ["edge", "run", "--config", str(demo.folder / "edge.yaml")], demo.folder / "edge.log")
    try:
        yield box
    finally:
        box.stop()


def _server_config(broker_port: int, port: int) -> dict[str, object]:
    return {
        "broker": {"port": broker_port},
        "web": {"port": port},
        "sites": [{"file": "site.yaml"}, {"file": "store.yaml", "simulated": True}],
        "folders": [{"site": STORE_SITE, "folder": EXPORTS, "subject": "receipts", "mapping": MAPPING}],
    }


def _box_config(broker_port: int) -> dict[str, object]:
    return {
        "box": BOX,
        "site": "site.yaml",
        "broker": {"port": broker_port},
        "window_s": WINDOW_S,
        "cameras": {CAMERA: {"source": str(find_data(CLIP)), "loop": True, "fps": 8}},
    }


def _write(path: Path, config: dict[str, object]) -> None:
    path.write_text(yaml.safe_dump(config), encoding="utf-8")


def publish(demo: Demo, windows: Path, *, site: str, box: str) -> int:
    """Send the messages of a windows.jsonl to the broker, QoS 1; how many it took.

    Raises:
        DemoError: the broker did not take them all.
    """
    client = paho.Client(CallbackAPIVersion.VERSION2, protocol=paho.MQTTv5)
    client.connect("127.0.0.1", demo.broker_port)
    client.loop_start()
    try:
        topic = box_topic(site, box, WINDOW)
        sent = [client.publish(topic, line, qos=1) for line in windows.read_bytes().splitlines()]
        for message in sent:
            message.wait_for_publish(30)
        if not all(message.is_published() for message in sent):
            raise DemoError("the broker did not take every message within 30 s")
        return len(sent)
    finally:
        client.disconnect()
        client.loop_stop()


def wait_until(true: Callable[[], bool], *, timeout_s: float, what: str) -> None:
    """Poll until `true`.

    Raises:
        DemoError: `what` did not happen in `timeout_s`.
    """
    end = time.monotonic() + timeout_s
    while not true():
        if time.monotonic() > end:
            raise DemoError(f"{what} did not happen within {timeout_s:g} s")
        time.sleep(0.1)


def ask(demo: Demo, path: str, token: str) -> dict[str, object]:
    """One question to the REST interface.

    Raises:
        DemoError: the server refused.
    """
    request = urllib.request.Request(f"{demo.address}/api/v1{path}", headers={"Authorization": f"Bearer {token}"})  # noqa: S310 - our own server
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            body: dict[str, object] = json.load(answer)
            return body
    except urllib.error.HTTPError as error:
        raise DemoError(f"the server answered {error.code} to {path}") from None
