"""What the programme told, as page and as REST: figures, cohorts, likings, answers, and what changed by itself."""

import re
from datetime import UTC, date, datetime, timedelta
from html import unescape

import numpy as np
import pytest

from contract.loyalty import Affinities, Offers, Programme, Surveys
from server.advice.news import look_round
from server.db import affinities, money, offers, programme, surveys
from server.db.advice import Basis, Proposal, put_round
from server.db.news import put_bulletin
from server.db.sites import get_site
from server.db.trade_tables import sales_days
from server.domain.advice import Advice
from server.domain.intervals import Estimate
from server.domain.trial import Length, Trial

TODAY = date(2025, 11, 22)
WEEK = {
    "start": "2025-11-10", "end": "2025-11-16", "members": 1000, "active": 400, "returned": 240, "lapsed": 80,
    "card_receipts": 600, "receipts": 1000, "card_gross": 18000, "gross": 26000, "card_margin": 4500,
    "points_issued": 1000, "points_redeemed": 400,
}  # fmt: skip


@pytest.fixture
def shop(serve, bearer):
    client = serve()
    headers = bearer(client)

    def get(path, language="en"):
        client.cookies.set("vitrina_language", language)
        answer = client.get(path, headers=headers)
        assert answer.status_code == 200, answer.text[:500]
        return answer

    def read(path, language="en"):
        words = unescape(re.sub(r"<[^>]+>", " ", get(path, language).text))
        words = " ".join(words.replace("\u00a0", " ").replace("\u202f", " ").split())
        return re.sub(r" ([.,:;)])", r"\1", words)

    get.read, get.engine = read, client.service.engine
    return get


def sold(conn, day, category="", **changed):
    plain = {"receipts": 100, "card_receipts": 60, "returns": 0, "quantity": 100.0, "gross_c": 250_000}
    plain |= {"margin_c": 60_000, "margin_gross_c": 250_000, "discount_c": 0}
    conn.execute(
        sales_days.insert().values({"site": "shop", "day": day, "category": category, "offer": ""} | plain | changed)
    )


def test_without_anything_told_the_page_says_what_is_missing(shop):
    page = shop.read("/loyalty")
    assert "The programme has told nothing yet." in page
    assert "No period of the programme yet" in page
    assert shop("/api/v1/sites/shop/programme").json()["periods"] == []


def test_ratios_of_the_newest_period_and_its_segments(shop):
    before = WEEK | {"start": "2025-11-03", "end": "2025-11-09", "card_gross": 17400}
    families = WEEK | {
        "segment": "families",
        "members": 200,
        "active": 90,
        "returned": 60,
        "card_receipts": 150,
        "card_gross": 6000,
    }
    month = WEEK | {"start": "2025-10-01", "end": "2025-10-31", "card_gross": 80000, "gross": 100000}
    told = Programme.model_validate({"currency": "EUR", "periods": [WEEK, before, families, month]})
    with shop.engine.begin() as conn:
        money.take_currency(conn, "shop", "EUR")
        programme.put_periods(conn, "shop", told.periods)
    body = shop("/api/v1/sites/shop/programme").json()
    assert [row["basket"] for row in body["periods"]] == [29.0, 30.0], "weeks only: the newest period is one"
    assert [(row["segment"], row["basket"]) for row in body["segments"]] == [("all", 30.0), ("families", 40.0)]
    page = shop.read("/loyalty")
    assert (
        "A receipt with a card is worth €30.00, one without €20.00. 75 % of those who bought before came back." in page
    )
    assert "€29.00 the period before" in page
    assert "families 200 €40.00" in page
    assert "Чек с картой стоит 30,00 €" in shop.read("/loyalty", "ru")
    assert "families" in shop("/api/v1/sites/shop/programme?format=csv").text


def test_cohorts_are_shown_month_by_month(shop):
    cohorts = [
        {"joined": "2025-09", "month": m, "members": 200, "active": n, "gross": 900, "margin": 300}
        for m, n in ((0, 200), (2, 90))
    ]
    with shop.engine.begin() as conn:
        programme.put_cohorts(conn, "shop", Programme.model_validate({"currency": "EUR", "cohorts": cohorts}).cohorts)
    assert re.search(r"Sept? 25 200 100 % – 45 %", shop.read("/loyalty"))
    rows = shop("/api/v1/sites/shop/programme/cohorts").json()
    assert [(row["month"], row["active"]) for row in rows] == [(0, 1.0), (1, None), (2, 0.45)]


