"""An invented supermarket with weeks of invented figures, for the pictures in the documentation.

Nothing here is measured: the shapes are plausible, the numbers are drawn from a seeded generator.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from contract.coverage import coverage
from contract.messages import (
    DWELL_BINS_S,
    Birth,
    CameraHealth,
    Data,
    DwellTable,
    Event,
    Flow,
    Health,
    Heatmap,
    LineStats,
    Live,
    Message,
    Reported,
    State,
    Window,
    ZoneStats,
    wrap,
)
from contract.site import Site
from vitrina.simulate.cameras import Pose, calibrated

SIZE_M = (36.0, 26.0)
CELL_M = 0.5
POSES = {
    "entrance": Pose((0.7, 25.3), 4.2, 316, 40, 104),
    "bakery": Pose((0.7, 0.9), 4.2, 40, 42, 104),
    "aisles": Pose((16.1, 20.8), 4.2, 272, 36, 100),
    "back": Pose((27.3, 4.6), 4.2, 70, 42, 104),
    "tills": Pose((35.2, 25.4), 4.2, 222, 40, 104),
}
CAMERAS = tuple(POSES)
USUAL_BY_HOUR = {
    7: 46,
    8: 92,
    9: 142,
    10: 190,
    11: 222,
    12: 226,
    13: 219,
    14: 228,
    15: 231,
    16: 247,
    17: 262,
    18: 238,
    19: 176,
    20: 112,
    21: 58,
}


def box(x0: float, y0: float, x1: float, y1: float) -> list[list[float]]:
    """A rectangle's corners, metres."""
    return [[x0, y0], [x1, y0], [x1, y1], [x0, y1]]


ZONES: dict[str, tuple[str, str, list[list[float]], float, float]] = {
    # id: (name, kind, polygon, person-seconds per m² and hour, median stay in seconds)
    "bakery": ("Bakery", "category", box(1.2, 1.2, 7.8, 9.2), 59, 41),
    "fruit": ("Fruit and vegetables", "category", box(1.0, 10.4, 8.8, 19.2), 58, 66),
    "dairy": ("Dairy", "category", box(8.4, 1.2, 17.0, 2.8), 173, 38),
    "meat": ("Meat and fish", "category", box(17.2, 1.2, 26.6, 2.8), 139, 74),
    "aisle_1": ("Aisle 1", "category", box(10.7, 5.0, 12.6, 17.2), 66, 29),
    "aisle_2": ("Aisle 2", "category", box(13.7, 5.0, 15.6, 17.2), 80, 33),
    "aisle_3": ("Aisle 3", "category", box(16.7, 5.0, 18.6, 17.2), 18, 11),
    "aisle_4": ("Aisle 4", "category", box(19.7, 5.0, 21.6, 17.2), 60, 27),
    "aisle_5": ("Aisle 5", "category", box(22.7, 5.0, 24.6, 17.2), 40, 22),
    "aisle_6": ("Aisle 6", "category", box(25.7, 5.0, 27.6, 17.2), 19, 14),
    "drinks": ("Drinks", "category", box(29.0, 5.4, 34.4, 17.2), 27, 35),
    "promotion": ("Promotion", "area", box(9.7, 17.8, 26.4, 20.2), 38, 12),
    "tills": ("Tills", "queue", box(16.4, 20.8, 25.0, 23.8), 172, 118),
    "self": ("Self-checkout", "queue", box(25.8, 20.8, 31.2, 23.8), 249, 96),
    "entrance": ("Entrance", "entrance", box(2.8, 22.2, 8.4, 25.8), 30, 6),
}
AISLE_SHELVES = [box(x, y, x + 1.05, y + 5.4) for x in (9.6, 12.6, 15.6, 18.6, 21.6, 24.6, 27.6) for y in (5.0, 12.0)]
TABLES = [box(x, y, x + 1.9, y + 1.1) for x in (2.4, 5.6) for y in (11.6, 14.2, 16.8)]
BREAD = [box(3.2, 3.7, 5.8, 4.8), box(3.2, 6.4, 5.8, 7.5)]
TILLS = [box(x, 21.4, x + 0.8, 23.8) for x in (16.9, 19.1, 21.3, 23.5)]


SHELF_M = 1.25
"""Shelves one can look over."""


