"""What the loyalty programme is told of a day with everything in it, by a real server."""

import importlib.util
import json
import subprocess
import sys
import threading
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import uvicorn
from sqlalchemy import insert

from contract.disclosed import ROWS
from contract.site import Site
from server import auth
from server.app import create_app
from server.campaign_document import CampaignDocument
from server.db import deliveries
from server.db.campaigns import CampaignRecord, add_campaign, change_campaign
from server.db.forecasts import Made, hours_ahead, put
from server.db.intake import Arrival, store
from server.db.screen_tables import audience, creatives, media, plays
from server.db.sites import get_site, put_site
from server.db.trade_tables import placings, sales_days
from server.disclosure.publisher import WARM_UP_S, Publisher
from server.disclosure.telling import tell
from server.disclosure.window import PATIENCE_S, Window

DAY, NEXT = date(2025, 11, 22), "2025-11-23T"
HOURS = (8, 9, 10, 14)
"""UTC; in Berlin an hour later."""
SCREENED = {
    "site": "shop",
    "timezone": "Europe/Berlin",
    "floor": {"bounds_m": [[0, 0], [4, 3]], "cell_m": 1.0},
    "cameras": {"door": {}},
    "zones": {
        "shelf": {"polygon_m": [[0, 0], [1, 0], [1, 1]]},
        "till": {"polygon_m": [[2, 0], [3, 0], [3, 1]]},
        "kerb": {"kind": "street", "polygon_m": [[3, 2], [4, 2], [4, 3]]},
    },
    "lines": {"entrance": {"ends_m": [[0, 0], [1, 0]], "entrance": True}},
    "screens": {"left": {"at_m": [2.5, 0.5], "zone": "till"}},
    "segments": {
        "carts": {"when": {"transport": ["cart"]}},
        "pairs": {"when": {"group": {"at_least": 2}}},
    },
}


def digest(segment):
    return Site.model_validate(SCREENED).segments[segment].digest


