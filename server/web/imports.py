"""What came in from tills and the loyalty programme, and until when is it known?"""

from dataclasses import dataclass

from fastapi import APIRouter, HTTPException
from markupsafe import Markup, escape
from starlette.responses import Response

from contract.loyalty import Subject
from server.api.import_files import Files
from server.db.imports import ImportRecord, faults, get_import, list_imports
from server.db.mappings import MappingRecord, list_mappings
from server.session import Running
from server.settings import WatchedFolder
from server.web import import_words
from server.web.import_known import Known, KnownRow, known
from server.web.parts import Export, Picker
from server.web.state import State
from server.web.view import Page, View

router = APIRouter()

LISTED = 100


@dataclass(frozen=True, slots=True)
class ImportRow:
    """One import in the list."""

    href: str
    when: str
    subject: str
    name: str
    way: str
    counts: list[str]
    """Lines, taken, known, refused."""
    state: State


@dataclass(frozen=True, slots=True)
class ImportsPage:
    """Everything the list shows."""

    question: str
    answer: Markup
    meta: str
    known: list[KnownRow]
    rows: list[ImportRow]
    exports: list[Export]
    chosen: Picker
    subjects: dict[Subject, str]
    mappings: list[MappingRecord]
    folders: list[tuple[str, str, str]]
    """(folder, subject, mapping)."""
    under_way: list[str]
    """What uploads are called that wait or are being taken."""
    running: bool
    """Something is, or a folder's file."""
    gone: bool


@dataclass(frozen=True, slots=True)
class ImportPage:
    """Everything the page of one import shows."""

    question: str
    answer: Markup
    meta: str
    state: State
    trouble: str | None
    faults: list[tuple[str, str, str]]
    """(line, column, what was wrong)."""
    exports: list[Export]
    more: bool
    """There were more faults than are kept."""


@router.get("/imports")
def import_list(view: Page, service: Running, files: Files) -> Response:
    """The list."""
    words, names = view.words, import_words.subjects(view.words)
    asked = view.param("subject")
    records = list_imports(view.conn, view.site.site, subject=asked, limit=LISTED)
    told, under_way = known(view), files.under_way(view.site.site)
    page = ImportsPage(
        question=words.gettext("What is known from tills and the loyalty programme?"),
        answer=_answer(view, told),
        meta=words.gettext("Sums by quarter of an hour. Nothing that could name a person is read or kept."),
        known=told.rows,
        rows=[_row(view, record, names) for record in records],
        exports=[_export(view, words.gettext("What came in"), "loyalty/in/imports")],
        chosen=_picker(view, asked, names),
        subjects=names,
        mappings=list_mappings(view.conn, view.site.site),
        folders=[_folder(each, names) for each in service.settings.folders if each.site == view.site.site],
        under_way=under_way,
        running=bool(under_way) or any(record.status == "running" for record in records),
        gone=view.param("gone") is not None,
    )
    return view.render("imports.html", page=page)


@router.get("/imports/{import_id:int}")
def one_import(view: Page, import_id: int) -> Response:
    """One import with its faults line by line."""
    record = get_import(view.conn, view.site.site, import_id)
    if record is None:
        raise HTTPException(404)
    words, names = view.words, import_words.subjects(view.words)
    found = faults(view.conn, import_id)
    page = ImportPage(
        question=words.gettext("What became of %(name)s?") % {"name": record.name},
        answer=_outcome(view, record),
        meta=_about(view, record, names),
        state=import_words.state_of(record, words),
        trouble=record.trouble,
        faults=[
            (words.number(each.line) if each.line else "–", each.column, import_words.fault(words, each.fault))
            for each in found
        ],
        exports=[_export(view, words.gettext("Line by line"), f"loyalty/in/imports/{import_id}")],
        more=record.counts.refused > len(found),
    )
    return view.render("import.html", page=page)


def _answer(view: View, told: Known) -> Markup:
    words = view.words
    if told.sold_until is None:
        return Markup(words.gettext("<b>Nothing</b> was told of sales yet."))  # noqa: S704 - our own words
    said = words.gettext("Sales are known <b>until %(day)s</b>") % {"day": escape(words.day(told.sold_until))}
    if not told.categories:
        return Markup(f"{said}.")  # noqa: S704 - escaped above
    placed = words.ngettext(
        "<b>%(placed)s of %(n)s</b> category sold has its place on the plan.",
        "<b>%(placed)s of %(n)s</b> categories sold have their place on the plan.",
        told.categories,
    ) % {"placed": told.placed, "n": told.categories}
    return Markup(f"{said}; {placed}")  # noqa: S704 - escaped above, and numbers


def _outcome(view: View, record: ImportRecord) -> Markup:
    words, counts = view.words, record.counts
    if record.trouble:
        return Markup(words.gettext("<b>Nothing</b> of it was taken."))  # noqa: S704 - our own words
    parts = [words.ngettext("<b>%(n)s line</b> was taken", "<b>%(n)s lines</b> were taken", counts.taken)
             % {"n": words.number(counts.taken)}]  # fmt: skip
    if counts.known:
        told = words.ngettext("%(n)s was known before", "%(n)s were known before", counts.known)
        parts.append(told % {"n": words.number(counts.known)})
    if counts.refused:
        told = words.ngettext("<b>%(n)s</b> was refused", "<b>%(n)s</b> were refused", counts.refused)
        parts.append(told % {"n": words.number(counts.refused)})
    return Markup(f"{', '.join(parts)}.")  # noqa: S704 - our own words and numbers


def _about(view: View, record: ImportRecord, names: dict[Subject, str]) -> str:
    words = view.words
    way = import_words.ways(words).get(record.by, record.by)
    subject = {str(key): name for key, name in names.items()}[record.subject]
    when = words.moment(view.moment_of(record.received))
    return f"{subject}, {way}, {_who(view, record)}, {when}."


def _row(view: View, record: ImportRecord, names: dict[Subject, str]) -> ImportRow:
    words = view.words
    return ImportRow(
        href=view.link(f"/imports/{record.id}"),
        when=words.moment(view.moment_of(record.received)),
        subject={str(key): name for key, name in names.items()}[record.subject],
        name=record.name,
        way=f"{import_words.ways(words).get(record.by, record.by)}, {_who(view, record)}",
        counts=[words.number(n) for n in record.counts],
        state=import_words.state_of(record, words),
    )


def _who(view: View, record: ImportRecord) -> str:
    return view.words.gettext("a login link") if record.who == "link" else record.who


def _picker(view: View, asked: str | None, names: dict[Subject, str]) -> Picker:
    text = view.words.gettext
    every = [(text("everything"), view.link(subject=None), asked is None)]
    each = [(name, view.link(subject=key), key == asked) for key, name in names.items()]
    title = next((name for key, name in names.items() if key == asked), text("everything"))
    return Picker(title, every + each, custom=False, what=text("Subject"))


def _folder(entry: WatchedFolder, names: dict[Subject, str]) -> tuple[str, str, str]:
    return (entry.folder.name, names[entry.subject], entry.mapping or "")


def _export(view: View, title: str, subject: str) -> Export:
    path = f"/api/v1/sites/{view.site.site}/{subject}"
    return Export(title, f"{path}?format=csv", None, [("XLSX", f"{path}?format=xlsx")])
