import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import httpx2 as httpx
import pytest
from sqlalchemy import event
from starlette.testclient import TestClient

from contract.messages import Live, State, encode
from contract.topics import STATE
from server import auth
from server.app import create_app
from server.db import access
from server.db.footfall import entries_by_hour
from server.inbox import RECEIVE_MOST
from server.session import COOKIE
from server.settings import Broker as BrokerSettings
from vitrina.broker import Broker


@pytest.fixture
def receiving(serve, broker, until):
    """`receiving()`: a server that is connected to the real broker."""

    def start(**changed):
        client = serve(broker={"host": broker.host, "port": broker.port}, **changed)
        until(lambda: count(client, "vitrina_broker_connected") == 1, "the server connects")
        return client

    return start


def count(client, name, **labels):
    return client.service.meters.registry.get_sample_value(name, labels) or 0


def entered(client, noon):
    with client.service.engine.connect() as conn:
        hours = entries_by_hour(conn, site="shop", lines=["entrance"], start=noon - 86_400, end=noon + 86_400)
    return sum(hour.entered for hour in hours)


def test_a_window_published_is_stored_once(receiving, publish, window, message, noon, until):
    client = receiving()
    sent = message(window())
    publish(sent)
    publish(sent)
    publish(message(window(minute=1)))
    until(lambda: count(client, "vitrina_messages_taken_total", channel="window") == 2, "two windows are taken")
    until(lambda: count(client, "vitrina_messages_repeated_total") == 1, "the repetition is counted")
    assert entered(client, noon) == 10


@pytest.fixture
def once(settings, broker, clock, until):
    """`with once() as client`: a server that ends with the block, over the same database each time."""

    @contextmanager
    def run():
        app = create_app(settings(broker={"host": broker.host, "port": broker.port}), clock=clock)
        with TestClient(app) as client:
            client.service = app.state.service
            until(lambda: count(client, "vitrina_broker_connected") == 1, "the server connects")
            yield client

    return run


def test_what_was_published_while_the_server_was_down_arrives(once, publish, window, message, noon, until):
    with once() as client:
        publish(message(window()))
        until(lambda: entered(client, noon) == 5, "the first window")
    for minute in range(1, 20):
        publish(message(window(minute)))
    with once() as client:
        until(lambda: entered(client, noon) == 100, "the windows of the meantime")


def test_what_was_not_stored_when_the_server_died_comes_again(once, publish, window, message, noon, until, monkeypatch):
    monkeypatch.setattr("server.db.engine.BUSY_MS", 50)
    with once() as client:
        lock = sqlite3.connect(client.service.engine.url.database, isolation_level=None)
        lock.execute("BEGIN IMMEDIATE")
        publish(message(window()))
        until(lambda: count(client, "vitrina_write_faults_total") > 0, "a write fails")
    lock.execute("ROLLBACK")
    lock.close()
    with once() as client:
        until(lambda: entered(client, noon) == 5, "the window is stored")


def test_more_than_the_broker_sends_ahead_of_its_acknowledgements(receiving, publish, window, message, noon, until):
    client = receiving()
    for minute in range(2 * RECEIVE_MOST):
        publish.soon(message(window(minute - RECEIVE_MOST, lines={"entrance": {"in": 1, "out": 0}}, heatmap=None)))
    until(lambda: entered(client, noon) == 2 * RECEIVE_MOST, "all are stored", 60)


def test_the_broker_dies_and_comes_back(receiving, publish, broker, window, message, noon, until):
    client = receiving()
    publish(message(window()))
    until(lambda: entered(client, noon) == 5, "the first window")
    broker.stop()
    until(lambda: count(client, "vitrina_broker_connected") == 0, "the loss is noticed")
    broker.start()
    until(lambda: count(client, "vitrina_broker_connected") == 1, "the server is back", 30)

    until(publish.client.is_connected, "the publisher is back", 30)
    publish(message(window(minute=1)))
    until(lambda: entered(client, noon) == 10, "the second window")


def test_a_broker_that_is_down_at_start_is_waited_for(serve, broker, bearer, until):
    broker.stop()
    client = serve(broker={"host": broker.host, "port": broker.port})
    response = until(lambda: client.get("/api/v1/health", headers=bearer(client)), "an answer")
    assert response.status_code == 503
    assert f"{broker.host}:{broker.port}" in response.json()["broker"]
    broker.start()
    until(lambda: client.get("/api/v1/health", headers=bearer(client)).status_code == 200, "the server connects", 20)


