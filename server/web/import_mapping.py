"""An uploaded file through the mapping that a URL says, as the page of its columns and first lines shows it."""

from collections.abc import Mapping as Fields
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from markupsafe import Markup, escape
from pydantic import TypeAdapter, ValidationError

from contract.documents import inspect
from contract.loyalty import Subject
from server.db.mappings import get_mapping, list_mappings
from server.db.money import currency
from server.imports.fields import FIELDS, WITH_MONEY
from server.imports.file_errors import FileError
from server.imports.files import ImportFiles
from server.imports.mapping import CURRENCY, Mapping, is_refused, suggest
from server.imports.preview import Preview, Shown, columns_of, preview
from server.imports.tables import open_table
from server.imports.taking import ground_of, with_currency
from server.imports.upload import Upload
from server.web import import_form, import_words
from server.web.view import View

ENCODINGS = {
    "auto": "", "utf-8": "UTF-8", "utf-16": "UTF-16", "windows-1251": "Windows-1251", "windows-1252": "Windows-1252",
}  # fmt: skip
_SUBJECT: TypeAdapter[Subject] = TypeAdapter(Subject)
_AMOUNTS = frozenset({"gross", "margin", "discount", "cost", "card_gross", "card_margin"})


@dataclass(frozen=True, slots=True)
class Opened:
    """A file as far as it could be read, and what keeps it from being read further."""

    upload: Upload
    mapping: Mapping
    header: list[str]
    preview: Preview | None
    troubles: list[str]

    @property
    def ready(self) -> bool:
        """Whether it can be imported."""
        return self.preview is not None and not self.preview.missing and not self.troubles


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One of our fields: which columns of the file it may be, and which it is."""

    name: str
    title: str
    column: str
    constant: str
    choices: list[str]
    needed: bool


@dataclass(frozen=True, slots=True)
class LineRow:
    """One line as it would be taken, or what is wrong with it."""

    line: str
    cells: list[str]
    faults: str


@dataclass(frozen=True, slots=True)
class MappingPage:
    """Everything the page shows."""

    question: str
    answer: Markup
    meta: str
    opened: Opened
    subjects: dict[Subject, str]
    fields: list[FieldRow]
    unread: list[tuple[str, str]]
    """Columns that are not read, and why."""
    heads: list[tuple[str, bool]]
    """What the fields of the lines are called, and whether they are numbers."""
    lines: list[LineRow]
    encodings: dict[str, str]
    words: list[tuple[str, str, str]]
    """(field, title, text) of what words mean."""
    sheets: list[str]
    saved: list[str]
    """Names of mappings of this subject."""


def open_upload(view: View, files: ImportFiles, upload: Upload, sent: Fields[str, str]) -> Opened:
    """Read the file as the parameters say, or as its columns suggest."""
    path, money = files.uploads.path(upload), currency(view.conn, upload.site)
    mapping, troubles = _asked(view, sent)
    try:
        with open_table(path, mapping.form) as table:
            header = table.header
    except FileError as error:
        return Opened(upload, mapping, [], None, [*troubles, import_words.error(view.words, error)])
    if import_form.SHOWN not in sent and not sent.get("use"):
        mapping = suggest(mapping.subject, header, currency=money)
    there = {name: column for name, column in mapping.columns.items() if column in header}
    mapping = with_currency(mapping.model_copy(update={"columns": there}), money)
    try:
        found = preview(path, mapping, ground_of(view.conn, upload.site))
    except FileError as error:
        return Opened(upload, mapping, header, None, [*troubles, import_words.error(view.words, error)])
    return Opened(upload, mapping, header, found, troubles)


def mapping_page(view: View, opened: Opened) -> MappingPage:
    """What the page shows of it."""
    mapping, text = opened.mapping, view.words.gettext
    titles = import_words.field_names(view.words, mapping.subject)
    shown = opened.preview.lines if opened.preview else []
    names = [name for name in titles if any(name in line.told for line in shown)]
    return MappingPage(
        question=text("What does %(file)s say?") % {"file": opened.upload.name},
        answer=_answer(view, opened),
        meta=_meta(view, opened),
        opened=opened,
        subjects=import_words.subjects(view.words),
        fields=_fields(opened, titles),
        unread=_unread(view, opened),
        heads=[(titles[name], _is_number(name, shown)) for name in names],
        lines=[_line(view, line, names) for line in shown],
        encodings=ENCODINGS | {"auto": text("found out")},
        words=_words(mapping, titles),
        sheets=opened.preview.settled.sheets if opened.preview else [],
        saved=[each.name for each in list_mappings(view.conn, view.site.site, subject=mapping.subject)],
    )


def _asked(view: View, sent: Fields[str, str]) -> tuple[Mapping, list[str]]:
    """The mapping that is asked for; an empty one, and why, where that is none."""
    try:
        subject = _SUBJECT.validate_python(sent.get("subject") or "receipts")
    except ValidationError:
        subject = "receipts"
    record = get_mapping(view.conn, view.site.site, sent["use"]) if sent.get("use") else None
    raw: Any = record.document if record else import_form.read(sent, subject)
    found = inspect(Mapping, raw)
    if isinstance(found, Mapping):
        return found, []
    return Mapping(subject=subject), [f"{fault.key}: {fault.message}" for fault in found]


def _answer(view: View, opened: Opened) -> Markup:
    words, found = view.words, opened.preview
    if found is None:
        return Markup(words.gettext("It <b>cannot be read</b> like this."))  # noqa: S704 - our own words
    if found.missing:
        titles = import_words.field_names(words, opened.mapping.subject)
        wanting = [
            words.gettext(" or ").join(str(escape(titles[name])) for name in choice.split("|"))
            for choice in found.missing
        ]
        told = words.gettext("Nothing says <b>%(fields)s</b> yet.") % {"fields": "</b>, <b>".join(wanting)}
        return Markup(told)  # noqa: S704 - escaped above
    wrong, n = sum(bool(line.faults) for line in found.lines), len(found.lines)
    if not wrong:
        said = words.ngettext(
            "The first <b>%(n)s line</b> can be taken.", "The first <b>%(n)s lines</b> can be taken.", n
        )
        return Markup(said % {"n": n})  # noqa: S704 - our own words and a number
    said = words.gettext("<b>%(wrong)s</b> of the first <b>%(n)s</b> lines cannot be taken as they are.")
    return Markup(said % {"wrong": wrong, "n": n})  # noqa: S704 - our own words and numbers


def _meta(view: View, opened: Opened) -> str:
    words, found = view.words, opened.preview
    parts = [words.size(opened.upload.size_bytes)]
    if found is not None:
        form, text = found.settled.form, words.gettext
        signs = {",": text("commas"), ";": text("semicolons"), "\t": text("tabs"), "|": text("bars")}
        decimal = {"comma": text("decimal comma"), "point": text("decimal point"), None: text("no decimals")}
        sheet = text("sheet %(name)s") % {"name": form.sheet} if form.sheet else ""
        dates = text("dates %(form)s") % {"form": found.settled.formats[0]}
        parts += [ENCODINGS.get(form.encoding or "") or sheet or str(form.encoding)]
        parts += [signs[form.delimiter]] if form.delimiter else []
        parts += [decimal[found.settled.decimal], dates]
    return view.words.gettext("Read as: %(how)s. Nothing is kept until you import it; the file is deleted then.") % {
        "how": ", ".join(parts)
    }


def _fields(opened: Opened, titles: dict[str, str]) -> list[FieldRow]:
    mapping = opened.mapping
    needed = frozenset(mapping.part.required)
    rows = [
        FieldRow(
            name=each.name,
            title=titles[each.name],
            column=mapping.columns.get(each.name, ""),
            constant=mapping.constants.get(each.name, ""),
            choices=[c for c in opened.header if c and not is_refused(mapping.subject, each.name, c)],
            needed=each.name in needed,
        )
        for each in FIELDS[mapping.subject]
    ]
    if mapping.subject in WITH_MONEY:
        money = mapping.constants.get(CURRENCY, "")
        rows.append(FieldRow(CURRENCY, titles[CURRENCY], "", money, [], needed=True))
    return rows


def _unread(view: View, opened: Opened) -> list[tuple[str, str]]:
    personal = view.words.gettext("could name a person: not read")
    other = view.words.gettext("not chosen: not read")
    columns = columns_of(opened.header, opened.mapping)
    return [(c.name, personal if c.could_name_person else other) for c in columns if c.field is None]


def _words(mapping: Mapping, titles: dict[str, str]) -> list[tuple[str, str, str]]:
    query = import_form.as_query(mapping)
    names = [each.name for each in FIELDS[mapping.subject] if each.name in import_form.WORDED]
    return [(name, titles[name], query.get(f"v.{name}", "")) for name in names]


def _line(view: View, line: Shown, names: list[str]) -> LineRow:
    told = [f"{column}: {import_words.fault(view.words, fault)}" if column else import_words.fault(view.words, fault)
            for column, fault in line.faults]  # fmt: skip
    cells = [_cell(view, name, line.told.get(name)) for name in names]
    return LineRow(view.words.number(line.line), cells, "; ".join(told))


def _cell(view: View, name: str, value: object) -> str:
    match value:
        case bool():
            return view.words.gettext("yes") if value else view.words.gettext("no")
        case float() if name == "t":
            return _local(view, datetime.fromtimestamp(value, UTC))
        case str() if name == "start" and "T" in value:
            return _local(view, datetime.fromisoformat(value))
        case int() | float():
            digits = 2 if name in _AMOUNTS else 0 if float(value).is_integer() else 3
            return view.words.number(value, digits)
        case list():
            return ", ".join(map(str, value))
    return str(value) if value else "–"


def _is_number(name: str, shown: list[Shown]) -> bool:
    values = [line.told[name] for line in shown if name in line.told]
    return name != "t" and all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)


def _local(view: View, moment: datetime) -> str:
    return f"{view.words.local(moment):%Y-%m-%d %H:%M}"
