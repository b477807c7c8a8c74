"""Whatever way a till writes its receipts, they are the same receipts."""

import csv
import io
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.imports import receipt_lines
from server.imports.file_errors import FileError
from server.imports.ground import Ground
from server.imports.mapping import Mapping, suggest
from server.imports.receipt_lines import ReceiptReader, read_receipts
from server.imports.receipts import Fault
from server.imports.settling import settle
from server.imports.tables import Form, open_table

BERLIN = ZoneInfo("Europe/Berlin")
HEADER = ["Касса", "Чек", "Дата", "Категория", "Количество", "Сумма", "Скидка", "Карта"]


def entries(content, mapping=None, ground=None, **changed):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "till.csv"
        path.write_bytes(content)
        if mapping is None:
            with open_table(path, Form()) as table:
                mapping = suggest("receipts", table.header, currency="EUR")
        settled = settle(path, mapping.model_copy(update=changed))
        with open_table(path, settled.form) as table:
            return list(read_receipts(table.lines, ReceiptReader(settled, ground or Ground(BERLIN))))


def written(rows, *, delimiter=";", encoding="utf-8", decimal=",", dates="%d.%m.%Y %H:%M", thousands="", ending="\r\n"):
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator=ending)
    writer.writerow(HEADER)
    for till, number, t, category, quantity, gross, discount, card in rows:
        amounts = [f"{value / 100:,.2f}".replace(",", thousands).replace(".", decimal) for value in (gross, discount)]
        whole = f"{quantity:.3f}".replace(".", decimal)
        writer.writerow([till, number, t.strftime(dates), category, whole, *amounts, "да" if card else "нет"])
    return out.getvalue().encode(encoding)


rows = st.lists(
    st.tuples(
        st.integers(1, 9),
        st.integers(1, 500),
        st.datetimes(datetime(2026, 1, 13, 1), datetime(2026, 3, 20)).map(lambda t: t.replace(second=0, microsecond=0)),
        st.sampled_from(["Молоко", "Хлеб, булки", 'Сыр "Российский"', "Кофе; чай"]),
        st.integers(1, 5000).map(lambda grams: grams / 1000),
        st.integers(0, 9_999_999),
        st.integers(0, 99_999),
        st.booleans(),
    ),
    min_size=1,
    max_size=12,
    unique_by=lambda row: row[:2],
)


@settings(max_examples=60, deadline=None)
@given(
    rows,
    st.sampled_from([";", ",", "\t", "|"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "windows-1251"]),
    st.sampled_from([(",", ""), (".", ""), (",", " "), (",", "\u00a0"), (".", "'")]),
    st.sampled_from(["%d.%m.%Y %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%d.%m.%Y %H:%M:%S"]),
    st.sampled_from(["\n", "\r\n"]),
)
def test_any_writing_of_the_same_receipts_reads_the_same(rows, delimiter, encoding, numbers, dates, ending):
    decimal, thousands = numbers
    plain = entries(written(rows))
    other = written(
        rows, delimiter=delimiter, encoding=encoding, decimal=decimal, thousands=thousands, dates=dates, ending=ending
    )
    assert entries(other) == plain
    assert sorted((line.gross_c, line.discount_c, line.has_card) for line in plain) == sorted(
        (gross, discount, card) for *_, gross, discount, card in rows
    )
    assert sorted(line.t for line in plain) == sorted(row[2].replace(tzinfo=BERLIN).timestamp() for row in rows)


def till(*lines, header="id;t;has_card;category;gross"):
    return "\n".join([header, *lines, ""]).encode()


def test_lines_of_a_receipt_come_together_from_mixed_tills():
    day = datetime(2026, 3, 2, 9)
    mixed = [f"{n % 3};{day + timedelta(seconds=n)};yes;bread;1.00" for n in range(12)]
    found = entries(till(*mixed))
    assert [line.receipt for line in found] == ["0"] * 4 + ["1"] * 4 + ["2"] * 4
    assert len({line.t for line in found[:4]}) == 1, "a receipt has one time, its first line's"


def test_a_receipt_that_comes_back_far_below_is_not_counted_twice(monkeypatch):
    monkeypatch.setattr(receipt_lines, "OPEN_MOST", 3)
    lines = [f"{n};2026-03-02 09:00;yes;bread;1.00" for n in (0, 1, 2, 3, 4, 0, 4)]
    found = entries(till(*lines))
    assert [entry for entry in found if isinstance(entry, Fault)] == [Fault(7, "", receipt_lines.TOO_LATE)]
    assert [line.receipt for line in found if not isinstance(line, Fault)] == ["0", "1", "2", "3", "4", "4"]


def test_many_receipts_are_remembered_exactly():
    met, keys = receipt_lines.Met(), [f"r{n}" for n in range(300_000)]
    for key in keys:
        met.add(key)
    assert all(key in met for key in keys[::600])
    assert not any(f"s{n}" in met for n in range(500))


