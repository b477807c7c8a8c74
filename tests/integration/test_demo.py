"""The demo as a newcomer runs it: real processes, real broker, real clip."""

import contextlib
import json
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from datetime import UTC, datetime, timedelta
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.timeout(400)


def start(*arguments, **kwargs):
    command = [sys.executable, "-u", "-m", "vitrina", "demo", *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **kwargs)


def children_of(folder):
    """Processes that were started with a file of this demo's folder."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            words = (entry / "cmdline").read_bytes().decode(errors="replace")
        except OSError:
            continue
        if entry.name.isdigit() and str(folder) in words:
            found.append(words.replace("\0", " "))
    return found


def test_once_plays_the_clip_through_the_whole_system(tmp_path):
    with socket.socket() as taken:
        with contextlib.suppress(OSError):  # whoever else holds the port serves as well
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            taken.bind(("127.0.0.1", 8000))
            taken.listen()
        demo = start("--once", "--out", tmp_path / "out")
        said, complained = demo.communicate(timeout=380)
    assert demo.returncode == 0, complained
    assert re.search(r"\d+ windows went over MQTT to the server", said)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "audience.jsonl",
        "report.html",
        "summary.json",
        "windows.jsonl",
    ]
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert summary["frames"] == 795
    # 19 in and 16 out were annotated at the line this gate is drawn along; 25 % is for its different ends.
    assert summary["lines"]["gate"]["in"] == pytest.approx(19, rel=0.25)
    assert summary["lines"]["gate"]["out"] == pytest.approx(16, rel=0.25)


def test_the_demo_counts_people_and_ends_cleanly(tmp_path, until):
    demo = start(env={"PATH": "/usr/bin:/bin", "TMPDIR": str(tmp_path), "HOME": str(tmp_path)})
    try:
        link = next(re.search(r"http://\S+", line) for line in demo.stdout if "http://" in line).group()
        address = link.split("/login")[0]
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        assert browser.open(link, timeout=10).status == 200

        def ask(path, site="demo"):
            return json.load(browser.open(f"{address}/api/v1/sites/{site}/{path}", timeout=10))

        until(lambda: any(zone["presence_s"] > 1 for zone in ask("zones")["zones"]), "people in a zone", timeout_s=90)
        until(lambda: ask("footfall")["n"] > 0, "someone over the gate", timeout_s=90)
        (grid,) = ask("heatmap")["grids"]
        assert sum(map(sum, grid["person_s"])) > 1
        span = urlencode({"start": datetime.now(UTC) - timedelta(days=2), "end": datetime.now(UTC)})
        until(
            lambda: ask(f"footfall?{span}", "harbour-street")["entered"] > 50, "the supermarket's past", timeout_s=120
        )
        assert children_of(tmp_path)
    finally:
        demo.send_signal(signal.SIGINT)
        said, complained = demo.communicate(timeout=60)
    assert demo.returncode == 0, complained
    assert "Traceback" not in complained + said
    until(lambda: not children_of(tmp_path), "the end of every process", timeout_s=15)
    assert not list(tmp_path.glob("vitrina-demo-*")), "nothing is left behind"


def test_a_port_that_was_asked_for_and_is_taken(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        demo = start("--port", port)
        _, complained = demo.communicate(timeout=60)
    assert demo.returncode == 1
    assert complained.strip() == f"error: port {port} is taken; leave --port away to have a free one chosen"
