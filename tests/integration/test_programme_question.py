"""The programme, an offer, or something else: two stores in a real database, and what is told of what moved them."""

import re
from datetime import date, timedelta
from html import unescape

import numpy as np
import pytest

from contract.loyalty import Offers
from contract.site import Site
from server.db import offers
from server.db.sites import get_site, put_site
from server.db.trade_tables import sales_days

TODAY = date(2025, 11, 22)
SINCE = TODAY - timedelta(days=28)
EFFECT = "/api/v1/sites/shop/programme/effect"
SALE = {"offer": "half-price", "name": "Half price", "categories": ["tea"], "start": str(SINCE), "end": "2025-12-31"}


@pytest.fixture
def chain(serve, bearer):
    """Two stores without sales; `chain.get`, `chain.read`, `chain.sell(site, seed, tea=1.5, card=1.2)` since SINCE."""
    client = serve()
    headers = bearer(client)

    def get(path, status=200):
        answer = client.get(path, headers=headers)
        assert answer.status_code == status, answer.text[:500]
        return answer

    def read(path):
        words = unescape(re.sub(r"<[^>]+>", " ", get(path).text))
        return " ".join(words.replace("\u00a0", " ").replace("\u202f", " ").split())

    with client.service.engine.begin() as conn:
        own = get_site(conn, "shop")
        second = Site.model_validate(own.document.model_dump(mode="json") | {"site": "north", "name": "North"})
        put_site(conn, second, simulated=own.simulated)
    get.read, get.engine = read, client.service.engine
    get.sell = lambda site, seed, **more: sell(client.service.engine, site, seed, **more)
    return get


def sell(engine, site, seed, *, everything=1.0, card=1.0, tea=1.0, days=210):
    rng, moods = np.random.default_rng(seed), np.random.default_rng(0).normal(0, 0.08, days)
    rows = []
    for back in range(days, 0, -1):
        day = TODAY - timedelta(days=back)
        now = day >= SINCE
        level = np.exp(moods[back - 1]) * (1 + 0.1 * day.weekday()) * (everything if now else 1.0)
        with_card = int(180 * level * (card if now else 1.0) * rng.lognormal(0, 0.03))
        other = int(120 * level * rng.lognormal(0, 0.03))
        gross = {"": 2500 * (with_card + other), "tea": 9000 * level * (tea if now else 1.0) * rng.lognormal(0, 0.03)}
        for category, gross_c in gross.items():
            sums = {"receipts": with_card + other, "card_receipts": with_card, "returns": 0, "quantity": 1.0}
            amounts = {"gross_c": int(gross_c), "margin_c": int(0.3 * gross_c), "margin_gross_c": int(gross_c)}
            rows.append({"site": site, "day": day, "category": category, "offer": "", "discount_c": 0} | sums | amounts)
    with engine.begin() as conn:
        conn.execute(sales_days.insert(), rows)


def beside_stores(chain, figure, query=""):
    body = chain(f"{EFFECT}{query}").json()
    return next(row for row in body["changes"] if (row["beside"], row["figure"]) == ("stores", figure))


def test_a_rise_of_the_whole_chain_is_not_called_the_programmes(chain):
    chain.sell("shop", 1, everything=1.3)
    chain.sell("north", 2, everything=1.3)
    row = beside_stores(chain, "card_receipts")
    assert row["here"] > 0.2
    assert row["low"] < 0 < row["high"]
    page = chain.read("/loyalty?site=shop")
    assert "It went here as in the other stores: what moved them explains it, the programme need not." in page
    assert "Both changed alike" in page
    assert "Compared with North." in page


def test_a_rise_of_this_stores_cards_alone_is_left_over(chain):
    chain.sell("shop", 1, everything=1.3, card=1.25)
    chain.sell("north", 2, everything=1.3)
    row = beside_stores(chain, "card_receipts")
    assert row["low"] > 0
    assert row["beyond"] == pytest.approx(1.3 * 0.25, abs=0.08)
    assert row["beyond"] + row["elsewhere"] == pytest.approx(row["here"])
    assert (row["evidence"], row["failed"]) == ("estimated", "")
    assert "What moved the other stores does not explain it: the programme may" in chain.read("/loyalty?site=shop")


def test_stores_that_went_apart_before_are_no_evidence(chain):
    """A day asked about after the rise: half of its past is before it, and the other store never rose."""
    chain.sell("shop", 1, everything=1.6)
    chain.sell("north", 2)
    row = beside_stores(chain, "card_receipts", f"?since={TODAY - timedelta(days=10)}")
    assert row["evidence"] == "associated"
    assert "pre_trend" in row["failed"]
    assert "a check does not hold" in chain.read(f"/loyalty?site=shop&since={TODAY - timedelta(days=10)}")


def test_an_offer_is_asked_about_by_its_goods_against_stores_without_it(chain):
    chain.sell("shop", 1, everything=1.2, tea=1.5)
    chain.sell("north", 2, everything=1.2)
    with chain.engine.begin() as conn:
        offers.put_offers(conn, "shop", Offers.model_validate({"currency": "EUR", "offers": [SALE]}).offers)
    body = chain(f"{EFFECT}?offer=half-price").json()
    assert (body["since"], body["offer"], body["stores"]) == (str(SINCE), "half-price", ["north"])
    assert [row["figure"] for row in body["changes"]] == ["gross", "margin"]
    assert body["changes"][0]["low"] < 1.2 * 0.5 < body["changes"][0]["high"]
    assert "“Half price” may, or what else began here then" in chain.read("/loyalty?site=shop&offer=half-price")
    with chain.engine.begin() as conn:
        offers.put_offers(conn, "north", Offers.model_validate({"currency": "EUR", "offers": [SALE]}).offers)
    body = chain(f"{EFFECT}?offer=half-price").json()
    assert (body["stores"], body["changes"]) == ([], [])


def test_a_store_alone_and_days_that_cannot_be_asked_about(chain):
    chain.sell("shop", 1)
    assert "nothing to compare with" in chain.read("/loyalty?site=shop")
    assert chain(EFFECT).json()["stores"] == []
    assert "26 weeks" in chain(f"{EFFECT}?since=2020-01-01", 422).json()["detail"]
    assert "26 weeks" in chain(f"{EFFECT}?since={TODAY}", 422).json()["detail"]
    assert "no offer 'nothing'" in chain(f"{EFFECT}?offer=nothing", 404).json()["detail"]
    assert chain.read("/loyalty?site=shop&since=soon") == chain.read("/loyalty?site=shop")
    assert "card_receipts" in chain(f"{EFFECT}?format=csv").text
