"""What the campaign form offers: screens, groups, segments, zones, goals, and how many rows of each."""

from collections.abc import Sequence
from dataclasses import dataclass

from contract.segments import WEEKDAYS
from server.db.triggers import triggers
from server.domain.campaigns import RULES_MOST
from server.web import campaign_form, campaign_words, segment_words, times
from server.web.campaign_form import Fields
from server.web.view import View

Choice = tuple[str, str]
"""What the form sends, and what the reader sees."""


@dataclass(frozen=True, slots=True)
class Choices:
    """All of them."""

    screens: Sequence[Choice]
    groups: Sequence[Choice]
    segments: Sequence[Choice]
    zones: Sequence[Choice]
    goals: Sequence[Choice]
    weekdays: Sequence[Choice]
    triggers: Sequence[Choice]
    """That hold now, with their values."""
    flights: range
    parts: range
    rules: range


def choices(view: View, fields: Fields) -> Choices:
    """As the site's document has them; what the campaign names and the document lost is kept, to be taken out."""
    words, site = view.words, view.site.document
    screens = [(key, site.screen_name(key)) for key in site.screens]
    groups = sorted({screen.group for screen in site.screens.values() if screen.group})
    allowed = {key: one for key, one in site.segments.items() if not (one.sensitive or one.may_be_children)}
    return Choices(
        screens=_with_lost(screens, fields.get("screens", ())),
        groups=_with_lost([(key, key) for key in groups], fields.get("groups", ())),
        segments=[(key, segment_words.name(segment, key)) for key, segment in allowed.items()],
        zones=[(key, zone.name or key) for key, zone in site.zones.items() if zone.kind != "view"],
        goals=[
            (kind, campaign_words.goal_named(words, kind))
            for kind in ("plays", "impressions", "visits", "sales", "uplift")
        ],
        weekdays=[(day, times.weekday(i, words)) for i, day in enumerate(WEEKDAYS)],
        triggers=sorted(triggers(view.conn, view.site.site, now=view.at).items()),
        flights=campaign_form.rows(fields, "flight", more=1),
        parts=campaign_form.rows(fields, "part", more=1),
        rules=range(RULES_MOST),
    )


def _with_lost(known: Sequence[Choice], chosen: Sequence[str]) -> list[Choice]:
    names = {key for key, _ in known}
    return [*known, *((key, f"{key} ?") for key in chosen if key not in names)]
