"""Somebody knows when one receipt with a card was printed, and everything that was ever published about the store.

Here the attack is carried out: on a quiet shop over two weeks, with each of its shoppers as the victim, by every way out
of the server, with sums, differences, weeks and figures that came late. It learns as little about the victim as about
everybody who was there in the same hour. The same attack on exports without protection, made here, succeeds: so it is an
attack.
"""

import csv
import io
import json
import re
import threading
import time
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from math import log2
from zoneinfo import ZoneInfo

import numpy as np
import paho.mqtt.client as mqtt
import pytest
import yaml
from paho.mqtt.enums import CallbackAPIVersion
from python_calamine import load_workbook
from scipy.optimize import linprog
from starlette.testclient import TestClient

from contract.disclosed import OUT_SUBJECTS, ROWS
from contract.messages import DWELL_BINS_S, Window, wrap
from server import auth
from server.app import create_app
from server.db.intake import Arrival, store
from server.disclosure import publisher
from server.settings import load
from vitrina.broker import Broker

BERLIN = ZoneInfo("Europe/Berlin")
FIRST, DAYS = date(2026, 10, 5), 14  # a Monday
LAST = FIRST + timedelta(days=DAYS - 1)
PEOPLE_BY_HOUR = {9: 2, 10: 5, 11: 12, 12: 35, 13: 45, 14: 30, 15: 9, 16: 4, 17: 15, 18: 40, 19: 8}
"""Quiet at both ends, as many shops are."""
SATURDAY = 5
"""Busy: then one small hour is left among large ones, and is what the day is more than the others."""
WANTED = {"bread": 0.7, "coffee": 0.35, "wine": 0.15}
LONGEST_S = 1500
"""Nobody stays longer, and the attacker knows it."""

ENOUGH = 10
"""Candidates, as it is promised; not taken from the code that keeps the promise."""

SITE = {
    "site": "shop",
    "timezone": "Europe/Berlin",
    "cameras": {"door": {}},
    "zones": {key: {"camera": "door", "polygon": [[0, 0], [0.3, 0], [0.3, 0.3]]} for key in WANTED},
    "lines": {"entrance": {"camera": "door", "ends": [[0, 0], [1, 0]], "entrance": True}},
    "segments": {"pairs": {"when": {"group": {"at_least": 2, "at_most": 2}}}},
}


@dataclass(frozen=True)
class Person:
    """The truth about one shopper; all of it stays in this test."""

    comes: float
    pays: float
    visits: dict[str, tuple[float, float]]
    """By zone, from when to when."""


def shoppers(seed=5):
    rng = np.random.default_rng(seed)
    for day in range(DAYS):
        midnight = datetime.combine(FIRST + timedelta(days=day), datetime.min.time(), BERLIN).timestamp()
        for hour, expected in PEOPLE_BY_HOUR.items():
            for _ in range(rng.poisson(expected * (5 if day % 7 == SATURDAY else 1))):
                comes = midnight + 3600 * (hour + rng.random())
                t, visits = comes, {}
                for zone in [key for key, share in WANTED.items() if rng.random() < share]:
                    t += rng.uniform(20, 120)
                    visits[zone] = (t, t + rng.exponential(40) + 2)
                    t = visits[zone][1]
                yield Person(comes, min(t + 60, comes + LONGEST_S), visits)


