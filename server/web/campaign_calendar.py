"""Campaigns by day: when each runs, how far it is, and which get into each other's way."""

from collections.abc import Container, Mapping, Sequence
from datetime import date, datetime, time, timedelta

from markupsafe import Markup

from server.db.campaigns import CampaignRecord
from server.web import campaign_words
from server.web.campaign_phase import Phase
from server.web.figures.calendar import Bar, Row, Scale, calendar
from server.web.view import View

Size = tuple[float, float]
"""Of the drawing and of its names, px."""
SIZES: tuple[Size, ...] = ((1192.0, 190.0), (358.0, 118.0))
"""For wide windows and for phones."""

AHEAD, BEHIND = timedelta(weeks=5), timedelta(weeks=2)
"""What the calendar shows at least."""
FARTHEST = timedelta(weeks=26)
ENDS_SOON = timedelta(days=3)


def progress(view: View, record: CampaignRecord, plays: int) -> str:
    """How far a campaign is towards its goal."""
    words, goal = view.words, record.document.goal
    if goal.kind == "plays" and goal.amount is not None:
        return words.gettext("%(n)s of %(goal)s plays") % {"n": words.number(plays), "goal": words.number(goal.amount)}
    told = words.ngettext("%(n)s play", "%(n)s plays", plays) % {"n": words.number(plays)}
    return f"{campaign_words.goal_named(words, goal.kind)}, {told}"


def calendars(
    view: View,
    records: list[CampaignRecord],
    phases: Mapping[str, Phase],
    plays: Mapping[str, int],
    *,
    clashing: Container[str] = (),
    sizes: Sequence[Size] = SIZES,
) -> list[Markup]:
    """The calendar in several sizes; none without anything to draw. `plays` by campaign."""
    scale = _scale(view, [record for record in records if phases[record.id].kind != "over"])
    rows = [
        _calendar_row(view, record, phases[record.id], plays.get(record.id, 0), clash=record.id in clashing)
        for record in records
    ]
    drawn = [row for row in rows if any(bar.end > scale.start and bar.start < scale.end for bar in row.bars)]
    label = view.words.gettext("Campaigns by day")
    return [calendar(drawn, scale, label=label, width=width, left=left) for width, left in sizes] if drawn else []


def _scale(view: View, records: list[CampaignRecord]) -> Scale:
    """From a Monday to a Monday: what is planned, within what can be drawn."""
    words, today = view.words, view.words.local(view.now).date()
    days = [day for record in records for flight in record.document.flights for day in (flight.first, flight.last)]
    start = max(min([*days, today - BEHIND]), today - FARTHEST / 4)
    end = min(max([*days, today + AHEAD]), today + FARTHEST)
    start -= timedelta(days=start.weekday())
    end += timedelta(days=7 - end.weekday())
    weeks = (end - start).days // 7
    every = 1 if weeks <= 8 else 2 if weeks <= 16 else 4
    mondays = [start + timedelta(weeks=i) for i in range(0, weeks, every)]
    ticks = [(_midnight(view, day), words.dates(day, day)) for day in mondays]
    return Scale(_midnight(view, start), _midnight(view, end), ticks, view.at, words.gettext("now"))


def _calendar_row(view: View, record: CampaignRecord, phase: Phase, plays: int, *, clash: bool) -> Row:
    words, document = view.words, record.document
    where = campaign_words.places(words, document, view.site.document)
    flights = sorted(document.flights, key=lambda flight: flight.first)
    note = _note(view, record, phase, plays)
    bars = [
        Bar(
            _midnight(view, flight.first),
            _midnight(view, flight.last + timedelta(days=1)),
            phase.kind,
            inside=where,
            note=note if flight is flights[-1] else "",
        )
        for flight in flights
    ]
    lines = [document.name, phase.state.word, words.sentence(campaign_words.when(words, document)), where]
    return Row(document.name, view.link(f"/campaigns/{record.id}"), bars, "\n".join(lines), clash)


def _note(view: View, record: CampaignRecord, phase: Phase, plays: int) -> str:
    words = view.words
    last = max(flight.last for flight in record.document.flights)
    if phase.kind in {"waits", "draft", "paused"}:
        return phase.state.word.lower()
    if phase.kind == "now" and _midnight(view, last + timedelta(days=1)) - view.at < ENDS_SOON.total_seconds():
        return words.gettext("ends on %(day)s") % {"day": words.day(last)}
    return progress(view, record, plays) if phase.kind == "now" else ""


def _midnight(view: View, day: date) -> float:
    """The day's first instant at the site, seconds UTC."""
    return datetime.combine(day, time(), view.words.timezone).timestamp()
