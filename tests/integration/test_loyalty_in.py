import json
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import inspect, text

from server.api.loyalty_request import EXAMPLES
from server.db import baskets, imports, sales
from server.imports.entries import PARTS

DAY = date(2025, 11, 22)
T = "2025-11-22T12:01:07Z"


def line(category="coffee", gross=2.5, **more):
    return {"category": category, "gross": gross} | more


def receipt(id_, *lines, t=T, has_card=False, **more):
    return {"id": id_, "t": t, "has_card": has_card, "lines": list(lines or (line(),))} | more


def receipts(*each, currency="EUR"):
    return {"currency": currency, "receipts": list(each)}


@pytest.fixture
def shop(serve, bearer):
    """`shop.tell(subject, document)` and `shop.ask(path)` of a running server."""

    class Shop:
        client = serve()
        headers = bearer(client, "merchandiser")

        def tell(self, subject, document, site="shop", headers=None):
            body = document if isinstance(document, bytes) else json.dumps(document)
            path = f"/api/v1/sites/{site}/loyalty/in/{subject}"
            return self.client.post(path, content=body, headers=headers or self.headers)

        def ask(self, path, **params):
            return self.client.get(f"/api/v1/sites/shop/loyalty/in/{path}", params=params, headers=self.headers)

        def days(self, category=""):
            with self.client.service.engine.connect() as conn:
                found = sales.by_day(conn, "shop", date(2020, 1, 1), date(2030, 1, 1))
            return {each.day: each.sums for each in found if each.category == category}

    return Shop()


def test_a_receipt_becomes_sums(shop):
    told = shop.tell("receipts", receipts(
        receipt("a", line(), line("bakery", 1.8, discount=0.2, offer="week", coupon="C1"), has_card=True),
        receipt("b", line("coffee", 3, margin=1.5), line("coffee", 2)),
    ))  # fmt: skip
    assert told.status_code == 200
    assert told.json() | {"import_id": 0} == {
        "import_id": 0, "entries": 2, "taken": 2, "known": 0, "refused": 0, "faults": []
    }  # fmt: skip
    whole, coffee = shop.days()[DAY], shop.days("coffee")[DAY]
    assert (whole.receipts, whole.card_receipts, whole.gross_c, whole.discount_c) == (2, 1, 930, 20)
    assert (coffee.receipts, coffee.card_receipts, coffee.quantity, coffee.gross_c) == (2, 1, 3.0, 750)
    assert (coffee.margin_c, coffee.margin_gross_c, coffee.margin_known_c) == (150, 300, 375)
    with shop.client.service.engine.connect() as conn:
        offers = {(each.category, each.offer): each.sums for each in sales.by_offer(conn, "shop", DAY, DAY)}
        bins = {(each.start, each.category): each.sums.receipts for each in sales.bins(conn, "shop", 0, 2e9)}
        sets = baskets.sets(conn, "shop", date(2025, 11, 17))
        coupons = sales.coupons(conn, "shop", DAY, DAY)
    assert offers.keys() == {("bakery", "week"), ("", "week")}
    assert offers["", "week"].gross_c == 180
    noon = datetime(2025, 11, 22, 12, tzinfo=UTC).timestamp()
    assert bins == {(noon, ""): 2, (noon, "coffee"): 2, (noon, "bakery"): 1}
    assert {each.categories: each.n for each in sets} == {frozenset({"coffee", "bakery"}): 1, frozenset({"coffee"}): 1}
    assert [(each.coupon, each.receipts, each.gross_c, each.discount_c) for each in coupons] == [("C1", 1, 180, 20)]


def test_a_receipt_told_again_changes_nothing(shop):
    shop.tell("receipts", receipts(receipt("a"), receipt("b")))
    again = shop.tell("receipts", receipts(receipt("b"), receipt("c"), receipt("c"))).json()
    assert (again["entries"], again["taken"], again["known"], again["refused"]) == (3, 1, 2, 0)
    assert shop.days()[DAY].receipts == 3


def test_what_is_brought_back_is_taken_off(shop):
    shop.tell(
        "receipts", receipts(receipt("a", line(gross=5), line("tea", 2)), receipt("b", line(gross=3), kind="return"))
    )
    whole, coffee = shop.days()[DAY], shop.days("coffee")[DAY]
    assert (whole.receipts, whole.returns, whole.gross_c) == (1, 1, 400)
    assert (coffee.receipts, coffee.returns, coffee.gross_c, coffee.quantity) == (1, 1, 200, 0)
    with shop.client.service.engine.connect() as conn:
        assert [each.n for each in baskets.sets(conn, "shop", date(2025, 1, 1))] == [1]


