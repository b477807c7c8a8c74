"""The whole chain on one machine: a camera whose pictures are known, a box, a broker, a server, and a player's page.

Loaded by its path from tests and from benchmarks.
"""

import importlib.util
import io
import sqlite3
import time
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2 as httpx
import paho.mqtt.client as paho
import yaml
from paho.mqtt.enums import CallbackAPIVersion
from PIL import Image

from contract.messages import decode
from contract.screens import ShowMessage, read_screen_message
from contract.topics import LIVE, box_topic, show_topic
from edge.data_files import find_data
from server.auth import create_token
from server.db.engine import connect
from server.settings import load
from vitrina.broker import Broker
from vitrina.children import Child

ROOT = Path(__file__).parents[2]
SITE, CAMERA, BOX, SCREEN = "demo", "forecourt", "chain", "kiosk"
READY = "Vitrina is ready: "


def scripted_camera():
    """benchmarks/scripted_camera.py, which is no package."""
    spec = importlib.util.spec_from_file_location("scripted_camera", ROOT / "benchmarks/scripted_camera.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def picture(colour, width=1280):
    """A creative: one colour, known on the page by its width."""
    out = io.BytesIO()
    Image.new("RGB", (width, width * 9 // 16), colour).save(out, "png")
    return out.getvalue()


WATCH = """
window.painted = [];
const clock = () => (performance.timeOrigin + performance.now()) / 1000;
new MutationObserver((records) => {
  for (const { target } of records.filter(({ target }) => target.className === "layer")) {
    const width = target.querySelector("img")?.naturalWidth ?? 0;
    const switched = clock();
    const note = () => window.painted.push({ width, switched, painted: clock() });
    requestAnimationFrame(() => requestAnimationFrame(note));
  }
}).observe(document, { subtree: true, attributes: true, attributeFilter: ["style"] });
"""
"""Notes each layer that is put on top: its picture's width, when it was put there, and when that frame was painted.

The second animation frame begins when the one that shows the layer has been handed to the screen. Seconds since 1970.
"""

ON_TOP = """() => {
  const layers = [...document.querySelectorAll("#stage > .layer")].filter((layer) => layer.style.zIndex);
  const top = layers.reduce((best, layer) => (Number(layer.style.zIndex) > Number(best?.style.zIndex ?? -1) ? layer : best), null);
  return top?.querySelector("img")?.naturalWidth ?? 0;
}"""


class Ear:
    """Hears at the broker who is near the screen, and what the screen is told; each with when it was heard."""

    def __init__(self, port):
        self.lives, self.shows = [], []
        self._client = paho.Client(CallbackAPIVersion.VERSION2, protocol=paho.MQTTv5)
        self._client.on_message = self._hear
        self._client.connect("127.0.0.1", port)
        self._client.subscribe([(box_topic(SITE, BOX, LIVE), 0), (show_topic(SITE, SCREEN), 0)])
        self._client.loop_start()

    def _hear(self, _client, _userdata, message):
        now = time.time()
        if message.topic.endswith(LIVE):
            self.lives.append((now, decode(LIVE, message.payload).data))
        else:
            self.shows.append((now, read_screen_message(ShowMessage, message.payload).data))

    def near(self):
        """How many are near the screen, as last heard; None before anything was."""
        return self.lives[-1][1].screens[SCREEN].near if self.lives else None

    def close(self):
        self._client.disconnect()
        self._client.loop_stop()


class Chain:
    """What runs. Paths of REST calls are those within the site."""

    def __init__(self, folder, broker, base):
        self.folder, self.broker, self.base = folder, broker, base
        engine = connect(load(folder / "server.yaml").database)
        with engine.begin() as conn:
            _, secret = create_token(conn, name="admin", role="admin", now=time.time())
        engine.dispose()
        self._client = httpx.Client(headers={"Authorization": f"Bearer {secret}"}, timeout=20)

    def ask(self, method, path, **given):
        answer = self._client.request(method, f"{self.base}/api/v1/sites/{SITE}{path}", **given)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def upload(self, name, content, **asked):
        return self.ask("POST", "/creatives", params={"name": name} | asked, content=content)["id"]

    def campaign(self, name, creative, **changed):
        """Written, handed in and approved; on the air from yesterday until tomorrow. Its arms all do the same."""
        today = datetime.now(UTC).date()
        document = {
            "name": name,
            "creatives": [creative],
            "flights": [{"first": str(today - timedelta(1)), "last": str(today + timedelta(1))}],
            "goal": {"kind": "impressions"},
            "pacing": "asap",
            "switch": "now",
            "arms": {"targeted": 0.8, "everyone": 0.1, "nothing": 0.1, "same": True},
        } | changed
        made = self.ask("POST", "/campaigns", json=document)
        for step in ("submit", "approve"):
            made = self.ask("POST", f"/campaigns/{made['id']}/{step}", json={"based_on": made["version"]})
        assert made["status"] == "approved"
        return made["id"]

    def default(self, creative):
        self.ask("PUT", f"/screens/{SCREEN}", json={"default_creative": creative})

    def pair(self, page):
        """Open the player's page and type in its code."""
        page.add_init_script(WATCH)
        page.goto(f"{self.base}/screens/{SCREEN}?site={SITE}")
        code = wait_for(lambda: page.locator("[data-code]").text_content(), "the code")
        self.ask("POST", f"/screens/{SCREEN}/pairings", json={"code": code})
        page.locator("#panel").wait_for(state="hidden")

    def rows(self, query, *given):
        """What the server's database says."""
        with closing(sqlite3.connect(self.folder / "vitrina.db")) as conn:
            conn.row_factory = sqlite3.Row
            return [dict(row) for row in conn.execute(query, given)]


def on_top(page):
    """Width of the picture that is on now, 0 of the house picture."""
    return page.evaluate(ON_TOP)


def wait_for(holds, what, *, within_s=20.0):
    """Poll until `holds()` is something, and return it."""
    deadline = time.monotonic() + within_s
    while not (found := holds()):
        assert time.monotonic() < deadline, f"{what} did not come within {within_s:g} s"
        time.sleep(0.05)
    return found


@contextmanager
def serving(folder, site):
    """Broker and server of `site`, a document; a Chain."""
    (folder / "site.yaml").write_text(yaml.safe_dump(site))
    with Broker() as broker:
        config = {"broker": {"port": broker.port}, "web": {"port": 0}, "sites": [{"file": "site.yaml"}]}
        (folder / "server.yaml").write_text(yaml.safe_dump(config))
        server = Child("server", ["server", "run", "--config", str(folder / "server.yaml")], folder / "server.log")
        try:
            link = server.wait_for(lambda said: said.startswith(READY), timeout_s=60).removeprefix(READY)
            yield Chain(folder, broker, link.split("/login", 1)[0])
        finally:
            server.stop()


@contextmanager
def watching(chain, source, *, fps=8.0, window_s=5):
    """A box that watches `source`."""
    config = {
        "box": BOX,
        "site": "site.yaml",
        "broker": {"port": chain.broker.port},
        "window_s": window_s,
        "cameras": {CAMERA: {"source": source, "fps": fps}},
    }
    (chain.folder / "edge.yaml").write_text(yaml.safe_dump(config))
    box = Child("box", ["edge", "run", "--config", str(chain.folder / "edge.yaml")], chain.folder / "edge.log")
    try:
        yield box
    finally:
        box.stop()


def demo_site(**zones):
    """The demo's forecourt, with zones put in place of its own or beside them."""
    site = yaml.safe_load(find_data("config/demo/site.yaml").read_text(encoding="utf-8"))
    site["zones"] |= zones
    return site
