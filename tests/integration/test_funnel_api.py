from datetime import date

import pytest
from sqlalchemy import insert, select

from contract.site import Site
from server.db import trade_tables
from server.db.screen_tables import audience
from server.db.sites import put_site
from server.db.tables import sites

FIRST = date(2025, 11, 3)
"""A Monday; the test's day is Saturday the 22nd."""
WEEK = {"start": "2025-11-10T00:00", "end": "2025-11-17T00:00"}
API = "/api/v1/sites/shop"


@pytest.fixture
def client(serve, bearer, trading):
    """Two weeks of a store: 120 come in a day, 60 buy, in the second week 72; coffee stands in the zone shelf."""
    client = serve()
    client.headers |= bearer(client)
    with client.service.engine.begin() as conn:
        store = trading(conn, "shop", "Europe/Berlin", FIRST)
        for day in range(14):
            receipts = 60 if day < 7 else 72
            store.floor(
                day, lines={"entrance": (10 + day % 2, 10)}, zones={"shelf": {"visits": 20 + day % 3, "engaged": 5}}
            )
            store.sold(day, receipts=receipts, quantity=2 * receipts, gross_c=1000 * receipts)
            store.sold(day, "coffee", receipts=30, quantity=2 * receipts, gross_c=9000)
            store.sold_by_hour(day, 9, receipts=6)
        conn.execute(insert(trade_tables.money).values(site="shop", currency="EUR"))
        placing = {"site": "shop", "category": "coffee", "since": FIRST, "zone": "shelf"}
        conn.execute(insert(trade_tables.placings).values(placing))
        plain = {"site": "shop", "category": "coffee", "name": "Coffee", "needs": "nothing", "movable": True}
        conn.execute(insert(trade_tables.categories).values(plain))
    return client


def get(client, path, **query):
    answer = client.get(f"{API}{path}", params=WEEK | query)
    assert answer.status_code == 200, answer.text
    return answer


def test_the_steps(client):
    found = get(client, "/funnel").json()
    assert found["period"]["start"] == "2025-11-10T00:00:00+01:00"
    assert [(step["step"], step["n"]) for step in found["steps"]] == [("came_in", 888), ("bought", 504)]
    bought = found["steps"][1]
    assert bought["share"] == pytest.approx(504 / 888)
    assert bought["share_low"] < bought["share"] < bought["share_high"]
    assert (found["currency"], found["basket"]["value"]) == ("EUR", 10)
    assert found["per_m2_day"]["value"] == pytest.approx(720 / 12)
    assert found["capture"] == {"value": None, "low": None, "high": None, "days": 0}
    assert (found["days"], found["left_out"], found["loss"]) == (7, 0, None)
    assert [day["weekday"] for day in found["weekdays"]][:2] == ["mon", "tue"]
    assert found["weekdays"][0]["conversion"]["value"] == pytest.approx(72 / 132)


def test_hours(client):
    hours = get(client, "/funnel/hours").json()["hours"]
    assert [hour["hour"] for hour in hours] == list(range(8, 20))
    nine = hours[1]
    assert (nine["receipts"], nine["entrants"], nine["days"]) == (42, 74, 7)
    assert nine["conversion_low"] < 42 / 74 < nine["conversion_high"]
    assert hours[0]["conversion"] == 0


def test_categories(client):
    (coffee,) = get(client, "/funnel/categories").json()["categories"]
    assert (coffee["name"], coffee["zone"], coffee["receipts"], coffee["gross"]) == ("Coffee", "shelf", 210, 630)
    assert coffee["engaged"] == pytest.approx(420)
    assert coffee["bought"] == pytest.approx(0.5)
    assert coffee["per_m2_day"] == pytest.approx(180)  # a triangle of half a square metre


def test_what_moved_the_takings(client):
    found = get(client, "/takings").json()
    assert found["against"]["start"] == "2025-11-03T00:00:00+01:00"
    assert (found["pairs"], found["left_out"], found["main"]) == (7, 0, "conversion")
    assert found["change"]["effect"] == pytest.approx(84 * 10)
    assert sum(part["effect"] for part in found["parts"]) == pytest.approx(840)
    assert [part["factor"] for part in found["parts"]] == ["entrants", "conversion", "units", "price"]
    assert get(client, "/takings").json() == found
    other = get(client, "/takings", against_first="2025-11-10", against_last="2025-11-16").json()
    assert other["change"]["effect"] == 0


