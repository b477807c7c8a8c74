"""The adapter examples for other players, against a real broker and a server that answers as their APIs are documented."""

import json
import os
import subprocess
import sys
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from urllib.parse import parse_qsl, urlsplit

import pytest
from paho.mqtt.client import Client, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion

from contract.screens import Media, PlayedMessage, Show, read_screen_message, wrap_show
from contract.topics import played_topic, show_topic

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
WAIT_S = 20


@contextmanager
def answering(answer):
    """`answer(method, path, fields)` for each request; yields the address and what was asked, in order."""
    asked = Queue()

    class Handler(BaseHTTPRequestHandler):
        def handle_any(self):
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
            fields = dict(parse_qsl(parts.query) + parse_qsl(body))
            status, found = answer(self.command, parts.path, fields)
            asked.put((self.command, parts.path, fields, self.headers.get("authorization")))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(found).encode())

        do_GET = do_POST = handle_any  # noqa: N815 - the names http.server calls

        def log_message(self, *_):
            """Tests are quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def running(name, *arguments, **environment):
    process = subprocess.Popen([sys.executable, EXAMPLES / name, *arguments], env=os.environ | environment)
    try:
        yield
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture
def wire(broker):
    """The server's end: `wire.show(...)` decides, `wire.played.get()` is what the player told."""
    client = Client(CallbackAPIVersion.VERSION2, client_id="server", protocol=MQTTv5)
    client.played = Queue()
    client.on_message = lambda _c, _u, message: client.played.put(
        read_screen_message(PlayedMessage, message.payload).data
    )
    client.connect(broker.host, broker.port)
    client.loop_start()
    client.subscribe(played_topic("shop", "bakery"), 1)
    client.broker = f"{broker.host}:{broker.port}"

    def show(decision, creative):
        now = datetime.now(UTC)
        media = Media(kind="image", sha256="0" * 64, type="image/png", seconds=1.0) if creative else None
        decided = Show(
            screen="bakery",
            decision=decision,
            campaign="spring" if creative else None,
            creative=creative,
            media=media,
            at=now,
            until=now + timedelta(seconds=30),
            switch="now",
            reason="a test",
        )
        payload = wrap_show(decided, site="shop", time=now).model_dump_json()
        client.publish(show_topic("shop", "bakery"), payload, 1, retain=True).wait_for_publish(10)

    client.show = show
    yield client
    client.disconnect()
    client.loop_stop()


def test_an_anthias_player_is_switched_and_what_was_switched_is_told(wire):
    assets = [
        {"asset_id": "a1", "name": "warm", "is_active": True},
        {"asset_id": "a2", "name": "house", "is_active": True},
        {"asset_id": "a3", "name": "skyr", "is_active": False},
    ]

    def answer(method, path, fields):
        return (200, assets) if path == "/api/v2/assets" else (200, "Asset switched")

    with answering(answer) as (address, asked):
        options = ("--broker", wire.broker, "--site", "shop", "--screen", "bakery", "--player", address)
        wire.show("decision-1", "warm")
        with running("anthias_screen.py", *options, ANTHIAS_USER="u", ANTHIAS_PASSWORD="p"):
            calls = [asked.get(timeout=WAIT_S) for _ in range(2)]
            assert [(call[0], call[1]) for call in calls] == [
                ("GET", "/api/v2/assets"),
                ("GET", "/api/v2/assets/control/asset&a1"),
            ]
            assert calls[1][3] == "Basic dTpw"
            wire.show("decision-2", None)
            played = wire.played.get(timeout=WAIT_S)
            assert (played.decision, played.creative) == ("decision-1", "warm")
            assert "Anthias keeps no proof of play" in played.trouble
            assert [asked.get(timeout=WAIT_S)[1] for _ in range(2)][1].endswith("asset&a2")
            wire.show("decision-3", "skyr")
            failed = wire.played.get(timeout=WAIT_S)
            assert (failed.decision, failed.outcome, failed.seconds) == ("decision-3", "failed", 0.0)
            assert "no active asset called 'skyr'" in failed.trouble


def test_a_xibo_display_is_triggered_and_its_own_statistics_are_told_once(wire):
    now = datetime.now(UTC)
    row = {"id": 9, "layoutId": 101, "start": f"{now:%Y-%m-%d %H:%M:%S}", "duration": 12}
    others = {"id": 10, "layoutId": 555, "start": row["start"], "duration": 30}

    def answer(method, path, fields):
        if path == "/api/authorize/access_token":
            right = fields == {"grant_type": "client_credentials", "client_id": "me", "client_secret": "hush"}
            return (200, {"access_token": "tok", "token_type": "Bearer", "expires_in": 3600}) if right else (401, {})
        return (200, [row, others]) if path == "/api/stats" else (200, {"status": 204})

    def next_call(asked, ending):
        while not (call := asked.get(timeout=WAIT_S))[1].endswith(ending):
            pass
        return call

    with answering(answer) as (address, asked):
        options = ["--broker", wire.broker, "--site", "shop", "--screen", "bakery", "--cms", address, "--display", "12"]
        options += ["--group", "34", "--layouts", "warm=101", "skyr=102", "--report-every-s", "0.5"]
        wire.show("decision-1", "warm")
        with running("xibo_screen.py", *options, XIBO_CLIENT_ID="me", XIBO_CLIENT_SECRET="hush"):
            _, path, fields, leave = next_call(asked, "changeLayout")
            assert (path, leave) == ("/api/displaygroup/34/action/changeLayout", "Bearer tok")
            assert (fields["layoutId"], fields["changeMode"], fields["downloadRequired"]) == ("101", "replace", "1")
            assert 20 <= int(fields["duration"]) <= 30
            _, _, fields, _ = next_call(asked, "/stats")
            assert (fields["type"], fields["displayId"]) == ("layout", "12")
            played = wire.played.get(timeout=WAIT_S)
            assert (played.creative, played.seconds, played.outcome) == ("warm", 12.0, "whole")
            wire.show("decision-2", None)
            next_call(asked, "revertToSchedule")
            for _ in range(2):
                next_call(asked, "/stats")
            assert wire.played.empty(), "each play is told once"
