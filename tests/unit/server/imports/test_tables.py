"""Files of every kind as tables, and what is told of those that are none."""

import codecs
from datetime import date, datetime

import pytest
import xlsxwriter

from server.imports.file_errors import FileError
from server.imports.tables import Form, open_table


@pytest.fixture
def read(tmp_path):
    """`read(content)`: header, form and lines of a file."""

    def open_it(content, form=None):
        path = tmp_path / "file"
        path.write_bytes(content)
        with open_table(path, form or Form()) as table:
            return table.header, table.form, list(table.lines)

    return open_it


@pytest.fixture
def workbook(tmp_path):
    """`workbook(rows, sheet=...)`: the bytes of a workbook."""

    def make(*sheets):
        path = tmp_path / "made.xlsx"
        with xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd hh:mm"}) as book:
            for n, rows in enumerate(sheets):
                sheet = book.add_worksheet(f"Sheet {n}")
                for line, cells in rows.items():
                    for place, cell in cells.items():
                        sheet.write(line, place, cell)
        return path.read_bytes()

    return make


RUSSIAN = "Чек;Группа;Сумма\n1;Молоко;12,50\n2;Хлеб;3,00\n"
WESTERN = "reçu;catégorie;montant\n1;crème;12,50\n"


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (RUSSIAN.encode(), "utf-8"),
        (codecs.BOM_UTF8 + RUSSIAN.encode(), "utf-8"),
        (RUSSIAN.encode("utf-16"), "utf-16"),
        (RUSSIAN.encode("utf-16-le"), "utf-16-le"),
        (RUSSIAN.encode("utf-16-be"), "utf-16-be"),
        (RUSSIAN.encode("windows-1251"), "windows-1251"),
        (b"a;b\n" + b"1;2\n" * 400_000 + "3;Молоко\n".encode("windows-1251"), "windows-1251"),
    ],
    ids=["utf-8", "with mark", "utf-16", "utf-16-le", "utf-16-be", "windows-1251", "Russian after a megabyte"],
)
def test_the_encoding_is_found_out(read, content, encoding):
    header, form, lines = read(content)
    assert form.encoding == encoding
    assert lines[-1].cells[-1] in {"3,00", "Молоко"}
    assert len(header) in {2, 3}


def test_accents_stand_alone_and_russian_letters_do_not(read):
    header, form, lines = read(WESTERN.encode("windows-1252"))
    assert (form.encoding, header[0], lines[0].cells[1]) == ("windows-1252", "reçu", "crème")


def test_a_few_broken_bytes_do_not_change_the_encoding_of_all(read):
    content = (RUSSIAN * 20).encode().replace("Хлеб".encode(), b"\xd0\xff\xd0\xb5\xd0\xb1", 1)
    _, form, lines = read(content)
    assert form.encoding == "utf-8"
    assert "\ufffd" in lines[1].cells[1]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_what_parts_columns_is_found_out(read, delimiter):
    _, form, lines = read(f'a{delimiter}b\n"x{delimiter}y"{delimiter}1\n'.encode())
    assert (form.delimiter, lines[0].cells) == (delimiter, [f"x{delimiter}y", "1"])


def test_decimal_commas_part_nothing(read):
    assert read(b"a;b\n1,5;2,5\n3,5;4,5\n")[1].delimiter == ";"


def test_what_was_said_is_not_guessed(read):
    header, form, _ = read(RUSSIAN.encode("windows-1251"), Form(encoding="windows-1252", delimiter="|"))
    assert (form.encoding, form.delimiter, len(header)) == ("windows-1252", "|", 1)


