"""Messages into tables: a batch per transaction, each message once, each window once, the newest revision in force."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import Connection, Table, and_, delete, insert, select, tuple_, update

from contract.messages import (
    Audience,
    Birth,
    DwellTable,
    Event,
    Health,
    Heatmap,
    Live,
    Message,
    Reported,
    State,
    Still,
    Window,
    ZoneStats,
)
from server.db.audience import add_cells
from server.db.events import EventRecord, add_event
from server.db.packing import pack_grid, pack_table
from server.db.rollup import HEAT_LAYERS, lock, refresh
from server.db.screen_tables import window_screens
from server.db.spans import to_ms
from server.db.stills import take_still
from server.db.tables import (
    boxes,
    heat_grids,
    live,
    messages_seen,
    window_flows,
    window_heat,
    window_lines,
    window_zones,
    windows,
)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message that may be stored."""

    message: Message
    seen_at: float
    """Seconds UTC at which its box was heard: now, or the message's own time if the broker had kept it."""


SHOWN = ("shown_s", "ots", "viewers", "attention_s")
"""What adds up of a screen and a creative."""


class WindowKey(NamedTuple):
    """What makes a window that window, whatever its revision."""

    site: str
    box: str
    camera: str
    t_start_ms: int


def store(conn: Connection, arrivals: Sequence[Arrival]) -> list[bool]:
    """Store `arrivals` in the caller's transaction; tells for each whether it was new.

    States, births, reports, health and live figures replace the earlier ones, so their repetition changes nothing by
    itself; windows, events and audiences are remembered by (source, id).
    """
    lock(conn, {a.message.site for a in arrivals})
    fresh = _first_times(conn, [a.message for a in arrivals])
    new = [a for a, first in zip(arrivals, fresh, strict=True) if first]
    _hear(conn, new)
    for arrival in new:
        _apply(conn, arrival.message)
    _store_windows(conn, [(a.message, a.message.data) for a in new if isinstance(a.message.data, Window)])
    _remember(conn, new)
    return fresh


def _counts_once(message: Message) -> bool:
    return isinstance(message.data, Window | Event | Audience)


def _first_times(conn: Connection, messages: Sequence[Message]) -> list[bool]:
    c = messages_seen.c
    keys = [(m.source, m.id) for m in messages if _counts_once(m)]
    query = select(c.source, c.id).where(tuple_(c.source, c.id).in_(keys))
    seen = {(source, id_) for source, id_ in conn.execute(query)} if keys else set()
    fresh = []
    for message in messages:
        key = (message.source, message.id)
        fresh.append(not (_counts_once(message) and key in seen))
        seen.add(key)
    return fresh


def _remember(conn: Connection, arrivals: Iterable[Arrival]) -> None:
    rows = [
        {"source": a.message.source, "id": a.message.id, "received_ms": to_ms(a.seen_at)}
        for a in arrivals
        if _counts_once(a.message)
    ]
    if rows:
        conn.execute(insert(messages_seen), rows)


def _hear(conn: Connection, arrivals: Iterable[Arrival]) -> None:
    heard: dict[tuple[str, str], int] = {}
    for arrival in arrivals:
        key = (arrival.message.site, arrival.message.box)
        heard[key] = max(to_ms(arrival.seen_at), heard.get(key, 0))
    for (site, box), ms in heard.items():
        mine = and_(boxes.c.site == site, boxes.c.box == box)
        last = conn.execute(select(boxes.c.last_seen_ms).where(mine)).scalar()
        if last is None:
            conn.execute(insert(boxes).values(site=site, box=box, last_seen_ms=ms))
        elif ms > last:
            conn.execute(update(boxes).where(mine).values(last_seen_ms=ms))


