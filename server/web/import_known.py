"""What is known of each subject at all, and until when."""

from dataclasses import dataclass
from datetime import date

from contract.loyalty import Subject
from server.db import affinities, catalogue, days_known, offers, planogram, programme, sales, surveys
from server.web import import_words
from server.web.view import View


@dataclass(frozen=True, slots=True)
class KnownRow:
    """One subject: how much is known, and until when; both empty where nothing came."""

    subject: str
    much: str
    until: str


@dataclass(frozen=True, slots=True)
class Known:
    """What a store has been told."""

    rows: list[KnownRow]
    sold_until: date | None
    placed: int
    """Of the categories that were sold."""
    categories: int


def known(view: View) -> Known:
    """Ask for everything."""
    conn, site = view.conn, view.site.site
    today = view.words.local(view.now).date()
    sold, span = set(sales.categories_sold(conn, site)), sales.span(conn, site)
    placed = planogram.placed(conn, site, today)
    names = import_words.subjects(view.words)
    both = [*_of_store(view, span, placed=len(placed)), *_of_programme(view)]
    rows = [KnownRow(names[subject], much, until) for subject, much, until in both]
    return Known(rows, span[1] if span else None, len(sold & placed.keys()), len(sold))


Row = tuple[Subject, str, str]


def _of_store(view: View, span: tuple[date, date] | None, *, placed: int) -> list[Row]:
    ngettext, conn, site = view.words.ngettext, view.conn, view.site.site
    names, articles = len(catalogue.names(conn, site)), catalogue.count_articles(conn, site)
    days = (span[1] - span[0]).days + 1 if span else 0
    told = offers.list_offers(conn, site)
    goods = [
        _counted(view, names, ngettext("%(n)s category", "%(n)s categories", names)),
        _counted(view, articles, ngettext("%(n)s article", "%(n)s articles", articles)),
    ]
    placings = ngettext("%(n)s category placed", "%(n)s categories placed", placed)
    campaigns = ngettext("%(n)s offer", "%(n)s offers", len(told))
    return [
        ("receipts", _counted(view, days, ngettext("%(n)s day", "%(n)s days", days)), _last(view, list(span or ()))),
        ("catalogue", ", ".join(part for part in goods if part), ""),
        ("planogram", _counted(view, placed, placings), ""),
        ("offers", _counted(view, len(told), campaigns), _last(view, [offer.end for offer in told])),
    ]


def _of_programme(view: View) -> list[Row]:
    ngettext, conn, site = view.words.ngettext, view.conn, view.site.site
    bought, periods = affinities.list_affinities(conn, site), programme.periods(conn, site)
    asked = surveys.counts(conn, site)
    days = {each.day for each in days_known.weather(conn, site)} | {each.day for each in days_known.special(conn, site)}
    questions = len({(count.survey, count.question) for count in asked})
    shares = _counted(view, len(bought), ngettext("%(n)s share", "%(n)s shares", len(bought)))
    spans = _counted(view, len(periods), ngettext("%(n)s period", "%(n)s periods", len(periods)))
    return [
        ("affinities", shares, _last(view, [each.end for each in bought])),
        ("programme", spans, _last(view, [each.end for each in periods])),
        ("surveys", _counted(view, questions, ngettext("%(n)s question", "%(n)s questions", questions)),
         _last(view, [each.day for each in asked])),
        ("days", _counted(view, len(days), ngettext("%(n)s day", "%(n)s days", len(days))), _last(view, list(days))),
    ]  # fmt: skip


def _counted(view: View, n: int, said: str) -> str:
    return said % {"n": view.words.number(n)} if n else ""


def _last(view: View, days: list[date]) -> str:
    return view.words.day(max(days)) if days else ""
