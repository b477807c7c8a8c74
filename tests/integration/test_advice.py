"""An advice from its first round over a test of it to its result, over REST and in a real database."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from time import monotonic, sleep
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from sqlalchemy import insert

from contract.loyalty import Category, Placing
from contract.site import Site
from server.advice.round import Rounds
from server.advice.work import work_out
from server.change_document import ChangeResult
from server.db import catalogue, planogram
from server.db.advice import Basis, Proposal, entries_taken, last_round, put_round
from server.db.changes import conclude
from server.db.money import take_currency
from server.db.sites import get_site, put_site
from server.db.trade_tables import imports, sales_days
from server.domain.advice import Advice
from server.domain.intervals import Estimate
from server.domain.trial import Length, Trial

SITE = "/api/v1/sites/shop"
ADVICE, CHANGES = f"{SITE}/advice", f"{SITE}/changes"
GOODS = ("coffee", "bread", "milk")
TODAY = date(2025, 11, 22)
"""The tests' Saturday."""

MOVE = Advice("move", "coffee", origin="shelf", target="till", evidence="estimated", effect=Estimate(80.0, 20.0, 140.0))
WAITS = Advice("move", "bread", origin="shelf", target="till", needs_days=12, gathered=0.4)
LENGTHS = tuple(Length(days, 60.0) for days in (14, 28))
TRIAL = Trial("before_after", (), ("coffee",), ("till",), 84, 14, LENGTHS)
BASIS = Basis(TODAY - timedelta(days=120), TODAY, 120, 5000, 0)


def sold(day, rng, *, fall=0.0):
    """A day of the store and its goods; margins scatter, and coffee's falls by `fall` a day."""
    margins = {"coffee": 60.0 + 6 * day.weekday() - fall, "bread": 90.0, "milk": 40.0}
    drawn = {name: max(margin + rng.normal(0, 4), 1.0) for name, margin in margins.items()}
    drawn[""] = sum(drawn.values())
    for name, margin in drawn.items():
        sums = {"receipts": 100, "card_receipts": 30, "returns": 0, "quantity": 120.0, "discount_c": 0}
        amounts = {
            "gross_c": round(300 * margin),
            "margin_c": round(100 * margin),
            "margin_gross_c": round(300 * margin),
        }
        yield {"site": "shop", "day": day, "category": name, "offer": ""} | sums | amounts


@pytest.fixture
def shop(serve):
    """A server with four months of sales behind it."""
    client, rng = serve(), np.random.default_rng(13)
    with client.service.engine.begin() as conn:
        take_currency(conn, "shop", "EUR")
        catalogue.put_categories(conn, "shop", [Category(category=key, name=key.title()) for key in GOODS])
        since = TODAY - timedelta(days=300)
        planogram.put_placings(conn, "shop", [Placing(category=key, zone="shelf", since=since) for key in GOODS])
        for ago in range(120, 0, -1):
            conn.execute(insert(sales_days), list(sold(TODAY - timedelta(days=ago), rng)))
        put_round(conn, "shop", [Proposal(MOVE, TRIAL), Proposal(WAITS)], BASIS, now=0.0)
    return client


@pytest.fixture
def merchandiser(shop, bearer):
    return bearer(shop, "merchandiser")


@pytest.fixture
def go_on(shop, clock):
    """`go_on(days, fall=20)`: days pass, with sales, and the nights' rounds that follow them."""
    rng = np.random.default_rng(7)

    def pass_days(days, **changed):
        for _ in range(days):
            with shop.service.engine.begin() as conn:
                conn.execute(insert(sales_days), list(sold(today(clock), rng, **changed)))
            clock.t += 86_400

    return pass_days


def today(clock):
    return datetime.fromtimestamp(clock.t, ZoneInfo("Europe/Berlin")).date()


def night(shop, clock):
    work_out(shop.service.engine, "shop", now=clock.t, rng=np.random.default_rng(0))


def advice_of(shop, headers, key=MOVE.key):
    return shop.get(f"{ADVICE}/{key}", headers=headers).json()


