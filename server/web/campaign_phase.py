"""Where a campaign stands, in a word: written, waiting, to come, on, paused, over."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from server.db.campaigns import CampaignRecord
from server.web.language import Words
from server.web.state import State

Kind = Literal["draft", "waits", "planned", "now", "paused", "over"]


@dataclass(frozen=True, slots=True)
class Phase:
    """Its kind, and how it is told."""

    kind: Kind
    state: State


def phase(words: Words, record: CampaignRecord, now: datetime) -> Phase:
    """Where it stands at `now`, by its status and by its flights."""
    today, flights = words.local(now).date(), record.document.flights
    if record.status == "ended" or max(flight.last for flight in flights) < today:
        return Phase(
            "over", State("fine", words.gettext("Ended") if record.status == "ended" else words.gettext("Has run out"))
        )
    match record.status:
        case "draft":
            return Phase("draft", State("stale", words.gettext("Draft")))
        case "waiting":
            return Phase("waits", State("warn", words.gettext("Waits for approval")))
        case "paused":
            return Phase("paused", State("stale", words.gettext("Paused")))
        case _:
            if min(flight.first for flight in flights) > today:
                return Phase("planned", State("fine", words.gettext("Approved, to come")))
            return Phase("now", State("fine", words.gettext("Is on")))
