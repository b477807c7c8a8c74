"""Receipts and sales added up, straight through the one way in; `test_loyalty_in` has what surrounds it."""

import threading
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from server.db import sales
from server.db.imports import Source, faults, list_imports
from server.db.prune import prune
from server.db.trade_tables import baskets, coupons, receipts_seen, sales_days, sales_rows
from server.db.trade_tables import sales as bins
from server.imports.errors import NotTakenError
from server.imports.intake import RECEIPTS, take, take_items, take_receipts
from server.imports.limits import Limits
from server.imports.receipts import Fault, Item, Line
from server.settings import Retention

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2025, 11, 22, 12, 30, tzinfo=UTC).timestamp()
LIMITS = Limits(NOW, NOW - 800 * 86_400)
REST = Source("rest", "till", "till")
TABLES = (bins, sales_days, baskets, coupons)


def a_file(name="a.csv", digest="ab" * 32):
    return Source("upload", name, "anna", digest)


def row(receipt, place=1, *, t=NOW - 3600, category="coffee", gross_c=250, **more):
    plain = {"has_card": False, "returned": False, "sku": "", "quantity": 1.0, "margin_c": None, "discount_c": 0}
    return Line(
        **{
            "place": place,
            "receipt": receipt,
            "t": t,
            "category": category,
            "gross_c": gross_c,
            "offer": "",
            "coupon": "",
        }
        | plain
        | more
    )


def take_file(engine, rows, **source):
    return take_receipts(engine, "shop", rows, currency="EUR", source=a_file(**source), limits=LIMITS)


def tell(engine, subject, document, **more):
    return take(engine, "shop", subject, document, source=REST, limits=LIMITS, **more)


def dump(engine):
    """Every sum, quantities to the thousandth: the order of adding up changes their last bit."""
    with engine.connect() as conn:
        return {
            table.name: sorted(
                tuple(round(value, 3) if isinstance(value, float) else value for value in each)
                for each in conn.execute(select(table))
            )
            for table in TABLES
        }


def empty(engine):
    with engine.begin() as conn:
        for table in (*TABLES, receipts_seen, sales_rows):
            conn.execute(delete(table))


names = st.sampled_from(["coffee", "tea", "toys", "bakery"])
line = st.fixed_dictionaries(
    {"category": names, "gross": st.integers(0, 5000).map(lambda c: c / 100)},
    optional={
        "quantity": st.integers(1, 4000).map(lambda q: q / 1000),
        "margin": st.integers(-500, 900).map(lambda c: c / 100),
        "discount": st.integers(0, 300).map(lambda c: c / 100),
        "offer": st.sampled_from(["week", "two"]),
        "coupon": st.sampled_from(["C1", "C2"]),
    },
)
# The hours around both changes of the clocks, and a midnight.
moment = st.sampled_from(
    ["2025-03-29T22:30", "2025-03-30T00:30", "2025-10-25T21:30", "2025-10-26T00:00", "2025-11-21T22:50"]
).flatmap(
    lambda start: st.integers(0, 4 * 3600).map(
        lambda s: datetime.fromisoformat(start).replace(tzinfo=UTC) + timedelta(seconds=s)
    )
)
receipt = st.fixed_dictionaries(
    {
        "t": moment.map(lambda t: t.isoformat()),
        "has_card": st.booleans(),
        "kind": st.sampled_from(["sale", "sale", "return"]),
        "lines": st.lists(line, min_size=1, max_size=4),
    }
)


