"""Forecasts from figures to answers: made at night, kept, held against what came, and turned into staff."""

import csv
import io
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from sqlalchemy import insert, select

from server import auth
from server.db import forecasts
from server.db.advice_tables import forecasts as table
from server.db.prune import prune
from server.db.rollup_tables import HOURS
from server.db.trade_tables import imports, sales, sales_days, special_days
from server.forecasting import Forecasting, make

BERLIN = ZoneInfo("Europe/Berlin")
TODAY = date(2025, 11, 22)
API = "/api/v1/sites/shop/forecast"
OPEN = range(8, 20)


def counted(day, hour):
    """About 100 people an hour at noon, half as many on Sundays."""
    chance = np.random.default_rng([day.toordinal(), hour])
    return int(chance.poisson((60 + 40 * np.sin((hour - 7) / 13 * np.pi)) * (0.5 if day.weekday() == 6 else 1)))


@pytest.fixture
def months(clock):
    """`months(engine, days, until)`: figures of so many days before `until`, of door and till."""

    def fill(engine, days=120, until=TODAY):
        totals, lines, sold = [], [], []
        for i in range(1, days + 1):
            day = until - timedelta(days=i)
            for hour in OPEN:
                t = int(datetime.combine(day, time(hour), BERLIN).timestamp()) * 1000
                n = counted(day, hour)
                key = {"site": "shop", "hour_ms": t, "camera": "door", "observed_s": 3600.0}
                none = dict.fromkeys(
                    ("moved_s", "frames", "handovers_taken", "handovers_guessed", "handovers_missed"), 0
                )
                totals.append(key | none | {"presence_s": n * 300.0, "occupancy_max": n})
                lines.append(key | {"line": "entrance", "entered": n, "left": n})
                zero = dict.fromkeys(
                    ("card_receipts", "returns", "quantity", "gross_c", "margin_c", "margin_gross_c", "discount_c"), 0
                )
                for category, part in (("", 1), ("bread", 2), ("caviar", 400)):
                    sold.append({"site": "shop", "bin_ms": t, "category": category, "receipts": n // part} | zero)
        with engine.begin() as conn:
            conn.execute(insert(HOURS.totals), totals)
            conn.execute(insert(HOURS.lines), lines)
            conn.execute(insert(sales), sold)
            for row in sold:
                day = datetime.fromtimestamp(row["bin_ms"] / 1000, BERLIN)
                if day.hour == OPEN[0]:
                    known = {k: v for k, v in row.items() if k != "bin_ms"} | {"day": day.date(), "offer": ""}
                    conn.execute(insert(sales_days).values(known))

    return fill


@pytest.fixture
def shop(serve, clock, months):
    """A running server that knows four months and has forecast."""
    clock.t = datetime(2025, 11, 22, 2, 0, tzinfo=BERLIN).timestamp()
    client = serve()
    months(client.service.engine)
    client.headers = token(client)
    for series in ("entrants", "occupancy", "sales:bread"):
        assert make(client.service, "shop", series)
    return client


def token(client, role="viewer"):
    with client.service.engine.begin() as conn:
        _, secret = auth.create_token(conn, name=role, role=role, now=client.service.clock())
    return {"Authorization": f"Bearer {secret}"}


def test_the_next_two_weeks_are_told_hour_by_hour(shop):
    told = shop.get(API).json()
    assert (len(told["hours"]), len(told["days"]), told["unit"]) == (336, 14, "people")
    assert told["hours"][0]["start"] == "2025-11-22T00:00:00+01:00"
    assert told["hours"][0]["expected"] is None, "nobody ever watched at night"
    noon, sunday = told["hours"][12], told["hours"][36]
    assert noon["low_95"] < noon["low_80"] < noon["expected"] < noon["high_80"] < noon["high_95"]
    assert 80 < noon["expected"] < 115
    assert sunday["expected"] == pytest.approx(noon["expected"] / 2, rel=0.25)
    whole = sum(hour["expected"] or 0 for hour in told["hours"][:24])
    assert told["days"][0]["expected"] == pytest.approx(whole, rel=1e-3)


def test_tables_for_hours_and_days(shop):
    for step, rows in (("hour", 336), ("day", 14)):
        lines = list(csv.DictReader(io.StringIO(shop.get(f"{API}?format=csv&step={step}").text)))
        assert len(lines) == rows
    assert float(lines[0]["low_80"]) < float(lines[0]["expected"]) < float(lines[0]["high_80"])
    assert shop.get(f"{API}?format=xlsx").content.startswith(b"PK")


def test_people_inside_and_receipts_are_told_too(shop):
    inside, bread = (shop.get(f"{API}?series={series}").json() for series in ("occupancy", "sales:bread"))
    noon = shop.get(API).json()["hours"][12]["expected"]
    assert inside["hours"][12]["expected"] == pytest.approx(noon / 12, rel=0.2)
    assert bread["hours"][12]["expected"] == pytest.approx(noon / 2, rel=0.2)
    assert [each["series"] for each in bread["others"]] == ["entrants", "occupancy", "sales:bread"]


def test_a_series_without_forecast_says_what_there_is(shop):
    answer = shop.get(f"{API}?series=sales:caviar")
    assert answer.status_code == 404
    assert "sales:bread" in answer.json()["detail"]
    assert shop.get(f"{API}?series=takings").status_code == 422


def test_a_day_on_which_the_store_is_closed_expects_nobody(shop):
    with shop.service.engine.begin() as conn:
        conn.execute(insert(special_days).values(site="shop", day=TODAY, name="stock-taking", closed=True))
    shop.service.clock.t += 60
    make(shop.service, "shop", "entrants")
    days = shop.get(API).json()["days"]
    assert (days[0]["expected"], days[0]["high_95"]) == (0, 0)
    assert days[1]["expected"] > 100


def test_what_is_expected_of_part_of_a_day(shop):
    with shop.service.engine.connect() as conn:
        start = datetime(2025, 11, 22, 11, tzinfo=BERLIN).timestamp()
        three = forecasts.expected(conn, "shop", "entrants", start, start + 3 * 3600)
        half = forecasts.expected(conn, "shop", "entrants", start, start + 1800)
        inside = forecasts.expected(conn, "shop", "occupancy", start, start + 3 * 3600)
        assert forecasts.expected(conn, "shop", "entrants", start, start + 20 * 86400) is None
        assert forecasts.expected(conn, "shop", "sales:caviar", start, start + 3600) is None
    hours = shop.get(API).json()["hours"][11:14]
    assert three.value == pytest.approx(sum(hour["expected"] for hour in hours), rel=1e-4)
    assert max(h["high_95"] - h["expected"] for h in hours) < three.high - three.value
    assert three.high - three.value <= sum(h["high_95"] - h["expected"] for h in hours)
    assert half.value == pytest.approx(hours[0]["expected"] / 2, rel=1e-4)
    assert inside.value == pytest.approx(three.value / 3 / 12, rel=0.2)


def test_past_forecasts_are_held_against_what_came(serve, clock, months):
    clock.t = datetime(2025, 11, 1, 4, tzinfo=BERLIN).timestamp()
    client = serve()
    months(client.service.engine)
    client.headers = token(client)
    assert make(client.service, "shop", "entrants")
    assert client.get(f"{API}/errors").json()["horizons"] == []
    clock.t = datetime(2025, 11, 22, 4, tzinfo=BERLIN).timestamp()
    found = client.get(f"{API}/errors").json()["horizons"]
    assert [(each["from_days"], each["to_days"]) for each in found] == [(0, 0), (1, 1), (2, 3), (4, 6), (7, 13)]
    assert [each["n"] for each in found] == [12, 12, 24, 36, 84]
    assert all(0.5 < each["mase"] < 1.3 and each["covered_95"] > 0.8 and abs(each["bias"]) < 0.1 for each in found)
    later = client.get(f"{API}/errors?days=7").json()
    assert later["horizons"] == [], "the forecast begins three weeks ago"


def test_staff_by_a_plain_formula(shop):
    plan = shop.get(f"{API}/staff?per_entrants=25&per_queue=40").json()
    noon = next(hour for hour in plan["hours"] if hour["start"] == "2025-11-22T12:00:00+01:00")
    assert (plan["queueing"], plan["queueing_measured"]) == (0.8, False)
    assert noon["floor"] == -(-noon["entrants"] // 25)
    assert noon["tills"] == -(-noon["entrants"] * 0.8 // 40)
    assert noon["floor_high"] >= noon["floor"]
    assert {hour["start"][11:13] for hour in plan["hours"]} == {f"{hour:02}" for hour in OPEN}
    calendar = shop.get(f"{API}/staff?per_entrants=25&format=ics")
    assert calendar.headers["content-type"].startswith("text/calendar")
    assert calendar.text.count("BEGIN:VEVENT") == calendar.text.count("END:VEVENT") >= 14
    assert "DTSTART:20251122T070000Z" in calendar.text


def test_a_store_is_due_at_its_quiet_hour_and_after_an_import(shop, clock):
    task = Forecasting(shop.service)
    assert task.due() == []
    clock.t = datetime(2025, 11, 22, 3, 1, tzinfo=BERLIN).timestamp()
    assert task.due() == ["shop"]
    make(shop.service, "shop", "entrants")
    assert task.due() == []
    clock.t += 7200
    told = {
        "name": "x",
        "digest": "0",
        "who": "till",
        "status": "done",
        "lines": 1,
        "taken": 1,
        "known": 0,
        "refused": 0,
    }
    at = {"received_ms": int(clock.t * 1000), "done_ms": int(clock.t * 1000)}
    with shop.service.engine.begin() as conn:
        conn.execute(insert(imports).values(site="shop", subject="receipts", by="rest", **told, **at))
    assert task.due() == ["shop"]


def test_the_task_forecasts_what_is_worth_it(serve, clock, months, until):
    clock.t = datetime(2025, 11, 22, 2, 0, tzinfo=BERLIN).timestamp()
    first = serve()
    months(first.service.engine)
    clock.t += 3700
    second = serve()

    def made():
        with second.service.engine.connect() as conn:
            return set(forecasts.series_of(conn, "shop"))

    until(lambda: made() >= {"entrants", "occupancy", "sales:bread"}, "forecasts", timeout_s=30)
    assert "sales:caviar" not in made()


def test_a_fortnight_is_needed(serve, clock, months):
    clock.t = datetime(2025, 11, 22, 4, tzinfo=BERLIN).timestamp()
    client = serve()
    months(client.service.engine, days=13)
    assert not make(client.service, "shop", "entrants")
    months(client.service.engine, days=1, until=TODAY - timedelta(days=13))
    assert make(client.service, "shop", "entrants")


def test_old_forecasts_are_forgotten(shop):
    engine = shop.service.engine
    prune(engine, shop.service.settings.retention, now=shop.service.clock() + 799 * 86400)
    with engine.connect() as conn:
        assert len(conn.execute(select(table)).all()) == 3
    prune(engine, shop.service.settings.retention, now=shop.service.clock() + 801 * 86400)
    with engine.connect() as conn:
        assert conn.execute(select(table)).all() == []