def _floor() -> dict[str, Any]:
    walls = [box(2, 0.3, 7.2, 1.1), box(8.4, 0.3, 26.6, 1.1)]
    return {
        "bounds_m": [[0, 0], list(SIZE_M)],
        "cell_m": CELL_M,
        "fixtures": [
            *({"kind": "shelf", "polygon_m": polygon} for polygon in walls),
            *({"kind": "shelf", "polygon_m": polygon, "height_m": SHELF_M} for polygon in AISLE_SHELVES),
            *({"kind": "table", "polygon_m": polygon} for polygon in (*TABLES, *BREAD)),
            *({"kind": "till", "polygon_m": polygon} for polygon in TILLS),
            {"kind": "closed", "name": "Staff only", "polygon_m": box(27.6, 0, 36, 4.3)},
            {"kind": "closed", "name": "Service desk", "polygon_m": box(9.4, 21.2, 15.6, 26)},
        ],
    }


def _zone_entry(key: str) -> dict[str, Any]:
    name, kind, polygon, _, _ = ZONES[key]
    limits = {"longest_wait_s": 240.0, "most_people": 12} if kind == "queue" else {}
    return {"name": name, "kind": kind, "polygon_m": polygon, "engaged_s": 30 if kind == "category" else 10, **limits}


def site(site_id: str = "store_014", timezone: str = "Europe/Berlin") -> Site:
    """The store's document."""
    bare = Site.model_validate({"site": site_id, "floor": _floor()})
    assert bare.floor is not None  # noqa: S101 - made so above
    cameras = {
        key: calibrated(pose, bare.floor, name=key.capitalize(), size_px=(1920, 1080)) for key, pose in POSES.items()
    }
    document: dict[str, Any] = {
        "site": site_id,
        "version": 13,
        "name": "Harbour Street 14",
        "timezone": timezone,
        "floor": _floor(),
        "cameras": {key: camera.model_dump(mode="json") for key, camera in cameras.items()},
        "zones": {key: _zone_entry(key) for key in ZONES},
        "lines": {
            "door_west": {"name": "West door", "entrance": True, "ends_m": [[7.6, 25.4], [4.0, 25.4]]},
            "door_east": {"name": "East door", "entrance": True, "ends_m": [[34.6, 25.4], [31.4, 25.4]]},
        },
        "screens": {
            key: {"name": key.capitalize(), "at_m": at, "facing_deg": facing, "zone": zone}
            for key, at, facing, zone in SCREENS
        },
        "most_people": 120,
    }
    return Site.model_validate(document)


SCREENS = [
    ("entrance", [8.9, 23.1], 180, "entrance"),
    ("bakery", [0.3, 5.2], 0, "bakery"),
    ("dairy", [12.9, 0.5], 90, "dairy"),
    ("promotion", [14.4, 17.5], 90, "promotion"),
    ("tills", [21.8, 24.7], 270, "tills"),
]

FLOWS = [
    ("ENTRY", "fruit", 0.43), ("ENTRY", "bakery", 0.24), ("fruit", "bakery", 0.09),
    ("ENTRY", "dairy", 0.21), ("ENTRY", "promotion", 0.1), ("fruit", "dairy", 0.09),
    ("bakery", "dairy", 0.07), ("dairy", "meat", 0.12), ("dairy", "aisle_2", 0.07),
    ("aisle_2", "promotion", 0.05), ("aisle_2", "tills", 0.04), ("meat", "aisle_4", 0.05),
    ("aisle_4", "tills", 0.08), ("drinks", "tills", 0.075), ("drinks", "self", 0.07),
    ("meat", "drinks", 0.06), ("aisle_1", "promotion", 0.05), ("promotion", "tills", 0.06),
    ("tills", "EXIT", 0.5), ("self", "EXIT", 0.4), ("fruit", "LOST", 0.03),
    ("aisle_5", "aisle_6", 0.02), ("dairy", "LOST", 0.02), ("aisle_6", "aisle_5", 0.02),
]  # fmt: skip
"""How many of those who came in go from one zone to another."""

CHANGES = {"bakery": 1.5, "meat": 0.68, "drinks": 0.62, "self": 1.3, "aisle_1": 1.15, "aisle_2": 1.25, "aisle_3": 0.6}
"""What became of a zone this week, times what it was before."""


