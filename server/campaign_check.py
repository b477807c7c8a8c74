"""A campaign judged where it is to run: its shape, what is wrong with it there, and how far it would reach."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from contract.documents import Fault, inspect
from contract.segments import PROFILES, Profile
from server.campaign_conflicts import draft_conflicts
from server.campaign_document import CampaignDocument
from server.campaign_faults import Finding, Surroundings, findings
from server.campaign_reach import Reach, reach
from server.db.boxes import boxes
from server.db.campaigns import list_campaigns
from server.db.creatives import CreativeRecord, list_creatives
from server.db.sites import SiteRecord
from server.db.triggers import triggers
from server.last_week import LastWeek, last_week


@dataclass(frozen=True, slots=True)
class Check:
    """`document` and `reach` are None where the shape is wrong, and `shape` says how."""

    shape: list[Fault]
    document: CampaignDocument | None
    findings: list[Finding]
    reach: Reach | None
    creatives: Mapping[str, CreativeRecord]
    """All of the site, by id."""
    last_week: list[LastWeek] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        """Whether it may be handed in."""
        return not self.shape and not any(finding.fault for finding in self.findings)


def check(
    conn: Connection, site: SiteRecord, raw: Mapping[str, Any], *, now: float, campaign: str | None = None
) -> Check:
    """Judge a document, of a new campaign or of what `campaign` is to become."""
    known = {record.id: record for record in list_creatives(conn, site.site, archived=True)}
    document = inspect(CampaignDocument, raw)
    if not isinstance(document, CampaignDocument):
        return Check(document, None, [], None, known)
    around = Surroundings(
        site=site.document,
        creatives=known,
        today=datetime.fromtimestamp(now, ZoneInfo(site.timezone)).date(),
        profile=_profile(conn, site.site, now),
        triggers=frozenset(triggers(conn, site.site, now=now)),
    )
    lasts = [known[key].seconds for key in document.creatives if key in known]
    far = reach(document, site.document, seconds=min(lasts, default=None))
    others = list_campaigns(conn, site.site, "waiting", "approved", "paused")
    clashes = draft_conflicts(document, campaign, others, site.document)
    found = findings(document, around, far) + clashes
    return Check([], document, found, far, known, last_week(conn, site, document, now=now))


def _profile(conn: Connection, site: str, now: float) -> Profile | None:
    """The most that any box of the site says it knows."""
    found = [box.birth.profile for box in boxes(conn, site=site, start=now, end=now, at=now) if box.birth is not None]
    return max(found, key=PROFILES.index, default=None)
