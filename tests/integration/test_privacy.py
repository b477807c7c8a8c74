"""A shop at work, and every byte that left its eyes: messages, files, logs, database, pages, answers, replays."""

import io
import json
import re
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from base64 import b64decode
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from http.cookiejar import CookieJar
from secrets import token_hex
from types import SimpleNamespace
from urllib.parse import urlsplit

import av
import cv2
import httpx2 as httpx
import numpy as np
import pytest
from PIL import Image

from contract.messages import Command, encode, wrap
from contract.segments import BANDS, SMALLEST_CELL
from contract.topics import BIRTH, COMMAND, HEALTH, LIVE, STILL, WINDOW, box_topic
from edge.data_files import find_data
from edge.io.onnx import OnnxDetector
from edge.models import find_model
from server.auth import create_token
from server.db.engine import connect
from server.replay import read_case
from server.settings import load
from vitrina.demo import BOX, CAMERA, CLIP, SITE, running, watching

pytestmark = pytest.mark.timeout(200)

OF_PEOPLE = re.compile(
    r"track_?id|tracks?\b|xyxy|bbox|embedding|\bcrop|pixels?\b|trajector|keypoint|\bface", re.IGNORECASE
)
NUMBER = r"-?\d+(?:\.\d+)?(?:e-?\d+)?"
A_BOX = re.compile(rf"[\[(]\s*{NUMBER}\s*[, ]\s*{NUMBER}\s*[, ]\s*{NUMBER}\s*[, ]\s*{NUMBER}\s*[\])]")
PICTURES = (b"\xff\xd8\xff\xe0", b"\xff\xd8\xff\xdb", b"\x89PNG", b"RIFF", b"WEBPVP8", b"ftypisom", b"data:image/jpeg")
DRAWN_BY_HAND = {
    "outline_m",
    "at_m",
    "polygon_m",
    "polygon",
    "ends_m",
    "ends",
    "bounds_m",
    "points",
    "fixtures",
    "resolution_px",
    "masks",
    "landmarks",
}
"""Keys of the site document under which stands what somebody drew or declared, or corners of the empty scene."""
BELIEVED = {"learned"}
"""Under which a decision's context has what is believed of campaigns: mean, scale and degrees of freedom."""
COUNTED = {"person_s", "visits", "stops", "index", "origin", "shape"} | {
    "left",
    "lost",
    "late_left",
    "late_lost",
    "edges_s",
    "entered_interval",
    "slots",
}
"""Keys under which numbers stand in a row: cells of a grid, bins of a histogram, an interval, slots of a test."""


def lists_of_numbers(value, key=""):
    """Every list of numbers, or of such lists, with the key it stands under."""
    if isinstance(value, dict):
        for inner_key, inner in value.items():
            if inner_key not in DRAWN_BY_HAND | BELIEVED:
                yield from lists_of_numbers(inner, inner_key)
    elif isinstance(value, list):
        if value and all(isinstance(inner, int | float | list) for inner in value):
            yield key
        for inner in value:
            yield from lists_of_numbers(inner, key)


def keys(value):
    if isinstance(value, dict):
        yield from value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from keys(inner)


def parts(value):
    """Every object inside."""
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from parts(inner)


def faults_of_segments(document):
    """Counts of people by segment that are small, or leave few over."""
    for part in parts(document):
        n, of = part.get("n"), part.get("of")
        if "segment" in part and isinstance(n, int) and (0 < n < SMALLEST_CELL or 0 < (of or 0) - n < SMALLEST_CELL):
            yield f"{n} of {of} by segment {part['segment']}"
        bands = [band for when in ("now", "lately") for band in part.get(when, {}).values()] if "near" in part else []
        yield from (f"{band!r} where a band belongs" for band in bands if band not in BANDS)


def faults_of_document(document):
    yield from faults_of_segments(document)
    yield from (f"key {key}" for key in keys(document) if OF_PEOPLE.search(key))
    yield from (f"numbers in a row at {key}" for key in lists_of_numbers(document) if key not in COUNTED)


def faults_of_text(text):
    yield from (f"the word {found.group()}" for found in OF_PEOPLE.finditer(text))
    yield from (f"a box {found.group()}" for found in A_BOX.finditer(text))


def faults_of_bytes(data):
    yield from (f"a picture ({mark!r})" for mark in PICTURES if mark in data)