def test_one_wrong_receipt_does_not_keep_the_others_out(shop):
    shop.tell("catalogue", EXAMPLES["catalogue"])
    told = shop.tell("receipts", receipts(
        receipt("a"), receipt("b", line(gross=-1)), receipt("c", line(gross="1,50"), line()),
        receipt("d", t="2025-11-22T13:00:00Z"), receipt("e", t="2020-01-01T00:00:00Z"),
        receipt("f", {"sku": "4006381333931", "gross": 1}), receipt("g", {"sku": "unknown", "gross": 1}),
        receipt("h", t="2025-11-22T12:44:00Z"),
    ))  # fmt: skip
    assert told.status_code == 200
    body = told.json()
    assert (body["entries"], body["taken"], body["refused"]) == (8, 3, 5)
    faults = {fault["where"]: fault["what"] for fault in body["faults"]}
    assert "not negative" in faults["receipts.1.lines.0"]
    assert "decimal" in faults["receipts.2.lines.0.gross"]
    assert "in the future, by more than a quarter" in faults["receipts.3.t"]
    assert "retention.sales_days" in faults["receipts.4.t"]
    assert "not in the catalogue" in faults["receipts.6.sku"]
    assert faults["receipts.5.category"].startswith("'stationery' is unknown to the catalogue: it is taken")
    assert len(faults) == 6
    assert "stationery" in shop.ask("catalogue").text
    assert shop.days("stationery")[DAY].receipts == 1
    listed = shop.ask(f"imports/{body['import_id']}").json()
    assert (listed["status"], listed["lines"], listed["refused"]) == ("partly", 8, 5)
    assert [fault["line"] for fault in listed["faults"]] == [2, 3, 4, 5, 6, 7]


def test_a_refused_receipt_can_be_corrected_and_told_again(shop):
    shop.tell("receipts", receipts(receipt("a"), receipt("b", line(), line(gross=-1))))
    assert shop.tell("receipts", receipts(receipt("b", line(), line(gross=1)))).json()["taken"] == 1
    assert shop.days()[DAY].gross_c == 600


NOTHING_TAKEN = [
    (receipts(receipt("a", customer_id=7)), "'customer_id' could name a person"),
    (receipts(receipt("a", line(more={"deep": [{"phone": "x"}]}))), "'phone' could name a person"),
    (receipts(receipt("a", name="Anna")), "'name' could name a person"),
    (receipts(receipt("a", line(gross=-1))), "not negative"),
    ({"receipts": [receipt("a")]}, "currency: missing"),
    (receipts(receipt("a")) | {"more": 1}, "more: unknown key"),
    (receipts(), "at least 1 item"),
    (receipts(*[receipt(str(i)) for i in range(1001)]), "at most 1000"),
    ([], "valid dictionary"),
    (b'{"currency": "EUR", "receipts": [{"id": "a", "t": "2025-', "was it cut off"),
    (b"[" * 100_000, "not JSON"),
    (json.dumps(receipts(receipt("a"))).encode("cp1251").replace(b"coffee", "кофе".encode("cp1251")), "not JSON"),
    (receipts(receipt("a"), currency="euro"), "currency"),
]


def test_documents_of_which_nothing_is_taken(shop):
    for document, told in NOTHING_TAKEN:
        answer = shop.tell("receipts", document)
        assert (answer.status_code, told in answer.json()["detail"]) == (422, True), (told, answer.text)
    assert shop.days() == {}


def test_a_personal_value_is_in_no_answer_and_no_list(shop):
    answer = shop.tell("receipts", receipts(receipt("a", email="anna@example.org")))
    assert "anna" not in answer.text
    assert "anna" not in shop.ask("imports").text + shop.ask(f"imports/{answer.json()['import_id']}").text
    named = EXAMPLES["catalogue"] | {"categories": [{"category": "tea", "name": "anna@example.org"}]}
    assert "anna" not in shop.tell("catalogue", named).text


def test_a_sender_whose_documents_are_all_refused_finds_them_listed(shop):
    answer = shop.tell("receipts", receipts(receipt("a", phone=1)))
    listed = shop.ask("imports").json()["imports"]
    assert [(each["id"], each["status"], each["refused"]) for each in listed] == [
        (answer.json()["import_id"], "refused", 1)
    ]
    faults = shop.ask(f"imports/{answer.json()['import_id']}").json()["faults"]
    assert "could name a person" in faults[0]["fault"]


def test_another_currency_is_refused(shop):
    assert shop.tell("receipts", receipts(receipt("a"))).status_code == 200
    answer = shop.tell("receipts", receipts(receipt("b"), currency="RUB"))
    assert (answer.status_code, "shop tells its amounts in EUR, this is in RUB" in answer.text) == (422, True)
    assert shop.days()[DAY].receipts == 1