class Store:
    """Makes the messages of one box; `t` of each comes from the caller, chance from a seed."""

    def __init__(self, document: Site, *, box: str = "box_1", seed: int = 14) -> None:
        self.document, self.box = document, box
        self._rng = np.random.default_rng(seed)
        self._seq = 0
        self._before, self._now = _density({}), _density(CHANGES)
        seen = coverage(document)
        assert seen is not None  # noqa: S101 - it has a floor
        self._answers = np.where(seen.seen_by_any, seen.best, -1).reshape(seen.grid.shape)

    def message(self, data: Data, time: datetime) -> Message:
        """`data` in its envelope."""
        self._seq += 1
        return wrap(data, site=self.document.site, box=self.box, boot_id="sample", seq=self._seq, time=time)

    def windows(
        self,
        start: datetime,
        end: datetime,
        entered: float,
        *,
        heat: bool,
        cameras: tuple[str, ...] = CAMERAS,
        changed: bool = True,
        moved: bool = False,
    ) -> Iterator[Message]:
        """One window per camera; the first camera counts at the doors, each zone belongs to one camera."""
        hours = (end - start).total_seconds() / 3600
        share = entered / max(hours, 1e-9) / 210
        for i, camera in enumerate(CAMERAS):
            if camera not in cameras:
                continue
            mine = list(ZONES)[i :: len(CAMERAS)]
            zones = {key: self._zone(key, hours, share, changed=changed) for key in mine} if heat else {}
            crowd = share * 31 / len(CAMERAS)
            window = Window(
                camera=camera,
                t_start=start,
                t_end=end,
                site_version=13,
                observed_s=3600 * hours * 0.992,
                frames=round(3600 * hours * 7.9),
                presence_s=crowd * 3600 * hours,
                occupancy_max=round(crowd * 1.9),
                lines=self._lines(entered) if i == 0 else {},
                zones=zones,
                heatmap=self._heatmap(hours, share, i, changed=changed) if heat else None,
                flows=self._flows(entered) if heat and i == 0 else [],
                moved=moved and camera == "tills",
            )
            yield self.message(window, end)

    def _lines(self, entered: float) -> dict[str, LineStats]:
        west = round(entered * 0.7)
        return {
            "door_west": LineStats(in_=west, out=round(west * 0.45)),
            "door_east": LineStats(in_=round(entered) - west, out=round(entered * 0.5)),
        }

    def _flows(self, entered: float) -> list[Flow]:
        counted = [(source, target, int(self._rng.poisson(share * entered))) for source, target, share in FLOWS]
        return [Flow(source=source, target=target, n=n) for source, target, n in counted if n]

    def _zone(self, key: str, hours: float, share: float, *, changed: bool) -> ZoneStats:
        _, _, polygon, rate, median_s = ZONES[key]
        change = CHANGES.get(key, 1.0) if changed else 1.0
        median_s *= change**0.5
        square = (polygon[1][0] - polygon[0][0]) * (polygon[2][1] - polygon[1][1])
        presence_s = rate * square * hours * share * change
        visits = int(self._rng.poisson(presence_s / (median_s * 1.6)))
        stays = self._rng.lognormal(np.log(median_s), 0.85, visits)
        lost = self._rng.random(visits) < 0.11
        histogram = [np.histogram(stays[keep], [*DWELL_BINS_S, np.inf])[0].tolist() for keep in (~lost, lost)]
        nothing = [0] * len(DWELL_BINS_S)
        return ZoneStats(
            entries=visits,
            visits=visits,
            presence_s=float(stays.sum()),
            dwell_sum_s=float(stays.sum()),
            dwell=DwellTable(left=histogram[0], lost=histogram[1], late_left=nothing, late_lost=nothing),
            occupancy_max=max(1, round(presence_s / hours / 3600 * 3)),
            stops=int(self._rng.binomial(visits, min(0.9, 0.022 if key == "aisle_3" else median_s / 90))),
            reentries=int(self._rng.binomial(visits, 0.04)),
        )

    def _heatmap(self, hours: float, share: float, camera: int, *, changed: bool) -> Heatmap:
        density = self._now if changed else self._before
        rows, columns = density.shape
        day = self._rng.gamma(4, 0.25, density.shape)
        person_s = (density * CELL_M**2 * hours * share * day * (self._answers == camera)).ravel()
        index = np.flatnonzero(person_s)
        visits = self._rng.poisson(person_s[index] / 1.4)
        stops = self._rng.binomial(visits, np.clip(density.ravel()[index] / 900, 0, 0.5))
        return Heatmap(
            unit="m",
            cell=CELL_M,
            origin=(0.0, 0.0),
            shape=(rows, columns),
            index=index.tolist(),
            person_s=person_s[index].round(2).tolist(),
            visits=visits.tolist(),
            stops=stops.tolist(),
            lost=self._rng.binomial(visits, 0.004).tolist(),
        )

    def up(self, now: datetime, *, version: str = "0.2.0") -> Iterator[Message]:
        """What a healthy box says of itself, and one camera that is not."""
        yield self.message(State(status="online"), now)
        birth = Birth(
            version=version,
            started_at=now - timedelta(days=6),
            cameras=list(CAMERAS),
            model="nanodet-g-416",
            profile="objects",
            site_version=13,
        )
        yield self.message(birth, now)
        yield self.message(Reported(site_version=13), now)
        cameras = {
            key: CameraHealth(
                state="watching",
                fps=7.9 - 0.3 * i,
                observed_share=0.998 - 0.003 * i,
                dropped=3 * i,
                bad_frames=i,
                view="fits",
            )
            for i, key in enumerate(CAMERAS)
        }
        cameras["tills"] = cameras["tills"].model_copy(update={"view": "moved"})
        cameras["aisles"] = CameraHealth(
            state="reconnecting",
            fps=0,
            observed_share=0.61,
            dropped=211,
            bad_frames=7,
            restarts=2,
            view="fits",
            error="connection timed out",
        )
        yield self.message(
            Health(
                t=now,
                cameras=cameras,
                outbox_depth=3,
                outbox_bytes=18_400,
                outbox_oldest_s=4.0,
                outbox_dropped=0,
                disk_free_bytes=21_000_000_000,
            ),
            now,
        )

    def events(self, now: datetime) -> Iterator[Message]:
        """Three things that happened today."""
        told = [
            (12, "camera_lost", "error", "aisles", "Camera aisles does not answer: connection timed out."),
            (38, "camera_moved", "warning", "tills", "Camera tills moved by about 3°. Its floor figures are marked."),
            (
                210,
                "eye_restarted",
                "warning",
                "bakery",
                "The process of camera bakery was restarted; 20 s are missing.",
            ),
        ]
        for minutes, kind, level, camera, text in told:
            t = now - timedelta(minutes=minutes)
            yield self.message(Event(t=t, kind=kind, level=level, camera=camera, text=text), t)  # type: ignore[arg-type]

    def live(self, now: datetime, zones: dict[str, int], *, lasts_s: float = 60) -> Message:
        """Who is inside, as the first camera says it for all."""
        total = sum(zones.values())
        return self.message(
            Live(camera=CAMERAS[0], t=now, expires_at=now + timedelta(seconds=lasts_s), occupancy=total, zones=zones),
            now,
        )