def test_an_advice_is_planned_runs_is_judged_wrong_and_stays_so(shop, clock, merchandiser, go_on):
    assert advice_of(shop, merchandiser)["state"] == "open"
    body = {"name": "Coffee to the till", "day": str(TODAY + timedelta(days=2)), "days": 14}
    planned = shop.post(f"{ADVICE}/{MOVE.key}/test", json=body, headers=merchandiser)
    assert planned.status_code == 201, planned.text
    change = planned.json()["test"]
    assert (change["status"], change["promised"]["value"]) == ("planned", 80.0)
    assert change["document"]["after"] == {"first": "2025-11-26", "last": "2025-12-09"}
    go_on(2)
    with shop.service.engine.begin() as conn:
        planogram.put_placings(conn, "shop", [Placing(category="coffee", zone="till", since=TODAY + timedelta(days=2))])
    go_on(3, fall=20.0)
    night(shop, clock)
    assert advice_of(shop, merchandiser)["state"] == "running"
    go_on(14, fall=20.0)
    night(shop, clock)
    one = advice_of(shop, merchandiser)
    result = one["test"]["result"]
    assert (one["state"], one["evidence"], result["verdict"]) == ("wrong", "tested", "wrong")
    assert result["effect"]["low"] < -140 < result["effect"]["high"] < 0
    assert one["effect"] == result["effect"]
    assert [fact["code"] for fact in result["facts"]] == ["moved"]
    night(shop, clock)
    everything = shop.get(ADVICE, headers=merchandiser).json()["advice"]
    assert [each["state"] for each in everything if each["key"] == MOVE.key] == ["wrong"]
    assert everything[-1]["key"] == MOVE.key
    page = shop.get("/advice", headers=merchandiser | {"accept": "text/html"})
    assert page.status_code == 200
    assert "Was wrong" in page.text


def test_the_same_advice_keeps_its_key_and_its_first_day_over_rounds(shop, merchandiser):
    before = advice_of(shop, merchandiser)
    again = Advice(
        "move", "coffee", origin="shelf", target="till", evidence="estimated", effect=Estimate(70.0, 15.0, 125.0)
    )
    with shop.service.engine.begin() as conn:
        put_round(conn, "shop", [Proposal(WAITS), Proposal(again, TRIAL)], BASIS, now=86_400.0)
    after = advice_of(shop, merchandiser)
    assert (after["first"], after["rank"], after["effect"]["value"]) == (before["first"], 2, 70.0)


def test_an_advice_that_is_given_no_more_stays_while_it_is_tested_and_goes_otherwise(shop, merchandiser):
    body = {"name": "Coffee", "day": str(TODAY + timedelta(days=2))}
    shop.post(f"{ADVICE}/{MOVE.key}/test", json=body, headers=merchandiser)
    with shop.service.engine.begin() as conn:
        put_round(conn, "shop", [], BASIS, now=86_400.0)
    left = shop.get(ADVICE, headers=merchandiser).json()["advice"]
    assert [(each["key"], each["rank"], each["state"]) for each in left] == [(MOVE.key, None, "planned")]


def test_not_now_and_back(shop, merchandiser):
    assert shop.post(f"{ADVICE}/{MOVE.key}/aside", headers=merchandiser).status_code == 204
    one = advice_of(shop, merchandiser)
    assert (one["state"], one["set_aside_by"]) == ("set_aside", "a merchandiser")
    with shop.service.engine.begin() as conn:
        put_round(conn, "shop", [Proposal(MOVE, TRIAL)], BASIS, now=86_400.0)
    assert advice_of(shop, merchandiser)["state"] == "set_aside"
    shop.delete(f"{ADVICE}/{MOVE.key}/aside", headers=merchandiser)
    assert advice_of(shop, merchandiser)["state"] == "open"


