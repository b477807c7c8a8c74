"""Tips for the tills: given as an hour begins, told over MQTT, tapped, learned from, and sent by hand to the chain."""

import json
import re
from datetime import date, datetime, timedelta
from html import unescape
from itertools import combinations
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import yaml

from contract.loyalty import Category
from server.db import catalogue, money
from server.db.tips import tap, taps_by_rule, tips_between
from server.db.trade_tables import baskets, sales
from server.domain.tips import Taps
from server.tips import Tipster

TODAY = date(2025, 11, 22)


class Tills:
    """A running server with weeks of baskets, in which rolls go with coffee."""

    def __init__(self, client, clock, bearer):
        self.client, self.clock, self.engine = client, clock, client.service.engine
        self.viewer, self.planner = bearer(client), bearer(client, "merchandiser")
        self.told = []
        self.tipster = Tipster(client.service, lambda topic, payload: self.told.append((topic, json.loads(payload))))
        with self.engine.begin() as conn:
            money.take_currency(conn, "shop", "EUR")
            names = {"coffee": "Coffee", "rolls": "Filled rolls", "milk": "Milk"}
            catalogue.put_categories(conn, "shop", [Category(category=key, name=name) for key, name in names.items()])
            self._fill(conn)

    def _fill(self, conn):
        rng = np.random.default_rng(1)
        for week in range(1, 8):
            monday = TODAY - timedelta(days=TODAY.weekday() + 7 * week)
            sets = dict.fromkeys(map(",".join, combinations(("coffee", "eggs", "milk", "rolls", "tea"), 2)), 30)
            sets |= {"coffee": 120, "rolls": 90, "milk": 1200, "coffee,rolls": 200}
            rows = [{"categories": key, "n": int(rng.poisson(n))} for key, n in sets.items()]
            conn.execute(baskets.insert(), [{"site": "shop", "week": monday, "part": 2} | row for row in rows])
        for back in range(1, 29):
            noon = datetime(2025, 11, 22, 13, tzinfo=ZoneInfo("Europe/Berlin")) - timedelta(days=back)
            for category, receipts in (("", 60), ("coffee", 24), ("rolls", 18), ("milk", 30)):
                row = {
                    "site": "shop",
                    "bin_ms": round(noon.timestamp() * 1000),
                    "category": category,
                    "receipts": receipts,
                }
                sums = {"card_receipts": 0, "returns": 0, "quantity": 0.0, "gross_c": receipts * 250, "discount_c": 0}
                margin = {"margin_c": receipts * 100, "margin_gross_c": receipts * 250}
                conn.execute(sales.insert().values(row | sums | margin))

    def give(self):
        for site, told in self.tipster.look():
            self.told.append((site, told))
        return self.now()

    def now(self):
        answer = self.client.get("/api/v1/sites/shop/tips", headers=self.viewer)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def tap(self, tip, what):
        return self.client.post(f"/api/v1/sites/shop/tips/{tip}/{what}", headers=self.viewer).status_code

    def read(self, language="en"):
        self.client.cookies.set("vitrina_language", language)
        page = self.client.get("/tips", headers=self.viewer)
        assert page.status_code == 200, page.text[:400]
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.text)).split())


@pytest.fixture
def tills(serve, clock, bearer):
    return Tills(serve(), clock, bearer)


def test_an_hour_begins_with_what_goes_together(tills):
    (first, *_) = tills.give()
    assert (first["tip"]["given"], first["tip"]["then"]) == ("coffee", "rolls")
    assert first["tip"]["lift"] > 1.2
    assert first["tip"]["asked"] == pytest.approx(24 * (1 - 200 / 410), rel=0.1)
    page = tills.read()
    assert "With Coffee , offer Filled rolls" in page
    assert "Bought together" in page
    assert "К покупке «Coffee» предложите: Filled rolls" in tills.read("ru").replace(" »", "»").replace("« ", "«")


def test_an_hour_is_looked_at_once(tills):
    first = tills.give()
    assert tills.give() == first
    again = Tipster(tills.client.service, lambda *_: None)
    assert again.look() == [], "nor by a server that was started anew"
    tills.clock.t += 3600
    with tills.engine.begin() as conn:
        assert tips_between(conn, site="shop", start=tills.clock(), end=tills.clock() + 1) == []