def test_lines_before_the_column_names_are_passed_over(read):
    header, _, lines = read(b"Report of November\n\na;b\n1;2\n", Form(header_line=3))
    assert (header, lines[0].number, lines[0].cells) == (["a", "b"], 4, ["1", "2"])


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "The file is empty"),
        (b"\r\n\n", "The file is empty"),
        (b"a;b\n", "no lines below"),
        (b"a;a\n1;2\n", "Two columns are called 'a'"),
        (";".join(f"c{n}" for n in range(10_000)).encode() + b"\n1\n", "has 10,000 columns"),
        (b"\x00" * 5000, "is no text"),
        (bytes(range(1, 32)) * 50, "is no text"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "is no text"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Excel"),
        (b"\x1f\x8b\x08\x00", "gzip"),
        (b"PK\x03\x04\x00", "workbook is broken"),
        (b"4276000000000000;1\n2;3\n", "Line 1 holds a value in column 1"),
        (b"id;+7 916 1234567\n2;3\n", "Line 1 holds a value in column 2"),
        (b"12,50;a\n2;3\n", "Line 1 holds a value in column 1"),
        (b'"a;b\n1;2\n', "Line 1: a quote is opened and not closed"),
    ],
)
def test_a_file_that_is_no_table_says_why(read, content, told):
    with pytest.raises(FileError) as caught:
        read(content)
    assert told in str(caught.value)
    assert "4276" not in str(caught.value)


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (b"1;2", "has fewer fields"),
        (b"1;2;3;4", "has more fields"),
        (b'"1;2;3', "a quote is opened"),
        (b"1;2;" + b"x" * 140_000, "longer than 131,072"),
    ],
)
def test_a_wrong_line_is_told_and_the_others_are_read(read, line, fault):
    _, _, lines = read(b"a;b;c\n0;0;0\n" + line + b"\n7;8;9\n")
    assert [(found.number, found.cells) for found in lines] == [(2, ["0", "0", "0"]), (3, []), (4, ["7", "8", "9"])]
    assert fault in lines[1].fault


def test_a_quote_that_is_never_closed_swallows_one_line(read):
    rows = b"".join(b"%d;x;y\n" % n for n in range(100))
    _, _, lines = read(b'a;b;c\n1;"open;2\n' + rows)
    assert [bool(line.fault) for line in lines] == [True, *[False] * 100]
    assert lines[-1].number == 102


def test_a_text_over_two_lines_is_one_field(read):
    _, _, lines = read(b'a;b\n1;"two\nlines"\n3;4\n')
    assert [(line.number, line.cells) for line in lines] == [(2, ["1", "two\nlines"]), (4, ["3", "4"])]


def test_a_line_without_end_does_not_fill_the_memory(read):
    _, _, lines = read(b"a;b\n1;2\n" + b"x" * 3_000_000 + b"\n3;4\n")
    assert [line.cells for line in lines if not line.fault] == [["1", "2"], ["3", "4"]]


def test_a_sheet_keeps_numbers_and_dates(read, workbook):
    content = workbook({0: {0: "Чек", 1: "Дата", 2: "Сумма"}, 1: {0: 7, 1: datetime(2026, 11, 21, 14, 20), 2: 12.5}})
    header, form, lines = read(content)
    assert (header, form.sheet) == (["Чек", "Дата", "Сумма"], "Sheet 0")
    assert lines[0].cells == [7.0, datetime(2026, 11, 21, 14, 20), 12.5]


def test_another_sheet_can_be_chosen(read, workbook):
    content = workbook({0: {0: "a"}, 1: {0: 1}}, {0: {0: "b"}, 1: {0: date(2026, 11, 21)}})
    assert read(content, Form(sheet="Sheet 1"))[0] == ["b"]
    with pytest.raises(FileError, match="has no sheet 'Sheet 9'"):
        read(content, Form(sheet="Sheet 9"))


def test_a_workbook_that_needs_a_terabyte_is_refused(read, workbook):
    content = workbook({0: {0: "a", 1: "b"}, 1_048_575: {16_383: 1}})
    with pytest.raises(FileError, match="too much memory"):
        read(content)


def test_a_workbook_that_unpacks_to_too_much_is_refused(read, workbook, monkeypatch):
    monkeypatch.setattr("server.imports.sheets.UNPACKED_MOST_BYTES", 100)
    with pytest.raises(FileError, match="unpacks to"):
        read(workbook({0: {0: "a"}, 1: {0: 1}}))
