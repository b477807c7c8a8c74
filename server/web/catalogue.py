"""The metrics catalogue: `catalogue/en.md` and its translations, one entry per published number.

An entry is `### key: Name`, a paragraph, then `- field: text` lines; chapters are `## Title`.
"""

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from fastapi import APIRouter
from markupsafe import Markup
from starlette.responses import HTMLResponse

from server.web.figures.svg import element
from server.web.view import Page

router = APIRouter()

FIELDS = ("formula", "unit", "needs", "bias", "version", "fields")
_ENTRY = re.compile(r"^### (?P<key>[a-z_]+): (?P<name>.+)$")
_FACT = re.compile(r"^- (?P<field>[a-z]+): (?P<text>.+)$")


@dataclass(frozen=True, slots=True)
class Entry:
    """One number: what it means, and its facts by `FIELDS`."""

    key: str
    name: str
    text: str
    facts: dict[str, str]


@dataclass(frozen=True, slots=True)
class Chapter:
    """Entries that belong together."""

    title: str
    entries: list[Entry]


def parse(source: str) -> list[Chapter]:
    """Read a catalogue. What stands before the first chapter is for readers of the file only."""
    chapters: list[Chapter] = []
    for part in re.split(r"^## ", source, flags=re.MULTILINE)[1:]:
        title, _, rest = part.partition("\n")
        blocks = re.split(r"^(?=### )", rest, flags=re.MULTILINE)[1:]
        chapters.append(Chapter(title.strip(), [_entry(block) for block in blocks]))
    return chapters


def _entry(block: str) -> Entry:
    head, *lines = block.strip().splitlines()
    found = _ENTRY.match(head)
    if found is None:
        raise ValueError(f"catalogue: {head!r} is not of the form '### key: Name'")
    facts = {fact["field"]: fact["text"] for line in lines if (fact := _FACT.match(line))}
    text = " ".join(line for line in lines if line and not _FACT.match(line))
    return Entry(found["key"], found["name"], text, facts)


def with_code(text: str) -> Markup:
    """The text with its `code` marked as such, everything else escaped."""
    parts = text.split("`")
    return Markup("").join(element("code", part) if i % 2 else part for i, part in enumerate(parts))


@cache
def chapters(code: str) -> list[Chapter]:
    """The catalogue in a language, in English where there is no other."""
    folder = files("server.web") / "catalogue"
    source = folder / f"{code}.md"
    return parse((source if source.is_file() else folder / "en.md").read_text(encoding="utf-8"))


@router.get("/metrics-catalogue", response_class=HTMLResponse)
def catalogue(view: Page) -> HTMLResponse:
    """The page."""
    return view.render("catalogue.html", chapters=chapters(view.words.code), with_code=with_code)


@router.get("/more", response_class=HTMLResponse)
def more(view: Page) -> HTMLResponse:
    """What does not fit into the phone's tabs: site, language, theme, definitions, leaving."""
    return view.render("more.html")