def test_what_is_tested_is_not_tested_twice_and_can_be_called_off(shop, merchandiser):
    body = {"name": "Coffee", "day": str(TODAY + timedelta(days=2))}
    first = shop.post(f"{ADVICE}/{MOVE.key}/test", json=body, headers=merchandiser).json()["test"]
    twice = shop.post(f"{ADVICE}/{MOVE.key}/test", json=body, headers=merchandiser)
    assert (twice.status_code, "being tested" in twice.json()["detail"]) == (409, True)
    assert shop.post(f"{CHANGES}/{first['id']}/cancel", headers=merchandiser).status_code == 204
    assert advice_of(shop, merchandiser)["state"] == "open"
    assert shop.post(f"{CHANGES}/{first['id']}/cancel", headers=merchandiser).status_code == 409


def test_a_test_that_said_nothing_may_be_tried_again(shop, clock, merchandiser):
    body = {"name": "Coffee", "day": str(TODAY + timedelta(days=2))}
    first = shop.post(f"{ADVICE}/{MOVE.key}/test", json=body, headers=merchandiser).json()["test"]
    with shop.service.engine.begin() as conn:
        conclude(conn, "shop", first["id"], ChangeResult(verdict="unclear"), now=clock.t)
    assert advice_of(shop, merchandiser)["state"] == "unclear"
    page = shop.get(f"/advice?advice={MOVE.key}", headers=merchandiser | {"accept": "text/html"}).text
    assert "Plan this test" in page
    assert shop.post(f"{ADVICE}/{MOVE.key}/test", json=body, headers=merchandiser).status_code == 201


def test_what_cannot_be_planned_is_told(shop, merchandiser):
    late, soon = str(TODAY - timedelta(days=1)), str(TODAY + timedelta(days=1))
    for key, body, status in (
        (MOVE.key, {"name": "x", "day": late}, 409),
        (WAITS.key, {"name": "x", "day": soon}, 409),
        ("move:nothing:::", {"name": "x", "day": soon}, 404),
        (MOVE.key, {"name": "x", "day": "soon"}, 422),
        (MOVE.key, {"name": "", "day": soon}, 422),
    ):
        answer = shop.post(f"{ADVICE}/{key}/test", json=body, headers=merchandiser)
        assert (answer.status_code, bool(answer.json()["detail"])) == (status, True), (key, body)


def test_a_viewer_reads_and_does_not_plan(shop, bearer):
    viewer = bearer(shop, "viewer")
    body = {"name": "x", "day": str(TODAY + timedelta(days=1))}
    assert shop.get(ADVICE, headers=viewer).status_code == 200
    assert shop.post(f"{ADVICE}/{MOVE.key}/test", json=body, headers=viewer).status_code == 403
    assert shop.post(f"{ADVICE}/round", headers=viewer).status_code == 403
    page = shop.get("/tests", headers=viewer | {"accept": "text/html"})
    assert "change-form" not in page.text


def own_change(**changed):
    day = TODAY - timedelta(days=30)
    before = {"first": str(day - timedelta(days=60)), "last": str(day - timedelta(days=1))}
    after = {"first": str(day + timedelta(days=2)), "last": str(day + timedelta(days=22))}
    return {"kind": "move", "subject": "milk", "target": "till", "before": before, "after": after,
            "categories": ["milk"]} | changed  # fmt: skip


def test_a_change_of_ones_own_is_judged_too(shop, clock, merchandiser):
    told = shop.post(CHANGES, json={"name": "Milk to the till", "document": own_change()}, headers=merchandiser)
    assert (told.status_code, told.json()["change"]["status"]) == (201, "running")
    night(shop, clock)
    found = shop.get(f"{CHANGES}/{told.json()['change']['id']}", headers=merchandiser).json()
    assert found["status"] == "done"
    assert found["result"]["facts"][0]["code"] == "not_moved"
    assert found["result"]["verdict"] == "unclear"  # it was never done


