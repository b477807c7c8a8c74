"""From the first picture with somebody in a screen's zone to `up/live` at a subscriber: a real box, a real broker.

People appear in the zone out of nothing, which is the worst case: who walks in is tracked before. "seen" is from the
picture's time, as the box stamped it, to the subscriber; "in all" from the moment the camera sent the first picture.

    python benchmarks/arrival.py [--arrivals 50] [--camera-fps 25] [--fps 8] [--input-side 416]
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import paho.mqtt.client as paho
import yaml
from paho.mqtt.enums import CallbackAPIVersion
from scripted_camera import ScriptedCamera, make_film, on_air

from contract.messages import decode
from contract.topics import LIVE, box_topic
from edge.config import load_site
from edge.data_files import find_data
from vitrina.broker import Broker

SITE, CAMERA, BOX, SCREEN = "config/demo/site.yaml", "forecourt", "arrivals", "kiosk"
STAY_S = 2.0
GAP_S = 4.0
"""Long enough for the tracker to have forgotten who left."""

PATIENCE_S = 3.0


class Subscriber:
    """Hears `up/live`: when each came, and how many are near the screen."""

    def __init__(self, host, port, topic):
        self.heard, self._news = [], threading.Condition()
        self._client = paho.Client(CallbackAPIVersion.VERSION2, protocol=paho.MQTTv5)
        self._client.on_message = self._on_message
        self._client.connect(host, port)
        self._client.subscribe(topic, 0)
        self._client.loop_start()

    def _on_message(self, _client, _userdata, message):
        now, live = time.time(), decode(LIVE, message.payload).data
        with self._news:
            self.heard.append((now, live.t.timestamp(), live.screens[SCREEN].near))
            self._news.notify_all()

    def wait(self, condition, since, timeout_s):
        """The first heard after `since` for which `condition` of how many are near holds; None in time."""

        def found():
            return next((heard for heard in self.heard if heard[0] >= since and condition(heard[2])), None)

        with self._news:
            self._news.wait_for(found, timeout_s)
            return found()

    def close(self):
        self._client.disconnect()
        self._client.loop_stop()


@contextmanager
def box(folder, source, broker, *, fps, input_side):
    """A box that watches `source`."""
    shutil.copy(find_data(SITE), folder / "site.yaml")
    config = {
        "box": BOX,
        "site": "site.yaml",
        "broker": {"host": broker.host, "port": broker.port},
        "input_side": input_side,
        "cameras": {CAMERA: {"source": source, "fps": fps}},
    }
    (folder / "edge.yaml").write_text(yaml.safe_dump(config))
    command = [sys.executable, "-m", "vitrina", "edge", "run", "--config", str(folder / "edge.yaml")]
    with (folder / "edge.log").open("wb") as log:
        process = subprocess.Popen(command, stderr=log)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


def measure(camera, subscriber, arrivals):
    """Of each arrival: seconds in all, and since the picture that told it; None where it was not told."""
    told = []
    for number in range(arrivals):
        if subscriber.wait(lambda near: near == 0, time.time(), 30.0) is None:
            raise SystemExit("somebody stays near the screen; nothing can arrive")
        asked = time.time()
        camera.arrive(number)
        heard = subscriber.wait(lambda near: near > 0, asked, PATIENCE_S)
        told.append(None if heard is None else (heard[0] - camera.arrived[-1], heard[0] - heard[1]))
        time.sleep(STAY_S + GAP_S - min(PATIENCE_S, time.time() - asked))
    return told


def line(name, seconds):
    p50, p95 = np.percentile(np.array(seconds) * 1000, [50, 95])
    print(f"{name:8} p50 {p50:5.0f} ms   p95 {p95:5.0f} ms   most {max(seconds) * 1000:5.0f} ms")


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--arrivals", type=int, default=50)
    arguments.add_argument("--camera-fps", type=float, default=25.0)
    arguments.add_argument("--fps", type=float, default=8.0)
    arguments.add_argument("--input-side", type=int, default=416)
    asked = arguments.parse_args()
    site = load_site(find_data(SITE))
    film = make_film(site, CAMERA, site.screens[SCREEN].zone, stay_s=STAY_S)
    camera = ScriptedCamera(film, fps=asked.camera_fps, stay_s=STAY_S)
    with Broker() as broker, on_air(camera) as source, tempfile.TemporaryDirectory() as folder:
        subscriber = Subscriber(broker.host, broker.port, box_topic(site.site, BOX, LIVE))
        with box(Path(folder), source, broker, fps=asked.fps, input_side=asked.input_side):
            told = measure(camera, subscriber, asked.arrivals)
        subscriber.close()
    heard = [both for both in told if both is not None]
    print(f"{len(heard)} of {asked.arrivals} arrivals told; camera {asked.camera_fps:g} fps, box {asked.fps:g} fps")
    line("in all", [total for total, _ in heard])
    line("seen", [seen for _, seen in heard])


if __name__ == "__main__":
    main()
