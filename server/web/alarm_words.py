"""Alarms as told to people: what, since when, and what to do."""

from collections.abc import Callable
from dataclasses import dataclass

from contract.alerts import AlertKind
from server.db.alarms import AlarmRecord
from server.domain.alarms import Alarm
from server.web.language import Words
from server.web.state import State
from server.web.view import View


@dataclass(frozen=True, slots=True)
class AlarmRow:
    """One alarm."""

    id: int
    state: State
    what: str
    raised: str
    lasted: str
    todo: str
    seen: str
    open: bool


def row(view: View, record: AlarmRecord) -> AlarmRow:
    """`record` in the reader's words."""
    words, alarm = view.words, record.alarm
    moment = view.moment_of(alarm.raised)
    same_day = words.local(moment).date() == words.local(view.now).date()
    return AlarmRow(
        id=record.id,
        state=_state(words, alarm),
        what=sentence(view, alarm),
        raised=words.clock(moment) if same_day else words.moment(moment),
        lasted=words.seconds((view.at if alarm.cleared is None else alarm.cleared) - alarm.raised),
        todo=_todo(words, alarm) if alarm.cleared is None else "",
        seen=record.seen_by or "",
        open=alarm.cleared is None,
    )


def _state(words: Words, alarm: Alarm) -> State:
    if alarm.cleared is not None:
        return State("fine", words.gettext("Over"))
    if alarm.key.kind in ("footfall_low", "footfall_high", "segment_drift"):
        return State("warn", words.gettext("Look at it"))
    return State("bad", words.gettext("Act now"))


def sentence(view: View, alarm: Alarm) -> str:
    """What is the matter, with its numbers."""
    words = view.words
    texts = {
        "occupancy": words.gettext("%(value)s people in the store, %(limit)s are allowed"),
        "zone_people": words.gettext("%(value)s people in %(name)s, the limit is %(limit)s"),
        "queue_wait": words.gettext("%(name)s: half of those waiting do so for over %(value)s, the limit is %(limit)s"),
        "camera_lost": words.gettext("No picture from camera %(name)s"),
        "camera_moved": words.gettext("Camera %(name)s has moved; its places on the floor are not to be relied on"),
        "camera_blind": words.gettext("Camera %(name)s sees nothing: covered, dark or out of focus"),
        "footfall_low": words.gettext("%(value)s came in today so far, usual at this time is at least %(limit)s"),
        "footfall_high": words.gettext("%(value)s came in today so far, usual at this time is at most %(limit)s"),
        "segment_drift": words.gettext(
            "%(name)s made %(value)s of yesterday's visits, usual on that weekday is %(limit)s"
        ),
    }
    written = _written(words, alarm.key.kind)
    return texts[alarm.key.kind] % {
        "name": _name(view, alarm.key.subject),
        "value": written(alarm.value or 0.0),
        "limit": written(alarm.limit or 0.0),
    }


def _written(words: Words, kind: AlertKind) -> Callable[[float], str]:
    """Shares as per cent, waits as time, all else as numbers of people."""
    match kind:
        case "queue_wait":
            return words.seconds
        case "segment_drift":
            return lambda share: words.percent(share, 1)
    return words.number


def _name(view: View, key: str) -> str:
    document = view.site.document
    named = document.zones.get(key) or document.cameras.get(key) or document.segments.get(key)
    return (named.name if named else "") or key


def _todo(words: Words, alarm: Alarm) -> str:
    known = {
        "occupancy": words.gettext("Let people in only as others leave."),
        "zone_people": words.gettext("Open a way round, or send someone to help."),
        "queue_wait": words.gettext("Open another till."),
        "camera_lost": words.gettext("Check its power, cable and address."),
        "camera_moved": words.gettext("Turn it back, or calibrate it again under Cameras and zones."),
        "camera_blind": words.gettext("Look whether something hangs before it, or the lamps are out."),
        "segment_drift": words.gettext("Look at it under Audience; a camera or a definition may have changed too."),
    }
    return known.get(alarm.key.kind, words.gettext("Look at the hours, and whether an entrance camera is blind."))
