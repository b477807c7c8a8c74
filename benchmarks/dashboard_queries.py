"""Every question of the dashboard over a month, with a year of history on disk.

Three cameras that each report 20 zones and the 4,800 cells of a 40 x 30 m floor, open 12 hours a day. Hours are filled
in as the roll-up keeps them, days are added up by the server's own code, and the last days come in minute by minute.

    .venv/bin/python benchmarks/dashboard_queries.py [FOLDER]
"""

import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import Connection, Engine, Table, insert

from contract.messages import DWELL_BINS_S, Message, Window, wrap
from contract.site import Site
from server.db.engine import connect, migrate
from server.db.flows import flows
from server.db.footfall import entries_by_hour, entries_by_step, line_totals
from server.db.heat import heat, heat_days
from server.db.intake import Arrival, store
from server.db.local_time import Hours
from server.db.observed import observed
from server.db.occupancy import occupancy
from server.db.packing import pack_grid, pack_table
from server.db.rollup import roll_up_days
from server.db.rollup_tables import HOURS
from server.db.sites import put_site
from server.db.tables import heat_grids
from server.db.zones import zone_days, zone_totals

BERLIN = ZoneInfo("Europe/Berlin")
CAMERAS, ZONES, LINES = ("door", "middle", "till"), 20, ("entrance", "back")
ROWS, COLUMNS, CELL_M = 60, 80, 0.5
FIRST, LAST = datetime(2025, 1, 1, tzinfo=BERLIN), datetime(2026, 1, 1, tzinfo=BERLIN)
OPEN = range(9, 21)
MINUTE_DAYS = 2
REPEATS = 15
LIMIT_MS = 300.0
SITE = "shop"

rng = np.random.default_rng(2025)


