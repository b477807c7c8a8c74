"""What the demo's screens show: creatives, campaigns that began days ago, and what was played since."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

import yaml
from pydantic import Field
from sqlalchemy import Connection

from contract.documents import validate
from contract.ids import Id
from contract.screens import Played
from contract.site import Document, Site
from edge.data_files import find_data
from server import campaigns as life
from server.auth import User
from server.campaign_document import CampaignDocument, as_domain
from server.db import creatives as creative_records
from server.db.campaigns import on_air
from server.db.creatives import MediaRecord, NewCreative, list_creatives
from server.db.engine import connect, migrate
from server.db.installation import seed
from server.db.landings import put_landing
from server.db.screen_settings import ScreenSettings, put_settings
from server.db.site_versions import take_file
from server.domain.campaigns import Campaign
from server.landing_document import LandingDocument
from server.media_store import MediaStore
from server.played import take_plays
from server.settings import Settings, load, read_sites
from vitrina.simulate.programme import Turn, programme

PLAN = "config/demo/campaigns.yaml"
FOLDER = "config/demo/creatives"
AUTHOR = User("demo", "admin", "session")
PAST = timedelta(days=3)
"""How far back plays are told."""


class CreativePlan(Document):
    """One creative of the demo's folder."""

    name: str
    file: str
    seconds: float
    landing: Id | None = None


class CampaignPlan(Document):
    """A campaign whose flights count days from today."""

    status: Literal["approved", "waiting"]
    document: dict[str, Any]


class SitePlan(Document):
    """All that one site's screens show."""

    default: Id
    landings: dict[Id, LandingDocument] = Field(default={})
    creatives: dict[Id, CreativePlan]
    campaigns: dict[Id, CampaignPlan]


@dataclass(frozen=True, slots=True)
class Aired:
    """What is known of a site's screens when the demo starts."""

    site: Site
    campaigns: tuple[Campaign, ...]
    seed: str
    default: str
    turns: list[Turn] = field(default_factory=list)


def fill(server_yaml: Path, site: Site, now: datetime, *, opens: int = 0, closes: int = 24) -> Aired:
    """Write a site's creatives and campaigns into the database before the server starts; plays while it was open."""
    settings = load(server_yaml)
    plan = _plan(site.site)
    today = now.astimezone(ZoneInfo(site.timezone)).date()
    engine = connect(settings.database)
    migrate(engine)
    try:
        with engine.begin() as conn:
            for file, simulated in read_sites(settings):
                take_file(conn, file, simulated=simulated, now=now.timestamp())
            aired = _fill(conn, settings, site, plan, today)
            turns = _past(aired, now, opens, closes)
            take_plays(conn, site.site, "mqtt", [_played(turn) for turn in turns], now=now.timestamp())
    finally:
        engine.dispose()
    return Aired(aired.site, aired.campaigns, aired.seed, aired.default, turns)


def _plan(site: str) -> SitePlan:
    raw = yaml.safe_load(find_data(PLAN).read_text(encoding="utf-8"))
    return validate(SitePlan, raw[site], name=f"{PLAN}: {site}")


def _fill(conn: Connection, settings: Settings, site: Site, plan: SitePlan, today: date) -> Aired:
    first = datetime.combine(today, datetime.min.time(), ZoneInfo(site.timezone)) - PAST
    then = first.timestamp()
    for key, landing in plan.landings.items():
        put_landing(conn, site.site, key, landing, author=AUTHOR.name, now=then)
    store = MediaStore(settings.media)
    for key, creative in plan.creatives.items():
        media = _stored(conn, store, find_data(f"{FOLDER}/{creative.file}"), then)
        made = NewCreative(creative.name, media, creative.seconds, None, AUTHOR.name)
        creative_records.add_creative(conn, site.site, key, made)
        if creative.landing:
            creative_records.change_creative(conn, site.site, key, landing=creative.landing)
    for screen in site.screens:
        put_settings(conn, site.site, screen, ScreenSettings(default_creative=plan.default))
    for planned in plan.campaigns.values():
        _write(conn, site.site, planned, today, then)
    return _aired(conn, site, plan.default)


def _stored(conn: Connection, store: MediaStore, path: Path, now: float) -> MediaRecord:
    async def once() -> AsyncIterator[bytes]:
        yield path.read_bytes()

    incoming = asyncio.run(store.receive(once(), declared=path.stat().st_size, used=0))
    media = store.take(incoming, declared_type="", filename=path.name, now=now)
    creative_records.add_media(conn, media)
    return media


def _write(conn: Connection, site: str, planned: CampaignPlan, today: date, now: float) -> None:
    flights = [
        {"first": today + timedelta(days=f["first"]), "last": today + timedelta(days=f["last"])}
        for f in planned.document["flights"]
    ]
    document = validate(CampaignDocument, planned.document | {"flights": flights}, name=PLAN)
    record = life.create(conn, site, document, user=AUTHOR, now=now)
    steps: tuple[life.Step, ...] = ("submit", "approve") if planned.status == "approved" else ("submit",)
    for step in steps:
        record = life.take(conn, site, record.id, step, based_on=record.version, user=AUTHOR, note="", now=now)


def _aired(conn: Connection, site: Site, default: str) -> Aired:
    known = {creative.id: creative.as_domain for creative in list_creatives(conn, site.site)}
    campaigns = tuple(as_domain(c.document, campaign=c.id, creatives=known, site=site) for c in on_air(conn, site.site))
    return Aired(site, campaigns, seed(conn), default)


def _past(aired: Aired, now: datetime, opens: int, closes: int) -> list[Turn]:
    return [
        turn
        for start, end in _open_hours(aired.site, now, opens, closes)
        for screen in aired.site.screens
        for turn in programme(
            aired.site, screen, aired.campaigns, seed=aired.seed, start=start, end=end, default=aired.default
        )
    ]


def _open_hours(site: Site, now: datetime, opens: int, closes: int) -> Iterator[tuple[float, float]]:
    """[start, end) of each day's open hours since PAST, up to now; seconds UTC."""
    zone = ZoneInfo(site.timezone)
    for back in range(PAST.days, -1, -1):
        midnight = datetime.combine((now.astimezone(zone) - timedelta(days=back)).date(), datetime.min.time(), zone)
        start, end = midnight + timedelta(hours=opens), min(midnight + timedelta(hours=closes), now.astimezone(zone))
        if start < end:
            yield start.timestamp(), end.timestamp()


def _played(turn: Turn) -> Played:
    name = blake2b(f"{turn.screen} {turn.start}".encode(), digest_size=12).hexdigest()
    return Played(
        play=name,
        screen=turn.screen,
        decision=None,
        campaign=turn.campaign,
        creative=turn.creative,
        started_at=datetime.fromtimestamp(turn.start, UTC),
        seconds=round(turn.seconds, 3),
        outcome="whole",
        cached=False,
    )
