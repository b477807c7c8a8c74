"""Weeks: what their days told, added up. So a week tells nothing that its days did not."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from contract.disclosed import FunnelRow, Row, SummedFigures, TrafficRow, ZoneRow
from server.disclosure.window import Window

SUMS = ("passers", "entrants", "visits", "engaged", "presence_min", "receipts")
MEANS = ("occupancy_mean", "observed_share")


def add_up(week: Window, rows: Iterable[Row]) -> list[Row]:
    """A row for the store or for each zone of the days' rows, with how many days went into each figure.

    A figure is held back where no day told it and one held it back.
    """
    by_zone: defaultdict[str | None, list[TrafficRow | ZoneRow | FunnelRow]] = defaultdict(list)
    for row in rows:
        if isinstance(row, TrafficRow | ZoneRow | FunnelRow):
            by_zone[getattr(row, "zone", None)].append(row)
    return [_week(week, of_zone) for of_zone in by_zone.values()]


def _week(week: Window, days: Sequence[TrafficRow | ZoneRow | FunnelRow]) -> Row:
    told = {name: _told(days, name) for name in (*SUMS, *MEANS) if name in type(days[0]).model_fields}
    held = tuple(name for name, values in told.items() if not values and any(name in day.held for day in days))
    counted = {name: len(values) for name, values in told.items() if values and name in SUMS}
    changes = {"start": week.local(week.start), "held": held, "held_back": bool(held), "days": counted}
    return days[0].model_copy(update={name: _figure(name, values) for name, values in told.items()} | changes)


def _told(days: Sequence[SummedFigures], name: str) -> list[float]:
    return [value for day in days if (value := getattr(day, name)) is not None]


def _figure(name: str, values: list[float]) -> float | None:
    if not values:
        return None
    return round(sum(values) / len(values), 2 if name == "observed_share" else 1) if name in MEANS else sum(values)