def test_who_may_tell(shop, bearer):
    assert shop.tell("receipts", receipts(receipt("a")), site="nowhere").status_code == 404
    assert shop.tell("wishes", {}).status_code == 422
    assert shop.tell("receipts", receipts(receipt("a")), headers=bearer(shop.client, "viewer")).status_code == 403
    assert shop.tell("receipts", receipts(receipt("a")), headers=bearer(shop.client, "loyalty")).status_code == 200
    assert shop.client.get("/api/v1/sites/shop/loyalty/in/receipts").status_code == 401


def test_a_document_too_large_is_not_read(shop):
    assert shop.tell("receipts", b" " * (16 * 1024 * 1024 + 1)).status_code == 413


def test_a_day_of_the_store_ends_at_its_own_midnight(shop, clock):
    clock.t += 86_400
    shop.tell("receipts", receipts(
        receipt("a", t="2025-11-22T23:59:59+01:00"), receipt("b", t="2025-11-23T00:00:00+01:00"),
        receipt("c", t="2025-11-22T23:00:00Z"),
    ))  # fmt: skip
    assert {day: sums.receipts for day, sums in shop.days().items()} == {DAY: 1, date(2025, 11, 23): 2}
    with shop.client.service.engine.connect() as conn:
        first, *_ = sales.bins(conn, "shop", 0, 2e9, [""])
    assert datetime.fromtimestamp(first.start, UTC) == datetime(2025, 11, 22, 22, 45, tzinfo=UTC)


def test_days_on_which_the_clocks_change(shop, clock):
    """25 hours on 26 October 2025, 23 on 30 March: each hour belongs to its day, the doubled one to both its bins."""
    shop.tell("receipts", receipts(
        *(receipt(f"o{i}", t=f"2025-10-26T{i:02}:30:00Z") for i in range(23)),
        receipt("before", t="2025-10-25T22:00:00Z"), receipt("last", t="2025-10-26T22:59:59Z"),
        receipt("after", t="2025-10-26T23:00:00Z"),
        receipt("spring", t="2025-03-29T23:00:00Z"), receipt("spring2", t="2025-03-30T21:59:59Z"),
        receipt("spring3", t="2025-03-30T22:00:00Z"),
    ))  # fmt: skip
    counted = {day: sums.receipts for day, sums in shop.days().items()}
    assert counted == {date(2025, 10, 26): 25, date(2025, 10, 27): 1, date(2025, 3, 30): 2, date(2025, 3, 31): 1}


def test_what_is_told_is_known_and_may_be_told_again(shop, clock):
    clock.t = datetime(2026, 11, 22, tzinfo=UTC).timestamp()
    for subject in EXAMPLES.keys() - {"receipts", "sales"}:
        _tell_and_ask(shop, subject)


def _tell_and_ask(shop, subject):
    document = json.loads(json.dumps(EXAMPLES[subject]).replace('"zone": "bakery"', '"zone": "shelf"'))
    first = shop.tell(subject, document)
    assert (first.status_code, first.json()["refused"]) == (200, 0)
    known = shop.ask(subject).json()
    wanted = {key: value for key, value in document.items() if key != "currency"}
    assert {key: len(value) for key, value in known["document"].items() if value} == {
        k: len(v) for k, v in wanted.items()
    }
    for part, entries in wanted.items():
        model = PARTS[subject][part]
        assert [model.model_validate(entry) for entry in entries] == [
            model.model_validate(found) for found in known["document"][part]
        ]
    again = known["document"] | ({"currency": "EUR"} if "currency" in document else {})
    assert shop.tell(subject, {key: value for key, value in again.items() if value}).json()["refused"] == 0
    assert shop.ask(subject).json() == known
    for part, entries in wanted.items():
        assert len(shop.ask(subject, format="csv", part=part).text.splitlines()) == 1 + len(entries)
    assert shop.ask(subject, format="csv", part="nothing").status_code == 422


def test_the_newer_takes_the_place_of_the_older_and_of_the_newer_again(shop):
    one, other = ({"categories": [{"category": "tea", "name": name}]} for name in ("Tea", "Fine tea"))
    for document in (one, other, one):
        shop.tell("catalogue", document)
    assert shop.ask("catalogue").json()["document"]["categories"][0]["name"] == "Tea"


def test_measured_weather_is_not_replaced_by_a_forecast(shop):
    for forecast, temperature in ((True, 3), (False, 4), (True, 5)):
        day = {"day": "2025-11-22", "temperature_c": temperature, "forecast": forecast}
        shop.tell("days", {"weather": [day]})
    assert [each["temperature_c"] for each in shop.ask("days").json()["document"]["weather"]] == [4]


