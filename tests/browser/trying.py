"""A store with advice of every kind, tests that run and are over, and one advice that was wrong. All figures invented."""

from datetime import date, timedelta

from sqlalchemy import insert

from contract.loyalty import Category, Offer, Placing
from server.advice.standing import promises
from server.change_document import ChangeDocument, ChangeResult, Days, Fact, Promise
from server.db import catalogue, planogram
from server.db.advice import Basis, Proposal, put_round
from server.db.changes import NewChange, add_change, conclude
from server.db.money import take_currency
from server.db.offers import put_offers
from server.db.trade_tables import sales_days
from server.domain.advice import Advice
from server.domain.intervals import Estimate
from server.domain.promises import correction
from server.domain.trial import Length, Trial

SITE = "store_014"
NAMES = {
    "coffee": "Coffee", "rolls": "Filled rolls", "skyr": "Skyr", "butter": "Butter", "tea": "Winter tea",
    "pet_food": "Pet food", "chocolate": "Chocolate", "wine": "Wine",
}  # fmt: skip
PLACES = {
    "coffee": "aisle_2", "rolls": "bakery", "skyr": "dairy", "butter": "dairy", "tea": "aisle_5", "pet_food": "aisle_6",
    "chocolate": "aisle_4", "wine": "drinks",
}  # fmt: skip
LENGTHS = tuple(Length(days, sees) for days, sees in ((14, 260.0), (21, 215.0), (28, 178.0), (42, 152.0), (56, 137.0)))


def trial(*categories, zones=(), design="before_after", stores=(), days=28):
    return Trial(design, tuple(stores), categories, tuple(zones), 84, days, LENGTHS)


def effect(value, low, high):
    return Estimate(float(value), float(low), float(high))


PROPOSALS = [
    Proposal(
        Advice(
            "move", "coffee", origin="aisle_2", target="aisle_3", evidence="estimated", effect=effect(312, 118, 506),
            reasons={"visits_target": 412.0, "visits_origin": 377.0, "stopping_origin": 0.22, "change": 0.18, "days_before": 61.0,
                     "days_after": 48.0, "past_factor": 0.7, "past_tests": 15.0},
            confounders=("weekday", "offer"), checks={"placebo": True, "residuals": True},
            held=("capacity", "cold", "pair"),
        ),
        trial("coffee", zones=("aisle_3",), design="against_stores", stores=("store_015",)),
    ),
    Proposal(
        Advice("pair", "rolls", other="wine", origin="bakery", target="drinks", evidence="associated",
               effect=effect(190, 40, 340), reasons={"lift": 2.3, "together": 1840.0, "confidence": 0.31}, confounders=("traffic",)),
        trial("rolls", "wine", zones=("drinks",)),
    ),
    Proposal(Advice("swap", "skyr", other="butter", origin="dairy", target="aisle_1", evidence="estimated",
                    effect=effect(150, 20, 280)), trial("skyr", "butter")),
    Proposal(Advice("feature", "tea", origin="aisle_5", target="promotion", evidence="estimated",
                    effect=effect(110, -20, 240), reasons={"visits_target": 610.0, "visits_origin": 208.0,
                                                           "change": 0.1, "days_before": 120.0}), trial("tea", zones=("promotion",))),
    Proposal(Advice("drop_offer", "coffee20", evidence="estimated", effect=effect(91, 30, 152),
                    reasons={"discount_week": 214.0, "extra_week": 123.0, "sold_anyway": 0.8}), trial("coffee")),
    Proposal(Advice("look_into", "wine", origin="drinks", evidence="described",
                    reasons={"engaged": 64.0, "bought": 0.04, "usual": 0.21, "reach": 0.2}), trial("wine")),
    Proposal(Advice("feature", "pet_food", origin="aisle_6", target="promotion", needs_days=12, gathered=0.41)),
    Proposal(Advice("move", "chocolate", origin="aisle_4", target="tills", evidence="estimated",
                    effect=effect(85, 10, 160)), trial("chocolate", zones=("tills",))),
]  # fmt: skip
SWAP, MOVE, WRONG = PROPOSALS[2].advice.key, PROPOSALS[0].advice.key, PROPOSALS[7].advice.key
PAST = [(60, 52), (70, 60), (85, 80), (95, 110), (120, 132), (140, 118), (180, 160), (210, 120), (300, 265), (55, 4),
        (110, 36), (130, -62)]  # fmt: skip


def fill(conn, today: date, now: float):
    """All of it, into the store of the sample."""
    take_currency(conn, SITE, "EUR")
    catalogue.put_categories(conn, SITE, [Category(category=key, name=name) for key, name in NAMES.items()])
    since = today - timedelta(days=400)
    placed = [Placing(category=key, zone=zone, since=since) for key, zone in PLACES.items()]
    planogram.put_placings(conn, SITE, placed)
    soon = today + timedelta(days=10)
    sale = Offer(offer="coffee20", name="20 % off ground coffee", categories=["coffee"], start=since, end=soon)
    put_offers(conn, SITE, [sale])
    conn.execute(insert(sales_days), [_sold(today - timedelta(days=ago)) for ago in range(1, 120)])
    for i, (promised, measured) in enumerate(PAST):
        _over(conn, f"Earlier change {i + 1}", None, today - timedelta(days=100 + i), promised, measured, now)
    _over(conn, "Swap skyr and butter", SWAP, today - timedelta(days=44), 150, 140, now)
    _over(conn, "Move chocolate to the tills", WRONG, today - timedelta(days=34), 85, -120, now)
    tests = [kept for _, kept in promises(conn, SITE)]
    put_round(conn, SITE, PROPOSALS, Basis(since, today, 363, 412_730, 1, correction(tests), len(tests)), now=now)
    running = NewChange("Wine beside cheese", _document(today - timedelta(days=9), "wine", "drinks"))
    add_change(conn, SITE, running, author="Ada", today=today, now=now)


def _sold(day):
    sums = {"receipts": 900, "card_receipts": 300, "returns": 0, "quantity": 1200.0, "gross_c": 2_000_000}
    more = {"margin_c": 600_000, "margin_gross_c": 2_000_000, "discount_c": 0}
    return {"site": SITE, "day": day, "category": "coffee", "offer": ""} | sums | more


def _document(day, category, zone):
    before = Days(first=day - timedelta(days=84), last=day - timedelta(days=1))
    after = Days(first=day + timedelta(days=2), last=day + timedelta(days=29))
    moved = {"kind": "move", "subject": category, "target": zone, "categories": [category], "zones": [zone]}
    return ChangeDocument(before=before, after=after, sees=180.0, **moved)


def _over(conn, name, advice, day, promised, measured, now):
    width = 60.0
    promise = Promise(effect=effect(promised, promised - width, promised + width), factor=1.0)
    document = _document(day, "chocolate", "tills")
    new = NewChange(name, document, advice, promise)
    number = add_change(conn, SITE, new, author="Ada", today=day + timedelta(days=40), now=now)
    half = 45.0
    found = effect(measured, measured - half, measured + half)
    verdict = "worked" if found.low > 0 else "wrong" if found.high < 0 else "no_effect"
    fact = Fact(code="moved", category="chocolate", day=day)
    checks = {"placebo": True, "pre_trend": True, "alone": True}
    stops = effect(-14, -22, -6) if verdict == "wrong" else effect(11, 3, 19)
    result = ChangeResult(verdict=verdict, effect=found, stops=stops, days=27, checks=checks, facts=[fact])
    conclude(conn, SITE, number, result, now=now)
