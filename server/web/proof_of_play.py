"""What was shown, where, and for how long? As players prove it, play by play."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from fastapi import APIRouter
from markupsafe import Markup
from starlette.responses import HTMLResponse

from server.db import play_log
from server.db.play_log import PlayFilter, PlayRecord, PlayTotals
from server.web import parts
from server.web import period as periods
from server.web.figures.bars import Bar, bar_chart
from server.web.language import Words
from server.web.parts import Export, Picker, Table
from server.web.view import Page, View

router = APIRouter()
LISTED = 50
"""Plays; the export holds all."""


@dataclass(frozen=True, slots=True)
class TotalRow:
    """Plays added up. `href` chooses them."""

    campaign: str
    screen: str
    cells: list[str]
    href: str | None = None


@dataclass(frozen=True, slots=True)
class PlayRow:
    """One play."""

    started: str
    screen: str
    campaign: str
    creative: str
    lasted: str
    outcome: str
    remark: str
    bad: bool


@dataclass(frozen=True, slots=True)
class ProofPage:
    """Everything the template shows."""

    question: str
    answer: Markup
    meta: str
    periods: Picker
    pickers: list[Picker]
    exports: list[Export]
    charts: tuple[Markup, ...]
    """Wide and narrow; none for a single day."""
    table: Table
    rows: list[TotalRow]
    total: TotalRow
    plays: list[PlayRow]
    listed: str


@router.get("/proof-of-play", response_class=HTMLResponse)
def proof_of_play(view: Page) -> HTMLResponse:
    """The page."""
    return view.render("proof_of_play.html", page=_page(view))


def _page(view: View) -> ProofPage:
    words = view.words
    everything = PlayFilter(view.site.site, **view.span)
    of = PlayFilter(view.site.site, **view.span, campaign=view.param("campaign"), screen=view.param("screen"))
    totals, days = play_log.totals_by(view.conn, of, "campaign", "screen"), play_log.totals_by_day(view.conn, of)
    names = play_log.names_told(view.conn, everything)
    whole = sum(totals.values(), PlayTotals())
    newest = play_log.play_log(view.conn, of, limit=LISTED)
    label = words.gettext("Plays by day")
    return ProofPage(
        question=words.gettext("What was shown, where, and for how long?"),
        answer=_answer(words, whole, len({screen for _, screen in totals})),
        meta=_meta(view, whole),
        periods=parts.span_picker(view),
        pickers=[_campaigns(view, names), _screens(view, everything)],
        exports=_exports(view),
        charts=_charts(view, days, label) if len(days) > 1 else (),
        table=_table(words, days, label),
        rows=[_row(view, names, (campaign, screen), of_both) for (campaign, screen), of_both in totals.items()],
        total=TotalRow(words.gettext("All"), "", _cells(words, whole)),
        plays=[_play(view, record) for record in newest],
        listed=_listed(words, len(newest), whole.told),
    )


def _answer(words: Words, whole: PlayTotals, screens: int) -> Markup:
    if not whole.told:
        return Markup(words.gettext("<b>Nothing</b> was played in this time."))  # noqa: S704 - our own text
    plays = words.ngettext("<b>%(n)s play</b>", "<b>%(n)s plays</b>", whole.shown) % {"n": words.number(whole.shown)}
    where = words.ngettext("on %(n)s screen", "on %(n)s screens", screens) % {"n": words.number(screens)}
    failed = words.ngettext("%(n)s failed", "%(n)s failed", whole.failed) % {"n": words.number(whole.failed)}
    return Markup(f"{plays} {where}, <b>{words.seconds(whole.seconds)}</b>; {failed}.")  # noqa: S704 - our own text


def _meta(view: View, whole: PlayTotals) -> str:
    words = view.words
    cached = words.gettext("%(share)s played from the player's own store, while the server was out of reach") % {
        "share": words.percent(whole.cached / whole.told if whole.told else None)
    }
    span = words.sentence(periods.span(view.period, words))
    basis = words.gettext("told by the players themselves, each play once")
    return f"{span}, {basis}. {words.sentence(cached)}."


def _campaigns(view: View, names: Mapping[str, str]) -> Picker:
    text = view.words.gettext
    return _picker(view, "campaign", text("Campaign"), text("all"), names)


def _screens(view: View, everything: PlayFilter) -> Picker:
    played = {screen for (screen,) in play_log.totals_by(view.conn, everything, "screen")}
    names = {key: view.site.document.screen_name(key) for key in sorted(played | set(view.site.document.screens))}
    return _picker(view, "screen", view.words.gettext("Screen"), view.words.gettext("all"), names)


def _picker(view: View, key: str, what: str, everything: str, names: Mapping[str, str]) -> Picker:
    asked = view.param(key)
    choices = [(everything, view.link(None, **{key: None}), asked is None)]
    choices += [(name, view.link(None, **{key: one}), asked == one) for one, name in names.items()]
    return Picker(names.get(asked, asked) if asked else everything, choices, custom=False, what=what)


def _exports(view: View) -> list[Export]:
    of = {"campaign": view.param("campaign"), "screen": view.param("screen")}
    others = [("XLSX", view.api("plays", format="xlsx", **of)), ("JSON", view.api("plays", format="json", **of))]
    return [Export(view.words.gettext("Plays"), view.api("plays", **of), None, others)]


def _charts(view: View, days: Mapping[date, PlayTotals], label: str) -> tuple[Markup, ...]:
    words, shown = view.words, view.period.days
    known = [day for day in shown if day <= max(days)]
    bars = [
        Bar(
            words.weekday_and_day(day),
            float(days[day].shown) if day in days else None,
            words.number(days[day].shown) if day in days else "",
            _tip(words, day, days.get(day)),
        )
        for day in known
    ]
    return tuple(bar_chart(bars, label=label, end_label="", width=width, height=200) for width in (1192.0, 358.0))


def _tip(words: Words, day: date, of: PlayTotals | None) -> str:
    if of is None:
        return words.day(day) + "\n" + words.gettext("nothing played")
    told = words.ngettext("%(n)s play", "%(n)s plays", of.shown) % {"n": words.number(of.shown)}
    return f"{told}\n{words.day(day)}\n{words.seconds(of.seconds)}"


def _table(words: Words, days: Mapping[date, PlayTotals], label: str) -> Table:
    return Table(
        label, [words.gettext("Day"), *_head(words)], [[words.day(d), *_cells(words, of)] for d, of in days.items()]
    )


def _head(words: Words) -> list[str]:
    text = words.gettext
    return [text("Told"), text("Whole"), text("Cut short"), text("Failed"), text("From cache"), text("On screen")]


def _cells(words: Words, of: PlayTotals) -> list[str]:
    return [*map(words.number, (of.told, of.whole, of.cut, of.failed, of.cached)), words.seconds(of.seconds)]


def _row(view: View, names: Mapping[str, str], key: tuple[str | None, str], of: PlayTotals) -> TotalRow:
    campaign, screen = key
    name = names.get(campaign, campaign) if campaign else view.words.gettext("House loop")
    href = view.link(campaign=campaign, screen=screen) if campaign else None
    return TotalRow(name, view.site.document.screen_name(screen), _cells(view.words, of), href)


def _play(view: View, record: PlayRecord) -> PlayRow:
    words, text = view.words, view.words.gettext
    outcomes = {"whole": text("whole"), "cut": text("cut short"), "failed": text("failed")}
    cached = [text("from cache")] if record.cached else []
    moment = view.moment_of(record.started)
    return PlayRow(
        started=f"{words.day(words.local(moment).date())} {words.clock(moment, with_seconds=True)}",
        screen=view.site.document.screen_name(record.screen),
        campaign=record.campaign_name or record.campaign or text("House loop"),
        creative=record.creative_name or record.creative or "–",
        lasted=words.seconds(record.seconds),
        outcome=outcomes.get(record.outcome, record.outcome),
        remark=", ".join([*cached, *([record.trouble] if record.trouble else [])]),
        bad=record.outcome == "failed",
    )


def _listed(words: Words, n: int, told: int) -> str:
    if n == told:
        return words.gettext("newest first")
    of = {"n": words.number(n), "told": words.number(told)}
    return words.gettext("the newest %(n)s of %(told)s; the export holds all") % of
