"""Creatives, and the media they show; what was once shown is never deleted, only archived."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, insert, literal, select, update

from contract.screens import Media
from server.db.screen_tables import campaign_log, creatives, decisions, media, plays, screen_settings
from server.db.spans import to_ms
from server.domain.campaigns import Creative, MediaKind


@dataclass(frozen=True, slots=True)
class MediaRecord:
    """One file, or one unpacked package, in the media store."""

    sha256: str
    kind: MediaKind
    type: str
    size_bytes: int
    """On disk."""
    width: int
    height: int
    """Pixels; both 0 for a package that does not say."""
    seconds: float | None
    """Of a video."""
    preview: bytes | None
    """JPEG, at most 640 px."""
    created: float

    @property
    def portrait(self) -> bool | None:
        """Whether it stands upright; None fits any screen."""
        return None if self.width == self.height else self.height > self.width


@dataclass(frozen=True, slots=True)
class NewCreative:
    """What becomes one; see `CreativeRecord`."""

    name: str
    media: MediaRecord
    seconds: float
    portrait: bool | None
    author: str


@dataclass(frozen=True, slots=True)
class CreativeRecord:
    """One creative of a site, with what is known of its file; the preview is read by itself."""

    id: str
    name: str
    sha256: str
    kind: MediaKind
    type: str
    size_bytes: int
    width: int
    height: int
    seconds: float
    """How long one play lasts."""
    portrait: bool | None
    landing: str | None
    author: str
    created: float
    archived: float | None
    has_preview: bool

    @property
    def media(self) -> Media:
        """As players take it."""
        return Media(kind=self.kind, sha256=self.sha256, type=self.type, seconds=self.seconds)

    @property
    def as_domain(self) -> Creative:
        """As decisions take it."""
        return Creative(self.id, self.kind, self.seconds, self.portrait)


def add_media(conn: Connection, found: MediaRecord) -> None:
    """Keep what is known of a file; the same file again changes nothing."""
    if get_media(conn, found.sha256) is None:
        values = {name: getattr(found, name) for name in MediaRecord.__slots__}
        values["bytes"], values["created_ms"] = values.pop("size_bytes"), to_ms(values.pop("created"))
        conn.execute(insert(media).values(values))


def get_media(conn: Connection, sha256: str) -> MediaRecord | None:
    """What is known of a file; None where there is none of this hash."""
    row = conn.execute(select(media).where(media.c.sha256 == sha256)).first()
    if row is None:
        return None
    known: dict[str, Any] = dict(row._mapping)
    return MediaRecord(size_bytes=known.pop("bytes"), created=known.pop("created_ms") / 1000, **known)


def media_bytes(conn: Connection) -> int:
    """What all media take on disk."""
    return int(conn.execute(select(func.coalesce(func.sum(media.c.bytes), 0))).scalar_one())


def forget_unused_media(conn: Connection, sha256: str) -> bool:
    """Strike a file off where no creative of any site shows it; True where its file may go."""
    used = conn.execute(select(creatives.c.creative).where(creatives.c.media == sha256).limit(1)).first()
    if used is None:
        conn.execute(delete(media).where(media.c.sha256 == sha256))
    return used is None


def add_creative(conn: Connection, site: str, creative: str, new: NewCreative) -> None:
    """A new creative; its media must have been added."""
    values = {"name": new.name, "seconds": new.seconds, "portrait": new.portrait, "author": new.author}
    row = values | {"media": new.media.sha256, "created_ms": to_ms(new.media.created)}
    conn.execute(insert(creatives).values(site=site, creative=creative, **row))


def list_creatives(conn: Connection, site: str, *, archived: bool = False) -> list[CreativeRecord]:
    """The creatives of a site, newest first; with `archived` also those that are."""
    query = _query().where(creatives.c.site == site).order_by(creatives.c.created_ms.desc(), creatives.c.creative)
    if not archived:
        query = query.where(creatives.c.archived_ms.is_(None))
    return [_record(row) for row in conn.execute(query)]


def get_creative(conn: Connection, site: str, creative: str) -> CreativeRecord | None:
    """One creative, archived or not."""
    row = conn.execute(_query().where(creatives.c.site == site, creatives.c.creative == creative)).first()
    return _record(row) if row else None


def get_preview(conn: Connection, site: str, creative: str) -> bytes | None:
    """JPEG of a creative; None where it has none."""
    joined = select(media.c.preview).join(creatives, creatives.c.media == media.c.sha256)
    return conn.execute(joined.where(creatives.c.site == site, creatives.c.creative == creative)).scalar()


def change_creative(conn: Connection, site: str, creative: str, **values: Any) -> None:  # noqa: ANN401 - columns
    """Set `name`, `seconds`, `portrait`, `landing` or `archived_ms`."""
    mine = (creatives.c.site == site) & (creatives.c.creative == creative)
    conn.execute(update(creatives).where(mine).values(values))


def delete_creative(conn: Connection, site: str, creative: str) -> None:
    """Strike a creative off; see `was_used` first."""
    conn.execute(delete(creatives).where(creatives.c.site == site, creatives.c.creative == creative))


def was_used(conn: Connection, site: str, creative: str) -> bool:
    """Whether a play, a decision, a campaign of any time or a screen's default names it."""
    mentions = [
        select(literal(1)).where(table.c.site == site, column == creative).limit(1)
        for table, column in (
            (plays, plays.c.creative),
            (decisions, decisions.c.creative),
            (screen_settings, screen_settings.c.default_creative),
        )
    ]
    if any(conn.execute(query).first() for query in mentions):
        return True
    logged = conn.execute(select(campaign_log.c.document).where(campaign_log.c.site == site)).scalars()
    return any(creative in document.get("creatives", ()) for document in logged)


def taken_ids(conn: Connection, site: str) -> set[str]:
    """Ids of all creatives of a site, archived ones too."""
    return set(conn.execute(select(creatives.c.creative).where(creatives.c.site == site)).scalars())


def _query() -> Select[*tuple[Any, ...]]:
    c, m = creatives.c, media.c
    known = (c.creative, c.name, m.sha256, m.kind, m.type, m.bytes, m.width, m.height, c.seconds, c.portrait)
    told = (c.landing, c.author, c.created_ms, c.archived_ms, m.preview.is_not(None).label("has_preview"))
    return select(*known, *told).join(media, c.media == m.sha256)


def _record(row: Row[*tuple[Any, ...]]) -> CreativeRecord:
    known: dict[str, Any] = dict(row._mapping)
    archived_ms = known.pop("archived_ms")
    return CreativeRecord(
        id=known.pop("creative"),
        size_bytes=known.pop("bytes"),
        created=known.pop("created_ms") / 1000,
        archived=None if archived_ms is None else archived_ms / 1000,
        **known,
    )