def test_without_receipts_there_is_no_tip_and_the_page_says_why(serve, bearer, clock):
    client = serve()
    assert Tipster(client.service, lambda *_: None).look() == []
    page = client.get("/tips", headers=bearer(client)).text
    assert "No tip for this hour" in page


def test_taps_are_counted_and_taken_back(tills):
    tip = tills.give()[0]["id"]
    assert [tills.tap(tip, what) for what in ("offered", "taken", "taken", "not_taken")] == [204] * 4
    assert (tills.now()[0]["offered"], tills.now()[0]["taken"]) == (2, 1)
    assert tills.tap(tip, "not_offered") == 204
    assert tills.tap(tip, "not_offered") == 409, "never fewer offered than taken"
    with tills.engine.begin() as conn:
        assert taps_by_rule(conn, now=tills.clock()) == {("coffee", "rolls"): Taps(1, 1)}
    rows = tills.client.get("/api/v1/sites/shop/tips/results?format=csv", headers=tills.viewer).text
    assert "coffee,rolls,,1,1" in rows


@pytest.mark.parametrize(
    ("later_s", "status", "why"),
    [(1800, 204, "its hour"), (5000, 204, "the queue of the hour before"), (9000, 409, "long over")],
)
def test_a_tap_counts_for_its_hour(tills, later_s, status, why):
    tip = tills.give()[0]["id"]
    tills.clock.t += later_s
    assert tills.tap(tip, "taken") == status, why
    assert tills.tap(tip + 1000, "taken") == 409
    assert tills.client.post(f"/api/v1/sites/shop/tips/{tip}/stolen", headers=tills.viewer).status_code == 422


def test_what_is_always_refused_is_offered_no_more_first(tills):
    first = tills.give()[0]
    with tills.engine.begin() as conn:
        assert tap(conn, site="shop", id_=first["id"], now=tills.clock(), offered=4000, accepted=0)
    tills.clock.t += 7 * 86_400
    found = [(tip["tip"]["given"], tip["tip"]["then"]) for tip in tills.give()]
    assert found
    assert found[0] != ("coffee", "rolls")


def test_a_tip_by_hand_goes_to_the_whole_chain_and_stands_first(settings, tmp_path, serve, bearer, clock):
    other = {"site": "other", "name": "The other", "timezone": "Asia/Tokyo"}
    (tmp_path / "other.yaml").write_text(yaml.safe_dump(other))
    client = serve(sites=[{"file": "site.yaml"}, {"file": "other.yaml"}])
    body = {"then": "rolls", "text": "<b>Fresh</b> only", "hours": 2}
    assert client.post("/api/v1/tips", json=body, headers=bearer(client)).status_code == 403
    sent = client.post("/api/v1/tips", json=body, headers=bearer(client, "merchandiser"))
    assert (sent.status_code, sorted(sent.json())) == (201, ["other", "shop"])
    page = client.get("/tips?site=other", headers=bearer(client)).text
    assert "&lt;b&gt;Fresh&lt;/b&gt; only" in page
    clock.t += 7201
    assert "Fresh" not in client.get("/tips?site=other", headers=bearer(client)).text


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"then": "No Id"}, id="no id"),
        pytest.param({"then": "rolls", "sites": ["nowhere"]}, id="no such store"),
        pytest.param({"then": "rolls", "hours": 1000}, id="too long"),
        pytest.param({"then": "rolls", "customer": "Anna"}, id="a key that is none of ours"),
    ],
)
def test_wrong_tips_are_refused(tills, body):
    assert tills.client.post("/api/v1/tips", json=body, headers=tills.planner).status_code == 422


def test_the_form_of_the_page_sends(tills):
    form = {"then": "rolls", "given": "coffee", "text": "fresh", "hours": "3", "sites": "this"}
    answer = tills.client.post("/tips", data=form, headers=tills.planner | {"origin": "http://shop.example"})
    assert answer.status_code == 303, answer.text
    assert "fresh" in tills.read()
    wrong = tills.client.post(
        "/tips", data=form | {"hours": "soon"}, headers=tills.planner | {"origin": "http://shop.example"}
    )
    assert wrong.status_code == 422
