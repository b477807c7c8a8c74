"""Every version of a site's document: who saved it, when, from which, and why. None is ever changed or deleted."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from contract.site import Site
from server.db.setup_tables import site_versions as table
from server.db.sites import put_site
from server.db.spans import to_ms
from server.errors import ServerError

BY_FILE = "file"
"""Author of the versions that server.yaml's site file brought."""


class NewerVersionError(ServerError):
    """Somebody else saved a version meanwhile."""


@dataclass(frozen=True, slots=True)
class SiteVersion:
    """One saved version."""

    version: int
    author: str
    """A user's or token's name, or `BY_FILE`."""
    created: float
    """Seconds UTC."""
    note: str
    based_on: int | None
    """The version it was made from; None for the first."""
    document: dict[str, Any]
    """As JSON, without defaults, with its version."""

    @property
    def site(self) -> Site:
        """The document as it is read."""
        return Site.model_validate(self.document)


def as_json(document: Site, version: int) -> dict[str, Any]:
    """The document as it is kept."""
    return document.model_dump(mode="json", exclude_defaults=True) | {"version": version}


def versions(conn: Connection, site: str, limit: int | None = None) -> list[SiteVersion]:
    """The newest `limit` versions, newest first."""
    query = select(table).where(table.c.site == site).order_by(table.c.version.desc()).limit(limit)
    return [_record(row) for row in conn.execute(query)]


def newest(conn: Connection, site: str) -> SiteVersion | None:
    """The version in force; None where nothing was ever saved."""
    found = versions(conn, site, 1)
    return found[0] if found else None


def get_version(conn: Connection, site: str, version: int) -> SiteVersion | None:
    """One version; None when there is none of this number."""
    row = conn.execute(select(table).where(table.c.site == site, table.c.version == version)).first()
    return _record(row) if row else None


def add_version(conn: Connection, made: SiteVersion, *, simulated: bool) -> None:
    """Save `made` and put it in force, in the caller's transaction.

    Raises:
        NewerVersionError: there is a version of this number.
    """
    site = made.site
    put_site(conn, site, simulated=simulated)
    try:
        conn.execute(insert(table).values(site=site.site, version=made.version, **_columns(made)))
    except IntegrityError:
        raise NewerVersionError(f"site {site.site!r} has a version {made.version} already") from None


def take_file(conn: Connection, document: Site, *, simulated: bool, now: float) -> SiteVersion:
    """The version in force after server.yaml's site file was read at `now` seconds UTC.

    The file is the first version. Later it comes into force with a higher number than the newest; with the number it
    was itself saved under, it corrects that version; else what was saved stays in force.
    """
    last = newest(conn, document.site)
    content = as_json(document, document.version)
    of_file = SiteVersion(document.version, BY_FILE, now, "", last.version if last else None, content)
    if last is None or document.version > last.version:
        add_version(conn, of_file, simulated=simulated)
        return of_file
    if document.version == last.version and last.author == BY_FILE and content != last.document:
        _correct(conn, document.site, of_file)
        last = of_file
    put_site(conn, last.site, simulated=simulated)
    return last


def _correct(conn: Connection, site: str, made: SiteVersion) -> None:
    mine = (table.c.site == site) & (table.c.version == made.version)
    conn.execute(update(table).where(mine).values(_columns(made)))


def _columns(made: SiteVersion) -> dict[str, Any]:
    return {
        "document": made.document,
        "author": made.author[:80],
        "created_ms": to_ms(made.created),
        "note": made.note,
        "based_on": made.based_on,
    }


def _record(row: Row[*tuple[Any, ...]]) -> SiteVersion:
    return SiteVersion(row.version, row.author, row.created_ms / 1000, row.note, row.based_on, row.document)
