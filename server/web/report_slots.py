"""Today's slots of a campaign's screens: what was on, ten minutes by ten minutes."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from markupsafe import Markup

from server.campaign_report import CampaignReport
from server.campaign_slots import runnable
from server.db.play_slots import PlayedSlot, played_slots
from server.domain.holdout import ARMS, SLOT_S
from server.web import period as periods
from server.web.figures.slot_strip import Axis, SlotBox, StripRow, slot_strip
from server.web.language import Words
from server.web.parts import Table
from server.web.view import View


@dataclass(frozen=True, slots=True)
class SlotsSection:
    """The strip, wide and narrow, its table, and the swatches of its key."""

    wide: Markup
    narrow: Markup
    table: Table
    key: list[tuple[str, str]]


def slots_section(view: View, found: CampaignReport) -> SlotsSection | None:
    """The strip of today; None where the campaign has no screen here."""
    screens = found.effect.trial.screens
    if not screens:
        return None
    first, last = _axis(view, found)
    played = played_slots(view.conn, site=view.site.site, start=first * SLOT_S, end=last * SLOT_S)
    held = _held(found)
    rows = [
        StripRow(
            view.site.document.screen_name(screen),
            {
                slot - first: _box(view, found, slot, played.get((screen, slot)), held=(screen, slot) in held)
                for slot in range(first, last)
                if (screen, slot) in held or (screen, slot) in played
            },
        )
        for screen in screens
    ]
    label = view.words.gettext("Today by ten-minute slot")
    now = view.at / SLOT_S - first
    axis = Axis(last - first, _hours(view, first, last), now if 0 <= now <= last - first else None)
    wide, narrow = (slot_strip(rows, axis, label=label, width=width) for width in (780.0, 358.0))
    return SlotsSection(wide, narrow, _table(view, rows, first), _key(found, view.words))


def _axis(view: View, found: CampaignReport) -> tuple[int, int]:
    """Today's slots from the first in which it may run to the last; the whole day where it may not."""
    today = view.now.astimezone(view.words.timezone).date()
    start, end = (round(moment.timestamp()) // SLOT_S for moment in periods.day_span(today, view.words.timezone))
    mine = [slot for slot in runnable(found.campaign, view.words.timezone) if start <= slot < end]
    return (mine[0], mine[-1] + 1) if mine else (start, end)


def _held(found: CampaignReport) -> set[tuple[str, int]]:
    trial, nothing = found.effect.trial, ARMS.index("nothing")
    return {key for key, arm in zip(trial.keys, trial.arm.tolist(), strict=True) if arm == nothing}


def _hours(view: View, first: int, last: int) -> list[tuple[int, str]]:
    """Full hours of the site's clock on the axis."""
    moments = ((slot - first, view.words.local(view.moment_of(slot * SLOT_S))) for slot in range(first, last + 1))
    return [(place, f"{moment.hour}:00") for place, moment in moments if not moment.minute]


def _box(view: View, found: CampaignReport, slot: int, played: PlayedSlot | None, *, held: bool) -> SlotBox:
    words = view.words
    kind, what = _kind(found, played, words, held=held)
    cached = played is not None and played.cached
    start: datetime = view.moment_of(slot * SLOT_S)
    lines = [what, f"{words.clock(start)}–{words.clock(start + timedelta(seconds=SLOT_S))}"]
    return SlotBox(kind, "\n".join([*lines, *([words.gettext("from its own cache")] if cached else [])]), cached)


def _kind(found: CampaignReport, played: PlayedSlot | None, words: Words, *, held: bool) -> tuple[str, str]:
    if held:
        return "holdout", words.gettext("holdout")
    mostly = played.mostly if played else None
    if mostly is None:
        return "house", words.gettext("house loop")
    if mostly == found.record.id:
        return "mine", found.document.name
    return "other", words.gettext("another campaign")


def _key(found: CampaignReport, words: Words) -> list[tuple[str, str]]:
    text = words.gettext
    return [
        ("mine", found.document.name),
        ("other", text("another campaign")),
        ("house", text("house loop")),
        ("holdout", text("holdout")),
        ("cached", text("from cache")),
    ]


def _table(view: View, rows: list[StripRow], first: int) -> Table:
    words = view.words
    head = [words.gettext("From"), *(row.name for row in rows)]
    places = sorted({place for row in rows for place in row.boxes})
    body = [
        [
            words.clock(view.moment_of((first + place) * SLOT_S)),
            *(row.boxes[place].tip.partition("\n")[0] if place in row.boxes else "–" for row in rows),
        ]
        for place in places
    ]
    return Table(words.gettext("Today by ten-minute slot"), head, body)