def windows(people, span_s=3600):
    """What a box would have told: counts of the hours in which something was seen, and of the others noughts."""
    counts = defaultdict(lambda: defaultdict(int))
    dwell = defaultdict(lambda: defaultdict(lambda: [0] * len(DWELL_BINS_S)))
    for person in people:
        counts[person.comes // span_s]["in"] += 1
        counts[person.pays // span_s]["out"] += 1
        for zone, (start, end) in person.visits.items():
            counts[start // span_s][zone] += 1
            counts[end // span_s][f"{zone} ended"] += 1
            dwell[end // span_s][zone][np.searchsorted(DWELL_BINS_S, end - start, side="right") - 1] += 1
    begin = datetime.combine(FIRST, datetime.min.time(), BERLIN).timestamp()
    for i in range(int(begin // span_s), int(begin // span_s) + DAYS * 86_400 // span_s):
        yield _window(i * span_s, span_s, counts[i], dwell[i])


def _window(start, span_s, counts, dwell):
    none = [0] * len(DWELL_BINS_S)
    return Window.model_validate(
        {
            "camera": "door",
            "t_start": datetime.fromtimestamp(start, UTC),
            "t_end": datetime.fromtimestamp(start + span_s, UTC),
            "site_version": 1,
            "observed_s": float(span_s),
            "heatmap": None,
            "frames": span_s,
            "presence_s": 240.0 * counts["in"],
            "occupancy_max": 3,
            "lines": {"entrance": {"in": counts["in"], "out": counts["out"]}},
            "zones": {
                key: {
                    "entries": counts[key],
                    "visits": counts[f"{key} ended"],
                    "presence_s": 40.0 * counts[key],
                    "dwell_sum_s": 40.0 * counts[f"{key} ended"],
                    "occupancy_max": 1,
                    "dwell": {"left": dwell[key], "lost": none, "late_left": none, "late_lost": none},
                }
                for key in WANTED
            },
        }
    )


@dataclass(frozen=True)
class Cell:
    """What a table says of [start, end): None is held back."""

    start: float
    end: float
    entrants: int | None
    visits: dict[str, int | None]


class Attacker:
    """Knows every cell, and how many people a cell stands for; believes the shares of the smallest that it can make."""

    def __init__(self, fine, coarse):
        self._fine, self._coarse = sorted(fine, key=lambda cell: cell.start), coarse
        self._starts = np.array([cell.start for cell in self._fine])

    def prior(self, zone):
        """What everybody knows: the share over all the weeks."""
        known = [cell for cell in self._coarse if cell.entrants and cell.visits[zone] is not None]
        return sum(cell.visits[zone] for cell in known) / sum(cell.entrants for cell in known)

    def posterior(self, zone, receipt):
        """Of having been in the zone, and the number of people among whom the victim is looked for."""
        first = max(0, np.searchsorted(self._starts, receipt - LONGEST_S, side="right") - 1)
        last = np.searchsorted(self._starts, receipt, side="right")
        near = self._fine[first:last]
        if any(cell.entrants is None or cell.visits[zone] is None for cell in near):
            near = [self._difference(zone, receipt)]
        people = sum(cell.entrants or 0 for cell in near)
        share = sum(cell.visits[zone] or 0 for cell in near) / people if people else self.prior(zone)
        return min(max(share, 0.01), 0.99), people

    def _difference(self, zone, receipt):
        """The day less all of its hours that are told: what is left happened in the others."""
        (day,) = (cell for cell in self._coarse if cell.start <= receipt < cell.end)
        nothing = Cell(day.start, day.end, 0, dict.fromkeys(WANTED, 0))
        if day.entrants is None or day.visits[zone] is None:
            return nothing
        hours = [cell for cell in self._fine if day.start <= cell.start < day.end]
        told = [cell for cell in hours if cell.visits[zone] is not None and cell.entrants is not None]
        left = day.entrants - sum(cell.entrants for cell in told)
        return Cell(day.start, day.end, left, {zone: day.visits[zone] - sum(cell.visits[zone] for cell in told)})


def learned(attacker, victims):
    """Bits about a victim's zones that the attack adds to what everybody knows, in the mean; fewest candidates."""
    bits, candidates = [], []
    for victim in victims:
        for zone in WANTED:
            prior = attacker.prior(zone)
            posterior, people = attacker.posterior(zone, victim.pays)
            was_there = zone in victim.visits
            bits.append(log2(posterior / prior) if was_there else log2((1 - posterior) / (1 - prior)))
            candidates += [people] if people else []
    return float(np.mean(bits)), min(candidates, default=0)


def unprotected(people, span_s):
    """The counts as they are, by windows of one's own choice."""
    begin = datetime.combine(FIRST, datetime.min.time(), BERLIN).timestamp()
    n = DAYS * 86_400 // span_s
    entrants, visits = np.zeros(n, int), {zone: np.zeros(n, int) for zone in WANTED}
    for person in people:
        entrants[int((person.comes - begin) // span_s)] += 1
        for zone, (start, _) in person.visits.items():
            visits[zone][int((start - begin) // span_s)] += 1
    return [
        Cell(
            begin + i * span_s,
            begin + (i + 1) * span_s,
            int(entrants[i]),
            {zone: int(visits[zone][i]) for zone in WANTED},
        )
        for i in range(n)
    ]


@pytest.fixture(scope="module")
def people():
    return list(shoppers())


class Hook:
    """A loyalty engine that listens."""

    def __init__(self):
        outer, self.got = self, []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                outer.got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@contextmanager
def serving(folder, people):
    """A server that has counted them, a minute after the last day; it is asked with a loyalty token."""
    hook, clock = Hook(), [datetime.combine(LAST + timedelta(days=1), datetime.min.time(), BERLIN).timestamp() + 60]
    (folder / "site.yaml").write_text(yaml.safe_dump(SITE))
    with Broker() as broker, pytest.MonkeyPatch.context() as patch:
        patch.setattr(publisher, "WARM_UP_S", 0.0)
        patch.setattr(publisher, "LOOK_EVERY_S", 0.1)
        document = {
            "sites": [{"file": "site.yaml"}],
            "broker": {"host": broker.host, "port": broker.port},
            "webhooks": [{"url": hook.url, "allow_private": True, "tells": ["loyalty"]}],
        }
        (folder / "server.yaml").write_text(yaml.safe_dump(document))
        app = create_app(load(folder / "server.yaml"), clock=lambda: clock[0])
        with TestClient(app) as client:
            client.clock, client.hook, client.broker = clock, hook, broker
            client.engine = app.state.service.engine
            with client.engine.begin() as conn:
                _, secret = auth.create_token(conn, name="engine", role="loyalty", now=clock[0])
                hear(conn, windows(people), clock[0] - 3600)
            client.headers["Authorization"] = f"Bearer {secret}"
            yield client
    hook.server.shutdown()
    hook.server.server_close()


@pytest.fixture(scope="module")
def shop(tmp_path_factory, people):
    """Four hours after the last day: everything is told, to everybody."""
    with serving(tmp_path_factory.mktemp("shop"), people) as client:
        heard = []
        ear = mqtt.Client(CallbackAPIVersion.VERSION2, "ear", protocol=mqtt.MQTTv5)
        ear.on_message = lambda _c, _u, message: heard.append(json.loads(message.payload))
        ear.connect(client.broker.host, client.broker.port)
        ear.subscribe("vitrina/v1/shop/loyalty/out/#", 1)
        ear.loop_start()
        settle(client)
        wait(lambda: len(client.hook.got) == len(heard) == SENT)
        client.heard = heard
        yield client
        ear.disconnect()
        ear.loop_stop()


SENT = DAYS * 5 + 2 * 3
"""Traffic and zones by hour and day and the funnel each day, and their weeks; what has no rows is sent to nobody."""


def wait(condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def settle(shop):
    """The box is heard of again, four hours later: nothing of the days before can be on its way."""
    shop.clock[0] += 4 * 3600
    with shop.engine.begin() as conn:
        conn.exec_driver_sql("UPDATE boxes SET last_seen_ms = ?", (int(shop.clock[0] * 1000),))


def hear(conn, counted, now, first=0):
    letters = (
        wrap(each, site="shop", box="b", boot_id="boot", seq=first + i, time=datetime.fromtimestamp(now, UTC))
        for i, each in enumerate(counted)
    )
    store(conn, [Arrival(letter, now) for letter in letters])


def ask(shop, subject, grain, form=None, **more):
    asked = {"grain": grain, "from": FIRST.isoformat(), "to": LAST.isoformat()} | more
    if form:
        asked["format"] = form
    answer = shop.get(f"/api/v1/sites/shop/loyalty/out/{subject}", params=asked)
    assert answer.status_code == 200, answer.text
    return answer


def rows_of(shop, subject, grain):
    return ask(shop, subject, grain).json()["rows"]


def published(shop):
    """What the loyalty link tells of hours and of days, as the attacker's cells."""
    fine, coarse = ([], [])
    for grain, cells, length in (("hour", fine, 3600), ("day", coarse, 86_400)):
        visits = defaultdict(dict)
        for row in rows_of(shop, "zones", grain):
            visits[row["start"]][row["zone"]] = row["visits"]
        for row in rows_of(shop, "traffic", grain):
            start = datetime.fromisoformat(row["start"]).timestamp()
            cells.append(Cell(start, start + length, row["entrants"], dict.fromkeys(WANTED) | visits[row["start"]]))
    return fine, coarse


QUIET = (9, 10, 15, 16, 19)


def in_quiet_hours(people):
    return [person for person in people if datetime.fromtimestamp(person.pays, BERLIN).hour in QUIET]


def test_the_attack_on_the_loyalty_link_learns_nothing(shop, people):
    attacker = Attacker(*published(shop))
    for victims in (people, in_quiet_hours(people)):
        bits, fewest = learned(attacker, victims)
        print(f"\n{len(victims)} victims: {bits:.3f} bits, {fewest} candidates at least", end="")
        assert bits < 0.01
        assert fewest >= ENOUGH


@pytest.mark.parametrize(("span_s", "what"), [(60, "minutes"), (3600, "hours that hold nothing back")])
def test_the_same_attack_breaks_an_export_without_protection(people, span_s, what):
    attacker = Attacker(unprotected(people, span_s), unprotected(people, 86_400))
    bits, fewest = learned(attacker, in_quiet_hours(people))
    print(f"\n{what}: {bits:.3f} bits, {fewest} candidates at least", end="")
    assert bits > 0.03, what
    assert fewest == 1, what


def test_no_held_back_cell_of_a_day_can_be_bounded(shop):
    """By adding and subtracting all that is told of a day and its hours, by who knows when the shop is closed."""
    checked = 0
    for day in (FIRST + timedelta(days=i) for i in range(DAYS)):
        of_day = {"from": day.isoformat(), "to": day.isoformat()}
        tables = {key: [ask(shop, key, grain, **of_day).json()["rows"] for grain in ("hour", "day")] for key in WAYS}
        hours, whole = tables["traffic"]
        checked += audit(hours, whole[0], "entrants")
        for zone in WANTED:
            hours, whole = ([row for row in rows if row["zone"] == zone] for rows in tables["zones"])
            checked += audit(hours, whole[0], "visits")
    assert checked > 100, "there was much to guess"


WAYS = ("traffic", "zones")


def audit(hours, whole, name):
    """How many cells of the open hours were held back; none may be narrowed to fewer than ENOUGH numbers."""
    n = len(hours)
    is_open = [datetime.fromisoformat(row["start"]).hour in PEOPLE_BY_HOUR for row in hours]
    known = [(np.eye(n)[i], row[name]) for i, row in enumerate(hours) if row[name] is not None]
    known += [(np.eye(n)[i], 0) for i in range(n) if not is_open[i]]
    known += [(np.ones(n), whole[name])] if whole[name] is not None else []
    rows, sums = (np.array(each) for each in zip(*known, strict=True))
    held = [i for i in range(n) if is_open[i] and name in hours[i]["held"]]
    for i in held:
        low, high = (
            linprog(sign * np.eye(n)[i], A_eq=rows, b_eq=sums, bounds=(0, None), method="highs") for sign in (1, -1)
        )
        assert high.status == 3 or -high.fun - low.fun >= ENOUGH or low.fun >= ENOUGH, (hours[i], whole)
    return len(held)


def test_every_way_out_tells_the_same(shop):
    """So that what is shown for one way holds for all: nothing can be had by holding one against another."""
    by_mqtt = shop.heard
    assert by_mqtt == shop.hook.got
    assert [each["data"]["end"] for each in by_mqtt] == sorted(each["data"]["end"] for each in by_mqtt)
    assert len({each["id"] for each in by_mqtt}) == len(by_mqtt)
    for subject, grain in ROWS:
        rows = rows_of(shop, subject, grain)
        sent = [
            each["data"] for each in by_mqtt if (each["data"]["subject"], each["data"]["grain"]) == (subject, grain)
        ]
        assert [row for data in sent for row in data["rows"]] == rows
        as_csv = list(csv.DictReader(io.StringIO(ask(shop, subject, grain, "csv").text)))
        sheet = load_workbook(io.BytesIO(ask(shop, subject, grain, "xlsx").content)).get_sheet_by_index(0).to_python()
        assert len(as_csv) == len(sheet) - 1 == len(rows)
        for name in {"visits", "entrants", "engaged"} & set(ROWS[subject, grain].model_fields):
            told = ["" if row[name] is None else str(row[name]) for row in rows]
            assert [line[name] for line in as_csv] == told
            at = sheet[0].index(name)
            assert [str(int(line[at])) if line[at] != "" else "" for line in sheet[1:]] == told


def test_weeks_are_what_their_days_told(shop):
    for zone in WANTED:
        days = [row["visits"] for row in rows_of(shop, "zones", "day") if row["zone"] == zone]
        weeks = [row for row in rows_of(shop, "zones", "week") if row["zone"] == zone]
        for i, week in enumerate(weeks):
            told = [visits for visits in days[7 * i : 7 * i + 7] if visits is not None]
            assert week["visits"] == (sum(told) if told else None)
            assert week["days"].get("visits", 0) == len(told)


def test_who_comes_late_is_not_told_by_a_difference(shop, people):
    """A window that comes after its day was told changes no answer, and what was asked is answered byte by byte."""
    before = {key: ask(shop, *key).content for key in ROWS}
    late = _window(
        people[700].pays // 3600 * 3600 + 7200,
        60,
        defaultdict(int, {"in": 1, "wine": 1, "wine ended": 1}),
        {key: [0] * len(DWELL_BINS_S) for key in WANTED},
    )
    with shop.engine.begin() as conn:
        hear(conn, [late.model_copy(update={"camera": "other"})], shop.clock[0], first=10_000)
    shop.clock[0] += 3 * 86_400
    assert {key: ask(shop, *key).content for key in ROWS} == before


def test_nothing_is_told_of_a_day_that_is_not_over_and_settled(tmp_path, people):
    today = LAST + timedelta(days=1)
    asked = {"from": LAST.isoformat(), "to": today.isoformat()}
    with serving(tmp_path, people[-200:]) as shop:
        assert ask(shop, "traffic", "hour", **asked).json()["rows"] == []
        shop.clock[0] += 4 * 3600
        assert ask(shop, "traffic", "hour", **asked).json()["rows"] == [], "the box may still have something to tell"
        settle(shop)
        told = ask(shop, "traffic", "hour", **asked).json()
    assert {row["start"][:10] for row in told["rows"]} == {LAST.isoformat()}
    assert [window["settled"] for window in told["windows"]] == [True]


@pytest.mark.parametrize(
    "asked",
    [
        {"from": "2026-10-05T09:30", "to": "2026-10-05"},
        {"start": "2026-10-05T09:30:00Z"},
        {"hours": "9-10"},
        {"weekdays": "mon"},
        {"grain": "minute"},
        {"grain": "slot"},
        {"from": "2026-10-06", "to": "2026-10-05"},
        {"from": "2026-01-01"},
        {"to": "2026-13-45"},
    ],
)
def test_windows_of_ones_own_choice_are_refused(shop, asked):
    plain = {"grain": "hour", "from": FIRST.isoformat(), "to": LAST.isoformat()}
    answer = shop.get("/api/v1/sites/shop/loyalty/out/traffic", params=plain | asked)
    assert answer.status_code == 422
    assert answer.json()["detail"]


def test_a_loyalty_token_reaches_the_link_and_nothing_else(shop):
    """Every other answer of the server takes a period of one's own choice."""
    document = shop.app.openapi()
    open_to_all = {"/api/v1/player/pairings", "/media/{sha256}/{path}"}
    for path, methods in document["paths"].items():
        filled = path.replace("{site}", "shop").replace("{subject}", OUT_SUBJECTS[0])
        filled = filled.replace("{sha256}", "0" * 64)
        filled = re.sub(r"{\w+}", "x", filled)
        for method in set(methods) - {"parameters"}:
            status = shop.request(method, filled, json={}).status_code
            if "/loyalty/out" in path or "/loyalty/in" in path:
                assert status not in {401, 403}, path
            elif path not in open_to_all:
                assert status in {401, 403}, f"{method} {path} answers {status}"
    for page in ("/", "/zones?site=shop", "/floor?site=shop", "/metrics", "/api/v1/openapi.json"):
        assert shop.get(page, headers={"Accept": "application/json"}).status_code == 403, page