@contextmanager
def broker_that_answers_no():
    """As Mosquitto does: CONNACK with reason 0x86, bad user name or password."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer():
            connection, _ = listening.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(bytes([0x20, 3, 0, 0x86, 0]))
                connection.recv(1)

        thread = threading.Thread(target=answer)
        thread.start()
        yield BrokerSettings(port=listening.getsockname()[1])
    thread.join()


@pytest.mark.parametrize("opened", [broker_that_answers_no, lambda: Broker(users={"server": "right"})])
def test_a_refused_password_is_said(opened, serve, bearer, until):
    with opened() as broker:
        client = serve(broker={"host": broker.host, "port": broker.port, "username": "server", "password": "wrong"})

        def said():
            return client.get("/api/v1/health", headers=bearer(client)).json()["broker"]

        until(lambda: "refuses user 'server'" in said(), "the refusal is said")
        assert "wrong" not in said()


def test_unstorable_while_the_database_is_locked_is_kept(receiving, publish, window, message, noon, until, monkeypatch):
    """What cannot be written now is not acknowledged, and is written once it can."""
    monkeypatch.setattr("server.db.engine.BUSY_MS", 50)
    client = receiving()
    with client.service.engine.begin() as conn:
        access.add_session(conn, auth.digest("open"), name="a", role="viewer", now=noon, lasts_s=86_400)
    lock = sqlite3.connect(client.service.engine.url.database, isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    publish(message(window()))
    until(lambda: count(client, "vitrina_write_faults_total") > 0, "a write fails")
    assert count(client, "vitrina_messages_taken_total", channel="window") == 0
    told = client.get("/api/v1/health", headers={"Cookie": f"{COOKIE}=open"})
    assert (told.status_code, told.json()["broker"]) == (503, "connected")
    assert "database is locked" in told.json()["database"]
    lock.execute("ROLLBACK")
    lock.close()
    until(lambda: entered(client, noon) == 5, "the window is stored")


def test_nothing_is_lost_while_the_disk_is_full(receiving, publish, window, message, noon, until):
    client = receiving()
    engine, full = client.service.engine, []

    @event.listens_for(engine, "connect")
    def fill(connection, _):
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count={pages if full else 2**30}")

    full.append(True)
    engine.dispose()
    for minute in range(300):
        publish(message(window(minute)))
    until(lambda: count(client, "vitrina_write_faults_total") > 0, "a write fails")
    assert "database or disk is full" in client.app.state.ingest.write_trouble
    full.clear()
    engine.dispose()
    until(lambda: entered(client, noon) == 300 * 5, "every window is stored", timeout_s=20)
    until(lambda: client.app.state.ingest.write_trouble is None, "the trouble is over")


HOSTILE = {
    "not JSON": (b"\xff\x00{", "malformed"),
    "empty": (b"", "malformed"),
    "deep": (b"[" * 50_000, "malformed"),
    "a list": (b"[]", "malformed"),
    "a number of many digits": (b'{"seq": ' + b"9" * 5000 + b"}", "malformed"),
    "nothing": (b"null", "malformed"),
    "too large": (b" " * (4 * 1024 * 1024 - 200) + b"{}", "malformed"),
}


def broken(sent, **changed):
    return json.dumps(json.loads(encode(sent)) | changed).encode()


def test_hostile_messages_are_refused_and_do_not_stop_the_others(receiving, publish, window, message, noon, until):
    client = receiving()
    topic = "vitrina/v1/shop/b1/up/window"
    for payload, _ in HOSTILE.values():
        publish(topic=topic, payload=payload)
    good = message(window())
    others = {
        "another schema version": broken(good, schema_version=2),
        "another type": broken(good, type="vitrina.live"),
        "data of wrong types": broken(good, data={"camera": 7}),
        "not a number": broken(good, time=float("nan")),
    }
    for payload in others.values():
        publish(topic=topic, payload=payload)
    until(
        lambda: count(client, "vitrina_messages_refused_total", reason="malformed") == len(HOSTILE) + len(others),
        "all are refused",
    )
    publish(topic="vitrina/v1/elsewhere/b1/up/window", payload=encode(good))
    until(lambda: count(client, "vitrina_messages_refused_total", reason="unknown_site") == 1, "an unknown site")
    publish(good)
    until(lambda: entered(client, noon) == 5, "the good one is stored")


def test_a_box_in_the_name_of_another_is_refused_and_told(receiving, publish, window, message, noon, until, bearer):
    client = receiving()
    publish(topic="vitrina/v1/shop/b2/up/window", payload=encode(message(window(), box="b1")))
    until(lambda: count(client, "vitrina_messages_refused_total", reason="impostor") == 1, "it is refused")
    assert entered(client, noon) == 0
    found = client.get("/api/v1/sites/shop/events", params={"end": "2025-11-23"}, headers=bearer(client)).json()
    (event,) = found["events"]
    assert (event["kind"], event["box"], event["level"]) == ("refused_impostor", "b2", "error")
    assert "shop/b1" in event["text"]


def test_a_clock_that_jumps_ahead_is_refused_and_told(receiving, publish, window, message, noon, until, bearer, clock):
    client = receiving()
    ahead = int((clock() - noon) // 60) + 24 * 60 + 1
    publish(message(window(ahead)))
    publish(message(window()))
    until(lambda: count(client, "vitrina_messages_refused_total", reason="clock_ahead") == 1, "it is refused")
    until(lambda: entered(client, noon) == 5, "one that is right comes in")
    found = client.get("/api/v1/sites/shop/events", params={"end": "2025-11-23"}, headers=bearer(client)).json()
    (event,) = found["events"]
    assert (event["kind"], event["box"]) == ("refused_clock_ahead", "b1")
    assert "set its clock" in event["text"]


def test_hostile_figures_do_no_harm(receiving, publish, window, message, noon, until, bearer):
    """A heatmap of a million cells too many is refused; a flow of a zone that is not there is a way like any other."""
    client = receiving()
    huge = window().heatmap.model_dump() | {"shape": [10_000, 10_000]}
    publish(message(window(heatmap=huge)))
    until(lambda: count(client, "vitrina_messages_refused_total", reason="out_of_range") == 1, "too large a grid")
    flow = {"source": "ENTRY", "target": "not-there", "n": 2}
    empty = window().heatmap.model_dump() | {"shape": [0, 7], "index": [], "person_s": []}
    publish(message(window(flows=[flow, flow | {"n": 0}, flow], heatmap=empty)))
    until(lambda: entered(client, noon) == 5, "the other comes in")
    period = {"start": "2025-11-22", "end": "2025-11-23"}
    flows, heat = (
        client.get(f"/api/v1/sites/shop/{path}", params=period, headers=bearer(client)).json()
        for path in ("flows", "heatmap")
    )
    assert flows["flows"] == [flow | {"n": 4}]
    assert [grid["person_s"] for grid in heat["grids"]] == [[]]


def test_retained_states_arrive_at_a_later_server(receiving, publish, message, until, bearer):
    publish(message(State(status="online")), channel=STATE, retain=True)
    client = receiving()
    until(lambda: count(client, "vitrina_messages_taken_total", channel="state") == 1, "the state")
    (box,) = client.get("/api/v1/sites/shop/boxes", headers=bearer(client)).json()["boxes"]
    assert (box["state"], box["last_seen"]) == ("stale", "2025-11-22T13:00:00+01:00")


@pytest.fixture
def process(settings, tmp_path, until):
    """A server as its own process; yields (process, login link)."""
    started = []

    def start(**changed):
        settings(**changed)
        code = "from server.cli import server; server()"
        log = (tmp_path / "log").open("w")
        running = subprocess.Popen(
            [sys.executable, "-c", code, "run", "--config", str(tmp_path / "server.yaml"), "--port", "0"],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        )
        started.append((running, log))
        line = running.stdout.readline()
        assert "/login?token=" in line, (tmp_path / "log").read_text()
        return running, line.split()[-1]

    yield start
    for running, log in started:
        running.kill()
        running.wait()
        running.stdout.close()
        log.close()


def test_the_process_shows_live_figures_and_ends_quickly(process, broker, publish, window, message, until):
    running, link = process(broker={"host": broker.host, "port": broker.port})
    base = link.partition("/login")[0]
    with httpx.Client(base_url=base) as client:
        assert client.get(link).status_code == 303
        until(lambda: client.get("/api/v1/health").status_code == 200, "the server connects", 20)
        with client.stream("GET", "/api/v1/sites/shop/live", timeout=20) as stream:
            assert stream.headers["content-type"].startswith("text/event-stream")
            lines = stream.iter_lines()
            assert next(line for line in lines if line.startswith("data:")).count('"total":null') == 1
            t = datetime.now(UTC)
            live = Live(camera="door", t=t, expires_at=t + timedelta(minutes=1), occupancy=7, zones={})
            publish(message(live), channel="up/live")
            assert '"total":7' in next(line for line in lines if line.startswith("data:"))
            publish(message(window(t_start=t - timedelta(minutes=1), t_end=t)))
            assert "event: window" in next(line for line in lines if line.startswith("event:"))
            running.send_signal(signal.SIGTERM)
            assert running.wait(4) == 0


def test_a_database_that_cannot_be_written_is_told_in_one_line(settings, tmp_path):
    settings(database="sqlite:////dev/null/vitrina.db")
    done = subprocess.run(  # noqa: PLW1510 - its code is what is tested
        [
            sys.executable,
            "-m",
            "vitrina",
            "server",
            "run",
            "--config",
            str(tmp_path / "server.yaml"),
        ],
        capture_output=True,
        text=True,
        timeout=30,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "/dev/null/vitrina.db" in done.stderr