def _apply(conn: Connection, message: Message) -> None:
    match message.data:
        case State(status=status):
            _set_box(conn, message, status=status)
        case Birth() as birth:
            _set_box(conn, message, birth=birth.model_dump(mode="json"))
        case Reported() as reported:
            _set_box(conn, message, reported=reported.model_dump(mode="json"))
        case Health() as health:
            _set_health(conn, message, health)
        case Live() as now:
            _set_live(conn, message, now)
        case Audience(camera=camera, cells=cells):
            add_cells(conn, message.site, message.box, camera, cells)
        case Still() as still:
            take_still(conn, message.site, message.box, still)
        case Event() as event:
            record = EventRecord(event.t.timestamp(), message.box, event.camera, event.kind, event.level, event.text)
            add_event(conn, message.site, record)


def _set_box(conn: Connection, message: Message, **values: Any) -> None:  # noqa: ANN401 - columns of `boxes`
    conn.execute(update(boxes).where(boxes.c.site == message.site, boxes.c.box == message.box).values(**values))


def _set_health(conn: Connection, message: Message, health: Health) -> None:
    t_ms = to_ms(health.t.timestamp())
    conn.execute(
        update(boxes)
        .where(boxes.c.site == message.site, boxes.c.box == message.box)
        .where((boxes.c.health_ms.is_(None)) | (boxes.c.health_ms <= t_ms))
        .values(health=health.model_dump(mode="json"), health_ms=t_ms)
    )


def _set_live(conn: Connection, message: Message, now: Live) -> None:
    mine = and_(live.c.site == message.site, live.c.box == message.box, live.c.camera == now.camera)
    t_ms = to_ms(now.t.timestamp())
    values = {
        "t_ms": t_ms,
        "expires_ms": to_ms(now.expires_at.timestamp()),
        "occupancy": now.occupancy,
        "zones": now.zones,
    }
    last = conn.execute(select(live.c.t_ms).where(mine)).scalar()
    if last is None:
        conn.execute(insert(live).values(site=message.site, box=message.box, camera=now.camera, **values))
    elif t_ms >= last:
        conn.execute(update(live).where(mine).values(**values))


def _store_windows(conn: Connection, arrived: Iterable[tuple[Message, Window]]) -> None:
    newest: dict[WindowKey, Window] = {}
    for message, window in arrived:
        key = WindowKey(message.site, message.box, window.camera, to_ms(window.t_start.timestamp()))
        if key not in newest or window.revision > newest[key].revision:
            newest[key] = window
    wanted = {key: window for key, window in newest.items() if _make_room(conn, key, window.revision)}
    if wanted:
        _insert(conn, wanted)
        for site in {key.site for key in wanted}:
            refresh(conn, site, {(key.camera, key.t_start_ms) for key in wanted if key.site == site})


def _make_room(conn: Connection, key: WindowKey, revision: int) -> bool:
    """Remove an earlier revision; False when this or a later one is there."""
    w = windows.c
    mine = and_(w.site == key.site, w.box == key.box, w.camera == key.camera, w.t_start_ms == key.t_start_ms)
    stored = conn.execute(select(w.revision).where(mine)).scalar()
    if stored is not None and stored >= revision:
        return False
    if stored is not None:
        conn.execute(delete(windows).where(mine))
    return True


def _insert(conn: Connection, wanted: dict[WindowKey, Window]) -> None:
    rows = [key._asdict() | _columns(window) for key, window in wanted.items()]
    query = insert(windows).returning(windows.c.id, sort_by_parameter_order=True)
    ids = list(conn.execute(query, rows).scalars())
    parts = list(zip(ids, wanted.items(), strict=True))
    _insert_all(conn, window_lines, [row for id_, (_, window) in parts for row in _line_rows(id_, window)])
    _insert_all(conn, window_zones, [row for id_, (_, window) in parts for row in _zone_rows(id_, window)])
    _insert_all(conn, window_flows, [row for id_, (_, window) in parts for row in _flow_rows(id_, window)])
    _insert_all(conn, window_screens, [row for id_, (_, window) in parts for row in _screen_rows(id_, window)])
    grids: dict[tuple[object, ...], int] = {}
    _insert_all(
        conn,
        window_heat,
        [
            {"window_id": id_, "grid_id": _grid(conn, key, heat, grids), "cells": _pack_heat(heat)}
            for id_, (key, window) in parts
            if (heat := window.heatmap) is not None
        ],
    )