NOW_BY_ZONE = {
    "bakery": 4,
    "fruit": 5,
    "dairy": 3,
    "meat": 1,
    "aisle_1": 1,
    "aisle_2": 2,
    "aisle_4": 1,
    "drinks": 2,
    "tills": 8,
    "self": 3,
    "promotion": 1,
}


def history(store: Store, now: datetime, *, weeks: int = 8, opens: int = 7) -> Iterator[Message]:
    """The same weekday of the past weeks and the last two weeks by the hour, and today so far by the quarter."""
    midnight = now.astimezone(ZoneInfo(store.document.timezone)).replace(hour=0, minute=0, second=0, microsecond=0)
    rng = np.random.default_rng(7)
    for ago in sorted({*range(1, DAYS_WITH_HEAT + 1), *(7 * week for week in range(1, weeks + 1))}):
        level = rng.normal(1.0 if ago % 7 == 0 else 0.8, 0.06)
        day = midnight - timedelta(days=ago)
        entered = {hour: usual * max(rng.normal(level, 0.06), 0.3) for hour, usual in USUAL_BY_HOUR.items()}
        yield from _past(store, day, entered, heat=ago <= DAYS_WITH_HEAT, changed=ago < 7, until=19 if ago == 3 else 22)
    start = midnight + timedelta(hours=opens)
    while start < now:
        end = min(start + timedelta(minutes=15), now)
        hours = (end - start).total_seconds() / 3600
        usual = USUAL_BY_HOUR.get(start.astimezone(midnight.tzinfo).hour, 20)
        moved = now - start < timedelta(minutes=40)
        yield from store.windows(start, end, usual * rng.normal(1.04, 0.06) * hours, heat=True, moved=moved)
        start = end


