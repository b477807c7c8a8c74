"""The boxes in the stores and the cameras on them: what works, and what does not."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, Row, func, select

from contract.messages import Birth, CameraHealth, Confusion, Health, Reported, Trait
from server.db.spans import to_ms
from server.db.tables import boxes as table
from server.db.tables import windows

STALE_AFTER_S = 90.0
"""A box speaks every half minute; three times missed is silence."""

BoxState = Literal["online", "stale", "offline"]


@dataclass(frozen=True, slots=True)
class CameraRecord:
    """One camera of a box."""

    camera: str
    state: Literal["starting", "watching", "reconnecting", "dead", "stale", "offline", "unknown"]
    """As its eye says; `stale` or `offline` when the box is; `unknown` before its first report."""
    fps: float | None
    """Frames analysed per second, last minute of the last report."""
    observed_share: float | None
    """Share of the asked period that frames stand for, from the windows; None when the period is empty."""
    last_window: float | None
    """Seconds UTC, end of the newest window of the period."""
    health: CameraHealth | None
    """The last report whole."""


@dataclass(frozen=True, slots=True)
class BoxRecord:
    """One box and its cameras."""

    site: str
    box: str
    state: BoxState
    """`offline`: it or its Will said so. `stale`: it says online and has been silent for `STALE_AFTER_S`."""
    last_seen: float
    """Seconds UTC when its last message reached the server."""
    birth: Birth | None
    reported: Reported | None
    health: Health | None
    """The last health report: outbox depth, bytes, age, disk."""
    cameras: list[CameraRecord]


def boxes(conn: Connection, *, site: str, start: float, end: float, at: float) -> list[BoxRecord]:
    """The site's boxes at `at` seconds UTC, with the share observed over [start, end) seconds."""
    watched = _watched(conn, site, start, end)
    rows = conn.execute(select(table).where(table.c.site == site).order_by(table.c.box))
    return [_box(row, watched[row.box], period_s=max(end - start, 1e-9), at=at) for row in rows]


def confusions(conn: Connection, site: str) -> list[dict[Trait, Confusion]]:
    """How the face networks of the site's boxes err, of those that have any."""
    births = conn.execute(select(table.c.birth).where(table.c.site == site)).scalars()
    return [told for birth in births if birth and (told := Birth.model_validate(birth).confusion)]


def box_ids(conn: Connection, site: str) -> list[str]:
    """The boxes that ever spoke for the site."""
    return list(conn.execute(select(table.c.box).where(table.c.site == site).order_by(table.c.box)).scalars())


def _watched(conn: Connection, site: str, start: float, end: float) -> defaultdict[str, dict[str, tuple[float, float]]]:
    """Box → camera → (seconds observed, end of the newest window in seconds UTC)."""
    w = windows.c
    query = (
        select(w.box, w.camera, func.sum(w.observed_s), func.max(w.t_end_ms))
        .where(w.site == site, w.t_start_ms >= to_ms(start), w.t_start_ms < to_ms(end))
        .group_by(w.box, w.camera)
    )
    found: defaultdict[str, dict[str, tuple[float, float]]] = defaultdict(dict)
    for box, camera, observed_s, t_end_ms in conn.execute(query):
        found[box][camera] = (float(observed_s), t_end_ms / 1000)
    return found


def _box(
    row: Row[*tuple[Any, ...]], watched: dict[str, tuple[float, float]], *, period_s: float, at: float
) -> BoxRecord:
    birth = Birth.model_validate(row.birth) if row.birth else None
    health = Health.model_validate(row.health) if row.health else None
    last_seen = row.last_seen_ms / 1000
    state = _state(row.status, at - last_seen)
    names = sorted({*(birth.cameras if birth else []), *(health.cameras if health else {}), *watched})
    cameras = [
        _camera(name, state, health.cameras.get(name) if health else None, watched.get(name), period_s)
        for name in names
    ]
    reported = Reported.model_validate(row.reported) if row.reported else None
    return BoxRecord(row.site, row.box, state, last_seen, birth, reported, health, cameras)


def _state(status: str | None, silent_s: float) -> BoxState:
    if status == "offline":
        return "offline"
    return "stale" if silent_s > STALE_AFTER_S else "online"


def _camera(
    name: str, box: BoxState, health: CameraHealth | None, watched: tuple[float, float] | None, period_s: float
) -> CameraRecord:
    own = health.state if health else "unknown"
    return CameraRecord(
        camera=name,
        state=own if box == "online" else box,
        fps=health.fps if health else None,
        observed_share=min(1.0, watched[0] / period_s) if watched else None,
        last_window=watched[1] if watched else None,
        health=health,
    )