@pytest.mark.parametrize(
    "leak",
    [
        {"zones": {"shelf": {"track_id": 7}}},
        {"people": [[312.5, 80.25, 40.0, 101.0]]},
        {"camera": "door", "way": [[1.0, 2.0], [1.5, 2.5]]},
        {"look": [0.1, 0.2, 0.3]},
        {"cells": [{"zone": "shelf", "segment": "cyclists", "n": 3, "of": 40}]},
        {"cells": [{"zone": "shelf", "segment": "cyclists", "n": 10, "of": 12}]},
        {"screens": {"kiosk": {"near": 7, "now": {"cyclists": 2}, "lately_n": 9, "lately": {"cyclists": "5-9"}}}},
    ],
)
def test_a_leak_in_a_message_would_be_found(leak):
    assert list(faults_of_document(leak))


@pytest.mark.parametrize("leak", ["lost track 7", "person at (10.5, 20.1, 30.0, 40.2)", "[1 2 3 4]"])
def test_a_leak_in_a_log_would_be_found(leak):
    assert list(faults_of_text(leak))


class Visitor:
    """A browser that is signed in: `answers` holds what it was given, by path."""

    def __init__(self, demo):
        self._address = demo.address
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        self._opener.open(demo.link, timeout=10).close()
        self.answers = {}

    def get(self, path):
        with self._opener.open(self._address + path, timeout=10) as answer:
            self.answers[path] = answer.headers["content-type"], answer.read()
        return self.answers[path][1]

    def hear(self, path):
        """The first words of a stream."""
        with self._opener.open(self._address + path, timeout=10) as stream:
            words = stream.fp.readline() + stream.fp.readline()
        self.answers[path] = "text/plain", words

    def walk(self, start, most=60):
        """Pages that links lead to, `most` at most."""
        to_do = [start]
        for _ in range(most):
            if not to_do:
                return
            page = self.get(to_do.pop(0)).decode(errors="replace")
            links = {link.replace("&amp;", "&").partition("#")[0] for link in re.findall(r'href="(/[^"]*)"', page)}
            to_do += sorted(links - self.answers.keys() - set(to_do))


PAGES = (
    "/metrics", "/floor", "/zones", "/flows", "/blind-spots", "/alarms", "/data-health", "/setup", "/screens",
    "/campaigns", "/proof-of-play", "/audience", "/pages",
)  # fmt: skip


def look_around(visitor, known):
    """Ask all that can be asked of what is `known`: by name of a path's parameter, an id."""
    for path in json.loads(visitor.get("/api/v1/openapi.json"))["paths"]:
        where = re.sub(r"{(\w+)}", lambda found: known.get(found[1], found[0]), path)
        if where.endswith("/live"):
            visitor.hear(where)
        elif "{" not in where:
            with suppress(urllib.error.HTTPError):  # what may only be told and not asked; health once the box is gone
                visitor.get(where)
    for path in (*PAGES, "/campaigns/{campaign}".format(**known), "/campaigns/{campaign}/report".format(**known)):
        visitor.get(path)
    visitor.walk("/")


def rows(database):
    """Every value of every table, with table and column."""
    found = []
    with closing(sqlite3.connect(database)) as conn:
        for (table,) in conn.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            cursor = conn.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - a name out of the database itself
            columns = [column[0] for column in cursor.description]
            found += [
                (f"{table}.{column}", value) for row in cursor for column, value in zip(columns, row, strict=True)
            ]
    return found