def test_likings_above_the_usual(shop):
    plain = {"category": "toys", "share": 0.1, "receipts": 2000, "start": "2025-10-01", "end": "2025-10-31"}
    saturday = plain | {"segment": "families", "weekdays": [5], "from_hour": 10, "to_hour": 12, "share": 0.34}
    told = Affinities.model_validate({"affinities": [plain | {"segment": "all"}, saturday]})
    with shop.engine.begin() as conn:
        affinities.put_affinities(conn, "shop", told.affinities)
    (row,) = shop("/api/v1/sites/shop/programme/reach").json()
    assert (row["segment"], row["share"], row["usual"], row["screen"]) == ("families", 0.34, 0.1, None)
    assert "toys: families Sat, 10–12 34 %" in shop.read("/loyalty")


def test_answers_of_the_last_quarter(shop):
    plain = {"survey": "autumn", "question": "recommend", "name": "Would you recommend us?", "nps": True}
    days = (("10", 60, "2025-11-10"), ("7", 20, "2025-11-10"), ("3", 20, "2025-11-10"), ("0", 900, "2025-05-10"))
    told = Surveys.model_validate({"counts": [plain | {"answer": a, "n": n, "day": day} for a, n, day in days]})
    with shop.engine.begin() as conn:
        surveys.put_counts(conn, "shop", told.counts)
    page = shop.read("/loyalty")
    assert "NPS +40" in page
    assert "900" not in page


def test_a_break_is_told_with_what_began_about_then(shop):
    offer = {
        "offer": "half-price",
        "name": "Half price",
        "categories": ["tea"],
        "start": "2025-10-18",
        "end": "2025-11-30",
    }
    rng = np.random.default_rng(4)
    with shop.engine.begin() as conn:
        offers.put_offers(conn, "shop", Offers.model_validate({"currency": "EUR", "offers": [offer]}).offers)
        for back in range(1, 7 * 14):
            day = TODAY - timedelta(days=back)
            sold(conn, day)
            more = 1.6 if day >= date(2025, 10, 20) else 1.0
            sold(conn, day, "tea", receipts=int(30 * more * rng.lognormal(0, 0.1)))
            sold(conn, day, "milk", receipts=int(40 * rng.lognormal(0, 0.1)))
        found = look_round(
            conn, get_site(conn, "shop").document, today=TODAY, now=datetime(2025, 11, 22, tzinfo=UTC).timestamp()
        )
        put_bulletin(conn, "shop", found)
    (row,) = shop("/api/v1/sites/shop/news").json()
    assert (row["subject"], row["of"], row["kind"], row["day"]) == ("category_receipts", "tea", "break", "2025-10-20")
    assert row["low"] < 0.6 < row["high"]
    page = shop.read("/loyalty")
    assert "tea, share of the receipts: 57 % more since Mon 20 Oct" in page
    assert "About then: offer “Half price”, Sat 18 Oct" in page


def test_programme_or_something_else_is_asked_of_both_kinds_of_receipts(shop):
    with shop.engine.begin() as conn:
        for back in range(1, 57):
            recent = back <= 28
            sold(
                conn, TODAY - timedelta(days=back), receipts=130 if recent else 100, card_receipts=78 if recent else 60
            )
    page = shop.read("/loyalty")
    assert "Receipts with a card +30.0 %" in page
    assert "Both changed alike" in page


def test_what_is_looked_at_and_not_bought_is_a_hypothesis_with_its_test(shop):
    figures = {"engaged": 64.0, "bought": 0.04, "usual": 0.21}
    looked = Advice("look_into", "wine", origin="shelf", evidence="described", reasons=figures)
    others = [
        Advice("pair", f"rolls{i}", other="wine", evidence="associated", reasons={"lift": 2.3, "together": 184.0})
        for i in range(7)
    ]
    moved = Advice(
        "move", "tea", origin="shelf", target="till", evidence="estimated", effect=Estimate(80.0, 20.0, 140.0)
    )
    waits = Advice("look_into", "cheese", origin="shelf", needs_days=9, gathered=0.5)
    trial = Trial("before_after", (), ("wine",), ("shelf",), 84, 28, (Length(28, 178.0),))
    proposals = [Proposal(moved, trial), *map(Proposal, others), Proposal(looked, trial), Proposal(waits)]
    assert "Nothing stands out" in shop.read("/loyalty")
    with shop.engine.begin() as conn:
        put_round(conn, "shop", proposals, Basis(TODAY, TODAY, 120, 5000, 0), now=0.0)
    page = shop.read("/loyalty")
    assert "wine: looked at, and not bought 64 a day stay in shelf; of 100 of them 4 buy, elsewhere 21." in page
    assert "Change it, and hold 28 days after beside 84 before. Sees 180 of margin a week or more." in page
    assert "No test yet" in page
    assert "cheese" not in page
    assert "tea" not in page
    assert page.count("Bought together 2.3 times as often as by chance, 184 times.") == 5
    assert 'href="/advice?advice=look_into%3Awine%3A%3Ashelf%3A"' in shop("/loyalty").text