def _insert_all(conn: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    if rows:
        conn.execute(insert(table), rows)


def _columns(window: Window) -> dict[str, Any]:
    return {
        "t_end_ms": to_ms(window.t_end.timestamp()),
        "revision": window.revision,
        "site_version": window.site_version,
        "observed_s": window.observed_s,
        "frames": window.frames,
        "presence_s": window.presence_s,
        "occupancy_max": window.occupancy_max,
        "moved": window.moved,
        "handovers_taken": window.handovers.taken,
        "handovers_guessed": window.handovers.guessed,
        "handovers_missed": window.handovers.missed,
    }


def _line_rows(id_: int, window: Window) -> list[dict[str, Any]]:
    return [
        {"window_id": id_, "line": name, "entered": line.in_, "left": line.out} for name, line in window.lines.items()
    ]


def _zone_rows(id_: int, window: Window) -> list[dict[str, Any]]:
    return [{"window_id": id_, "zone": name} | _zone_columns(zone) for name, zone in window.zones.items()]


def _zone_columns(zone: ZoneStats) -> dict[str, Any]:
    return zone.model_dump(exclude={"dwell"}) | {"dwell": _pack_dwell(zone.dwell)}


def _pack_dwell(dwell: DwellTable) -> bytes | None:
    return pack_table(np.array([dwell.left, dwell.lost, dwell.late_left, dwell.late_lost]))


def _flow_rows(id_: int, window: Window) -> list[dict[str, Any]]:
    counts: Counter[tuple[str, str]] = Counter()
    for flow in window.flows:
        counts[flow.source, flow.target] += flow.n
    return [
        {"window_id": id_, "source": source, "target": target, "n": n} for (source, target), n in counts.items() if n
    ]


def _screen_rows(id_: int, window: Window) -> list[dict[str, Any]]:
    """What is named twice is added up."""
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for shown in window.screens:
        key = (shown.screen, shown.creative or "")
        before = rows.get(key, {})
        sums = {name: getattr(shown, name) + before.get(name, 0) for name in SHOWN}
        rows[key] = {"window_id": id_, "screen": key[0], "creative": key[1]} | sums
    return list(rows.values())


def _pack_heat(heat: Heatmap) -> bytes | None:
    """Seconds as the milliseconds they travel in. A cell that is named twice is added up."""
    counts = np.zeros((len(HEAT_LAYERS), heat.shape[0] * heat.shape[1]), np.int64)
    milliseconds = np.rint(np.asarray(heat.person_s, np.float64) * 1000).astype(np.int64)
    for row, layer in zip(counts, (milliseconds, *map(np.asarray, (heat.visits, heat.stops, heat.lost))), strict=True):
        if layer.size:
            np.add.at(row, heat.index, layer)
    return pack_grid(counts)


def _grid(conn: Connection, key: WindowKey, heat: Heatmap, known: dict[tuple[object, ...], int]) -> int:
    """The grid's id; grids on the floor are the same for all cameras."""
    values = {
        "site": key.site,
        "camera": "" if heat.unit == "m" else key.camera,
        "unit": heat.unit,
        "cell": heat.cell,
        "origin_x": heat.origin[0],
        "origin_y": heat.origin[1],
        "rows": heat.shape[0],
        "columns": heat.shape[1],
    }
    name = tuple(values.values())
    if name not in known:
        mine = and_(*(heat_grids.c[column] == value for column, value in values.items()))
        found = conn.execute(select(heat_grids.c.id).where(mine)).scalar()
        known[name] = found or conn.execute(insert(heat_grids).values(values).returning(heat_grids.c.id)).scalar_one()
    return known[name]
