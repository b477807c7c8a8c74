"""What does the loyalty programme bring? Ratios by stated formulas, who stays, whom it reaches, and what changed."""

from dataclasses import dataclass

from fastapi import APIRouter
from markupsafe import Markup
from starlette.responses import HTMLResponse

from server import programme_report as reports
from server.db import catalogue
from server.db.money import currency
from server.db.news import bulletin
from server.domain.programme import Cohort
from server.programme_report import Period
from server.web import loyalty_figures, loyalty_sections, news_words
from server.web.loyalty_hypotheses import HypothesisRow, hypotheses
from server.web.loyalty_question import QuestionSection, question_section
from server.web.loyalty_sections import AnswersPanel, CohortRow, NewsRow, ReachRow, SegmentRow
from server.web.money import Money
from server.web.parts import Export, Figure
from server.web.view import Page, View

router = APIRouter()


@dataclass(frozen=True, slots=True)
class LoyaltyPage:
    """Everything the template shows."""

    question: str
    answer: Markup
    meta: str
    exports: list[Export]
    figures: list[Figure]
    segments: list[SegmentRow]
    cohorts: list[CohortRow]
    months: list[str]
    hypotheses: list[HypothesisRow]
    asked: QuestionSection
    reach: list[ReachRow]
    news: list[NewsRow]
    news_note: str
    answers: list[AnswersPanel]


@router.get("/loyalty", response_class=HTMLResponse)
def loyalty(view: Page) -> HTMLResponse:
    """The page."""
    return view.render("loyalty.html", page=_page(view))


def _page(view: View) -> LoyaltyPage:
    conn, site, today = view.conn, view.site, view.words.local(view.now).date()
    told = reports.periods(conn, site.site)
    money = Money(view.words, currency(conn, site.site) or "")
    names = catalogue.names(conn, site.site)
    known = reports.known_cohorts(conn, site.site)
    found = bulletin(conn, site.site)
    likings = reports.whom_we_reach(conn, site.document, today=today)
    top = max((each.share.high for each in likings), default=1.0)
    return LoyaltyPage(
        question=view.words.gettext("What does the loyalty programme bring?"),
        answer=_answer(view, told, money),
        meta=_meta(view, told),
        exports=_exports(view),
        figures=loyalty_figures.figures(view.words, told, money),
        segments=[loyalty_sections.segment(view.words, each, money, site.document) for each in _segments(view, told)],
        cohorts=_cohorts(view, known, money),
        months=[view.words.number(month) for month in range(_longest(known))],
        hypotheses=hypotheses(view, money),
        asked=question_section(view),
        reach=[loyalty_sections.reach(view.words, each, names, site.document, top=top) for each in likings],
        news=[
            NewsRow(
                news_words.sentence(each, site.document, names, view.words),
                news_words.range_of(each, view.words),
                news_words.causes(each, view.words),
            )
            for each in (found.news if found else ())
        ],
        news_note=loyalty_sections.news_note(view.words, found),
        answers=[loyalty_sections.answers(view.words, each) for each in reports.answers(conn, site.site, today=today)],
    )


def _segments(view: View, told: list[Period]) -> list[Period]:
    return reports.segments(view.conn, view.site.site, told[-1]) if told else []


def _cohorts(view: View, known: list[Cohort], money: Money) -> list[CohortRow]:
    rows = [loyalty_sections.cohort(view.words, each, money) for each in known]
    return [*rows, loyalty_sections.all_cohorts(view.words, known)] if len(known) > 1 else rows


def _longest(known: list[Cohort]) -> int:
    return max((len(each.kept) for each in known), default=0)


def _answer(view: View, told: list[Period], money: Money) -> Markup:
    words = view.words
    if not told:
        return Markup(words.gettext("The programme has told <b>nothing</b> yet."))  # noqa: S704 - our own text
    newest = told[-1].figures
    said = [_basket(view, told[-1], money)]
    if newest.retention is not None:
        text = words.gettext("<b>%(share)s</b> of those who bought before came back.")
        said.append(Markup(text) % {"share": words.percent(newest.retention.value)})  # noqa: S704 - our own text
    return Markup(" ").join(each for each in said if each)


def _basket(view: View, newest: Period, money: Money) -> Markup:
    found = newest.figures
    if found.basket is None:
        return Markup()
    if found.basket_without is None:
        text = view.words.gettext("A receipt with a card is worth <b>%(with)s</b>.")
        return Markup(text) % {"with": money.price(found.basket)}  # noqa: S704 - our own text
    text = view.words.gettext("A receipt with a card is worth <b>%(with)s</b>, one without %(without)s.")
    prices = {"with": money.price(found.basket), "without": money.price(found.basket_without)}
    return Markup(text) % prices  # noqa: S704 - our own text


def _meta(view: View, told: list[Period]) -> str:
    words = view.words
    if not told:
        return words.gettext("Sums come from the programme, by REST, MQTT or a file; nobody is named in them.")
    newest = told[-1]
    meta = words.gettext(
        "%(dates)s, %(members)s members, %(receipts)s receipts with a card. Sums told by the programme."
    )
    return meta % {
        "dates": words.dates(newest.start, newest.end),
        "members": words.number(newest.sums.members),
        "receipts": words.number(newest.sums.card_receipts),
    }


def _exports(view: View) -> list[Export]:
    text, base = view.words.gettext, f"/api/v1/sites/{view.site.site}"
    subjects = [
        (text("Programme"), "programme"),
        (text("Cohorts"), "programme/cohorts"),
        (text("Who likes what, when"), "programme/reach"),
        (text("What changed"), "news"),
        (text("Surveys"), "surveys"),
    ]
    return [
        Export(title, f"{base}/{path}?format=csv", None, [("XLSX", f"{base}/{path}?format=xlsx")])
        for title, path in subjects
    ]