def test_goods_cannot_stand_in_a_zone_that_is_not_there(shop):
    told = shop.tell("planogram", {"placings": [
        {"category": "tea", "zone": "shelf", "since": "2025-01-01"}, {"category": "tea", "zone": "attic", "since": "2025-02-01"},
        {"category": "tea", "zone": None, "since": "2025-03-01"},
    ]}).json()  # fmt: skip
    assert (told["taken"], told["refused"]) == (2, 1)
    assert told["faults"] == [
        {"where": "placings.1.zone", "what": "the site has no zone 'attic'; draw it first, or correct its name"}
    ]


def test_a_category_that_cannot_be_placed_is_taken_and_told_once(shop):
    shop.tell("receipts", receipts(receipt("a", line("tea"))))
    shop.tell("catalogue", {"categories": [{"category": "tea", "name": "Tea"}]})
    shop.tell("planogram", {"placings": [{"category": "tea", "zone": "shelf", "since": "2025-01-01"}]})
    told = shop.tell(
        "receipts", receipts(receipt("b", line("tea")), receipt("c", line("pens")), receipt("d", line("pens")))
    ).json()
    assert (told["taken"], told["refused"]) == (3, 0)
    assert told["faults"] == [
        {
            "where": "receipts.1.category",
            "what": "'pens' is unknown to the catalogue: it is taken, but cannot be placed",
        }
    ]


def test_imports_and_their_errors_as_tables(shop):
    told = shop.tell("receipts", receipts(receipt("a"), receipt("b", line(gross=-1)))).json()
    assert len(shop.ask("imports", format="csv").text.splitlines()) == 2
    assert "not negative" in shop.ask(f"imports/{told['import_id']}", format="csv").text
    assert shop.ask("imports/999").status_code == 404
    assert shop.ask("imports", subject="offers").json()["imports"] == []


def test_many_errors_are_kept_to_a_bound(shop):
    wrong = [receipt(str(i), line(gross=-1)) for i in range(999)]
    for turn in range(2):
        told = shop.tell("receipts", receipts(receipt(f"good {turn}"), *wrong)).json()
    listed = shop.ask(f"imports/{told['import_id']}").json()
    assert (listed["lines"], listed["refused"], len(listed["faults"])) == (2000, 1998, imports.MOST_FAULTS)


def test_messages_of_a_quarter_of_an_hour_are_one_import_that_tells_no_second(shop, clock):
    clock.t += 61.5
    for i in range(3):
        shop.tell("receipts", receipts(receipt(str(i))))
    (listed,) = shop.ask("imports").json()["imports"]
    assert (listed["lines"], listed["status"]) == (3, "done")
    assert listed["received"] == listed["done"] == "2025-11-22T13:30:00+01:00"
    clock.t += 900
    shop.tell("receipts", receipts(receipt("later")))
    assert len(shop.ask("imports").json()["imports"]) == 2


def test_what_is_sold_can_be_asked_by_day(shop):
    shop.tell("receipts", receipts(receipt("a", has_card=True)))
    body = shop.ask("receipts").json()
    assert body["currency"] == "EUR"
    assert {(each["category"], each["receipts"], each["gross"]) for each in body["days"]} == {
        ("", 1, 2.5),
        ("coffee", 1, 2.5),
    }
    assert len(shop.ask("receipts", format="csv").text.splitlines()) == 3
    assert shop.ask("receipts", start="2025-11-01", end="2025-11-02").json()["days"] == []


def test_nothing_in_the_database_holds_a_receipt_or_its_second(shop, clock, tmp_path):
    """The id, the minute and the second of a receipt that came alone, in every table and in the bytes of the file."""
    clock.t += 427.25  # 12:37:07.25
    sentinel = "sentinel-receipt-4711"
    alone = receipt(sentinel, t="2025-11-22T12:36:41Z", has_card=True)
    early = receipt("early", t="2025-11-22T13:36:41Z")
    assert shop.tell("receipts", receipts(alone, early, receipt("late", t="2020-01-01T00:00:00Z"))).json()["taken"] == 1
    engine = shop.client.service.engine
    moments = set()
    with engine.connect() as conn:
        for table in inspect(engine).get_table_names():
            for row in conn.execute(text(f'SELECT * FROM "{table}"')).mappings():  # noqa: S608
                assert sentinel not in repr(dict(row))
                if table not in {"sites", "site_versions", "api_tokens"}:
                    moments |= {v for v in row.values() if isinstance(v, int) and v > 10**12}
    assert moments == {1_763_814_600_000}, "everything is dated to the quarter of an hour, 12:30"
    with engine.begin() as conn:
        conn.execute(text("SELECT 1"))
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("vitrina.db*"))
    assert len(stored) > 10_000
    for secret in (sentinel, "12:36", "12:37", "13:36", str(1_763_815_001), str(1_763_815_027)):
        assert secret.encode() not in stored
    assert (1_763_815_001_000).to_bytes(6, "big") not in stored
