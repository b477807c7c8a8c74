"""What a site's screens may show now: its document, its approved campaigns, their files, defaults and triggers."""

from dataclasses import dataclass, field

from sqlalchemy import Connection

from contract.screens import Media
from contract.site import Site
from server.campaign_document import as_domain
from server.db.campaigns import on_air
from server.db.creatives import list_creatives
from server.db.screen_settings import all_settings
from server.db.sites import get_site
from server.db.triggers import Trigger, list_triggers
from server.domain.campaigns import Campaign


@dataclass(frozen=True, slots=True)
class Rundown:
    """As it stood when it was read."""

    site: Site
    campaigns: tuple[Campaign, ...] = ()
    versions: dict[str, int] = field(default_factory=dict)
    """Of the campaigns, to find the document a decision was made from."""
    media: dict[str, Media] = field(default_factory=dict)
    """By creative."""
    landings: frozenset[str] = frozenset()
    """Creatives that carry a QR code."""
    defaults: dict[str, str] = field(default_factory=dict)
    """By screen; a screen that is missing shows the player's own house picture."""
    triggers: tuple[Trigger, ...] = ()
    barred: frozenset[str] = frozenset()
    """Segments by which nobody is aimed at: sensitive, or of people who may be children."""

    def told(self, t: float) -> dict[str, str]:
        """The triggers that hold at `t` seconds UTC."""
        return {trigger.name: trigger.value for trigger in self.triggers if trigger.until > t}


def barred(site: Site) -> frozenset[str]:
    """Segments by which nobody is aimed at."""
    segments = site.segments.items()
    return frozenset(key for key, segment in segments if segment.sensitive or segment.may_be_children)


def rundown(conn: Connection, site: str, *, now: float) -> Rundown | None:
    """Read it at `now` seconds UTC; None where there is no such site."""
    record = get_site(conn, site)
    if record is None:
        return None
    creatives = list_creatives(conn, site)
    known = {each.id: each.as_domain for each in creatives}
    media = {each.id: each.media for each in creatives}
    campaigns = on_air(conn, site)
    return Rundown(
        site=record.document,
        campaigns=tuple(as_domain(c.document, campaign=c.id, creatives=known, site=record.document) for c in campaigns),
        versions={campaign.id: campaign.version for campaign in campaigns},
        media=media,
        landings=frozenset(each.id for each in creatives if each.landing),
        defaults={
            screen: chosen.default_creative
            for screen, chosen in all_settings(conn, site).items()
            if chosen.default_creative in media
        },
        triggers=tuple(list_triggers(conn, site, now=now)),
        barred=barred(record.document),
    )
