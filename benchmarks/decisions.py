"""How fast the server decides: 1,000 screens, each decided for every second, while boxes send windows and live figures.

    python benchmarks/decisions.py [--screens 1000] [--seconds 60] [--campaigns 20]

The real broker, database, ingest and director run in this process and the boxes in another, on whatever cores there
are. Told are: one decision, from when its turn comes to when its players have it; a round over all screens; and from a
box's message at the broker to the decision in the queue of a listening player.
"""

import argparse
import asyncio
import multiprocessing
import sys
import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from time import thread_time, time

import numpy as np
import paho.mqtt.client as mqtt
import yaml
from paho.mqtt.enums import CallbackAPIVersion
from sqlalchemy import insert

from contract.messages import DWELL_BINS_S, Live, Window, encode, wrap
from contract.topics import LIVE, WINDOW, box_topic
from server.app import create_app
from server.cli import SWITCH_S
from server.db.screen_tables import campaigns, creatives, media
from server.lessons import PARTS, Fit, Lessons
from server.settings import load
from vitrina.broker import Broker

PER_BOX = 10
"""Screens, each before a camera of its own."""
WINDOW_EVERY_S = 10.0
"""Of each camera: more than a real one's, so that the ingest is busy."""
CHANGES_PER_S = 100
"""Screens before which somebody comes or goes."""


def site(screens: int) -> dict:
    keys = [f"s{n}" for n in range(screens)]
    return {
        "site": "shop",
        "floor": {"bounds_m": [[0, 0], [100, 100]], "cell_m": 1.0},
        "cameras": {f"c{n}": {} for n in range(screens)},
        "zones": {"shelf": {"polygon_m": [[0, 0], [1, 0], [1, 1]]}},
        "screens": {key: {"at_m": [1, 1]} for key in keys},
        "segments": {f"seg{n}": {"when": {"group": {"at_least": n + 1}}} for n in range(8)},
    }


def document(n: int) -> dict:
    """A fifth aims at who is there and cuts in; the others have shares, plans, hours and rivals."""
    today = date.today()
    rules = [{"kind": "segment", "segment": f"seg{n % 8}"}, {"kind": "near", "at_least": 2}] if n % 5 == 0 else []
    return {
        "name": f"Campaign {n}",
        "creatives": [f"k{n}-{i}" for i in range(3)],
        "flights": [{"first": f"{today - timedelta(3)}", "last": f"{today + timedelta(9)}"}],
        "dayparts": [{"hours": "00:00-12:00"}, {"hours": "12:00-24:00"}],
        "rules": rules,
        "goal": {"kind": "plays", "amount": 1e8} if n % 3 else {"kind": "uplift"},
        "category": f"cat{n % 7}",
        "rivals": [f"cat{(n + 1) % 7}"],
        "share_of_voice": 0.05 if n % 2 else None,
        "switch": "now" if rules else "next",
    }


def approve(engine, n_campaigns: int) -> None:
    now = {"created_ms": int(time() * 1000)}
    told = {"version": 1, "status": "approved", "author": "a", "changed_ms": now["created_ms"], **now}
    with engine.begin() as conn:
        size = {"bytes": 1000, "width": 1920, "height": 1080}
        conn.execute(insert(media).values(sha256="a" * 64, kind="image", type="image/png", **size, **now))
        for n in range(n_campaigns):
            for i in range(3):
                made = {"name": "k", "media": "a" * 64, "seconds": 8.0 + i, "author": "a", **now}
                conn.execute(insert(creatives).values(site="shop", creative=f"k{n}-{i}", **made))
            conn.execute(insert(campaigns).values(site="shop", campaign=f"c{n}", document=document(n), **told))


def lessons(screens: int, n_campaigns: int) -> Lessons:
    rng = np.random.default_rng(1)
    keys = tuple(key for n in range(n_campaigns) for key in (f"c{n}", *(f"c{n}/k{n}-{i}" for i in range(3))))
    places = {place: row for row, place in enumerate((f"s{n}", part) for n in range(screens) for part in PARTS)}
    shape = (len(places), len(keys))
    beliefs = (rng.uniform(1, 9, shape), np.full(shape, 0.5), np.full(shape, 30.0))
    return Lessons((Fit(places, keys, beliefs),))


class Box:
    """All boxes' messages, one after the other."""

    def __init__(self, host: str, port: int) -> None:
        self.client = mqtt.Client(CallbackAPIVersion.VERSION2, "boxes", protocol=mqtt.MQTTv5)
        self.client.connect(host, port)
        self.client.loop_start()
        self.seq = 0

    def say(self, n: int, data, channel: str) -> None:
        self.seq += 1
        box = f"b{n // PER_BOX}"
        message = wrap(data, site="shop", box=box, boot_id="boot", seq=self.seq, time=datetime.now(UTC))
        self.client.publish(box_topic("shop", box, channel), encode(message), 0 if channel == LIVE else 1)


def live(n: int, near: int) -> Live:
    now = datetime.now(UTC)
    bands = {f"seg{i}": "5-9" if near >= 5 and i % 3 == n % 3 else "few" for i in range(8)}
    seen = {"near": near, "now": bands, "lately_n": 3 * near, "lately": bands}
    return Live(
        camera=f"c{n}", t=now, expires_at=now + timedelta(seconds=30), occupancy=near, zones={}, screens={f"s{n}": seen}
    )


