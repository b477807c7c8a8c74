"""Offers planted in a simulated market, over a night's round in a real database, to page and REST."""

import csv
import io
import re
from datetime import date, timedelta
from html import unescape
from pathlib import Path

import numpy as np
import pytest
import yaml
from sqlalchemy import insert

from contract.loyalty import Category, Offers
from server.advice.work import work_out
from server.db import catalogue, money, offers
from server.db.trade_tables import sales_days
from vitrina.simulate.goods import Assortment
from vitrina.simulate.market import Market
from vitrina.simulate.market_days import past
from vitrina.simulate.planted import Discount, UselessDiscount
from vitrina.simulate.trade import Trade

DEMO = Path(__file__).parents[2] / "config" / "demo"
TODAY = date(2025, 11, 22)
"""The tests' Saturday."""
DAYS = 182
FIRST = TODAY - timedelta(days=DAYS)
RESULTS = "/api/v1/sites/shop/offers/results"


def document(name):
    return yaml.safe_load((DEMO / name).read_text(encoding="utf-8"))


def runs(*starts, days=14):
    return [(FIRST + timedelta(days=start), FIRST + timedelta(days=start + days - 1)) for start in starts]


USELESS = UselessDiscount("bread", runs(140), 0.15, offer="bread-off")
GOOD = Discount("pastry", runs(146), 0.2, elasticity=4.0, offer="pastry-off")
NEW = Discount("wine", runs(178, days=4), 0.1, elasticity=1.0, offer="wine-off")


def sold(days):
    """Rows of `sales_days` from the days of a market."""
    for i, ordinal in enumerate(days.day):
        named = {"site": "shop", "day": date.fromordinal(int(ordinal)), "offer": ""}
        of_goods = zip(
            days.categories, days.sold[i], days.quantity[i], days.category_gross[i], days.category_margin[i],
            days.discount[i], strict=True,
        )  # fmt: skip
        store = ("", days.receipts[i], days.quantity[i].sum(), days.gross[i], days.margin[i], days.discount[i].sum())
        for category, receipts, quantity, gross, margin, discount in (store, *of_goods):
            amounts = {"gross_c": gross, "margin_c": margin, "margin_gross_c": gross, "discount_c": discount}
            yield (
                named
                | {"category": category, "receipts": int(receipts), "card_receipts": 0, "returns": 0}
                | {"quantity": float(quantity)}
                | {name: round(100 * float(amount)) for name, amount in amounts.items()}
            )


def told(*effects, **more):
    offers_ = [
        {
            "offer": each.offer,
            "name": f"{each.category}, {each.share:.0%} off",
            "categories": [each.category],
            "start": str(each.days[0][0]),
            "end": str(each.days[-1][1]),
            "share_off": each.share,
        }
        | more.get(each.category, {})
        for each in effects
    ]
    return Offers.model_validate({"currency": "EUR", "offers": offers_}).offers


@pytest.fixture
def shop(serve, bearer):
    """A server without sales; `shop.get`, `shop.read` for the words of a page."""
    client = serve()
    headers = bearer(client, "merchandiser")

    def get(path, language="en"):
        client.cookies.set("vitrina_language", language)
        answer = client.get(path, headers=headers)
        assert answer.status_code == 200, answer.text[:500]
        return answer

    def read(path, language="en"):
        words = unescape(re.sub(r"<[^>]+>", " ", get(path, language).text))
        return " ".join(words.replace("\u00a0", " ").replace("\u202f", " ").replace("\u2060", "").split())

    get.read, get.engine = read, client.service.engine
    return get


@pytest.fixture
def trade(shop):
    """`trade(effects, bread={...})`: half a year of the demo's goods with these offers, and the night after."""

    def fill(*effects, now, **more):
        goods = Assortment.model_validate(document("goods.yaml") | {"offers": {}})
        market = Market(
            goods, Trade.model_validate(document("shoppers.yaml")), FIRST, DAYS, 5, site="shop", effects=effects
        )
        days = past(market).days
        with shop.engine.begin() as conn:
            money.take_currency(conn, "shop", "EUR")
            known = [Category(category=key, name=good.name) for key, good in goods.categories.items()]
            catalogue.put_categories(conn, "shop", known)
            offers.put_offers(conn, "shop", told(*effects, **more))
            conn.execute(insert(sales_days), list(sold(days)))
        work_out(shop.engine, "shop", now=now, rng=np.random.default_rng(0))

    return fill


def test_a_useless_discount_is_last_and_to_be_dropped_and_a_good_one_pays(shop, trade, clock):
    trade(USELESS, GOOD, NEW, now=clock.t, wine={"end": str(TODAY + timedelta(days=9))})
    body = shop(RESULTS).json()
    by_offer = {row["offer"]: row for row in body["offers"]}
    assert [row["offer"] for row in body["offers"]] == ["pastry-off", "bread-off", "wine-off"]
    assert (body["currency"], body["worked_out"] is not None) == ("EUR", True)
    good, useless, new = (by_offer[each.offer] for each in (GOOD, USELESS, NEW))
    assert (good["verdict"], useless["verdict"], new["verdict"]) == ("pays", "loses", "waits")
    assert good["net_low"] > 0 > useless["net_high"]
    assert useless["roi_high"] < 0 < good["roi_low"]
    for row in (good, useless):
        outlay = row["discount_week"] + row["cost_week"]
        assert row["roi"] == pytest.approx((row["brought_week"] - outlay) / outlay)
        assert row["net_week"] == pytest.approx(row["brought_week"] - outlay)
    assert new["needs_days"] == 3
    assert (useless["method"], useless["advice"]) == ("days", "drop_offer:bread-off:::")
    page = shop.read("/offers")
    assert "1 of 2 offers cost more than they bring. Drop “bread, 15% off”: +€" in page
    assert "Did not pay: not again" in page
    assert "Not enough data: needs about 3 more days." in page
    assert "Убыточных акций: 1 из 2" in shop.read("/offers", "ru")


def test_tables_hold_what_the_answer_holds(shop, trade, clock):
    trade(GOOD, now=clock.t)
    (row,) = csv.DictReader(io.StringIO(shop(f"{RESULTS}?format=csv").text))
    assert (row["offer"], row["verdict"]) == ("pastry-off", "pays")
    assert shop(f"{RESULTS}?format=xlsx").content.startswith(b"PK")


def test_an_experiment_goes_before_the_days(shop, trade, clock):
    groups = [
        {"held_out": False, "members": 2000, "receipts": 4000, "gross": 70000, "margin": 26000, "margin_spread": 12},
        {"held_out": True, "members": 2000, "receipts": 4000, "gross": 66000, "margin": 20000, "margin_spread": 12},
    ]
    trade(USELESS, now=clock.t, bread={"groups": groups, "cost": 1000})
    (row,) = shop(RESULTS).json()["offers"]
    assert (row["method"], row["evidence"], row["verdict"], row["cost_week"]) == ("groups", "tested", "pays", 500.0)
    assert row["net_week"] == pytest.approx((26000 - 20000 - 1000) / 2)
    assert "those who got it against a group held out" in shop.read("/offers")


def test_before_anything_is_told_the_page_says_what_is_missing(shop):
    page = shop.read("/offers")
    assert "No offer has been told yet." in page
    assert "offers: their goods, their first and last day" in page
    with shop.engine.begin() as conn:
        offers.put_offers(conn, "shop", told(USELESS))
    page = shop.read("/offers")
    assert "Not enough data yet to say which offers pay." in page
    assert "Will be looked at in the next round." in page
    assert shop(RESULTS).json()["worked_out"] is None