@pytest.fixture
def fill(window, zone_stats, message, noon, clock):
    """`fill(engine)`: a Saturday with people, plays, a test, segments, receipts and a forecast; told from 4:00 on."""
    first = noon - 12 * 3600

    def screen(n):
        return {"screen": "left", "creative": "cup", "shown_s": 540.0, "ots": n, "viewers": n // 2, "attention_s": 9.0}

    def at(hour, *, come=40, shelf=30, viewers=24):
        zones = {
            "shelf": zone_stats(entries=shelf, visits=shelf, presence_s=60.0 * shelf, dwell=dwell(shelf)),
            "till": zone_stats(entries=20, visits=20, dwell=dwell(20)),
            "kerb": zone_stats(entries=come + 100, visits=100),
        }
        minute = round((first + 3600 * hour + 60 - noon) / 60)
        seen = window(minute=minute, lines={"entrance": {"in": come, "out": 0}}, zones=zones, screens=[screen(viewers)])
        return seen.model_copy(update={"t_end": seen.t_start + timedelta(seconds=539), "observed_s": 539.0})

    def dwell(n):
        left, none = [0] * 24, [0] * 24
        left[6], left[12] = n - n // 2, n // 2
        return {"left": left, "lost": none, "late_left": none, "late_lost": none}

    def night(hour):
        return window(minute=round((first + 3600 * hour - noon) / 60), lines={"entrance": {"in": 0, "out": 0}})

    def go(engine):
        clock.t = first + 86_400 + 3 * 3600  # 4:00 in Berlin
        with engine.begin() as conn:
            put_site(conn, Site.model_validate(SCREENED), simulated=False)
            counted = [*(at(hour) for hour in HOURS), *(night(hour) for hour in (0, 3)), at(12, come=4, shelf=3)]
            store(conn, [Arrival(message(each), clock.t) for each in counted])
            campaign(conn, clock.t)
            for n in range(7):
                conn.execute(insert(plays).values(play_row(n, first + 9 * 3600 + n * 60)))
            for segment, n, of in (("carts", 43, 120), ("pairs", 9, 120)):
                conn.execute(insert(audience).values(cell(segment, n, of, first + 15 * 3600)))
            sell(conn)
            expect(conn, clock.t)

    return go


def campaign(conn, now):
    conn.execute(insert(media).values(sha256="a" * 64, kind="image", type="image/png", bytes=1, width=1, height=1, created_ms=0))  # fmt: skip
    conn.execute(insert(creatives).values(site="shop", creative="cup", name="A cup", media="a" * 64, seconds=10, author="a", created_ms=0))  # fmt: skip
    document = CampaignDocument.model_validate(
        {
            "name": "Flat white",
            "creatives": ["cup"],
            "flights": [{"first": DAY, "last": DAY + timedelta(days=3)}],
            "goal": {"kind": "uplift"},
            "promotes": "shelf",
        }
    )
    t = now - 3 * 86_400
    draft = CampaignRecord("coffee", 1, "draft", document, "anna", t, t, None, None)
    add_campaign(conn, "shop", draft, note="")
    approved = CampaignRecord("coffee", 2, "approved", document, "anna", t, t, "ben", t)
    change_campaign(conn, "shop", approved, based_on=1, who="ben", what="approved", note="")


def play_row(n, t):
    names = {"campaign": "coffee", "campaign_name": "Flat white", "creative": "cup", "creative_name": "A cup"}
    row = {"play": f"play-{n:06d}", "site": "shop", "screen": "left", "player": "p1", "seconds": 10.0}
    return row | names | {"started_ms": t * 1000, "received_ms": t * 1000, "outcome": "whole", "cached": False}


def cell(segment, n, of, t):
    row = {"site": "shop", "box": "b1", "camera": "door", "zone": "shelf", "segment": segment}
    return row | {"digest": digest(segment), "t_start_ms": (t - 3600) * 1000, "t_end_ms": t * 1000, "n": n, "of": of, "dwell_sum_s": 9.0}  # fmt: skip


def sell(conn):
    nothing = {"card_receipts": 0, "returns": 0, "quantity": 1.0, "gross_c": 1, "margin_c": 0, "margin_gross_c": 0, "discount_c": 0}  # fmt: skip
    for category, receipts in (("", 90), ("bread", 31), ("wine", 12), ("tea", 4)):
        conn.execute(insert(sales_days).values(site="shop", day=DAY, category=category, offer="", receipts=receipts, **nothing))  # fmt: skip
    for category, zone in (("bread", "shelf"), ("wine", "shelf"), ("tea", "till")):
        conn.execute(insert(placings).values(site="shop", category=category, since=DAY, zone=zone))


def expect(conn, now):
    midnight = round(datetime(2025, 11, 22, 23, tzinfo=UTC).timestamp() * 1000)
    hour_ms, day_ms = hours_ahead(conn, "shop", midnight)
    hours = np.tile([5.0, 3.04, 8.0, 1.0, 9.0], (len(hour_ms), 1))
    hours[0] = np.nan
    put(conn, "shop", Made("entrants", now - 3 * 3600, hour_ms, hours, day_ms, np.ones((14, 5))))


@pytest.fixture
def ask(serve, fill, bearer):
    """`ask("traffic", grain="day")`: rows of the day, as a loyalty token gets them."""
    client = serve()
    fill(client.service.engine)
    headers = bearer(client, "loyalty")

    def rows(subject, grain="day", **more):
        asked = {"grain": grain, "from": DAY.isoformat(), "to": DAY.isoformat()} | more
        answer = client.get(f"/api/v1/sites/shop/loyalty/out/{subject}", params=asked, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json()["rows"]

    rows.client, rows.headers = client, headers
    return rows


@pytest.fixture
def told(engine, fill, clock):
    """`told("traffic", "hour")`: rows of the day, as they are kept for ever."""
    fill(engine)

    def rows(subject, grain="day"):
        with engine.begin() as conn:
            site = get_site(conn, "shop")
            documents = tell(conn, site, Window(DAY, "day", ZoneInfo(site.timezone)), now=clock.t)
        return [row.model_dump(mode="json") for row in documents[subject, grain].rows]

    return rows


def test_traffic_of_a_day_and_its_hours(told):
    (day,) = told("traffic")
    assert (day["entrants"], day["passers"], day["held"]) == (164, 500, [])
    assert day["start"] == "2025-11-22T00:00:00+01:00"
    hours = {row["start"][11:13]: row for row in told("traffic", "hour")}
    assert set(hours) == {"01", "04", "09", "10", "11", "13", "15"}, "hours that were not watched are not told of"
    assert hours["13"]["entrants"] is None
    assert hours["13"]["held_back"]
    assert {"entrants", "occupancy_mean"} <= set(hours["13"]["held"])
    known = [row["entrants"] for row in hours.values() if row["entrants"] is not None]
    assert set(known) == {40}
    assert len(known) < len(HOURS), "four people of 13:00 are not what is left of the day"


def test_zones_are_told_where_entrants_are_and_the_street_as_passers_by(told):
    few = {row["start"] for row in told("traffic", "hour") if "entrants" in row["held"]}
    rows = told("zones", "hour")
    assert {row["zone"] for row in rows} == {"shelf", "till"}
    assert all("visits" in row["held"] and row["presence_min"] is None for row in rows if row["start"] in few)
    (shelf, till) = told("zones")
    assert (shelf["visits"], shelf["engaged"], till["visits"]) == (125, 63, 100)


def test_segments_are_told_in_tens_or_not_at_all(told):
    rows = {row["segment"]: row for row in told("segments")}
    assert rows["carts"]["visits"] in {40, 50}
    assert rows["carts"]["of_visits"] == 120
    assert (rows["pairs"]["visits"], rows["pairs"]["held"]) == (None, ["visits", "of_visits"])


def test_the_funnel_has_the_receipts_beside_the_people(told):
    rows = {row["zone"]: row for row in told("funnel")}
    assert (rows[None]["passers"], rows[None]["entrants"], rows[None]["receipts"]) == (500, 164, 90)
    assert (rows["shelf"]["visits"], rows["shelf"]["engaged"], rows["shelf"]["receipts"]) == (125, 63, 43)
    assert (rows["till"]["receipts"], rows["till"]["held"]) == (None, ["receipts"])


def test_exposure_by_campaign_and_screen(told):
    (row,) = told("exposure")
    assert (row["campaign"], row["screen"], row["plays"], row["played_s"]) == ("coffee", "left", 7, 70.0)
    assert (row["ots"], row["viewers"]) == (120, 60)


def test_what_two_campaigns_share_is_told_of_neither(told, engine, clock):
    """Else the difference of two sums that overlap would be the other one's few viewers."""
    with engine.begin() as conn:
        t = clock.t - 3 * 86_400
        document = CampaignDocument.model_validate(
            {"name": "Too", "creatives": ["cup"], "flights": [{"first": DAY, "last": DAY}], "goal": {"kind": "plays"}}
        )
        add_campaign(conn, "shop", CampaignRecord("too", 1, "draft", document, "anna", t, t, None, None), note="")
        conn.execute(insert(plays).values(play_row(99, t + 3 * 86_400 - 20 * 3600) | {"campaign": "too"}))
    assert [(row["campaign"], row["ots"], row["held"]) for row in told("exposure")] == [
        ("coffee", None, []),
        ("too", None, []),
    ]


def test_arms_by_slot_and_sums_by_arm_in_tens(told):
    slots = told("experiments", "slot")
    assert len(slots) == 24 * 6
    assert {row["arm"] for row in slots} == {"targeted", "everyone", "nothing"}
    arms = {row["arm"]: row for row in told("experiments")}
    assert sum(row["slots"] for row in arms.values()) == len(HOURS) + 1
    for row in arms.values():
        assert row["passed"] is None or row["passed"] % 10 == 0
        assert (row["redeemed"], "redeemed" in row["held"]) == (None, True)


def test_the_forecast_of_the_next_morning(told):
    rows = told("forecast", "hour")
    assert len(rows) == 14 * 24 - 1, "an hour of which nothing was ever measured is left out"
    assert rows[0] | {"held": [], "held_back": False} == rows[0]
    assert (rows[0]["start"], rows[0]["value"], rows[0]["low"], rows[0]["high"]) == (NEXT + "01:00:00+01:00", 5, 3, 8)


def test_what_is_told_is_described(ask):
    client, headers = ask.client, ask.headers
    told = client.get("/api/v1/sites/shop/loyalty/out", headers=headers).json()
    assert {(row["subject"], grain) for row in told for grain in row["grains"]} == set(ROWS)
    viewer = client.get("/api/v1/sites/shop/loyalty/out/traffic", params={"from": "x", "to": "y"}, headers=headers)
    assert "whole days and weeks of the store's clock" in viewer.json()["detail"]


def test_a_box_that_is_silent_is_waited_for_and_then_told_without(ask, clock):
    engine = ask.client.service.engine
    with engine.begin() as conn:
        conn.exec_driver_sql("UPDATE boxes SET last_seen_ms = last_seen_ms - 36000000")
    assert ask("traffic") == []
    clock.t += PATIENCE_S
    asked = {"grain": "day", "from": DAY.isoformat(), "to": DAY.isoformat()}
    told = ask.client.get("/api/v1/sites/shop/loyalty/out/traffic", params=asked, headers=ask.headers).json()
    assert [window["settled"] for window in told["windows"]] == [False]


def test_days_are_not_cut_anew_when_the_time_zone_is_corrected(engine, told, clock):
    """The same hours in other pieces would tell of those between the edges."""
    assert told("traffic")[0]["entrants"] == 164
    with engine.begin() as conn:
        put_site(conn, Site.model_validate(SCREENED | {"timezone": "Asia/Kolkata"}), simulated=False)
        site = get_site(conn, "shop")
        window = Window(DAY, "day", ZoneInfo("Asia/Kolkata"))
        assert tell(conn, site, window, now=clock.t) == {}
        later = Window(DAY + timedelta(days=2), "day", ZoneInfo("Asia/Kolkata"))
        assert tell(conn, site, later, now=clock.t + 4 * 86_400)


def test_what_was_asked_for_before_is_sent_all_the_same_in_order_and_once(serve, fill, bearer, clock, target):
    client = serve(webhooks=[{"url": target.url, "tells": ["loyalty"]}, {"url": target.url + "/alarms"}])
    engine = client.service.engine
    fill(engine)
    asked = {"grain": "day", "from": DAY.isoformat(), "to": DAY.isoformat()}
    client.get("/api/v1/sites/shop/loyalty/out/zones", params=asked, headers=bearer(client, "loyalty"))
    publisher = Publisher(client.service, lambda *_: None)
    assert publisher.sites() == [], "what boxes sent meanwhile is on its way"
    clock.t += WARM_UP_S
    (site,) = publisher.sites()
    told = publisher.tell_due(site)
    assert [(each.data.subject, each.data.grain) for each in told] == [key for key in ROWS if key[1] != "week"]
    assert publisher.tell_due(site) == []
    with engine.connect() as conn:
        assert deliveries.waiting(conn, target.url).n == len(told)
        assert deliveries.waiting(conn, target.url + "/alarms").n == 0


EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "loyalty_client.py"


@pytest.fixture
def example():
    spec = importlib.util.spec_from_file_location("loyalty_client", EXAMPLE)
    module = importlib.util.module_from_spec(spec)
    sys.modules["loyalty_client"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["loyalty_client"]


@pytest.fixture
def running(settings, fill, clock, until):
    """A server that programs can reach: its address and a loyalty token."""
    app = create_app(settings(), clock=clock)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    until(lambda: server.started, "the server starts")
    engine = app.state.service.engine
    fill(engine)
    with engine.begin() as conn:
        _, token = auth.create_token(conn, name="engine", role="loyalty", now=clock())
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}", token
    server.should_exit = True
    thread.join(20)


def test_the_example_client_fetches_funnel_and_exposure(running):
    address, token = running
    command = [sys.executable, str(EXAMPLE), address, "shop", DAY.isoformat(), DAY.isoformat()]
    out = subprocess.run(command, env={"VITRINA_TOKEN": token}, capture_output=True, text=True, check=True, timeout=60)
    assert "2025-11-22 164" in out.stdout
    assert "coffee on left: 7 plays, 120 could see it" in out.stdout


def test_the_example_client_opens_what_the_postman_brings(example, serve, fill, clock, target, until):
    secret = "s3cret"
    client = serve(webhooks=[{"url": target.url, "secret": secret, "allow_private": True, "tells": ["loyalty"]}])
    fill(client.service.engine)
    publisher = Publisher(client.service, lambda *_: None)
    clock.t += WARM_UP_S
    publisher.tell_due(*publisher.sites())
    until(lambda: target.got, "the first webhook comes", 20)
    headers, body = target.got[0]
    message = example.open_webhook(headers, body, secret=secret, now=clock.t)
    assert (message["source"], message["id"]) == ("vitrina/shop/loyalty", "traffic-hour-2025-11-22")
    for wrong in ({"secret": "other"}, {"now": clock.t + 3600}):
        with pytest.raises(example.ForgedError):
            example.open_webhook(headers, body, **{"secret": secret, "now": clock.t} | wrong)
    with pytest.raises(example.ForgedError):
        example.open_webhook(headers, json.dumps(message | {"site": "other"}).encode(), secret=secret, now=clock.t)
