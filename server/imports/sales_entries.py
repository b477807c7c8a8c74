"""Sales of shops that send no receipts: rows at a time that can be true, that tell nothing twice."""

from collections.abc import Iterable, Sequence
from datetime import date, tzinfo
from typing import Any

from sqlalchemy import Connection

from contract.loyalty import SalesRow
from contract.money import hundredths
from server.db.local_time import day_of
from server.db.sales import WHOLE_STORE, days_with_sales
from server.db.sales_told import DAY_MINUTES, Span, bounds, days_told, derive, put_sales, spans
from server.imports.account import Account
from server.imports.entries import Entry
from server.imports.limits import Limits, wrong_time
from server.imports.receipts import Fault

NOT_ON_CLOCK = "begins where the store's clock shows no whole span; times carry their offset from UTC"
OVERLAPS = "overlaps what was told of this category in spans of another length; a day keeps to one"
HAS_RECEIPTS = "of this day there are receipts already; a shop tells a day by receipts or by sales, not by both"


def file_sales(conn: Connection, account: Account, rows: Sequence[Entry]) -> list[Fault]:
    """Put rows in the place of those of the same span, and derive their days anew; returns what was wrong."""
    site, timezone = account.site.site, account.timezone
    told = [(entry.place, entry.told) for entry in rows if isinstance(entry.told, SalesRow)]
    refused = {place: wrong for place, row in told if (wrong := _wrong_start(row, timezone, account.limits))}
    days = {place: day_of(_start_ms(row), timezone) for place, row in told if place not in refused}
    by_receipts = _days_of_receipts(conn, site, set(days.values()), timezone)
    refused |= {place: HAS_RECEIPTS for place, day in days.items() if day in by_receipts}
    open_rows = [(place, row) for place, row in told if place not in refused]
    there = {day: _Day(day, timezone, spans(conn, site, day, timezone)) for day in set(days.values()) - by_receipts}
    refused |= {place: OVERLAPS for place, row in open_rows if not there[days[place]].takes(_span(row))}
    put_sales(conn, [_columns(site, row) for place, row in open_rows if place not in refused])
    for day in there:
        derive(conn, site, day, timezone)
    return [Fault(place, "start", wrong) for place, wrong in refused.items()]


class _Day:
    """Which spans of a day are told, by category."""

    def __init__(self, day: date, timezone: tzinfo, told: Iterable[Span]) -> None:
        self._first, self._after = bounds(day, timezone)
        self._told: dict[str, set[Span]] = {}
        for span in told:
            self._told.setdefault(span.category, set()).add(span)

    def takes(self, span: Span) -> bool:
        """Whether the span overlaps no other one; then it is told from now on."""
        of_category = self._told.setdefault(span.category, set())
        first, after = self._ends(span)
        if any(a < after and first < b for a, b in map(self._ends, of_category - {span})):
            return False
        of_category.add(span)
        return True

    def _ends(self, span: Span) -> tuple[int, int]:
        if span.minutes == DAY_MINUTES:
            return self._first, self._after
        return span.start_ms, span.start_ms + span.minutes * 60_000


def _days_of_receipts(conn: Connection, site: str, days: set[date], timezone: tzinfo) -> set[date]:
    """Days of which something is known that was not told as sales."""
    return days_with_sales(conn, site, days) - days_told(conn, site, days, timezone)


def _wrong_start(row: SalesRow, timezone: tzinfo, limits: Limits) -> str | None:
    wrong = wrong_time(row.start.timestamp(), limits)
    if wrong is not None:
        return wrong
    local = row.start.astimezone(timezone)
    if row.minutes == DAY_MINUTES:
        return None if _start_ms(row) == bounds(local.date(), timezone)[0] else NOT_ON_CLOCK
    return NOT_ON_CLOCK if local.minute % min(row.minutes, 60) else None


def _start_ms(row: SalesRow) -> int:
    return round(row.start.timestamp()) * 1000


def _span(row: SalesRow) -> Span:
    return Span(_start_ms(row), row.minutes, row.category or WHOLE_STORE)


def _columns(site: str, row: SalesRow) -> dict[str, Any]:
    gross, margin = hundredths(row.gross), row.margin
    return (
        {"site": site}
        | _span(row)._asdict()
        | {
            "receipts": row.receipts,
            "card_receipts": row.card_receipts,
            "returns": row.returns,
            "quantity": row.quantity,
            "gross_c": gross,
            "margin_c": 0 if margin is None else hundredths(margin),
            "margin_gross_c": 0 if margin is None else gross,
            "discount_c": hundredths(row.discount),
        }
    )
