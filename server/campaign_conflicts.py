"""Which of a site's campaigns get into each other's way, as findings for each."""

from collections.abc import Sequence
from typing import Literal

from contract.site import Site
from server.campaign_document import CampaignDocument, as_domain
from server.campaign_faults import Finding
from server.db.campaigns import CampaignRecord
from server.domain.conflicts import Conflict, Kind, conflicts

KEYS: dict[Kind, Literal["rivals", "share_of_voice", "priority", "promotes"]] = {
    "rivals": "rivals",
    "voice": "share_of_voice",
    "hidden": "priority",
    "same-zone": "promotes",
}
"""The part of the document that each kind is about."""
DRAFT = "-"
"""Stands for a campaign that has no id yet."""


def site_conflicts(records: Sequence[CampaignRecord], site: Site) -> dict[str, list[Finding]]:
    """What is in the way of each of `records`; those without anything are left out."""
    documents = {record.id: record.document for record in records}
    found: dict[str, list[Finding]] = {}
    for conflict in _conflicts(documents, site):
        found.setdefault(conflict.other, []).append(_finding(conflict, documents, site))
    return found


def draft_conflicts(
    document: CampaignDocument, campaign: str | None, records: Sequence[CampaignRecord], site: Site
) -> list[Finding]:
    """What is in the way of a draft, or of what `campaign` is to become, among those that are approved or wait."""
    others = {record.id: record.document for record in records if record.id != campaign}
    documents = others | {DRAFT: document}
    return [_finding(one, documents, site) for one in _conflicts(documents, site) if one.other == DRAFT]


def _conflicts(documents: dict[str, CampaignDocument], site: Site) -> list[Conflict]:
    campaigns = [as_domain(one, campaign=key, creatives={}, site=site) for key, one in documents.items()]
    return conflicts(campaigns, site.screens)


def _finding(conflict: Conflict, documents: dict[str, CampaignDocument], site: Site) -> Finding:
    screens = sorted(site.screens[key].name or key for key in conflict.screens if key in site.screens)
    figures: dict[str, str | int | float] = {
        "other": documents[conflict.campaign].name,
        "screens": ", ".join(screens),
        "percent": round(conflict.voice * 100),
    }
    return Finding(f"conflict-{conflict.kind}", KEYS[conflict.kind], fault=False, figures=figures)
