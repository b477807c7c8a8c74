"""What adds up, by camera and local hour or local day (`server.db.local_time`); `server.db.rollup` derives it.

A question over a month reads 31 days and not 43,200 minutes. Hours are always up to date; a day that is not in `days`
has not been added up yet, or has changed since, and its hours answer for it. Of a camera's `observed_s`,
`moved_s` are those in which its picture did not fit the calibration.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Date,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    Table,
    and_,
)

from server.db.tables import ID, ROW, metadata

days = Table(
    "days",
    metadata,
    Column("site", ID, ForeignKey("sites.site", ondelete="CASCADE"), primary_key=True),
    Column("day_ms", BigInteger, primary_key=True),
    Column("date", Date, nullable=False),
)


def _totals() -> tuple[Column[float] | Column[int], ...]:
    return (
        Column("observed_s", Float, nullable=False),
        Column("moved_s", Float, nullable=False),
        Column("frames", BigInteger, nullable=False),
        Column("presence_s", Float, nullable=False),
        Column("occupancy_max", Integer, nullable=False),
        Column("handovers_taken", BigInteger, nullable=False),
        Column("handovers_guessed", BigInteger, nullable=False),
        Column("handovers_missed", BigInteger, nullable=False),
    )


hours = Table(
    "hours",
    metadata,
    Column("site", ID, ForeignKey("sites.site", ondelete="CASCADE"), primary_key=True),
    Column("hour_ms", BigInteger, primary_key=True),
    Column("camera", ID, primary_key=True),
    *_totals(),
)

day_totals = Table(
    "day_totals",
    metadata,
    Column("site", ID, primary_key=True),
    Column("day_ms", BigInteger, primary_key=True),
    Column("camera", ID, primary_key=True),
    *_totals(),
    ForeignKeyConstraint(["site", "day_ms"], ["days.site", "days.day_ms"], ondelete="CASCADE"),
)


@dataclass(frozen=True, slots=True)
class Level:
    """The tables of one length of time."""

    start: str
    """Name of the column with the first instant."""
    totals: Table
    lines: Table
    zones: Table
    heat: Table
    flows: Table

    def within(self, table: Table, site: str, starts: tuple[int, ...]) -> ColumnElement[bool]:
        """The condition that a row of `table` is the site's and of one of the hours or days that begin at `starts`."""
        return and_(table.c.site == site, table.c[self.start].in_(starts))


def _level(name: str, totals: Table) -> Level:
    start = f"{name}_ms"
    parent = ["site", start, "camera"]

    def table(
        subject: str,
        *columns: Column[str] | Column[int] | Column[float] | Column[bytes],
        **options: Any,  # noqa: ANN401 - of `Table`
    ) -> Table:
        return Table(
            f"{name}_{subject}",
            metadata,
            Column("site", ID, primary_key=True),
            Column(start, BigInteger, primary_key=True),
            Column("camera", ID, primary_key=True),
            *columns,
            ForeignKeyConstraint(parent, [f"{totals.name}.{key}" for key in parent], ondelete="CASCADE"),
            **options,
        )

    return Level(
        start=start,
        totals=totals,
        lines=table(
            "lines",
            Column("line", ID, primary_key=True),
            Column("entered", BigInteger, nullable=False),
            Column("left", BigInteger, nullable=False),
            Column("observed_s", Float, nullable=False),
        ),
        zones=table(
            "zones",
            Column("zone", ID, primary_key=True),
            Column("entries", BigInteger, nullable=False),
            Column("visits", BigInteger, nullable=False),
            Column("presence_s", Float, nullable=False),
            Column("dwell_sum_s", Float, nullable=False),
            Column("occupancy_max", Integer, nullable=False),
            Column("observed_s", Float, nullable=False),
            Column("stops", BigInteger, nullable=False),
            Column("reentries", BigInteger, nullable=False),
            Column("dwell", LargeBinary),
        ),
        heat=table(
            "heat",
            Column("grid_id", ROW, ForeignKey("heat_grids.id", ondelete="CASCADE"), primary_key=True),
            Column("observed_s", Float, nullable=False),
            Column("cells", LargeBinary),
        ),
        flows=table(
            "flows",
            Column("source", ID, primary_key=True),
            Column("target", ID, primary_key=True),
            Column("n", BigInteger, nullable=False),
            sqlite_with_rowid=False,  # nearly all of a row is its key: no second copy of it
        ),
    )


HOURS = _level("hour", hours)
DAYS = _level("day", day_totals)