def added_by_hand(receipts):
    """What `dump` is to be: receipt by receipt, in plain words."""
    by_bin, by_day, sets, codes = (
        defaultdict(lambda: [0] * 8),
        defaultdict(lambda: [0] * 8),
        Counter(),
        defaultdict(lambda: [0] * 3),
    )
    for each in receipts:
        t, back = datetime.fromisoformat(each["t"]), each["kind"] == "return"
        local = t.astimezone(BERLIN)
        bin_ms = int(t.timestamp()) // 900 * 900_000
        keys, coupon_keys = set(), set()
        for one in each["lines"]:
            sign, gross, said = (-1 if back else 1), round(one["gross"] * 100), "margin" in one
            margin = round(one.get("margin", 0) * 100)
            off = round(one.get("discount", 0) * 100)
            amounts = (one.get("quantity", 1), gross, margin, gross if said else 0, off)
            for c in ("", one["category"]):
                for table, key in [
                    (by_bin, (bin_ms, c)),
                    *((by_day, (local.date(), c, o)) for o in {"", one.get("offer", "")}),
                ]:
                    keys.add((id(table), key))
                    table[key][3:] = [a + sign * b for a, b in zip(table[key][3:], amounts, strict=True)]
            if "coupon" in one:
                key = (local.date(), one["coupon"])
                coupon_keys.add(key)
                codes[key][1:] = [codes[key][1] + sign * gross, codes[key][2] + sign * off]
        for table in (by_bin, by_day):
            for _, key in {k for k in keys if k[0] == id(table)}:
                table[key][0] += not back
                table[key][1] += not back and each["has_card"]
                table[key][2] += back
        for key in coupon_keys:
            codes[key][0] += not back
        if not back:
            monday = local.date() - timedelta(days=local.weekday())
            sets[monday, local.hour // 6, ",".join(sorted({one["category"] for one in each["lines"]}))] += 1
    return {
        "sales": sorted(("shop", *key, *_rounded(sums)) for key, sums in by_bin.items()),
        "sales_days": sorted(("shop", *key, *_rounded(sums)) for key, sums in by_day.items()),
        "baskets": sorted(("shop", *key, n) for key, n in sets.items()),
        "coupons": sorted(("shop", *key, *sums) for key, sums in codes.items()),
    }


def _rounded(sums):
    return [round(value, 3) if isinstance(value, float) else value for value in sums]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(receipt, min_size=1, max_size=8), st.data())
def test_any_split_repetition_and_order_of_the_same_receipts_gives_the_same_sums(engine, receipts, data):
    empty(engine)
    told = [each | {"id": f"r{i}"} for i, each in enumerate(receipts)]
    repeated = told + data.draw(st.lists(st.sampled_from(told), max_size=6))
    shuffled = data.draw(st.permutations(repeated))
    cuts = sorted(data.draw(st.sets(st.integers(1, max(1, len(shuffled) - 1)), max_size=3)))
    for first, last in pairwise([0, *cuts, len(shuffled)]):
        if first < last:
            tell(engine, "receipts", {"currency": "EUR", "receipts": shuffled[first:last]})
    assert dump(engine) == added_by_hand(receipts)