@pytest.fixture
def home(tmp_path, monkeypatch):
    """Where a process could leave something beside its own folder."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


def take_still(listener):
    """As the server orders one for an administrator."""
    soon = datetime.now(UTC) + timedelta(seconds=60)
    part = Command(command="take_still", camera=CAMERA, expires_at=soon)
    letter = wrap(part, site="demo", box=BOX, boot_id="server", seq=1, time=datetime.now(UTC))
    listener.publish(box_topic("demo", BOX, COMMAND), encode(letter))


HANDSET = "Handset-of-Ms-7731"
ADDRESS_OF_HANDSET = "203.0.113.77"


def flat(width, kind):
    """A picture of one colour: whatever is drawn from it is of one colour too."""
    out = io.BytesIO()
    Image.new("RGB", (width, width * 9 // 16), "#2c6b4f").save(out, kind)
    return out.getvalue()


class Screens:
    """What planners, a player and a passer-by do, each over HTTP as they would. `known`: ids of what there is."""

    def __init__(self, demo):
        self._address, self.known = demo.address, {"site": "demo", "screen": "kiosk", "sha256": ""}
        engine = connect(load(demo.folder / "server.yaml").database)
        with engine.begin() as conn:
            _, secret = create_token(conn, name="admin", role="admin", now=time.time())
        engine.dispose()
        self._admin = {"Authorization": f"Bearer {secret}"}
        self._player = {}
        self.creative = flat(320, "PNG")

    def ask(self, method, path, headers=None, **given):
        path = f"/sites/demo{path}" if headers is None else path
        answer = httpx.request(method, f"{self._address}/api/v1{path}", headers=headers or self._admin, **given)
        assert answer.is_success, f"{method} {path}: {answer.text}"
        return answer.json() if answer.content else {}

    def plan(self):
        """A creative with a page behind its code, a campaign for whoever is there, a player for the screen."""
        page = {"kind": "coupon", "code": "HERE-7", "last_day": "2099-01-01"}
        self.ask("PUT", "/landings/offer", json={"texts": {"en": {"title": "Here"}}, "page": page})
        made = self.ask("POST", "/creatives", params={"name": "Offer", "seconds": 2}, content=self.creative)
        self.known |= {"creative": made["id"], "sha256": made["sha256"], "landing": "offer", "form": "svg"}
        self.ask("PATCH", f"/creatives/{made['id']}", json={"landing": "offer"})
        today = datetime.now(UTC).date()
        document = {
            "name": "Offer",
            "creatives": [made["id"]],
            "flights": [{"first": str(today - timedelta(1)), "last": str(today + timedelta(1))}],
            "rules": [{"kind": "near", "at_least": 2}, {"kind": "segment", "segment": "bicycle", "unless": True}],
            "goal": {"kind": "impressions"},
            "pacing": "asap",
            "switch": "now",
            "arms": {"targeted": 0.8, "everyone": 0.1, "nothing": 0.1, "same": True},
        }
        made = self.ask("POST", "/campaigns", json=document)
        for step in ("submit", "approve"):
            made = self.ask("POST", f"/campaigns/{made['id']}/{step}", json={"based_on": made["version"]})
        self.known["campaign"] = made["id"]
        self.ask("PUT", "/screens/kiosk", json={"default_creative": None, "screenshots": True})

    def play(self):
        """Be paired, hear a decision for the campaign, be asked for a picture, and tell of it all."""
        begun = self.ask("POST", "/player/pairings", {"Accept": "*/*"}, json={"site": "demo", "screen": "kiosk"})
        self._player = {"Authorization": f"Bearer {begun['secret']}"}
        self.known["player"] = self.ask("POST", "/screens/kiosk/pairings", json={"code": begun["code"]})["player"]
        show = self._hear()
        play = {key: show[key] for key in ("screen", "decision", "campaign", "creative")}
        play |= {"play": token_hex(16), "started_at": datetime.now(UTC).isoformat(), "seconds": 2.0}
        told = self.ask(
            "POST", "/player/plays", self._player, json={"plays": [play | {"outcome": "whole", "cached": False}]}
        )
        assert told["taken"] == [play["play"]]
        self.ask("POST", "/player/heartbeat", self._player, json={"version": "1", "campaign": self.known["campaign"]})
        return show["qr"]

    def _hear(self):
        address = f"{self._address}/api/v1/player/stream"
        with httpx.stream("GET", address, headers=self._player, timeout=90) as stream:
            lines = stream.iter_lines()
            next(lines)
            self.ask("POST", "/screens/kiosk/screenshot")
            self.ask("PUT", "/player/screenshot", self._player, content=flat(320, "JPEG"))
            shows = (json.loads(line[5:]) for line in lines if line.startswith("data:") and '"decision"' in line)
            return next(show for show in shows if show["campaign"])

    def scan(self, qr):
        """As somebody's telephone does it, which says who it is."""
        headers = {"User-Agent": HANDSET, "X-Forwarded-For": ADDRESS_OF_HANDSET, "Cookie": f"visitor={HANDSET}"}
        address = self._address + urlsplit(qr).path
        for answer in (httpx.get(address, headers=headers), httpx.post(address, headers=headers)):
            assert answer.status_code in (200, 303), answer.text
            assert "set-cookie" not in answer.headers


