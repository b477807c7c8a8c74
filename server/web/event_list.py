"""Events as told to people: when, how serious, what."""

from dataclasses import dataclass

from server.db import events
from server.db.events import EventRecord
from server.web.language import Words
from server.web.state import Kind, State
from server.web.view import View


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event."""

    when: str
    state: State
    text: str
    place: str


def newest(view: View, limit: int, *, start: float, end: float) -> list[EventRow]:
    """The newest events of [start, end) seconds UTC, newest first."""
    found = events.events(view.conn, site=view.site.site, start=start, end=end, limit=limit)
    return [_row(view, event) for event in found]


def _row(view: View, event: EventRecord) -> EventRow:
    moment = view.moment_of(event.t)
    same_day = view.words.local(moment).date() == view.words.local(view.now).date()
    when = view.words.clock(moment) if same_day else view.words.moment(moment)
    kinds: dict[str, Kind] = {"error": "bad", "warning": "warn"}
    place = " · ".join(part for part in (event.box, event.camera) if part)
    return EventRow(when, State(kinds.get(event.level, "fine"), title(event.kind, view.words)), event.text, place)


def title(kind: str, words: Words) -> str:
    """What an event's kind is called; one we do not know keeps its name."""
    known = {
        "eye_restarted": words.gettext("Restart"),
        "camera_lost": words.gettext("Camera lost"),
        "camera_back": words.gettext("Camera back"),
        "camera_moved": words.gettext("Camera moved"),
        "camera_blind": words.gettext("Camera blind"),
        "camera_fits": words.gettext("Camera fits again"),
        "still_taken": words.gettext("Still taken"),
        "still_refused": words.gettext("No still"),
        "outbox_full": words.gettext("Outbox full"),
        "disk_full": words.gettext("Disk full"),
        "config_refused": words.gettext("Refused"),
        "profile_ended": words.gettext("Basis ended"),
    }
    return known.get(kind, kind.replace("_", " "))
