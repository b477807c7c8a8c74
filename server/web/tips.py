"""What may the tills offer now? For a tablet at a till bank."""

from collections import defaultdict
from dataclasses import dataclass

from fastapi import APIRouter, Depends, HTTPException
from markupsafe import Markup
from pydantic import ValidationError
from starlette.responses import HTMLResponse, RedirectResponse, Response

from contract.tips import Tip
from server.control_room import OnScreen
from server.db import affinities, catalogue, occupancy
from server.db import tips as records
from server.db.money import currency
from server.db.tips import TipRecord
from server.domain.intervals import wilson
from server.domain.tips import Taps
from server.service import of
from server.session import require
from server.tip_ranking import likes_now, ranked
from server.tips import EVERY_TILL, NoSiteError, banks, send_by_hand
from server.web import parts
from server.web.campaign_deeds import Sent
from server.web.campaign_form import first
from server.web.money import Money
from server.web.parts import Export, Picker
from server.web.view import Page, View

router = APIRouter()


@dataclass(frozen=True, slots=True)
class TipCard:
    """One tip as the tablet shows it."""

    id: int
    title: Markup
    why: str
    counted: str
    by: str
    tapped: bool
    taken: bool


@dataclass(frozen=True, slots=True)
class ResultRow:
    """What came of offering one thing with another."""

    what: str
    offered: str
    taken: str
    share: str
    reach: str


@dataclass(frozen=True, slots=True)
class TipsPage:
    """Everything the template shows."""

    question: str
    answer: Markup
    meta: str
    banks: Picker
    periods: Picker
    exports: list[Export]
    cards: list[TipCard]
    results: list[ResultRow]
    categories: list[tuple[str, str]]


@router.get("/tips", response_class=HTMLResponse)
def tips(view: Page) -> HTMLResponse:
    """The page."""
    bank = _bank(view)
    found = records.tips_between(view.conn, site=view.site.site, start=view.at, end=view.at + 1)
    mine = ranked([each for each in found if each.bank in {bank, EVERY_TILL}], _likes(view))
    money = Money(view.words, currency(view.conn, view.site.site) or "")
    page = TipsPage(
        question=view.words.gettext("What may the tills offer now?"),
        answer=_answer(view, mine),
        meta=_meta(view, mine),
        banks=_bank_picker(view, bank),
        periods=parts.span_picker(view),
        exports=[parts.table(view, view.words.gettext("Tips"), "tips/results")],
        cards=[_card(view, each, money) for each in mine],
        results=_results(view),
        categories=[(each.category, each.name) for each in catalogue.categories(view.conn, view.site.site)],
    )
    return view.render("tips.html", page=page)


@router.post("/tips", response_class=HTMLResponse, dependencies=[Depends(require("merchandiser"))])
async def send(view: Page, sent: Sent) -> Response:
    """Send a tip to this store or to all."""
    try:
        tip = Tip(
            given=first(sent, "given") or None,
            then=first(sent, "then"),
            then_name=first(sent, "then"),
            text=first(sent, "text"),
            by=view.user.name,
        )
        sites = None if first(sent, "sites") == "all" else [view.site.site]
        await send_by_hand(of(view.request), tip, sites=sites, hours=float(min(72, max(1, int(first(sent, "hours"))))))
    except (ValidationError, NoSiteError, ValueError):
        raise HTTPException(422, "A tip needs a category to offer and whole hours.") from None
    return RedirectResponse(view.link(), 303)


def _bank(view: View) -> str:
    known, asked = banks(view.site.document), view.param("bank")
    return asked if asked in known else known[0]


def _bank_picker(view: View, bank: str) -> Picker:
    named = [(_bank_name(view, key), view.link(bank=key), key == bank) for key in banks(view.site.document)]
    return Picker(_bank_name(view, bank), named, custom=False, what=view.words.gettext("Tills"))


def _bank_name(view: View, bank: str) -> str:
    zone = view.site.document.zones.get(bank)
    return (zone.name if zone else "") or (view.words.gettext("All tills") if bank == EVERY_TILL else bank)


