"""The files that docs/imports.md shows, taken as it says, and workbooks of them."""

from pathlib import Path

import pytest
import xlsxwriter
from sqlalchemy import select

from server.db.imports import Source, list_imports
from server.db.trade_tables import articles, baskets, categories, placings, sales, sales_days, weather
from server.imports.errors import NotTakenError
from server.imports.limits import Limits
from server.imports.mapping import suggest
from server.imports.tables import Form, open_table
from server.imports.taking import Job, take_file

EXAMPLES = Path(__file__).parents[2] / "docs/examples/imports"
NOW = 1_795_352_400.0
"""2026-11-22 13:00 in Berlin."""


@pytest.fixture
def taken(engine):
    """`taken(path, "receipts")`: what became of it, by the mapping its columns suggest or, with `ours`, by none."""

    def take(path, subject, *, ours=False, money="EUR"):
        with open_table(path, Form()) as table:
            mapping = None if ours else suggest(subject, table.header, currency=money)
        job = Job("shop", subject, path, Source("upload", path.name, "test", path.name), mapping)
        return take_file(engine, job, Limits(NOW, NOW - 800 * 86_400))

    return take


@pytest.fixture
def rows(engine):
    """`rows(table, "column", ...)`: in order."""

    def ask(table, *names):
        with engine.connect() as conn:
            return sorted(tuple(row) for row in conn.execute(select(*(table.c[name] for name in names))))

    return ask


def test_each_example_is_taken_whole(taken):
    lines = {
        ("receipts.csv", "receipts"): 3,
        ("kassa.csv", "receipts"): 3,
        ("catalogue.csv", "catalogue"): 3,
        ("sales.csv", "sales"): 2,
        ("days.csv", "days"): 2,
    }
    for (name, subject), n in lines.items():
        found = taken(EXAMPLES / name, subject)
        assert (name, found.taken, found.refused) == (name, n, 0), found.faults


def test_a_file_in_our_names_needs_no_mapping(taken, rows):
    taken(EXAMPLES / "receipts.csv", "receipts")
    again = taken(EXAMPLES / "receipts.csv", "receipts", ours=True)
    assert (again.taken, again.known) == (0, 3)
    gross = {category: cents for category, cents in rows(sales, "category", "gross_c") if category}
    assert gross == {"coffee": 450, "rolls": 180, "skyr": 129}


def test_a_till_s_file_by_what_its_columns_are_called(taken, rows):
    taken(EXAMPLES / "kassa.csv", "receipts")
    found = rows(sales, "category", "gross_c", "margin_c", "discount_c", "card_receipts")
    assert [row for row in found if row[0]] == [
        ("khleb-bulki", 11_800, 5680, 0, 1),
        ("kofe-molotyj", 34_900, 13_860, 5000, 1),
        ("moloko", 6235, 1425, 0, 0),
    ]
    assert rows(categories, "category", "name")[0] == ("khleb-bulki", "Хлеб, булки")


def test_articles_bring_their_categories(taken, rows):
    taken(EXAMPLES / "catalogue.csv", "catalogue")
    assert rows(articles, "sku", "category") == [("4006512", "rolls"), ("4006581", "coffee"), ("4025500", "skyr")]
    assert rows(categories, "category", "name") == [("coffee", "Coffee"), ("rolls", "Rolls"), ("skyr", "Skyr")]


def test_what_stands_where_names_zones_of_the_store(taken, rows, tmp_path):
    path = tmp_path / "planogram.csv"
    path.write_text("category,zone,since\ncoffee,shelf,2026-01-01\nskyr,nowhere,2026-01-01\n")
    found = taken(path, "planogram")
    assert (found.taken, found.refused) == (1, 1), found.faults
    assert rows(placings, "category", "zone") == [("coffee", "shelf")]


def test_a_workbook_is_the_same_as_its_csv(taken, rows, tmp_path):
    with open_table(EXAMPLES / "days.csv", Form()) as table:
        header, lines = table.header, [line.cells for line in table.lines]
    path = tmp_path / "days.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, header)
        for n, (day, warm, rain, forecast) in enumerate(lines, start=1):
            sheet.write_row(n, 0, [day, float(warm.replace(",", ".")), float(rain.replace(",", ".")), forecast])
    taken(path, "days")
    of_sheet = rows(weather, "day", "temperature_c", "rain_mm", "forecast")
    taken(EXAMPLES / "days.csv", "days")
    assert rows(weather, "day", "temperature_c", "rain_mm", "forecast") == of_sheet
    assert len(of_sheet) == 2


def test_what_breaks_off_leaves_what_was_read(taken, tmp_path):
    path = tmp_path / "cut.csv"
    path.write_bytes((EXAMPLES / "receipts.csv").read_bytes()[:-40])
    found = taken(path, "receipts")
    assert (found.taken, found.refused) == (2, 1)
    assert "was the file cut off?" in found.faults[-1].fault


KASSA = (EXAMPLES / "kassa.csv").read_bytes()


def test_the_same_receipts_again_change_nothing_however_they_are_written(taken, rows, tmp_path):
    taken(EXAMPLES / "kassa.csv", "receipts")
    before = [rows(table, *(column.name for column in table.c)) for table in (sales, sales_days, baskets)]
    again, other = EXAMPLES / "kassa.csv", tmp_path / "other.csv"
    other.write_bytes(KASSA.decode("windows-1251").replace(";", "\t").encode("utf-16"))
    assert [(taken(path, "receipts").taken, taken(path, "receipts").known) for path in (again, other)] == [
        (0, 3),
        (0, 3),
    ]
    assert [rows(table, *(column.name for column in table.c)) for table in (sales, sales_days, baskets)] == before


def test_another_currency_is_refused_and_listed(taken, engine):
    taken(EXAMPLES / "kassa.csv", "receipts")
    with pytest.raises(NotTakenError, match="tells its amounts in EUR, this is in RUB"):
        taken(EXAMPLES / "kassa.csv", "receipts", money="RUB")
    with engine.connect() as conn:
        assert [record.status for record in list_imports(conn, "shop")] == ["refused", "done"]


def test_what_cannot_be_read_at_all_is_listed_as_refused(taken, engine, tmp_path):
    path = tmp_path / "bon.csv"
    path.write_text("Bon;Wann\n1;2\n")
    with pytest.raises(NotTakenError, match="Nothing says id, t|date"):
        taken(path, "receipts", ours=True)
    with engine.connect() as conn:
        (record,) = list_imports(conn, "shop")
    assert (record.status, record.counts.taken) == ("refused", 0)
    assert record.trouble.startswith("Nothing says id")
