"""Which offers pay? Each with what it brings and what it costs, how well that is known, and what to do with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from fastapi import APIRouter
from markupsafe import Markup
from starlette.responses import HTMLResponse

from server.db import money as currencies
from server.db import sales
from server.domain.offers import LONG_AGO_DAYS
from server.offer_report import OfferReport, ReportedOffer, offer_report
from server.web.advice_empty import Step
from server.web.language import Words
from server.web.money import Money, rounded
from server.web.offer_rows import OfferTable, offer_table
from server.web.parts import Export, Picker
from server.web.trade_names import quoted, trade_names
from server.web.view import Page, View

router = APIRouter()


@dataclass(frozen=True, slots=True)
class OffersPage:
    """Everything the template shows."""

    question: str
    answer: Markup
    meta: str
    show: Picker
    exports: list[Export]
    table: OfferTable | None
    missing: list[Step]
    """What will fill the page, where it is empty."""
    may_run: bool


@router.get("/offers", response_class=HTMLResponse)
def offers_page(view: Page) -> HTMLResponse:
    """The page."""
    return view.render("offers.html", page=_page(view))


def _page(view: View) -> OffersPage:
    words, today = view.words, view.words.local(view.now).date()
    found = offer_report(view.conn, view.site.site, today=today)
    names = trade_names(view.conn, view.site.document)
    money = Money(words, currencies.currency(view.conn, view.site.site) or "")
    recent = [each for each in found.offers if each.offer.end >= today - timedelta(days=LONG_AGO_DAYS)]
    everything = view.param("show") == "all" or not recent
    shown = found.offers if everything else recent
    return OffersPage(
        question=words.gettext("Which offers pay?"),
        answer=_answer(words, found, shown, money),
        meta=_meta(view, found, shown),
        show=_picker(view, len(recent), len(found.offers), everything=everything),
        exports=_exports(view),
        table=offer_table(view, shown, names, money) if shown else None,
        missing=[] if found.judged else _missing(view, found),
        may_run=view.user.may("merchandiser") and not found.judged and bool(found.offers),
    )


def _answer(words: Words, found: OfferReport, shown: Sequence[ReportedOffer], money: Money) -> Markup:
    if not found.offers:
        return Markup(words.gettext("<b>No offer</b> has been told yet."))  # noqa: S704 - our own text
    judged = [each for each in shown if each.verdict != "waits"]
    if not judged:
        return Markup(words.gettext("<b>Not enough data yet</b> to say which offers pay."))  # noqa: S704 - our own text
    losing = [each for each in judged if each.loses]
    counts = {"n": words.number(len(losing)), "of": words.number(len(judged))}
    if not losing:
        text = words.ngettext(
            "<b>%(of)s</b> offer could be judged, and loses no money for sure.",
            "<b>%(of)s</b> offers could be judged, and none loses money for sure.",
            len(judged),
        )
        return Markup(" ").join([Markup(text) % counts, *_todo(words, judged, money)])  # noqa: S704 - our own text
    text = words.ngettext(
        "<b>%(n)s of %(of)s</b> offer costs more than it brings.",
        "<b>%(n)s of %(of)s</b> offers cost more than they bring.",
        len(judged),
    )
    return Markup(" ").join([Markup(text) % counts, *_todo(words, judged, money)])  # noqa: S704 - our own text


def _todo(words: Words, judged: Sequence[ReportedOffer], money: Money) -> list[Markup]:
    """Drop “X”: +€90 a week."""
    saving = [(each, each.result.saves) for each in judged if each.result and each.result.saves]
    if not saving:
        return []
    most, saves = max(saving, key=lambda pair: pair[1].low)
    text = (
        words.gettext("Give %(offer)s to others only: <b>%(effect)s</b> a week.")
        if most.verdict == "others"
        else words.gettext("Drop %(offer)s: <b>%(effect)s</b> a week.")
    )
    told = {"offer": quoted(words, most.offer.name), "effect": money.signed(rounded(saves).value)}
    return [Markup(text) % told]  # noqa: S704 - our own text


def _meta(view: View, found: OfferReport, shown: Sequence[ReportedOffer]) -> str:
    words = view.words
    if found.worked_out is None:
        return words.gettext("Offers are judged every night, and after each import, by the margin of their goods.")
    told = words.ngettext("%(n)s offer", "%(n)s offers", len(shown)) % {"n": words.number(len(shown))}
    when = words.gettext("worked out %(when)s") % {"when": words.moment(view.moment_of(found.worked_out))}
    about = words.gettext(
        "Amounts are a week while the offer held; effects with 95 %% intervals, against the goods without it."
    )
    return f"{told}, {when}. {about % {}}"


def _picker(view: View, recent: int, all_: int, *, everything: bool) -> Picker:
    text = view.words.gettext
    near, far = text("of the last 90 days"), text("of the last year")
    titles = [
        (f"{near} {recent}", view.link(None, show=None), not everything),
        (f"{far} {all_}", view.link(None, show="all"), everything),
    ]
    return Picker(titles[everything][0], titles, custom=False, what=text("Show"))


def _exports(view: View) -> list[Export]:
    path = f"/api/v1/sites/{view.site.site}/offers/results"
    title = view.words.gettext("Offers")
    return [Export(title, f"{path}?format=csv", "figure-offers", [("XLSX", f"{path}?format=xlsx")])]


def _missing(view: View, found: OfferReport) -> list[Step]:
    text, imports = view.words.gettext, view.link("/imports")
    sold = sales.span(view.conn, view.site.site) is not None
    return [
        Step(text("offers: their goods, their first and last day"), imports, bool(found.offers)),
        Step(text("receipts or sales with margins, of at least four weeks without the offer"), imports, sold),
    ]
