"""What should I change first? Advice with its effect and how well it is known, and the test each would take."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter, HTTPException
from markupsafe import Markup
from starlette.responses import HTMLResponse

from server.advice.standing import Standing, first_open, standings
from server.db import money as currencies
from server.db.advice import Round, last_round
from server.web import advice_empty, advice_words
from server.web.advice_detail import Detail, detail
from server.web.advice_empty import Empty
from server.web.advice_past import PastSection, past_section
from server.web.advice_rows import AdviceList, advice_list
from server.web.language import Words
from server.web.money import Money, rounded
from server.web.parts import Export, Picker
from server.web.trade_names import TradeNames, trade_names
from server.web.view import Page, View

router = APIRouter()

_SHOWN = {
    "all": ("open", "waits", "planned", "running", "in_force", "no_effect", "unclear", "wrong"),
    "open": ("open", "waits"),
    "tests": ("planned", "running"),
    "over": ("in_force", "no_effect", "unclear", "wrong"),
    "aside": ("set_aside",),
}
"""States by what the reader asks to see."""


@dataclass(frozen=True, slots=True)
class AdvicePage:
    """Everything the template shows."""

    question: str
    answer: Markup
    meta: str
    show: Picker
    exports: list[Export]
    list: AdviceList | None
    detail: Detail | None
    past: PastSection | None
    empty: Empty | None
    worked_out: str
    """When the newest round was; empty before the first."""
    asked: bool
    """A round has been asked for just now."""
    may_run: bool


@router.get("/advice", response_class=HTMLResponse)
def advice_page(view: Page) -> HTMLResponse:
    """The page."""
    found, round_ = standings(view.conn, view.site.site), last_round(view.conn, view.site.site)
    return view.render("advice.html", page=_page(view, found, round_))


@router.get("/advice/{key}", response_class=HTMLResponse)
def one_advice(key: str, view: Page) -> HTMLResponse:
    """One advice on a page of its own, for a phone or a link."""
    one = next((each for each in standings(view.conn, view.site.site) if each.key == key), None)
    if one is None:
        raise HTTPException(404, "There is no such advice.")
    panel = detail(view, one, trade_names(view.conn, view.site.document), _money(view))
    return view.render("advice_one.html", panel=panel)


def _page(view: View, found: Sequence[Standing], round_: Round | None) -> AdvicePage:
    words, names, money = view.words, trade_names(view.conn, view.site.document), _money(view)
    asked = view.param("show") or "all"
    shown = [one for one in found if one.state in _SHOWN.get(asked, _SHOWN["all"])]
    chosen = _chosen(view, shown)
    return AdvicePage(
        question=words.gettext("What should I change first?"),
        answer=_answer(words, found, round_, names, money),
        meta=_meta(words, found, round_),
        show=_picker(view, found, asked),
        exports=_exports(view),
        list=advice_list(view, shown, names, money, chosen.key if chosen else "") if shown else None,
        detail=detail(view, chosen, names, money) if chosen else None,
        past=past_section(view, money, round_.basis) if round_ else None,
        empty=advice_empty.why_empty(view, shown, found, round_),
        worked_out=words.moment(view.moment_of(round_.t)) if round_ else "",
        asked=view.param("asked") is not None,
        may_run=view.user.may("merchandiser"),
    )


def _money(view: View) -> Money:
    return Money(view.words, currencies.currency(view.conn, view.site.site) or "")


def _chosen(view: View, shown: Sequence[Standing]) -> Standing | None:
    """The one that is asked for, else what to do first, else the first of all."""
    asked = next((one for one in shown if one.key == view.param("advice")), None)
    return asked or first_open(shown) or next(iter(shown), None)


def _answer(words: Words, found: Sequence[Standing], round_: Round | None, names: TradeNames, money: Money) -> Markup:
    first = first_open(found)
    if round_ is None:
        said = Markup(words.gettext("<b>No advice yet</b>: the first round has not been worked out."))  # noqa: S704 - our own text
    elif first is not None:
        said = _first(words, first, names, money)
    elif any(one.state == "waits" for one in found):
        said = Markup(words.gettext("<b>Not enough data yet</b> to advise anything."))  # noqa: S704 - our own text
    elif any(one.state in _SHOWN["tests"] for one in found):
        said = Markup(words.gettext("<b>Nothing new</b>: what was worth trying is being tried."))  # noqa: S704 - our own text
    else:
        said = Markup(words.gettext("<b>Nothing</b> stands out enough to be changed."))  # noqa: S704 - our own text
    return Markup(" ").join([said, *_wrong(words, found)])


def _first(words: Words, first: Standing, names: TradeNames, money: Money) -> Markup:
    """Move coffee to aisle 3: +€120 to +€500 of margin a week."""
    what = Markup("<b>{}</b>").format(advice_words.title(words, first.record.advice, names))
    if first.effect is None:
        template = Markup(words.gettext("%(what)s: worth a try, without a figure yet."))  # noqa: S704 - our own text
        return template % {"what": what}
    template = Markup(words.gettext("%(what)s: <b>%(effect)s</b> of margin a week."))  # noqa: S704 - our own text
    return template % {"what": what, "effect": money.reach(rounded(first.effect))}


def _wrong(words: Words, found: Sequence[Standing]) -> list[Markup]:
    n = sum(one.state == "wrong" for one in found)
    if not n:
        return []
    template = words.ngettext(
        "%(n)s advice was <b>wrong</b> and has been taken back.",
        "%(n)s pieces of advice were <b>wrong</b> and have been taken back.",
        n,
    )
    return [Markup(template) % {"n": words.gettext("One") if n == 1 else words.number(n)}]  # noqa: S704 - our own text


def _meta(words: Words, found: Sequence[Standing], round_: Round | None) -> str:
    if round_ is None:
        return words.gettext("Advice is worked out every night, and after each import.")
    basis = round_.basis
    n = sum(one.state != "set_aside" for one in found)
    told = [
        words.ngettext("%(n)s proposal", "%(n)s proposals", n) % {"n": words.number(n)}
        + words.ngettext(" from %(n)s day", " from %(n)s days", basis.days) % {"n": words.number(basis.days)}
        + words.gettext(" to %(day)s") % {"day": words.dates(basis.last, basis.last)},
        words.ngettext("%(n)s receipt", "%(n)s receipts", basis.receipts) % {"n": words.number(basis.receipts)},
    ]
    if basis.stores:
        stores = words.ngettext("beside %(n)s other store", "beside %(n)s other stores", basis.stores)
        told.append(stores % {"n": words.number(basis.stores)})
    about = words.gettext("Effects are margin per week against leaving things as they are, with 95 %% intervals.") % {}
    return f"{', '.join(told)}. {about}"


def _picker(view: View, found: Sequence[Standing], asked: str) -> Picker:
    text = view.words.gettext
    titles = {
        "all": text("all"),
        "open": text("not tried yet"),
        "tests": text("in a test"),
        "over": text("tested"),
        "aside": text("set aside"),
    }
    counts = {key: sum(one.state in states for one in found) for key, states in _SHOWN.items()}
    named = [
        (f"{title} {counts[key]}", view.link(None, show=None if key == "all" else key, advice=None), key == asked)
        for key, title in titles.items()
    ]
    current = asked if asked in titles else "all"
    return Picker(f"{titles[current]} {counts[current]}", named, custom=False, what=text("Show"))


def _exports(view: View) -> list[Export]:
    text, base = view.words.gettext, f"/api/v1/sites/{view.site.site}"
    return [
        Export(text("Advice"), f"{base}/advice?format=csv", None, [("XLSX", f"{base}/advice?format=xlsx")]),
        Export(text("Tests"), f"{base}/changes?format=csv", None, [("XLSX", f"{base}/changes?format=xlsx")]),
        Export(text("The change on the plan"), None, "figure-plan"),
        Export(text("How past advice did"), None, "figure-promises"),
    ]
