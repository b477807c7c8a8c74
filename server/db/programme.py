"""The loyalty programme's own sums: by period and segment, and cohorts of those who joined in one month."""

from collections.abc import Iterable
from decimal import Decimal

from sqlalchemy import Connection, select

from contract.loyalty import CohortPeriod, ProgrammePeriod
from contract.money import hundredths
from server.db.trade_tables import cohorts as cohort_table
from server.db.trade_tables import programme_periods
from server.db.upserts import put_rows


def periods(conn: Connection, site: str, segment: str | None = None) -> list[ProgrammePeriod]:
    """All periods, or those of one segment (`all`: everyone), by first day; weeks and months may overlap."""
    c = programme_periods.c
    query = select(c.document).where(c.site == site).order_by(c.start, c.end, c.segment)
    if segment is not None:
        query = query.where(c.segment == segment)
    return [ProgrammePeriod.model_validate(document) for document in conn.execute(query).scalars()]


def cohorts(conn: Connection, site: str) -> list[CohortPeriod]:
    """All cohorts, by month of joining and months since."""
    c = cohort_table.c
    query = select(c.joined, c.month, c.members, c.active, c.gross_c, c.margin_c).where(c.site == site)
    return [
        CohortPeriod(
            joined=row.joined,
            month=row.month,
            members=row.members,
            active=row.active,
            gross=Decimal(row.gross_c) / 100,
            margin=None if row.margin_c is None else Decimal(row.margin_c) / 100,
        )
        for row in conn.execute(query.order_by(c.joined, c.month))
    ]


def put_periods(conn: Connection, site: str, told: Iterable[ProgrammePeriod]) -> None:
    """Add them, or put them in the place of those of the same segment and days."""
    rows = [
        {"site": site, "segment": each.segment, "start": each.start, "end": each.end}
        | {"document": each.model_dump(mode="json")}
        for each in told
    ]
    put_rows(conn, programme_periods, rows)


def put_cohorts(conn: Connection, site: str, told: Iterable[CohortPeriod]) -> None:
    """Add them, or put them in the place of those of the same months."""
    rows = [
        {"site": site, "joined": each.joined, "month": each.month, "members": each.members, "active": each.active}
        | {"gross_c": hundredths(each.gross)}
        | {"margin_c": None if each.margin is None else hundredths(each.margin)}
        for each in told
    ]
    put_rows(conn, cohort_table, rows)