def test_numbers_that_begin_anew_each_day_are_other_receipts():
    lines = ["1;2026-03-02 09:00;yes;bread;1.00", "1;2026-03-03 09:00;yes;bread;2.00"]
    first, second = entries(till(*lines))
    assert (second.receipt, second.fault) == (first.receipt, receipt_lines.APART)
    assert [line.receipt for line in entries(till(*lines), daily_numbers=True)] == ["2026-03-02/1", "2026-03-03/1"]


def test_a_wrong_line_names_its_receipt_so_that_none_of_it_counts():
    good, bad = entries(till("1;2026-03-02 09:00;yes;bread;1.00", "1;2026-03-02 09:00;yes;bread;much"))
    assert (good.receipt, bad) == ("1", Fault(3, "gross", "expected an amount such as 12.50 or 12,50", "1"))


@pytest.mark.parametrize(
    ("line", "column", "told"),
    [
        ("1;2026-03-02 09:00;maybe;bread;1.00", "has_card", "yes or no"),
        ("1;2026-02-30 09:00;yes;bread;1.00", "t", "no date"),
        ("1;2026-03-02 09:00;yes;;1.00", "category", "neither a category"),
        ("1;2026-03-02 09:00;yes;bread;", "gross", "is empty"),
        ("1;2026-03-02 09:00;yes;bread;1.005", "gross", "two decimal places"),
        ("1;2026-03-02 09:00;yes;bread;-1.00", "gross", "below zero"),
        ("1;2026-03-02 09:00;yes;bread;99999999999999.00", "gross", "too large"),
        (";2026-03-02 09:00;yes;bread;1.00", "id", "is empty"),
        ("1;2026-03-02 09:00;yes;bre\ufffdad;1.00", "category", "this encoding"),
        ("1;2026-03-02 09:00;yes;bre\x00ad;1.00", "category", "this encoding"),
    ],
)
def test_each_wrong_cell_is_told_without_what_stood_there(line, column, told):
    lines = [f"{n};2026-03-02 09:00;yes;bread;1.00" for n in range(1001, 2100)]
    all_of_them = entries(till(*lines, line), Mapping(subject="receipts", columns=OURS, encoding="utf-8"))
    (found,) = [entry for entry in all_of_them if isinstance(entry, Fault)]
    assert found.column == column
    assert told in found.fault
    assert "maybe" not in found.fault


OURS = {name: name for name in ("id", "t", "has_card", "category", "gross")}


def test_lines_below_zero_may_be_goods_brought_back():
    lines = ["1;2026-03-02 09:00;yes;bread;3.00;1.00", "1;2026-03-02 09:00;yes;bread;-2.00;-0.50"]
    content = till(*lines, header="id;t;has_card;category;gross;margin")
    sold, back = entries(content, negative_returns=True)
    assert (sold.receipt, sold.returned, sold.gross_c, sold.margin_c) == ("1", False, 300, 100)
    assert (back.receipt, back.returned, back.gross_c, back.margin_c) == ("1/return", True, 200, 50)


def test_cost_gives_the_margin():
    (line,) = entries(
        till("1;2026-03-02 09:00;yes;bread;3.00;2.333", header="id;t;has_card;category;gross;Себестоимость")
    )
    assert line.margin_c == 67


def test_words_and_names_have_their_meaning():
    ground = Ground(BERLIN, {"хлеб": "bakery"})
    content = till("1;2026-03-02 09:00;кто-то;Хлеб;3.00;storno", header="id;t;has_card;category;gross;kind")
    (line,) = entries(content, ground=ground, values={"kind": {"Storno": "return"}, "has_card": {"кто-то": "yes"}})
    assert (line.category, line.returned, line.has_card) == ("bakery", True, True)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (till("1;03/04/2026 09:00;yes;bread;1.00"), "begin with the day or with the month"),
        (till("1;tomorrow;yes;bread;1.00"), "no form that is known"),
        (till("1;2026-03-02;yes;bread;1.00"), "no time of day"),
        (till("1;2026-03-02 09:00;4276 0000 1111 2222;bread;1.00"), "could name a person"),
    ],
)
def test_a_file_that_could_be_read_in_two_ways_is_not_guessed(content, told):
    with pytest.raises(FileError) as caught:
        entries(content)
    assert told in str(caught.value)
    assert "4276" not in str(caught.value)


def test_a_day_beyond_twelve_tells_day_from_month():
    first, _ = entries(till("1;03/04/2026 09:00;yes;bread;1.00", "2;25/04/2026 09:00;yes;bread;1.00"))
    assert first.t == datetime(2026, 4, 3, 9, tzinfo=BERLIN).timestamp()


def test_three_digits_after_one_sign_say_nothing():
    (found,) = entries(till("1;2026-03-02 09:00;yes;bread;1,234"))
    assert found.fault == "could be a thousand or a decimal; choose the decimal sign"
    (line,) = entries(till("1;2026-03-02 09:00;yes;bread;1,234"), decimal="point")
    assert line.gross_c == 123_400