def _likes(view: View) -> dict[str, float]:
    on: dict[str, OnScreen] = view.request.app.state.director.now(view.site.site)
    return likes_now(affinities.list_affinities(view.conn, view.site.site), on, view.words.local(view.now))


def _answer(view: View, found: list[TipRecord]) -> Markup:
    if not found:
        return Markup(view.words.gettext("There is <b>no tip</b> for this hour."))  # noqa: S704 - our own text
    return _title(view, found[0].tip) + "."


def _title(view: View, tip: Tip) -> Markup:
    if tip.given is None:
        return Markup(view.words.gettext("Offer <b>%(then)s</b>")) % {"then": tip.then_name}  # noqa: S704 - our own text
    text = view.words.gettext("With <b>%(given)s</b>, offer <b>%(then)s</b>")
    return Markup(text) % {"given": tip.given_name, "then": tip.then_name}  # noqa: S704 - our own text


def _meta(view: View, found: list[TipRecord]) -> str:
    words, said = view.words, [view.words.moment(view.now)]
    inside = occupancy.now(view.conn, site=view.site.site, at=view.at)
    if inside.total is not None and not inside.stale:
        said.append(words.gettext("%(n)s in the shop now") % {"n": words.number(inside.total)})
    expected = next((each.tip for each in found if each.tip.expected is not None), None)
    if expected is not None:
        said.append(_expected(view, expected))
    return ". ".join(said) + "."


def _expected(view: View, tip: Tip) -> str:
    words = view.words
    people = {"n": words.number(_about(tip.expected or 0)), "busy": words.number(_about(tip.busy or 0))}
    if not tip.busy or not tip.given_name:
        return words.gettext("About %(n)s will come today") % people
    told = words.gettext("About %(n)s will come today, %(busy)s of them in the hours of %(given)s")
    return told % (people | {"given": tip.given_name})


def _about(n: float) -> float:
    """A forecast in words: to ten from a hundred up."""
    return round(n, -1) if n >= 100 else round(n)


def _card(view: View, record: TipRecord, money: Money) -> TipCard:
    words, taps = view.words, record.taps
    counted = words.gettext("offered %(offered)s times, taken %(taken)s times")
    return TipCard(
        id=record.id,
        title=_title(view, record.tip),
        why=_why(view, record.tip, money),
        counted=counted % {"offered": words.number(taps.offered), "taken": words.number(taps.accepted)},
        by=record.tip.by,
        tapped=taps.offered > taps.accepted,
        taken=taps.accepted > 0,
    )


def _why(view: View, tip: Tip, money: Money) -> str:
    words = view.words
    if tip.by:
        return tip.text or words.gettext("Sent by %(who)s") % {"who": tip.by}
    lift = words.gettext("Bought together %(lift)s times as often as by chance") % {
        "lift": words.number(tip.lift or 0, 1)
    }
    chances = words.gettext("about %(n)s chances this hour, worth %(worth)s if all are asked")
    return f"{lift}; " + chances % {"n": words.number(tip.asked or 0), "worth": money.price(tip.worth or 0)} + "."


def _results(view: View) -> list[ResultRow]:
    sums: defaultdict[tuple[str, str], list[Taps]] = defaultdict(list)
    for each in records.tips_between(view.conn, site=view.site.site, **view.span):
        if each.taps.offered:
            sums[each.tip.given_name, each.tip.then_name].append(each.taps)
    return [_result(view, given, then, taps) for (given, then), taps in sorted(sums.items())]


def _result(view: View, given: str, then: str, taps: list[Taps]) -> ResultRow:
    words = view.words
    offered, accepted = sum(tap.offered for tap in taps), sum(tap.accepted for tap in taps)
    share = wilson(accepted, offered)
    what = words.gettext("%(then)s with %(given)s") % {"then": then, "given": given} if given else then
    reach = f"{words.percent(share.low)} – {words.percent(share.high)}" if share else "–"
    return ResultRow(
        what, words.number(offered), words.number(accepted), words.percent(share.value if share else None), reach
    )