@pytest.mark.parametrize(
    ("path", "first", "rows"),
    [
        ("/funnel", "step", 3),
        ("/funnel/hours", "hour", 13),
        ("/funnel/categories", "category", 2),
        ("/takings", "factor", 6),
    ],
)
def test_as_tables(client, path, first, rows):
    lines = get(client, path, format="csv").text.splitlines()
    assert lines[0].startswith(f"{first},")
    assert len(lines) == rows
    assert get(client, path, format="xlsx").content[:2] == b"PK"


def test_without_receipts_only_the_floor_is_told(client):
    with client.service.engine.begin() as conn:
        conn.execute(trade_tables.sales_days.delete())
    found = get(client, "/funnel").json()
    assert [step["step"] for step in found["steps"]] == ["came_in"]
    assert found["conversion"]["value"] is None
    (coffee,) = get(client, "/funnel/categories").json()["categories"]
    assert (coffee["receipts"], coffee["bought"], coffee["engagement"]) == (None, None, pytest.approx(420 / 1764))
    assert get(client, "/takings").json()["change"] is None


def test_days_before_anything_was_measured(client):
    found = get(client, "/funnel", start="2024-01-01", end="2024-01-08").json()
    assert (found["days"], found["left_out"]) == (0, 0)
    assert get(client, "/funnel/hours", start="2024-01-01", end="2024-01-08").json()["hours"] == []


@pytest.mark.parametrize(
    "query",
    [
        {"against_first": "2025-11-03"},
        {"against_first": "2025-11-03", "against_last": "2025-11-02"},
        {"against_first": "2023-11-03", "against_last": "2025-11-02"},
        {"against_first": "yesterday", "against_last": "2025-11-02"},
        {"end": "2025-11-01"},
    ],
)
def test_wrong_days_are_refused(client, query):
    answer = client.get(f"{API}/takings", params=WEEK | query)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


def test_segments_from_the_door_to_the_till(client):
    """Three days: 30 of 100 visits are families' at the door, 20 of 100 where goods stand, 3 of 100 at the tills."""
    service = client.service
    with service.engine.begin() as conn:
        document = conn.execute(select(sites.c.document).where(sites.c.site == "shop")).scalar_one()
        for zone, kind in (("shelf", "category"), ("till", "queue")):
            document["zones"][zone]["kind"] = kind
        document["zones"]["door"] = document["zones"]["till"] | {"kind": "entrance"}
        document["segments"] = {"families": {"name": "Families", "when": {"group": {"at_least": 3}}}}
        put_site(conn, Site.model_validate(document), simulated=False)
        digest = Site.model_validate(document).segments["families"].digest
        for day in range(3):
            end = 86_400_000 * day + 1_762_772_400_000  # Monday noon in Berlin
            for zone, n in (("door", 29 + day), ("shelf", 20), ("till", 3 if day == 0 else 0)):
                cell = {
                    "site": "shop",
                    "zone": zone,
                    "box": "b1",
                    "camera": "door",
                    "segment": "families",
                    "digest": digest,
                }
                cell |= {"t_start_ms": end - 3_600_000, "t_end_ms": end, "n": n, "of": 100, "dwell_sum_s": 9.0 * n}
                conn.execute(insert(audience), cell)
    found = {step["step"]: step for step in get(client, "/funnel/segments").json()["segments"]}
    assert found["entrance"]["share"] == pytest.approx(0.3)
    assert found["entrance"]["share_low"] < 0.3 < found["entrance"]["share_high"]
    assert (found["category"]["share"], found["category"]["name"]) == (pytest.approx(0.2), "Families")
    assert (found["queue"]["held"], found["queue"]["share"]) == (True, None)
    assert len(get(client, "/funnel/segments", format="csv").text.splitlines()) == 4
