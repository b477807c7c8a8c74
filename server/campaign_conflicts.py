"""Which of a site's campaigns get into each other's way, as findings for each."""

from collections.abc import Mapping, Sequence

from contract.site import Site
from server.campaign_document import CampaignDocument, as_domain
from server.campaign_faults import Finding
from server.db.campaigns import CampaignRecord
from server.domain.campaigns import Campaign
from server.domain.conflicts import Conflict, Kind, conflicts

KEYS: Mapping[Kind, str] = {
    "rivals": "rivals",
    "same_category": "category",
    "same_zone": "promotes",
    "shares": "share_of_voice",
    "overshadowed": "priority",
    "overshadows": "priority",
}
"""The part of the document that each kind is about."""
DRAFT = "-"
"""Stands for a campaign that has no id yet."""


def site_conflicts(records: Sequence[CampaignRecord], site: Site) -> dict[str, list[Finding]]:
    """What is in the way of each of `records`, and in whose way it is; those without anything are left out."""
    campaigns = [_plain(record.document, record.id, site) for record in records]
    names = {record.id: record.document.name for record in records}
    found = {one.id: _findings(one, campaigns, names, site) for one in campaigns}
    return {key: each for key, each in found.items() if each}


def draft_conflicts(
    document: CampaignDocument, campaign: str | None, records: Sequence[CampaignRecord], site: Site
) -> list[Finding]:
    """The same of a draft, or of what `campaign` is to become, among those that are approved or wait."""
    others = [record for record in records if record.id != campaign]
    names = {record.id: record.document.name for record in others}
    campaigns = [_plain(record.document, record.id, site) for record in others]
    return _findings(_plain(document, DRAFT, site), campaigns, names, site)


def _plain(document: CampaignDocument, campaign: str, site: Site) -> Campaign:
    return as_domain(document, campaign=campaign, creatives={}, site=site)


def _findings(one: Campaign, others: Sequence[Campaign], names: Mapping[str, str], site: Site) -> list[Finding]:
    return [_finding(conflict, names, site) for conflict in conflicts(one, others, screens=tuple(site.screens))]


def _finding(conflict: Conflict, names: Mapping[str, str], site: Site) -> Finding:
    screens = [site.screen_name(key) for key in conflict.screens if key in site.screens]
    figures: dict[str, str | int | float] = {
        "other": ", ".join(names.get(key, key) for key in conflict.campaigns),
        "screens": ", ".join(screens),
        "percent": round(conflict.figures.get("together", 0.0) * 100),
    }
    return Finding(f"conflict-{conflict.kind}", KEYS[conflict.kind], fault=False, figures=figures)