def test_a_file_longer_than_one_piece_is_added_up_whole(engine):
    n = RECEIPTS * 2 + 17
    rows = (
        row(f"r{i}", 2 * i + k, t=NOW - 60 * i, category=("tea", "toys")[k], has_card=i % 3 == 0)
        for i in range(n)
        for k in (0, 1)
    )
    taken = take_file(engine, rows)
    assert (taken.lines, taken.taken, taken.known, taken.refused) == (2 * n, 2 * n, 0, 0)
    with engine.connect() as conn:
        days = sales.by_day(conn, "shop", date(2025, 1, 1), date(2025, 12, 31))
        of_bins = sales.bins(conn, "shop", 0, NOW + 1)
    for category in ("", "tea"):
        assert sum(each.sums.receipts for each in days if each.category == category) == n
        assert sum(each.sums.receipts for each in of_bins if each.category == category) == n
        assert sum(each.sums.card_receipts for each in of_bins if each.category == category) == -(-n // 3)
    assert sum(each.sums.gross_c for each in days if each.category == "") == 500 * n


def test_the_same_file_is_known_at_once_and_receipts_of_another_one_by_one(engine):
    rows = [row("a", 2), row("a", 3, category="tea"), row("b", 4)]
    take_file(engine, rows)
    before = dump(engine)
    again = take_file(engine, iter([]))
    assert (again.lines, again.known, again.taken) == (3, 3, 0)
    assert "this very file" in again.faults[0].fault
    other = take_file(engine, [*rows, row("c", 5)], digest="cd" * 32)
    assert (other.known, other.taken) == (3, 1)
    assert dump(engine) != before


def test_a_file_that_was_taken_in_part_may_come_again(engine):
    wrong = Fault(3, "gross", "an amount has at most two decimal places", receipt="a")
    first = take_file(engine, [row("a", 2), wrong, row("b", 4)])
    assert (first.lines, first.taken, first.refused) == (3, 1, 2)
    assert first.faults[0].fault.endswith("with it the other 1 lines of its receipt are left out")
    again = take_file(engine, [row("a", 2), row("a", 3), row("b", 4)])
    assert (again.taken, again.known) == (2, 1)


def test_a_receipt_whose_lines_do_not_stand_together_is_not_lost_in_silence(engine):
    taken = take_file(engine, [row("a", 2), row("b", 3), row("a", 4, category="tea")])
    assert (taken.taken, taken.known) == (2, 1)
    assert [(fault.place, "sort it" in fault.fault) for fault in taken.faults] == [(4, True)]


def test_a_file_that_breaks_off_in_the_middle_is_taken_as_far_as_it_went_and_sent_again(engine):
    def broken():
        yield from (row(f"r{i}", i) for i in range(RECEIPTS + 10))
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        take_file(engine, broken())
    again = take_file(engine, (row(f"r{i}", i) for i in range(RECEIPTS + 10)))
    assert (again.known, again.taken) == (RECEIPTS, 10)


def test_two_who_take_the_same_receipts_at_the_same_time_count_them_once(engine):
    documents = [{"currency": "EUR", "receipts": [
        {"id": f"r{i}", "t": "2025-11-22T10:00:00Z", "has_card": False, "lines": [{"category": "tea", "gross": 1}]}
        for i in range(50 * k, 50 * k + 100)
    ]} for k in range(4)]  # fmt: skip
    errors = []

    def work():
        try:
            for document in documents:
                tell(engine, "receipts", document)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []
    with engine.connect() as conn:
        (day,) = (
            each.sums
            for each in sales.by_day(conn, "shop", date(2025, 11, 22), date(2025, 11, 22))
            if not each.category
        )
    assert day.receipts == 250


def test_a_message_is_taken_once_by_its_id(engine):
    named = [{"categories": [{"category": "tea", "name": name}]} for name in ("Tea", "Fine tea")]
    tell(engine, "catalogue", named[0], message="pim 1")
    tell(engine, "catalogue", named[1], message="pim 2")
    again = tell(engine, "catalogue", named[0], message="pim 1")
    assert (again.known, again.taken) == (1, 0)
    with engine.connect() as conn:
        assert conn.exec_driver_sql("SELECT name FROM categories").scalars().all() == ["Fine tea"]


def test_a_refused_message_may_come_again(engine):
    """Nothing of it was taken: its id is not remembered."""
    with pytest.raises(NotTakenError):
        tell(engine, "catalogue", {"categories": [{"category": "TEA", "name": "Tea"}]}, message="pim 1")
    assert tell(engine, "catalogue", {"categories": [{"category": "tea", "name": "Tea"}]}, message="pim 1").taken == 1


def sold(start, minutes=60, category=None, receipts=10, **more):
    return {
        "start": start,
        "minutes": minutes,
        "category": category,
        "receipts": receipts,
        "card_receipts": 4,
        "gross": receipts,
    } | more


def tell_sales(engine, *rows):
    return tell(engine, "sales", {"currency": "EUR", "rows": list(rows)})


def by_day(engine, category=""):
    with engine.connect() as conn:
        found = sales.by_day(conn, "shop", date(2020, 1, 1), date(2030, 1, 1))
    return {each.day: each.sums for each in found if each.category == category}


def test_sales_become_days_and_a_row_told_again_takes_the_place_of_the_earlier(engine):
    tell_sales(
        engine,
        sold("2025-11-20T10:00:00Z"),
        sold("2025-11-20T11:00:00Z"),
        sold("2025-11-20T10:00:00Z", category="tea", receipts=3, card_receipts=1, margin=1),
    )
    assert by_day(engine)[date(2025, 11, 20)].receipts == 20
    taken = tell_sales(engine, sold("2025-11-20T10:00:00Z", receipts=7))
    assert (taken.taken, by_day(engine)[date(2025, 11, 20)].receipts) == (1, 17)
    tea = by_day(engine, "tea")[date(2025, 11, 20)]
    assert (tea.receipts, tea.card_receipts, tea.gross_c, tea.margin_c, tea.margin_gross_c) == (3, 1, 300, 100, 300)
    with engine.connect() as conn:
        hours = [(each.category, each.sums.receipts) for each in sales.bins(conn, "shop", 0, NOW)]
    assert hours == [("", 7), ("tea", 3), ("", 10)]


def test_a_day_told_whole_has_as_many_hours_as_the_clocks_gave_it(engine):
    taken = tell_sales(
        engine,
        sold("2025-10-26T00:00:00+02:00", 1440, receipts=500),
        sold("2025-10-27T00:00:00+01:00", 1440, receipts=600),
    )
    assert taken.refused == 0
    assert {day: sums.receipts for day, sums in by_day(engine).items()} == {
        date(2025, 10, 26): 500,
        date(2025, 10, 27): 600,
    }
    with engine.connect() as conn:
        assert sales.bins(conn, "shop", 0, NOW) == [], "nobody knows when in the day"


def test_sales_that_cannot_be_true_or_tell_a_time_twice(engine):
    for rows, fault in [
        ([sold("2025-11-20T00:00:00Z", 1440)], "store's clock"),
        ([sold("2025-11-20T10:15:00Z", 30)], "store's clock"),
        ([sold("2025-11-22T13:00:00Z")], "in the future"),
        ([sold("2020-11-22T13:00:00Z")], "retention.sales_days"),
        ([sold("2025-11-19T10:00:00Z", 15), sold("2025-11-19T10:00:00Z", 60)], "overlaps"),
        ([sold("2025-11-18T10:00:00Z", 60), sold("2025-11-18T10:30:00Z", 30)], "overlaps"),
        ([sold("2025-11-17T10:00:00Z", 60), sold("2025-11-17T00:00:00+01:00", 1440)], "overlaps"),
    ]:
        taken = tell_sales(engine, *rows)
        assert (taken.taken, taken.refused) == (len(rows) - 1, 1), fault
        assert fault in taken.faults[0].fault
        assert taken.faults[0].column == f"rows.{len(rows) - 1}.start"


def test_a_day_is_told_by_receipts_or_by_sales_not_by_both(engine):
    take_file(engine, [row("a", t=datetime(2025, 11, 20, 10, tzinfo=UTC).timestamp())])
    taken = tell_sales(engine, sold("2025-11-20T12:00:00Z"), sold("2025-11-21T12:00:00Z"))
    assert (taken.taken, taken.refused) == (1, 1)
    assert "receipts already" in taken.faults[0].fault
    other = take_file(
        engine, [row("b", 1), row("c", 2, t=datetime(2025, 11, 21, 10, tzinfo=UTC).timestamp())], digest="cd" * 32
    )
    assert (other.taken, other.refused) == (1, 1)
    assert "told its sales already" in other.faults[0].fault
    assert {day: sums.receipts for day, sums in by_day(engine).items()} == {
        date(2025, 11, 20): 1,
        date(2025, 11, 21): 10,
        date(2025, 11, 22): 1,
    }


def test_files_of_entries(engine):
    items = [
        Item(2, "articles", {"sku": "1", "name": "Green tea", "category": "tea"}),
        Fault(3, "sku", "missing"),
        Item(4, "articles", {"sku": "2", "name": "anna@example.org", "category": "tea"}),
    ]
    taken = take_items(engine, "shop", "catalogue", items, currency=None, source=a_file(), limits=LIMITS)
    assert (taken.lines, taken.taken, taken.refused) == (3, 1, 2)
    assert [(fault.place, fault.column) for fault in taken.faults] == [(3, "sku"), (4, "name")]
    assert "anna" not in repr(taken.faults)
    with engine.connect() as conn:
        assert [fault.line for fault in faults(conn, taken.import_id)] == [3, 4]


def test_a_file_in_another_currency_or_for_another_site_is_not_read(engine):
    take_file(engine, [row("a")])
    with pytest.raises(NotTakenError, match="in EUR, this is in RUB"):
        take_receipts(engine, "shop", iter([]), currency="RUB", source=a_file("b.csv", "cd" * 32), limits=LIMITS)
    with pytest.raises(NotTakenError, match="no site 'attic'"):
        take_receipts(engine, "attic", iter([]), currency="EUR", source=a_file(), limits=LIMITS)
    with engine.connect() as conn:
        assert [(each.name, each.status) for each in list_imports(conn, "shop")] == [
            ("b.csv", "refused"),
            ("a.csv", "done"),
        ]
        assert "RUB" in list_imports(conn, "shop")[0].trouble


def test_what_is_past_its_retention_goes_and_what_may_still_be_told_of_stays(engine):
    old = NOW - 799 * 86_400
    take_file(engine, [row("a", 1, t=old, coupon="C"), row("b", 2)])
    prune(engine, Retention(), now=NOW)
    assert take_file(engine, [row("a", 1, t=old, coupon="C"), row("b", 2)], digest="cd" * 32).known == 2
    prune(engine, Retention(), now=NOW + 30 * 86_400)
    with engine.connect() as conn:
        left = {table.name: len(conn.execute(select(table)).all()) for table in (*TABLES, receipts_seen)}
    assert left == {"sales": 2, "sales_days": 4, "baskets": 1, "coupons": 0, "receipts_seen": 1}
