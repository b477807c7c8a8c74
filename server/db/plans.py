"""Pictures of floor plans, each by the SHA-256 of its PNG."""

from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select

from server.db.setup_tables import plans as table
from server.db.site_versions import versions
from server.db.spans import to_ms

UNUSED_MOST = 10
"""Uploads of a site that no version names; older ones go when another comes."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A raster picture of a floor plan."""

    sha256: str
    png: bytes
    width: int
    height: int


def add_plan(conn: Connection, site: str, plan: Plan, *, now: float) -> None:
    """Keep `plan`; the same picture again changes nothing."""
    if get_plan(conn, site, plan.sha256) is not None:
        return
    conn.execute(
        insert(table).values(
            site=site, sha256=plan.sha256, png=plan.png, width=plan.width, height=plan.height, created_ms=to_ms(now)
        )
    )
    _forget_unused(conn, site)


def get_plan(conn: Connection, site: str, sha256: str) -> Plan | None:
    """The picture; None where the site has none of this hash."""
    query = select(table.c.sha256, table.c.png, table.c.width, table.c.height)
    row = conn.execute(query.where(table.c.site == site, table.c.sha256 == sha256)).first()
    return Plan(*row) if row else None


def plan_size(conn: Connection, site: str, sha256: str) -> tuple[int, int] | None:
    """Width and height in pixels, without reading the picture; None where the site has none of this hash."""
    query = select(table.c.width, table.c.height).where(table.c.site == site, table.c.sha256 == sha256)
    row = conn.execute(query).first()
    return (row.width, row.height) if row else None


def _forget_unused(conn: Connection, site: str) -> None:
    floors = [version.document.get("floor") or {} for version in versions(conn, site)]
    used = {floor["plan"]["sha256"] for floor in floors if floor.get("plan")}
    query = select(table.c.sha256).where(table.c.site == site).order_by(table.c.created_ms.desc())
    unused = [sha256 for (sha256,) in conn.execute(query) if sha256 not in used]
    conn.execute(delete(table).where(table.c.site == site, table.c.sha256.in_(unused[UNUSED_MOST:])))
