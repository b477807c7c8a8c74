"""A shop with screens for players: a real server that can be killed and come back, decisions told by hand, real media.

Loaded by its path from conftest.py and from benchmarks/player_outage.py.
"""

import asyncio
import io
import secrets
import socket
import sqlite3
import threading
import time
import zipfile
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import av
import httpx2 as httpx
import numpy as np
import uvicorn
import yaml
from PIL import Image, ImageDraw
from playwright.sync_api import Error as PlaywrightError

from contract.screens import Media, Show
from server import auth
from server.app import create_app
from server.db.engine import connect, migrate
from server.settings import load

SITE = {
    "site": "hall",
    "name": "The hall",
    "timezone": "Europe/Berlin",
    "floor": {"bounds_m": [[0, 0], [4, 3]], "cell_m": 1.0},
    "cameras": {"one": {}},
    "zones": {"front": {"polygon_m": [[0, 0], [2, 0], [2, 2]]}},
    "screens": {
        "door": {"name": "By the door", "at_m": [1, 1], "zone": "front"},
        "left": {"at_m": [2, 1], "group": "pair", "in_step": True},
        "right": {"at_m": [3, 1], "group": "pair", "in_step": True},
        "tower": {"at_m": [3, 2]},
    },
}
COLOURS = {"red": (200, 30, 40), "green": (20, 150, 70), "blue": (30, 70, 200), "amber": (230, 160, 20)}
PACKAGE = """<!doctype html><link rel=stylesheet href="look/page.css"><body><script src="run.js"></script>"""