def _past(
    store: Store, day: datetime, entered: dict[int, float], *, heat: bool, changed: bool, until: int
) -> Iterator[Message]:
    """A past day: the camera at the doors by the hour, the others, if there is heat, in three pieces."""
    for hour in range(7, until):
        start = day + timedelta(hours=hour)
        kept = {"heat": heat, "changed": changed}
        yield from store.windows(start, start + timedelta(hours=1), entered[hour], cameras=CAMERAS[:1], **kept)
        if heat and (hour - 7) % PIECE_H == 0:
            piece = range(hour, min(hour + PIECE_H, until))
            total = sum(entered[each] for each in piece)
            yield from store.windows(start, start + timedelta(hours=len(piece)), total, cameras=CAMERAS[1:], **kept)


DAYS_WITH_HEAT = 14
PIECE_H = 5


def _density(changes: dict[str, float]) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Person-seconds per m² and hour on the grid: walkways, zones, and places where people stop."""
    columns, rows = int(SIZE_M[0] / CELL_M), int(SIZE_M[1] / CELL_M)
    x, y = np.meshgrid((np.arange(columns) + 0.5) * CELL_M, (np.arange(rows) + 0.5) * CELL_M)
    density = np.full((rows, columns), 3.0)
    inside = {
        key: (x >= a[0]) & (x <= c[0]) & (y >= a[1]) & (y <= c[1]) for key, (_, _, (a, _, c, _), _, _) in ZONES.items()
    }
    for key, (_, _, _, rate, _) in ZONES.items():
        density[inside[key]] = 0.55 * rate
    for px, py, sx, sy, height in STOPS:
        density += height * np.exp(-0.5 * (((x - px) / sx) ** 2 + ((y - py) / sy) ** 2))
    for a, b in FIXED:
        density[(x > a[0]) & (x < b[0]) & (y > a[1]) & (y < b[1])] = 0
    for key, factor in changes.items():
        density[inside[key]] *= factor
    return density


STOPS = [
    (4.5, 2.6, 1.0, 0.7, 90), (1.9, 5.4, 0.6, 0.9, 70), (2.0, 8.2, 0.7, 0.7, 100), (4.6, 5.6, 0.9, 0.4, 80),
    (4.8, 13.2, 1.2, 0.5, 90), (4.9, 16, 1.4, 0.4, 60), (2.0, 13, 0.5, 1.4, 60), (7.6, 18.3, 0.7, 0.7, 45),
    (11.5, 2.0, 1.2, 0.6, 260), (15.8, 2.0, 1.0, 0.6, 240), (21.0, 2.0, 1.5, 0.6, 200), (25.0, 2.1, 1.0, 0.5, 120),
    (11.6, 8.5, 0.5, 1.8, 60), (14.6, 13.0, 0.5, 2.4, 90), (20.6, 9.5, 0.5, 2.4, 50), (23.6, 7.4, 0.5, 1.4, 30),
    (31.0, 9.0, 1.0, 1.5, 40), (32.2, 15, 0.8, 1.2, 60), (18.6, 22.4, 0.4, 1.2, 260), (20.8, 22.4, 0.4, 1.2, 230),
    (25.0, 22.2, 0.4, 1.0, 330), (27.6, 22.0, 0.6, 1.1, 420), (29.8, 22.0, 0.6, 1.1, 380), (5.6, 24.8, 0.8, 1.2, 90),
    (32.5, 25.0, 1.2, 0.5, 110), (18.0, 11.2, 9.0, 0.6, 38), (18.0, 4.0, 12.0, 0.6, 32), (7.0, 20.6, 4.0, 0.8, 22),
    (22.0, 24.8, 9.0, 0.7, 60),
]  # fmt: skip
FIXED = [
    (polygon[0], polygon[2])
    for polygon in (
        *AISLE_SHELVES,
        *TABLES,
        *BREAD,
        *TILLS,
        box(27.6, 0, 36, 4.3),
        box(9.4, 21.2, 15.6, 26),
        box(8.4, 0, 26.6, 1.1),
        box(0, 0, 8, 1.1),
    )
]


def today_at(hour: int = 14, minute: int = 20) -> datetime:
    """The invented moment: Saturday 21 November 2026 in the store."""
    return datetime(2026, 11, 21, hour, minute, 8, tzinfo=ZoneInfo("Europe/Berlin")).astimezone(UTC)