def window(n: int, k: int) -> Window:
    start = datetime.fromtimestamp((time() // 60 - k) * 60, UTC)
    empty = [0] * len(DWELL_BINS_S)
    table = dict.fromkeys(("left", "lost", "late_left", "late_lost"), empty)
    zone = {"entries": 2, "visits": 1, "presence_s": 30.0, "dwell_sum_s": 12.0, "occupancy_max": 2, "dwell": table}
    cells = {
        "unit": "m",
        "cell": 1.0,
        "origin": [0, 0],
        "shape": [100, 100],
        "index": list(range(200)),
        "person_s": [1.0] * 200,
    }
    shown = [{"screen": f"s{n}", "creative": "k0-0", "shown_s": 30.0, "ots": 3, "viewers": 2, "attention_s": 4.0}]
    return Window.model_validate(
        {"camera": f"c{n}", "t_start": start, "t_end": start + timedelta(seconds=60), "site_version": 1, "frames": 600,
         "observed_s": 60.0, "presence_s": 90.0, "occupancy_max": 3, "lines": {}, "zones": {"shelf": zone},
         "heatmap": cells, "screens": shown}
    )  # fmt: skip


def boxes(host: str, port: int, screens: int, seconds: float, started: multiprocessing.Event) -> None:
    """For so long: figures of every screen each ten seconds, some that change at once, and windows."""
    rng, box = np.random.default_rng(2), Box(host, port)
    for n in range(screens):
        box.say(n, live(n, int(rng.integers(12))), LIVE)
    started.set()
    begin, steps = time(), 0
    while (past := time() - begin) < seconds:
        for _ in range(int(past * CHANGES_PER_S) - steps):
            steps += 1
            n = int(rng.integers(screens))
            box.say(n, live(n, int(rng.integers(12))), LIVE)
            if steps % round(CHANGES_PER_S * WINDOW_EVERY_S / screens) == 0:
                box.say(n, window(n, int(rng.integers(60))), WINDOW)
            if steps % 10 == 0:
                box.say(steps % screens, live(steps % screens, 7), LIVE)
        asyncio.run(asyncio.sleep(0.005))
    box.client.disconnect()
    box.client.loop_stop()


class Recorder(list):
    """A meter that keeps every value."""

    observe = set = list.append


def told(name: str, values: list[float]) -> None:
    if not values:
        print(f"{name:58} none")
        return
    ms = 1000 * np.array(values)
    p50, p95, p99 = np.percentile(ms, [50, 95, 99])
    print(f"{name:58} n {len(ms):>7,}   p50 {p50:8.2f}   p95 {p95:8.2f}   p99 {p99:8.2f}   most {ms.max():8.2f} ms")


async def listen(director, screens: int, cuts: list[float], until: float) -> None:
    """A player at every tenth screen: how old a decision to cut is when it is here."""
    since = time()

    async def player(n: int) -> None:
        with director.subscribe("shop", f"s{n}") as queue:
            while time() < until:
                show = await queue.get()
                at = show.at.timestamp()
                if show.switch == "now" and since < at <= time():
                    cuts.append(time() - at)

    players = [asyncio.create_task(player(n)) for n in range(0, screens, 10)]
    await asyncio.sleep(until - time())
    for each in players:
        each.cancel()


async def run(folder: Path, broker: Broker, screens: int, n_campaigns: int, seconds: float) -> None:
    (folder / "site.yaml").write_text(yaml.safe_dump(site(screens)))
    settings = {"sites": [{"file": "site.yaml"}], "broker": {"host": broker.host, "port": broker.port}}
    (folder / "server.yaml").write_text(yaml.safe_dump(settings))
    app = create_app(load(folder / "server.yaml"))
    meters, director = app.state.service.meters, app.state.director
    async with app.router.lifespan_context(app):
        approve(app.state.service.engine, n_campaigns)
        while "shop" not in director._rooms:
            await asyncio.sleep(0.1)
        director._rooms["shop"].lessons = lessons(screens, n_campaigns)
        director.nudge("shop")
        started = multiprocessing.Event()
        sender = multiprocessing.Process(target=boxes, args=(broker.host, broker.port, screens, seconds + 5, started))
        sender.start()
        await asyncio.to_thread(started.wait)
        await asyncio.sleep(5)  # the first round decides for all at once
        decisions, rounds = Recorder(), Recorder()
        meters.decision_s, meters.round_s = decisions, rounds
        taken = [meters.taken.labels(channel)._value.get() for channel in ("window", "live")]
        heard, cuts = list[float](), list[float]()
        hear = director.hear

        def hear_and_time(message, live) -> None:
            hear(message, live)
            heard.append(time() - message.time.timestamp())

        director.hear = hear_and_time
        turn, worked = director._turn, list[float]()

        def turn_and_time(*of) -> None:
            began = thread_time()
            turn(*of)
            worked.append(thread_time() - began)

        director._turn = turn_and_time
        await listen(director, screens, cuts, time() + seconds)
        now = [meters.taken.labels(channel)._value.get() for channel in ("window", "live")]
        sender.terminate()
    per_s = [(after - before) / seconds for after, before in zip(now, taken, strict=True)]
    print(
        f"{screens} screens, {n_campaigns} campaigns; taken in meanwhile: {per_s[0]:.0f} windows/s, {per_s[1]:.0f} live/s"
    )
    told("one decision, until its players are told", decisions)
    told("of it processor time", worked)
    told(f"a round over all {screens} screens", rounds)
    told("a box says who is there, until that is decided and told", heard)
    told("a cut is decided, until a listening player has it", cuts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--screens", type=int, default=1000)
    parser.add_argument("--campaigns", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=60.0)
    args = parser.parse_args()
    sys.setswitchinterval(SWITCH_S)  # as `vitrina server run` does
    with tempfile.TemporaryDirectory() as folder, Broker() as broker:
        asyncio.run(run(Path(folder), broker, args.screens, args.campaigns, args.seconds))


if __name__ == "__main__":
    main()