def test_a_change_that_fits_nothing_is_refused(shop, merchandiser):
    for wrong in (
        {"target": "nowhere"},
        {"stores": ["elsewhere"], "design": "against_stores"},
        {"categories": []},
        {"design": "against_stores"},
        {"after": {"first": "2025-10-01", "last": "2025-10-20"}},
    ):
        answer = shop.post(CHANGES, json={"name": "Milk", "document": own_change(**wrong)}, headers=merchandiser)
        assert answer.status_code == 422, wrong


def test_changes_at_the_same_goods_are_told_as_clashes(shop, merchandiser):
    body = {"name": "Coffee", "day": str(TODAY + timedelta(days=2))}
    shop.post(f"{ADVICE}/{MOVE.key}/test", json=body, headers=merchandiser)
    document = own_change(categories=["coffee"], subject="coffee")
    late = {"first": str(TODAY), "last": str(TODAY + timedelta(days=20))}
    told = shop.post(
        CHANGES, json={"name": "Coffee, too", "document": document | {"after": late}}, headers=merchandiser
    )
    assert [clash["name"] for clash in told.json()["clashes"]] == ["Coffee"]


def test_tables_hold_a_line_each(shop, merchandiser):
    table = shop.get(f"{ADVICE}?format=csv", headers=merchandiser).text.splitlines()
    assert [line.split(",")[0] for line in table] == ["key", MOVE.key, WAITS.key]
    shop.post(CHANGES, json={"name": "Milk", "document": own_change()}, headers=merchandiser)
    assert len(shop.get(f"{CHANGES}?format=csv", headers=merchandiser).text.splitlines()) == 2


def test_a_round_that_is_asked_for_is_worked_out_in_its_own_process(shop, merchandiser):
    before = shop.get(ADVICE, headers=merchandiser).json()["worked_out"]
    assert shop.post(f"{ADVICE}/round", headers=merchandiser).status_code == 202
    deadline = monotonic() + 60
    while (found := shop.get(ADVICE, headers=merchandiser).json())["worked_out"] == before and monotonic() < deadline:
        sleep(0.2)
    assert found["worked_out"] != before
    assert (found["days"], found["currency"]) == (120, "EUR")


def test_a_second_store_is_compared_with(shop, clock, merchandiser):
    with shop.service.engine.begin() as conn:
        other = get_site(conn, "shop").document.model_dump(mode="json") | {"site": "shop2", "name": "Second"}
        put_site(conn, Site.model_validate(other), simulated=False)
        rows = [dict(row._mapping) | {"site": "shop2"} for row in conn.execute(sales_days.select())]
        conn.execute(insert(sales_days), rows)
    night(shop, clock)
    with shop.service.engine.connect() as conn:
        assert last_round(conn, "shop").basis.stores == 1


def test_rounds_follow_imports_and_nights(shop, clock):
    rounds, hour = Rounds(shop.service), 3600.0

    def worked_out(days=BASIS.days):
        with shop.service.engine.begin() as conn:
            taken = entries_taken(conn, "shop")
            put_round(conn, "shop", [], replace(BASIS, days=days, taken=taken), now=clock.t)

    def imported(at):
        row = {
            "site": "shop",
            "subject": "receipts",
            "by": "rest",
            "name": "",
            "digest": "",
            "who": "",
            "status": "done",
        }
        counts = {"lines": 1, "taken": 1, "known": 0, "refused": 0}
        with shop.service.engine.begin() as conn:
            conn.execute(insert(imports).values(received_ms=1000 * at, done_ms=1000 * at, **row, **counts))

    worked_out()
    assert rounds.due() == []
    imported(clock.t + 60)
    clock.t += 100
    assert rounds.due() == []  # the next file may come at once
    clock.t += 130
    assert rounds.due() == ["shop"]
    worked_out()
    assert rounds.due() == []
    clock.t += 12 * hour  # 13:30 in Berlin: now it is the night after
    assert rounds.due() == []
    clock.t += 3 * hour
    assert rounds.due() == ["shop"]
    worked_out()
    assert rounds.due() == []
    rounds.ask("shop")
    assert rounds.due() == ["shop"]


def test_a_store_that_sells_nothing_is_left_alone(serve):
    assert Rounds(serve().service).due() == []
