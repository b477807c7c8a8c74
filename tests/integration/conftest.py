import shutil
import threading
from contextlib import ExitStack
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import yaml
from paho.mqtt.client import Client, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion
from starlette.testclient import TestClient

from contract.messages import DWELL_BINS_S, Window, encode, wrap
from contract.site import Site
from contract.topics import box_topic, qos
from server import auth
from server.app import create_app
from server.db.engine import connect, migrate
from server.db.sites import put_site
from server.settings import load

NOON = 1_763_812_800.0
"""2025-11-22 12:00 UTC, 13:00 in Berlin: the hour the tests live in."""

SITE = {
    "site": "shop",
    "name": "The shop",
    "timezone": "Europe/Berlin",
    "floor": {"bounds_m": [[0, 0], [4, 3]], "cell_m": 1.0},
    "cameras": {"door": {}, "aisle": {}},
    "zones": {"shelf": {"polygon_m": [[0, 0], [1, 0], [1, 1]]}, "till": {"polygon_m": [[2, 0], [3, 0], [3, 1]]}},
    "lines": {
        "entrance": {"ends_m": [[0, 0], [1, 0]], "entrance": True},
        "back": {"ends_m": [[0, 2], [1, 2]]},
    },
}


@pytest.fixture
def noon():
    return NOON


@pytest.fixture
def clock():
    """A clock the test may set: `clock.t`, seconds UTC; half an hour past noon at first."""

    class Clock:
        t = NOON + 1800

        def __call__(self):
            return self.t

    return Clock()


def dwell(**tables):
    empty = [0] * len(DWELL_BINS_S)
    return {name: tables.get(name, empty) for name in ("left", "lost", "late_left", "late_lost")}


def zone(**changed):
    plain = {"entries": 2, "visits": 1, "presence_s": 30.0, "dwell_sum_s": 12.0, "occupancy_max": 2}
    one_visit = [0] * len(DWELL_BINS_S)
    one_visit[DWELL_BINS_S.index(10)] = 1
    return plain | {"dwell": dwell(left=one_visit)} | changed


@pytest.fixture
def window():
    """`window(minute=3, camera="door", ...)`: a Window of one minute after noon, any field of it changed."""

    def make(minute=0, **changed):
        t = NOON + 60 * minute
        plain = {
            "camera": "door",
            "t_start": datetime.fromtimestamp(t, UTC),
            "t_end": datetime.fromtimestamp(t + 60, UTC),
            "site_version": 1,
            "observed_s": 60.0,
            "frames": 600,
            "presence_s": 90.0,
            "occupancy_max": 3,
            "lines": {"entrance": {"in": 5, "out": 3}, "back": {"in": 1, "out": 0}},
            "zones": {"shelf": zone()},
            "heatmap": {
                "unit": "m",
                "cell": 1.0,
                "origin": [0.0, 0.0],
                "shape": [3, 4],
                "index": [0, 5],
                "person_s": [60.0, 30.0],
            },
        }
        return Window.model_validate(plain | changed)

    return make


@pytest.fixture
def zone_stats():
    return zone


@pytest.fixture
def message():
    """`message(data)`: in an envelope of box `b1`, with the next number of its boot."""
    count = iter(range(1_000_000))

    def make(data, *, box="b1", seq=None, time=NOON):
        number = next(count) if seq is None else seq
        return wrap(data, site="shop", box=box, boot_id="boot", seq=number, time=datetime.fromtimestamp(time, UTC))

    return make


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory):
    """A file with the newest schema and nothing in it: laying one out takes 30 times as long as copying it."""
    file = tmp_path_factory.mktemp("schema") / "empty.db"
    engine = connect(f"sqlite:///{file}")
    migrate(engine)
    engine.dispose()
    return file


@pytest.fixture
def settings(tmp_path, empty_database):
    """`settings(broker={...})`: as loaded from a server.yaml beside a site.yaml in a folder of its own."""

    def make(**changed):
        if not (tmp_path / "vitrina.db").exists():
            shutil.copy(empty_database, tmp_path / "vitrina.db")
        (tmp_path / "site.yaml").write_text(yaml.safe_dump(SITE))
        document = {"sites": [{"file": "site.yaml"}], "broker": {"port": 1}, "web": {"port": 0}} | changed
        (tmp_path / "server.yaml").write_text(yaml.safe_dump(document))
        return load(tmp_path / "server.yaml")

    return make


@pytest.fixture
def engine(tmp_path, empty_database):
    """A migrated database with the site in it."""
    if not (tmp_path / "vitrina.db").exists():
        shutil.copy(empty_database, tmp_path / "vitrina.db")
    engine = connect(f"sqlite:///{tmp_path / 'vitrina.db'}")
    with engine.begin() as conn:
        put_site(conn, Site.model_validate(SITE), simulated=False)
    yield engine
    engine.dispose()


@pytest.fixture
def serve(settings, clock):
    """`serve(**settings)`: a client of a running server; `.service` is what it holds."""
    with ExitStack() as stack:

        def start(**changed):
            app = create_app(settings(**changed), clock=clock)
            client = TestClient(app, base_url="http://shop.example", follow_redirects=False)
            client.service = app.state.service
            return stack.enter_context(client)

        yield start


@pytest.fixture
def bearer(clock):
    """`bearer(client, role)`: the headers of a new token."""

    def make(client, role="viewer"):
        with client.service.engine.begin() as conn:
            _, secret = auth.create_token(conn, name=f"a {role}", role=role, now=clock())
        return {"Authorization": f"Bearer {secret}"}

    return make


@pytest.fixture
def publish(broker):
    """`publish(message)` or `publish(topic=..., payload=...)` at the real broker, acknowledged when it returns."""
    client = Client(CallbackAPIVersion.VERSION2, client_id="box", protocol=MQTTv5)
    client.connect(broker.host, broker.port)
    client.loop_start()

    def send(message=None, *, topic=None, payload=None, channel="up/window", retain=False):
        topic = topic or box_topic(message.site, message.box, channel)
        info = client.publish(topic, encode(message) if payload is None else payload, qos(channel), retain)
        info.wait_for_publish(10)
        assert info.is_published()

    def soon(message, channel="up/window"):
        client.publish(box_topic(message.site, message.box, channel), encode(message), qos(channel))

    send.client, send.soon = client, soon
    yield send
    client.disconnect()
    client.loop_stop()


class Target:
    """A real HTTP server that remembers what it was sent; `status` is what it answers, once `hangs` is set."""

    def __init__(self, status=200):
        outer, self.got, self.status, self.hangs = self, [], status, threading.Event()
        self.hangs.set()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.got.append((dict(self.headers), body))
                outer.hangs.wait(60)
                self.send_response(outer.status)
                if outer.status == 302:
                    self.send_header("Location", outer.url)
                self.end_headers()

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self):
        self.hangs.set()
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def make_target():
    """`make_target(status=200)`: a target of webhooks; ends with the test."""
    made = []

    def start(status=200):
        made.append(Target(status))
        return made[-1]

    yield start
    for each in made:
        each.close()


@pytest.fixture
def target(make_target):
    return make_target()
