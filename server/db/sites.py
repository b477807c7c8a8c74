"""The sites: their documents, as the configuration or a newer version gave them."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from contract.site import Site
from server.db.rollup import recut
from server.db.tables import sites


@dataclass(frozen=True, slots=True)
class SiteRecord:
    """One site."""

    site: str
    name: str
    timezone: str
    simulated: bool
    """Its figures come from a simulation or a looped clip; every page and answer says so."""
    document: Site


def list_sites(conn: Connection) -> list[SiteRecord]:
    """All sites, by id."""
    return [_record(row) for row in conn.execute(select(sites).order_by(sites.c.site))]


def get_site(conn: Connection, site: str) -> SiteRecord | None:
    """One site; None when there is none of this id."""
    row = conn.execute(select(sites).where(sites.c.site == site)).first()
    return _record(row) if row else None


def put_site(conn: Connection, document: Site, *, simulated: bool) -> None:
    """Add the site or renew its document. What was counted under an earlier version stays."""
    values = {
        "name": document.name or document.site,
        "timezone": document.timezone,
        "version": document.version,
        "document": document.model_dump(mode="json"),
        "simulated": simulated,
    }
    mine = sites.c.site == document.site
    timezone = conn.execute(select(sites.c.timezone).where(mine)).scalar()
    if timezone is None:
        conn.execute(insert(sites).values(site=document.site, **values))
        return
    conn.execute(update(sites).where(mine).values(values))
    if timezone != document.timezone:
        recut(conn, document.site)


def entrance_lines(document: Site) -> list[str]:
    """The lines whose crossings are footfall; all lines when none is marked as an entrance."""
    marked = [key for key, line in document.lines.items() if line.entrance]
    return marked or list(document.lines)


def _record(row: Row[*tuple[Any, ...]]) -> SiteRecord:
    site, name, timezone, _, document, simulated = row
    return SiteRecord(str(site), str(name), str(timezone), bool(simulated), Site.model_validate(document))
