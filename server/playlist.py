"""All that one screen may have to play: to be fetched ahead, and to be played in turn while the server is away."""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from threading import Lock
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field
from sqlalchemy import Connection

from contract.screens import Media
from server.domain.campaigns import Campaign, Daypart
from server.domain.eligibility import fits
from server.landing_links import qr_address
from server.rundown import Rundown, rundown
from server.settings import Settings

AHEAD_DAYS = 8
"""For so long a player can go on alone by the hours that campaigns may play in."""
KEPT_S = 5.0
"""What was read of a site is good for so long: a thousand screens ask in turn."""


class Turn(BaseModel):
    """[start, end) seconds UTC within which a campaign may play in turn."""

    start: float
    end: float


class Item(BaseModel):
    """One creative of one campaign, or the screen's default."""

    campaign: str | None = Field(default=None, description="null: the default")
    creative: str
    media: Media
    qr: str | None = Field(default=None, description="address of its QR code")
    category: str | None = Field(default=None, description="what is advertised")
    rivals: list[str] = Field(default=[], description="categories that never come next to it")
    until: float | None = Field(
        default=None, description="end of its last flight, seconds UTC; not played after it; null: no end"
    )
    turns: list[Turn] = Field(
        default=[],
        description="when it may play without the server; none where it goes by what the player cannot know",
    )


class House(BaseModel):
    """What the player's own picture says."""

    name: str
    screen: str


class Playlist(BaseModel):
    """Of one screen. Two of one `etag` are the same."""

    etag: str
    site: str
    screen: str
    portrait: bool
    group: str | None = Field(description="of screens that a campaign may name together")
    in_step: bool = Field(description="shows the same at the same moment as the others of its group")
    house: House
    default: Item | None = Field(description="null: the player's own picture")
    items: list[Item]


class Playlists:
    """Makes playlists; reads a site once in `KEPT_S`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._read: dict[str, tuple[float, Rundown]] = {}
        self._lock = Lock()

    def of(self, conn: Connection, site: str, screen: str, *, now: float) -> Playlist | None:
        """The playlist of a screen at `now` seconds UTC; None where the site has no such screen any more."""
        found = self._rundown(conn, site, now)
        return self._make(found, screen, now) if found and screen in found.site.screens else None

    def _rundown(self, conn: Connection, site: str, now: float) -> Rundown | None:
        with self._lock:
            read_at, kept = self._read.get(site, (0.0, None))
        if kept is not None and 0 <= now - read_at < KEPT_S:
            return kept
        found = rundown(conn, site, now=now)
        if found is not None:  # only sites that are there, so that there are never more than sites
            with self._lock:
                self._read[site] = (now, found)
        return found

    def _make(self, found: Rundown, key: str, now: float) -> Playlist:
        screen = found.site.screens[key]
        playlist = Playlist(
            etag="",
            site=found.site.site,
            screen=key,
            portrait=screen.portrait,
            group=screen.group,
            in_step=screen.in_step,
            house=House(name=found.site.name or found.site.site, screen=found.site.screen_name(key)),
            default=self._default(found, key, now),
            items=list(self._items(found, key, now)),
        )
        return playlist.model_copy(update={"etag": _etag(playlist)})

    def _default(self, found: Rundown, key: str, now: float) -> Item | None:
        chosen = found.defaults.get(key)
        if chosen is None:
            return None
        return Item(creative=chosen, media=found.media[chosen], qr=self._qr(found, None, chosen, key, now))

    def _items(self, found: Rundown, key: str, now: float) -> Iterator[Item]:
        zone = ZoneInfo(found.site.timezone)
        for campaign in sorted(found.campaigns, key=lambda each: each.id):
            if campaign.screens and key not in campaign.screens:
                continue
            until = max((flight.end for flight in campaign.flights), default=0.0)
            if until <= now:
                continue
            spans = [] if campaign.rules else turns(campaign, zone=zone, now=now)
            for creative in campaign.creatives:
                if fits(creative, found.site.screens[key].portrait):
                    yield Item(
                        campaign=campaign.id,
                        creative=creative.id,
                        media=found.media[creative.id],
                        qr=self._qr(found, campaign.id, creative.id, key, now),
                        category=campaign.category,
                        rivals=sorted(campaign.rivals),
                        until=until,
                        turns=spans,
                    )

    def _qr(self, found: Rundown, campaign: str | None, creative: str, screen: str, now: float) -> str | None:
        if creative not in found.landings:
            return None
        return qr_address(self._settings, found.site, campaign=campaign, creative=creative, screen=screen, t=now)


def turns(campaign: Campaign, *, zone: ZoneInfo, now: float) -> list[Turn]:
    """When a campaign may play, from the day of `now` on and for `AHEAD_DAYS`: its flights, cut by its dayparts."""
    today = datetime.fromtimestamp(now, zone).date()
    first, last = _instant(today, 0, zone), _instant(today + timedelta(days=AHEAD_DAYS), 0, zone)
    open_s = list(_dayparts(campaign.dayparts, today, zone)) if campaign.dayparts else [(first, last)]
    cut = (
        (max(flight.start, start, first), min(flight.end, end, last))
        for flight in campaign.flights
        for start, end in open_s
    )
    return [Turn(start=start, end=end) for start, end in sorted(cut) if start < end]


def _dayparts(parts: Iterable[Daypart], today: date, zone: ZoneInfo) -> Iterator[tuple[float, float]]:
    for ahead in range(-1, AHEAD_DAYS):  # what began yesterday may go over midnight
        day = today + timedelta(days=ahead)
        for part in parts:
            if day.weekday() in part.weekdays:
                over = part.end_min + (1440 if part.end_min <= part.start_min else 0)
                yield _instant(day, part.start_min, zone), _instant(day, over, zone)


def _instant(day: date, minute: int, zone: ZoneInfo) -> float:
    days, minute = divmod(minute, 1440)
    return datetime.combine(day + timedelta(days=days), time(minute // 60, minute % 60), zone).timestamp()


def _etag(playlist: Playlist) -> str:
    return hashlib.sha256(playlist.model_dump_json().encode()).hexdigest()[:16]
