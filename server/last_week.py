"""What a campaign's rules would have found last week, slot by slot, where the audience was counted."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from server.campaign_document import CampaignDocument, SegmentRule, as_domain, screens_of
from server.db.segment_slots import Passed, segment_slots
from server.db.sites import SiteRecord
from server.domain.eligibility import in_hours
from server.domain.holdout import SLOT_S, slot_of

WEEK_S = 7 * 86_400.0


@dataclass(frozen=True, slots=True)
class LastWeek:
    """Of one rule about who is there: ten-minute slots, over all its screens, in which enough came by."""

    rule: int
    """Which of the document's."""
    slots: int
    of: int
    """Slots in its hours, on screens before which the segment was counted."""


def last_week(conn: Connection, site: SiteRecord, document: CampaignDocument, *, now: float) -> list[LastWeek]:
    """For each rule about a segment that was counted; an estimate, because cells span more than a slot.

    Enough who came by is less than enough at one moment: of a rule about now it is the most that could have matched.
    """
    start, end = now // SLOT_S * SLOT_S - WEEK_S, now // SLOT_S * SLOT_S
    hours = _slots_in_hours(site, document, start, end)
    found = []
    for i, rule in enumerate(document.rules):
        if isinstance(rule, SegmentRule) and rule.segment in site.document.segments:
            digest = site.document.segments[rule.segment].digest
            zones = [screen.zone for screen in screens_of(document, site.document).values() if screen.zone]
            counted = [
                passed
                for zone in zones
                if (passed := segment_slots(conn, site=site.site, zone=zone, digest=digest, start=start, end=end))
            ]
            matched = sum(slot in hours and _enough(rule, one) for passed in counted for slot, one in passed.items())
            if counted:
                found.append(LastWeek(i, matched, len(hours) * len(counted)))
    return found


def _slots_in_hours(site: SiteRecord, document: CampaignDocument, start: float, end: float) -> set[int]:
    zone, parts = ZoneInfo(site.timezone), as_domain(document, campaign="-", creatives={}, site=site.document).dayparts
    locals_ = {slot: datetime.fromtimestamp(slot * SLOT_S, zone) for slot in range(slot_of(start), slot_of(end))}
    return {slot for slot, at in locals_.items() if in_hours(parts, at.weekday(), at.hour * 60 + at.minute)}


def _enough(rule: SegmentRule, passed: Passed) -> bool:
    if rule.share is not None:
        return passed.of > 0 and passed.n >= rule.share * passed.of
    return passed.n >= rule.at_least
