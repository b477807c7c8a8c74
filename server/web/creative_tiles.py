"""Creatives as tiles: a small picture, what it is, and in how many campaigns."""

from collections.abc import Sequence
from dataclasses import dataclass

from server.db.campaigns import CampaignRecord
from server.db.creatives import CreativeRecord
from server.domain.campaigns import MediaKind
from server.web.language import Words
from server.web.view import View


@dataclass(frozen=True, slots=True)
class Tile:
    """One creative. `source` is its file, of a package the page for the frame."""

    id: str
    name: str
    kind: MediaKind
    upright: bool
    preview: str
    """Address of the small picture; empty for a package."""
    source: str
    href: str
    facts: str
    used: str
    seconds: str
    landing: str
    archived: bool


def tiles(view: View, records: Sequence[CreativeRecord], campaigns: Sequence[CampaignRecord]) -> list[Tile]:
    """One for each creative, in their order."""
    return [_tile(view, record, campaigns) for record in records]


def preview_of(site: str, record: CreativeRecord) -> str:
    """Address of its small picture; empty where there is none."""
    return f"/api/v1/sites/{site}/creatives/{record.id}/preview.jpg" if record.has_preview else ""


def _tile(view: View, record: CreativeRecord, campaigns: Sequence[CampaignRecord]) -> Tile:
    words = view.words
    n = sum(record.id in campaign.document.creatives for campaign in campaigns)
    used = words.ngettext("in %(n)s campaign", "in %(n)s campaigns", n) % {"n": words.number(n)}
    return Tile(
        id=record.id,
        name=record.name,
        kind=record.kind,
        upright=record.portrait is True,
        preview=preview_of(view.site.site, record),
        source=f"/media/{record.sha256}" + ("/index.html" if record.kind == "html" else ""),
        href=view.link(f"/creatives/{record.id}"),
        facts=", ".join(_facts(words, record)),
        used=used if n else words.gettext("in no campaign"),
        seconds=f"{record.seconds:g}",
        landing=record.landing or "",
        archived=record.archived is not None,
    )


def _facts(words: Words, record: CreativeRecord) -> list[str]:
    kinds = {"image": words.gettext("picture"), "video": words.gettext("video"), "html": words.gettext("HTML")}
    shapes = {True: words.gettext("upright"), False: words.gettext("wide"), None: words.gettext("any shape")}
    return [kinds[record.kind], shapes[record.portrait], words.quantity(record.seconds, words.gettext("s"))]
