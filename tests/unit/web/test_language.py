import ast
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import server.web
from server.web.language import Words, negotiate

WEB = Path(server.web.__file__).parent
KEYWORDS = {"gettext": None, "ngettext": (1, 2), "text": None}
METHODS = [("figures/**", "ignore"), ("**.py", "python"), ("**.html", "jinja2")]


@pytest.fixture
def russian():
    return Words("ru", ZoneInfo("Europe/Moscow"))


@pytest.fixture
def english():
    return Words("en", ZoneInfo("Europe/Berlin"))


def said():
    """Every text in the sources: a string, or a pair of singular and plural."""
    options = {"**.html": {"newstyle_gettext": "true"}}
    found = extract_from_dir(WEB, method_map=METHODS, options_map=options, keywords=KEYWORDS)
    return {message for _, _, message, _, _ in found}


def translated():
    catalogue = read_po((WEB / "locale/ru/LC_MESSAGES/vitrina.po").open("rb"), locale="ru")
    return {m.id if isinstance(m.id, str) else tuple(m.id): m for m in catalogue if m.id}


def test_every_text_has_its_russian():
    known = translated()
    missing = [text for text in said() if text not in known or not _whole(known[text])]
    assert missing == []


def _whole(message):
    forms = message.string if message.pluralizable else [message.string]
    return not message.fuzzy and len(forms) == (3 if message.pluralizable else 1) and all(forms)


def test_no_russian_is_left_over():
    assert sorted(map(str, translated().keys() - said())) == []


def test_translations_keep_the_placeholders():
    import re

    names = re.compile(r"%\((\w+)\)s")
    for message in translated().values():
        source = message.id if isinstance(message.id, str) else message.id[1]
        for form in message.string if message.pluralizable else [message.string]:
            assert set(names.findall(form)) == set(names.findall(source)), message.id


def test_texts_are_not_hidden_from_the_extractor():
    """A text within an f-string is not found when texts are collected."""
    hidden = []
    for path in WEB.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.JoinedStr):
                hidden += [
                    (path.name, call.lineno)
                    for call in ast.walk(node)
                    if isinstance(call, ast.Call) and getattr(call.func, "attr", "").endswith("gettext")
                ]
    assert hidden == []


@pytest.mark.parametrize(
    ("n", "words"),
    [
        (1, "человек"),
        (2, "человека"),
        (5, "человек"),
        (11, "человек"),
        (21, "человек"),
        (22, "человека"),
        (1.5, "человек"),
    ],
)
def test_russian_plurals(russian, n, words):
    assert russian.ngettext("person", "people", n) == words


def test_numbers_as_the_language_writes_them(russian, english):
    assert english.number(1284) == "1,284"
    assert russian.number(1284) == "1\u00a0284"
    assert russian.number(7.25, 1) == "7,2"
    assert english.number(-0.04, 1) == "0.0"
    assert english.number(-3) == "−3"
    assert english.percent(0.063, 1) == "6.3\u202f%"


@pytest.mark.parametrize(
    ("value", "written"), [(None, "–"), (3.24, "3.2 s"), (41.4, "41 s"), (470, "7:50 min"), (11520, "3.2 h")]
)
def test_durations(english, value, written):
    assert english.seconds(value).replace("\u00a0", " ") == written


@pytest.mark.parametrize(
    ("age_s", "written"),
    [(0, "0 s ago"), (110, "110 s ago"), (1080, "18 min ago"), (10_800, "3 h ago"), (200_000, "2 d ago")],
)
def test_ages(english, age_s, written):
    assert english.ago(age_s).replace("\u00a0", " ") == written


def test_dates_and_clocks_are_local(russian, english):
    moment = datetime(2026, 11, 21, 22, 30, tzinfo=UTC)
    assert english.moment(moment) == "Sat 21 Nov 23:30"
    assert russian.moment(moment) == "вс, 22 ноября 01:30"
    assert english.day(date(2026, 11, 1)) == "Sun 1 Nov"


@pytest.mark.parametrize(
    ("cookie", "accept", "language"),
    [
        ("ru", "en", "ru"),
        (None, "ru-RU,ru;q=0.9,en;q=0.8", "ru"),
        (None, "de-DE,ru;q=0.5", "ru"),
        (None, "de", "en"),
        (None, None, "en"),
        ("klingon", "ru", "ru"),
    ],
)
def test_the_language_is_chosen(cookie, accept, language):
    assert negotiate(cookie, accept) == language
