"""Zones: visits, engaged visits and presence, by hour and by day."""

from contract.disclosed import ZoneRow
from server.disclosure.floor import FloorDay, ZoneDay
from server.disclosure.question import Question, row

HOUR_S = 3600


def by_hour(asked: Question, floor: FloorDay) -> list[ZoneRow]:
    """Hours in which the zone was watched; where entrants are held back, zones are."""
    return [
        _hour(asked, key, zone, i, t_ms)
        for key, zone in floor.zones.items()
        for i, t_ms in enumerate(asked.day.hours)
        if zone.visits.watched_s[i] > 0
    ]


def _hour(asked: Question, key: str, zone: ZoneDay, i: int, t_ms: int) -> ZoneRow:
    figures = {
        "visits": zone.visits.told(i),
        "engaged": zone.engaged.told(i),
        "presence_min": round(zone.presence_s[i] / 60),
    }
    held = _held(visits=bool(zone.visits.held.cells[i]), engaged=bool(zone.engaged.held.cells[i]))
    share = round(min(1.0, zone.visits.watched_s[i] / HOUR_S), 2)
    return row(ZoneRow, asked.day, t_ms / 1000, figures, held, zone=key, observed_share=share)


def by_day(asked: Question, floor: FloorDay) -> list[ZoneRow]:
    """Each zone that was watched."""
    return [_day(asked, key, zone) for key, zone in floor.zones.items()]


def _day(asked: Question, key: str, zone: ZoneDay) -> ZoneRow:
    figures = {
        "visits": zone.visits.table.total,
        "engaged": zone.engaged.table.total,
        "presence_min": round(float(zone.presence_s.sum()) / 60),
    }
    held = _held(visits=zone.visits.held.total, engaged=zone.engaged.held.total)
    share = round(min(1.0, float(zone.visits.watched_s.mean()) / HOUR_S), 2)
    return row(ZoneRow, asked.day, asked.day.start, figures, held, zone=key, observed_share=share)


def _held(*, visits: bool, engaged: bool) -> set[str]:
    """Presence is told with the visits it is of."""
    return {*(["visits", "presence_min"] if visits else []), *(["engaged"] if engaged else [])}