@pytest.fixture
def shop(tmp_path, home, listen, until):
    """Broker, server and box ran, saw people and ended: what was carried, answered and stored, and the folder."""
    folder = tmp_path / "shop"
    folder.mkdir()
    with running(folder, 0) as demo:
        listener, visitor = listen(SimpleNamespace(host="127.0.0.1", port=demo.broker_port)), Visitor(demo)

        def people():
            zones = json.loads(visitor.get("/api/v1/sites/demo/zones"))["zones"]
            carried = all(listener.on(channel) for channel in (WINDOW, LIVE, HEALTH, BIRTH))
            return carried and any(zone["presence_s"] > 1 for zone in zones)

        with watching(demo):
            until(lambda: listener.on(LIVE), "the camera", timeout_s=60)
            before = len(listener.messages)
            take_still(listener)
            until(people, "someone in a zone", timeout_s=120)
            screens = Screens(demo)
            screens.plan()
            screens.scan(screens.play())
            look_around(visitor, screens.known)
            until(lambda: listener.on(STILL), "the still", timeout_s=60)
            stored = rows(folder / "outbox.db") + rows(folder / "vitrina.db")
    carried = [(topic, payload) for topic, payload, _ in listener.messages]
    still = next(number for number, (topic, _) in enumerate(carried) if topic.endswith(STILL))
    assert still >= before, "there is none before it was asked for"
    messages = carried[:still] + carried[still + 1 :]
    return SimpleNamespace(
        still=json.loads(carried[still][1]),
        messages=messages,
        answers=visitor.answers,
        stored=stored,
        folder=folder,
        creative=screens.creative,
        sha256=screens.known["sha256"],
    )


DRAWN = re.compile(rb"data:image/png;base64,[A-Za-z0-9+/=]+")
"""The heat, drawn from counted cells; its letters are chance, and may spell a word."""

WRITTEN_BY_US = ("/metrics-catalogue", "/api/v1/openapi.json")
"""Explanations, which say what a track is."""


PLANNED = ("media.preview", "screenshots.jpeg")
"""Columns with pictures: of creatives, and of what a player drew of itself."""


def faults_of_picture(data):
    """Of one that may be there: whether it is of something else than the creative, which is of one colour."""
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    yield from () if np.ptp(picture, axis=(0, 1)).max() <= 8 else ("a picture that nobody planned",)


def faults_of_answer(path, kind, body):
    if kind.startswith("image/") and "svg" not in kind:
        yield from faults_of_picture(body)
        return
    body = DRAWN.sub(b"", body)
    yield from faults_of_bytes(body)
    if path.startswith(WRITTEN_BY_US):
        return
    yield from faults_of_document(json.loads(body)) if "json" in kind else ()
    yield from faults_of_text(body.decode()) if kind.startswith(("text/html", "text/plain", "text/csv")) else ()


def faults_of_value(column, value):
    if column in PLANNED and value is not None:
        yield from faults_of_picture(value)
    elif isinstance(value, bytes):
        yield from faults_of_bytes(value)
    elif isinstance(value, str) and value.startswith(("{", "[")):
        yield from faults_of_document(json.loads(value))
    elif isinstance(value, str):
        yield from faults_of_text(value)


FILLED = {"decisions", "plays", "window_screens", "scans", "screenshots", "players", "media", "campaigns"}


def test_nothing_of_a_person_leaves_the_eyes(shop, home):
    found = [(topic, fault) for topic, payload in shop.messages for fault in faults_of_document(json.loads(payload))]
    found += [
        (path, fault) for path, (kind, body) in shop.answers.items() for fault in faults_of_answer(path, kind, body)
    ]
    found += [(column, fault) for column, value in shop.stored for fault in faults_of_value(column, value)]
    found += [(column, fault) for column, _ in shop.stored for fault in faults_of_text(column)]
    files = sorted(path for path in shop.folder.iterdir() if path.is_file())
    found += [(path.name, fault) for path in files for fault in faults_of_bytes(without_planned(path, shop))]
    found += [(log.name, fault) for log in shop.folder.glob("*.log") for fault in faults_of_text(log.read_text())]
    found += [("the still", fault) for fault in faults_of_still(shop.still)]
    found += faults_of_scans(shop)
    assert not sorted(set(found)), "\n".join(f"{where}: {fault}" for where, fault in sorted(set(found)))
    kinds = {path.name.removesuffix("-wal").removesuffix("-shm") for path in files}
    assert kinds <= {
        "edge.log",
        "edge.yaml",
        "outbox.db",
        "outbox.db.lock",
        "server.log",
        "server.yaml",
        "site.yaml",
        "store.yaml",
        "vitrina.db",
    }
    assert [path.read_bytes() for path in (shop.folder / "media").rglob("*") if path.is_file()] == [shop.creative]
    assert not [path for path in home.rglob("*") if path.is_file()], "nothing is left beside the folder"
    assert {"/", "/floor", "/zones", "/metrics", "/api/v1/sites/demo/heatmap", "/screens"} <= shop.answers.keys()
    assert {"/campaigns/offer", "/campaigns/offer/report", f"/media/{shop.sha256}"} <= shop.answers.keys()
    assert {column.partition(".")[0] for column, _ in shop.stored} >= FILLED
    cases = [read_case(json.loads(value)) for column, value in shop.stored if column == "decisions.context"]
    assert any(case.context.crowd.near >= 2 for case in cases)
    assert any(topic.endswith("screens/kiosk/show") for topic, _ in shop.messages)


