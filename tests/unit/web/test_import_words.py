"""Whatever is wrong with a file or a line can be said in the reader's language."""

import ast
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import server.imports
from server.imports import cells, ground, receipt_lines, records, sheets, tables, upload
from server.imports.fields import FIELDS
from server.imports.file_errors import FileError
from server.imports.mapping import Mapping
from server.web import import_form, import_words
from server.web.language import Words, translations

RUSSIAN = Words("ru", ZoneInfo("Europe/Moscow"))
FOLDER = Path(server.imports.__file__).parent


def constants(module):
    return {value for name, value in vars(module).items() if name.isupper() and isinstance(value, str) and " " in value}


def test_every_fault_of_a_line_is_in_the_list():
    said = constants(cells) | constants(receipt_lines) | constants(records) | {ground.NOTHING_LEFT}
    assert said == set(import_words.of_lines(str))


def raised():
    """The first argument of every FileError that is written out."""
    for path in FOLDER.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            named = getattr(getattr(node, "func", None), "id", "")
            if named in {"FileError", "NoRoomError", "TooLargeError"} and isinstance(node.args[0], ast.Constant):
                yield node.args[0].value


def test_every_reason_to_refuse_a_file_is_in_the_list():
    said = set(raised()) | {sheets.BROKEN, sheets.TOO_MUCH, upload.EMPTY, tables._BINARY, tables._EMPTY}
    said |= {told for _, told in tables._OF_OTHERS}
    assert said <= set(import_words.of_files(str))


@pytest.mark.parametrize("said", [*import_words.of_lines(str), *import_words.of_files(str)])
def test_each_has_its_russian(said):
    assert translations("ru").gettext(said) != said


def test_several_faults_of_a_line_are_all_said():
    told = f"{cells.NO_AMOUNT}; {records.FEWER}"
    assert (
        import_words.fault(RUSSIAN, told)
        == "ожидается сумма, например 12.50 или 12,50; полей меньше, чем в заголовке; файл оборван?"
    )


def test_what_is_said_of_a_file_keeps_its_details():
    error = FileError("The value for all lines of %(field)s %(fault)s.", field="gross", fault=cells.NOTHING)
    assert import_words.error(RUSSIAN, error) == "Значение для всех строк, gross: пусто."


def test_every_field_of_every_subject_has_a_name():
    for subject, fields in FIELDS.items():
        assert {field.name for field in fields} <= import_words.field_names(RUSSIAN, subject).keys()


def test_a_mapping_goes_into_a_url_and_back():
    mapping = Mapping(
        subject="receipts",
        encoding="windows-1251",
        columns={"id": "Чек", "gross": "Сумма"},
        constants={"currency": "RUB", "has_card": "no"},
        dates=["dd.mm.yyyy", "iso"],
        values={"kind": {"возврат": "return"}},
        daily_numbers=True,
    )
    assert Mapping.model_validate(import_form.read(import_form.as_query(mapping), "receipts")) == mapping


def test_what_belongs_to_another_subject_is_left_out():
    sent = {"c.gross": "Сумма", "c.zone": "Зона", "k.currency": "RUB"}
    assert import_form.read(sent, "planogram")["columns"] == {"zone": "Зона"}
    assert import_form.read(sent, "planogram")["constants"] == {}