def picture(colour, size=(1280, 720)):
    image = Image.new("RGB", size, colour)
    ImageDraw.Draw(image).rectangle((size[0] // 3, size[1] // 3, size[0] // 2, size[1] // 2), fill="white")
    out = io.BytesIO()
    image.save(out, "png")
    return out.getvalue()


def clip(colour, seconds=2, size=(640, 360), fps=25):
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as file:
        stream = file.add_stream("libx264", rate=fps, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        for n in range(seconds * fps):
            frame = np.full((size[1], size[0], 3), colour, np.uint8)
            frame[: size[1] // 8, : max(1, n * size[0] // (seconds * fps))] = 255
            file.mux(stream.encode(av.VideoFrame.from_ndarray(frame, "rgb24")))
        file.mux(stream.encode())
    return out.getvalue()


def package(colour):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("index.html", PACKAGE)
        file.writestr("look/page.css", "html { background: url('../dot.png') } body { margin: 0 }")
        file.writestr("run.js", "document.body.dataset.ran = 'yes';")
        file.writestr("dot.png", picture(colour, (8, 8)))
    return out.getvalue()


class Desk:
    """Decisions told by hand, in the place of the task that decides."""

    def __init__(self):
        self._queues, self._last, self._loop = {}, {}, None

    @contextmanager
    def subscribe(self, site, screen):
        self._loop, queue = asyncio.get_running_loop(), asyncio.Queue(50)
        if screen in self._last and self._last[screen].until > datetime.now(UTC):
            queue.put_nowait(self._last[screen])
        self._queues.setdefault(screen, []).append(queue)
        try:
            yield queue
        finally:
            self._queues[screen].remove(queue)

    def nudge(self, site):
        """Campaigns changed: nothing is told unless by hand."""

    def say(self, show):
        self._last[show.screen] = show
        for queue in self._queues.get(show.screen, []):
            self._loop.call_soon_threadsafe(queue.put_nowait, show)


class Hall:
    """The server. `media` holds what was uploaded, by creative."""

    def __init__(self, folder, *, told_by_hand=True):
        self.folder, self.media, self._shows = folder, {}, 0
        (folder / "site.yaml").write_text(yaml.safe_dump(SITE))
        (folder / "server.yaml").write_text(yaml.safe_dump({"sites": [{"file": "site.yaml"}], "broker": {"port": 1}}))
        self.settings = load(folder / "server.yaml")
        engine = connect(self.settings.database)
        migrate(engine)
        with engine.begin() as conn:
            _, secret = auth.create_token(conn, name="admin", role="admin", now=time.time())
        engine.dispose()
        self.headers = {"Authorization": f"Bearer {secret}"}
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.base = f"http://127.0.0.1:{self.port}"
        self.desk, self._server, self._thread = Desk() if told_by_hand else None, None, None

    def start(self):
        app = create_app(self.settings)
        if self.desk:
            app.state.director = self.desk
        config = uvicorn.Config(app, port=self.port, log_level="critical", timeout_graceful_shutdown=0)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run)
        self._thread.start()
        wait_for(lambda: self._server.started)

    @property
    def running(self):
        return self._server is not None

    def kill(self):
        self._server.should_exit = self._server.force_exit = True
        self._thread.join(20)
        self._server = None

    def close(self):
        if self._server:
            self.kill()

    def ask(self, method, path, **given):
        answer = httpx.request(
            method, f"{self.base}/api/v1/sites/hall{path}", headers=self.headers, timeout=20, **given
        )
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def picture(self, path):
        """None until it is there."""
        answer = httpx.get(f"{self.base}/api/v1/sites/hall{path}", headers=self.headers)
        return answer.content if answer.status_code == 200 else None

    def upload(self, name, content, **asked):
        made = self.ask("POST", "/creatives", params={"name": name} | asked, content=content)
        media = Media(kind=made["kind"], sha256=made["sha256"], type=made["type"], seconds=made["seconds"])
        self.media[made["id"]] = media
        return made["id"]

    def plan(self, name, creatives, **changed):
        """A campaign that is on the air from yesterday until the day after tomorrow."""
        today = datetime.now(UTC).date()
        flights = [{"first": str(today - timedelta(1)), "last": str(today + timedelta(2))}]
        plan = {"name": name, "creatives": creatives, "flights": flights, "goal": {"kind": "plays"}} | changed
        made = self.ask("POST", "/campaigns", json=plan)
        for version, deed in enumerate(("submit", "approve"), 1):
            self.ask("POST", f"/campaigns/{made['id']}/{deed}", json={"based_on": version, "note": ""})
        return made["id"]

    def put_default(self, screen, creative, *, screenshots=False):
        self.ask("PUT", f"/screens/{screen}", json={"default_creative": creative, "screenshots": screenshots})

    def show(self, screen, creative, *, after=0.0, lasts=30.0, switch="now", media=None, qr=None):
        """Tell a decision; returns its id."""
        self._shows += 1
        now = datetime.now(UTC)
        decided = f"decision-{self._shows:04d}-{secrets.token_hex(3)}"
        at = now + timedelta(seconds=after)
        show = Show(
            screen=screen,
            decision=decided,
            campaign="told" if creative else None,
            creative=creative,
            media=media or self.media.get(creative),
            at=at,
            until=at + timedelta(seconds=lasts),
            switch=switch,
            reason="told by hand",
            qr=qr,
        )
        self.desk.say(show)
        return decided

    def pair(self, page, screen="door", *, replace=False):
        """Open the player's page and type in its code."""
        page.goto(f"{self.base}/screens/{screen}?site=hall")
        self.type_in(page, screen, replace=replace)

    def type_in(self, page, screen="door", *, replace=False):
        code = page.locator("[data-code]")
        wait_for(code.text_content)
        self.ask("POST", f"/screens/{screen}/pairings", json={"code": code.text_content(), "replace": replace})
        wait_for(lambda: not page.locator("#panel").is_visible())

    def plays(self, screen="door"):
        """What the server has, by id."""
        with sqlite3.connect(self.folder / "vitrina.db") as conn:
            conn.row_factory = sqlite3.Row
            rows = conn.execute("select * from plays where screen = ? order by started_ms", (screen,)).fetchall()
        return {row["play"]: dict(row) for row in rows}


def log_of(page, screen="door"):
    """The player's own log, out of its storage: [{play, state, ...}], oldest first."""
    name = f"vitrina-player:hall:{screen}"
    try:
        rows = page.evaluate(READ_LOG, name)
    except PlaywrightError as error:  # the player loaded itself anew meanwhile, as it may
        assert "navigation" in str(error), error
        page.wait_for_load_state()
        rows = page.evaluate(READ_LOG, name)
    return sorted(rows, key=lambda row: row["started_at"])


READ_LOG = """async (name) => {
  const disk = await new Promise((resolve) => { const o = indexedDB.open(name, 1); o.onsuccess = () => resolve(o.result); });
  const rows = await new Promise((resolve) => {
    const all = disk.transaction("log").objectStore("log").getAll(); all.onsuccess = () => resolve(all.result); });
  disk.close();
  const little = Object.keys(localStorage).filter((key) => key.startsWith(name + "/log/"));
  const found = new Map(rows.map((row) => [row.play, row]));
  for (const key of little) { const row = JSON.parse(localStorage.getItem(key)); found.set(row.play, row); }
  return [...found.values()];
}"""


def painted(page):
    """Which of COLOURS or `house` most of the page shows, else what it is; a black one fails."""
    shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    seen = np.asarray(shot.resize((64, 36), Image.Resampling.BOX), np.float32)
    assert seen.max() > 60, "the screen is black"
    corner = np.median(seen.reshape(-1, 3), axis=0)
    named = COLOURS | {"house": (36, 40, 45)}
    name, colour = min(named.items(), key=lambda each: np.abs(np.subtract(each[1], corner)).sum())
    return name if np.abs(np.subtract(colour, corner)).sum() < 60 else f"other {corner.round().tolist()}"


def wait_for(holds, within_s=15.0, every_s=0.05):
    deadline = time.monotonic() + within_s
    while not (found := holds()):
        assert time.monotonic() < deadline, f"did not come within {within_s} s"
        time.sleep(every_s)
    return found