def without_planned(path, shop):
    """What is in a file beside the pictures that may be in the database."""
    data = path.read_bytes()
    for _, picture in (row for row in shop.stored if row[0] in PLANNED and row[1]):
        data = data.replace(picture, b"")
    return data


def faults_of_scans(shop):
    """Of who scanned a code: nothing but the slot may be kept or told."""
    told = [(column, value) for column, value in shop.stored] + [
        (path, body) for path, (_, body) in shop.answers.items()
    ]
    told += [(path.name, path.read_bytes()) for path in shop.folder.iterdir() if path.is_file()]
    for where, value in told:
        told_of = value.decode(errors="replace") if isinstance(value, bytes) else str(value)
        yield from ((where, mark) for mark in (HANDSET, ADDRESS_OF_HANDSET) if mark in told_of)
    slots = [value for column, value in shop.stored if column == "scans.slot_ms"]
    yield from (("scans.slot_ms", f"{slot} is finer than ten minutes") for slot in slots if slot % 600_000)


def faults_of_still(message):
    """Of the one message that carries a picture: whether somebody is on it, and what else there is in it."""
    data = message["data"]
    picture = cv2.imdecode(np.frombuffer(b64decode(data.pop("jpeg")), np.uint8), cv2.IMREAD_COLOR)
    found = OnnxDetector(find_model()).detect(picture).confidence
    yield from (f"a person ({score:.2f})" for score in found if score >= 0.4)
    yield from (f"landmark with {sorted(landmark)}" for landmark in data.pop("landmarks") if len(landmark) != 2)
    yield from faults_of_document(message)


def test_a_picture_that_nobody_planned_would_be_found(demo_frame):
    assert list(faults_of_picture(cv2.imencode(".jpg", demo_frame)[1].tobytes()))
    assert not list(faults_of_picture(flat(64, "JPEG")))


@pytest.fixture
def one_second(tmp_path):
    path = tmp_path / "second.mp4"
    with av.open(str(find_data(CLIP))) as source, av.open(str(path), "w") as target:
        video = source.streams.video[0]
        stream = target.add_stream_from_template(video)
        for packet in source.demux(video):
            if packet.dts is None or packet.pts * packet.time_base >= 1:
                break
            packet.stream = stream
            target.mux(packet)
    return path


@pytest.mark.parametrize(("options", "stills"), [(["--site", str(find_data(SITE))], 0), ([], 1)])
def test_a_replay_leaves_counts_and_one_still_at_most(one_second, home, tmp_path, options, stills):
    out = tmp_path / "out"
    command = [sys.executable, "-m", "vitrina", "replay", str(one_second), "--out", str(out), *options]
    subprocess.run(command, check=True, capture_output=True)
    files = {path.name for path in out.iterdir()}
    assert files == {"report.html", "summary.json", "windows.jsonl"} | ({"audience.jsonl"} if options else set())
    documents = [json.loads(line) for path in out.glob("*.jsonl") for line in path.read_text().splitlines()]
    assert documents
    documents.append(json.loads((out / "summary.json").read_text()) | {"timing_ms": None})
    assert [fault for document in documents for fault in faults_of_document(document)] == []
    report = (out / "report.html").read_text()
    assert report.count("data:image/jpeg") == stills
    assert report.count("data:image") <= stills + 1, "a still without people and the heat over it"
    assert not [path for path in home.rglob("*") if path.is_file()]