def counts_of_cells(camera: int, people: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    """(4, cells): what `people` who walk by leave in the third of the floor that a camera watches."""
    counts = np.zeros((4, ROWS * COLUMNS), np.int64)
    own = np.arange(camera * ROWS // 3 * COLUMNS, (camera + 1) * ROWS // 3 * COLUMNS)
    walked = rng.choice(own, size=40 * people, p=popularity(own.size))
    np.add.at(counts[1], walked, 1)
    np.add.at(counts[0], walked, 100 * rng.integers(1, 12, walked.size))
    np.add.at(counts[2], walked[: 2 * people], 1)
    np.add.at(counts[3], walked[: people // 5], 1)
    return counts


def popularity(cells: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    weight = 1 / (10 + np.arange(cells))
    return weight / weight.sum()


def dwell_table(visits: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    table = np.zeros((4, len(DWELL_BINS_S)), np.int64)
    np.add.at(table, (rng.integers(0, 2, visits), rng.integers(0, 16, visits)), 1)
    return table


def ways(n: int) -> list[tuple[str, str, int]]:
    """Between neighbours, in, out and lost: about 100 pairs."""
    names = ["ENTRY", *(f"zone-{i}" for i in range(ZONES)), "EXIT", "LOST"]
    pairs = [(a, b) for i, a in enumerate(names[:-2]) for b in names[i + 1 : i + 4] + names[-2:] if a != b]
    return [(a, b, int(k)) for (a, b), k in zip(dict.fromkeys(pairs), rng.poisson(n, len(pairs)), strict=False) if k]


def hours_open() -> Iterator[datetime]:
    day = FIRST
    while day < LAST - timedelta(days=MINUTE_DAYS):
        yield from (day.replace(hour=hour) for hour in OPEN)
        day += timedelta(days=1)


@dataclass
class Rows:
    """What an hour of one camera leaves in each table; blobs are drawn from a stock, to have the year in a minute."""

    grid_id: int
    dwell: list[bytes | None] = field(default_factory=lambda: [pack_table(dwell_table(60)) for _ in range(100)])
    cells: list[list[bytes | None]] = field(
        default_factory=lambda: [[pack_grid(counts_of_cells(c, 60)) for _ in range(30)] for c in range(len(CAMERAS))]
    )
    of: dict[Table, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))

    def add_hour(self, hour: datetime, camera: int) -> None:
        n = int(rng.poisson(60))
        key = {"site": SITE, "hour_ms": round(hour.timestamp()) * 1000, "camera": CAMERAS[camera]}
        seen = key | {"observed_s": 3600.0}
        totals = {"frames": 36_000, "presence_s": 90.0 * n, "occupancy_max": 9, "moved_s": 0.0}
        handovers = {"handovers_taken": n, "handovers_guessed": 2, "handovers_missed": 3}
        zone = {"entries": n, "visits": n, "presence_s": 20.0 * n, "dwell_sum_s": 20.0 * n, "occupancy_max": 4}
        zone |= {"stops": n // 3, "reentries": 2}
        self.of[HOURS.totals].append(seen | totals | handovers)
        self.of[HOURS.lines] += [seen | {"line": line, "entered": n, "left": n} for line in LINES]
        self.of[HOURS.zones] += [seen | zone | {"zone": f"zone-{i}", "dwell": pick(self.dwell)} for i in range(ZONES)]
        self.of[HOURS.heat].append(seen | {"grid_id": self.grid_id, "cells": pick(self.cells[camera])})
        self.of[HOURS.flows] += [key | {"source": a, "target": b, "n": k} for a, b, k in ways(n // 10)]


def pick(stock: list[bytes | None]) -> bytes | None:
    return stock[rng.integers(len(stock))]


def fill_hours(engine: Engine) -> None:
    with engine.begin() as conn:
        grid = {
            "camera": "",
            "unit": "m",
            "cell": CELL_M,
            "origin_x": 0,
            "origin_y": 0,
            "rows": ROWS,
            "columns": COLUMNS,
        }
        rows = Rows(conn.execute(insert(heat_grids).values(site=SITE, **grid).returning(heat_grids.c.id)).scalar_one())
        for hour in hours_open():
            for camera in range(len(CAMERAS)):
                rows.add_hour(hour, camera)
            if hour.hour == OPEN[-1]:
                for table, values in rows.of.items():
                    conn.execute(insert(table), values)
                rows.of.clear()


def minutes() -> Iterator[Message]:
    seq = 0
    for day in range(MINUTE_DAYS):
        opening = (LAST - timedelta(days=MINUTE_DAYS - day)).replace(hour=OPEN.start)
        for minute in range(60 * len(OPEN)):
            for camera in range(len(CAMERAS)):
                seq += 1
                yield wrap(
                    window(opening + timedelta(minutes=minute), camera),
                    site=SITE,
                    box="b",
                    boot_id="x",
                    seq=seq,
                    time=opening,
                )


def window(start: datetime, camera: int) -> Window:
    counts = counts_of_cells(camera, 4)
    index = np.flatnonzero(counts[1])
    layers = {name: row[index].tolist() for name, row in zip(("visits", "stops", "lost"), counts[1:], strict=True)}
    heatmap = {"unit": "m", "cell": CELL_M, "origin": (0, 0), "shape": (ROWS, COLUMNS), "index": index.tolist()}
    empty = [0] * len(DWELL_BINS_S)
    some = [int(i == 6) for i in range(len(DWELL_BINS_S))]
    dwell = {"left": some, "lost": empty, "late_left": empty, "late_lost": empty}
    zone = {"entries": 1, "visits": 1, "presence_s": 20, "dwell_sum_s": 20, "occupancy_max": 1, "dwell": dwell}
    return Window.model_validate({
        "camera": CAMERAS[camera], "t_start": start, "t_end": start + timedelta(minutes=1), "site_version": 1,
        "observed_s": 60, "frames": 600, "presence_s": 90, "occupancy_max": 3,
        "lines": {line: {"in": 1, "out": 1} for line in LINES}, "zones": {f"zone-{i}": zone for i in range(ZONES)},
        "heatmap": heatmap | layers | {"person_s": (counts[0][index] / 1000).tolist()},
        "flows": [{"source": a, "target": b, "n": n} for a, b, n in ways(1)[:8]],
    })  # fmt: skip


def take_minutes(engine: Engine) -> float:
    """Windows per second, in the batches of a server that has fallen behind a little."""
    arrivals = [Arrival(message, 0.0) for message in minutes()]
    began = time.perf_counter()
    for i in range(0, len(arrivals), 3):
        with engine.begin() as conn:
            store(conn, arrivals[i : i + 3])
    return len(arrivals) / (time.perf_counter() - began)


def questions() -> dict[str, Callable[[Connection], object]]:
    """By name; the month is the year's last but a bit, so that its last hour is answered from windows."""
    end = (LAST - timedelta(hours=5, minutes=17)).timestamp()
    month = {"site": SITE, "start": (LAST - timedelta(days=31)).timestamp(), "end": end}
    week = {"site": SITE, "start": (LAST - timedelta(days=14)).timestamp(), "end": end}
    evenings = Hours(frozenset({17, 18, 19}), frozenset(range(5)))
    lines = {"lines": ["entrance"]}
    return {
        "footfall by hour": lambda conn: entries_by_hour(conn, **month, **lines),
        "footfall by day": lambda conn: entries_by_step(conn, **month, **lines, step="day"),
        "footfall by week, a year": lambda conn: entries_by_step(
            conn, site=SITE, start=FIRST.timestamp(), end=end, **lines, step="week"
        ),
        "footfall by line": lambda conn: line_totals(conn, **month, lines=LINES),
        "footfall by day, weekday evenings": lambda conn: entries_by_step(
            conn, **month, **lines, step="day", hours=evenings
        ),
        "occupancy by hour": lambda conn: occupancy(conn, **month, step_s=3600),
        "zones": lambda conn: zone_totals(conn, **month),
        "zones, weekday evenings": lambda conn: zone_totals(conn, **month, hours=evenings),
        "zones by day": lambda conn: zone_days(conn, **month),
        "heat, all layers": lambda conn: heat(conn, **month),
        "heat of one camera": lambda conn: heat(conn, **month, camera="door"),
        "heat, weekday evenings": lambda conn: heat(conn, **month, hours=evenings),
        "heat, all hours chosen": lambda conn: heat(conn, **month, hours=Hours()),
        "heat by day, two weeks": lambda conn: heat_days(conn, **week),
        "heat by day, two weeks, evenings": lambda conn: heat_days(conn, **week, hours=evenings),
        "flows": lambda conn: flows(conn, **month),
        "flows, weekday evenings": lambda conn: flows(conn, **month, hours=evenings),
        "observed, handovers": lambda conn: observed(conn, **month),
        "heat, a year": lambda conn: heat(conn, site=SITE, start=FIRST.timestamp(), end=end),
        "zones, a year": lambda conn: zone_totals(conn, site=SITE, start=FIRST.timestamp(), end=end),
    }


def ask(engine: Engine, question: Callable[[Connection], object]) -> tuple[float, float, float]:
    """Median and 95th percentile, and the processor's share of the median, milliseconds; each over a new connection."""
    took, worked = [], []
    for _ in range(REPEATS):
        began, busy = time.perf_counter(), time.process_time()
        with engine.connect() as conn:
            question(conn)
        took.append(1000 * (time.perf_counter() - began))
        worked.append(1000 * (time.process_time() - busy))
    return float(np.median(took)), float(np.quantile(took, 0.95)), float(np.median(worked))


def main(folder: Path) -> int:
    engine = connect(f"sqlite:///{folder / 'year.db'}")
    migrate(engine)
    with engine.begin() as conn:
        put_site(conn, Site.model_validate({"site": SITE, "timezone": BERLIN.key}), simulated=True)
    fill_hours(engine)
    rate = take_minutes(engine)
    began = time.perf_counter()
    added = roll_up_days(engine, now=(LAST + timedelta(days=1)).astimezone(UTC).timestamp())
    each_ms = 1000 * (time.perf_counter() - began) / added
    print(f"taking in: {rate:.0f} windows/s; {added} days added up in {each_ms:.0f} ms each")
    print(f"database: {(folder / 'year.db').stat().st_size / 1e6:.0f} MB\n")
    print(
        f"| {'question, over a month':34} | median ms | p95 ms | CPU ms |\n| {'-' * 34} | --------: | -----: | -----: |"
    )
    slow = []
    for name, question in questions().items():
        median_ms, p95_ms, cpu_ms = ask(engine, question)
        slow += [name] if p95_ms > LIMIT_MS and "year" not in name else []
        print(f"| {name:34} | {median_ms:9.0f} | {p95_ms:6.0f} | {cpu_ms:6.0f} |", flush=True)
    print(f"\nabove {LIMIT_MS:.0f} ms: {', '.join(slow) or 'none'}")
    return 1 if slow else 0


if __name__ == "__main__":
    if len(sys.argv) > 1:
        sys.exit(main(Path(sys.argv[1])))
    with tempfile.TemporaryDirectory() as name:
        sys.exit(main(Path(name)))
