"""An invented campaign in the invented supermarket: slots, plays, decisions, scans and audience, put into the tables.

Nothing here is measured. What the campaign brings is planted: `EFFECT` times the stops without it.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import Connection, insert, select

from contract.site import Site
from server.campaign_document import CampaignDocument
from server.db.campaigns import CampaignRecord, add_campaign, change_campaign
from server.db.installation import seed
from server.db.packing import pack_grid
from server.db.screen_tables import audience, creatives, decisions, media, plays, scans, window_screens
from server.db.tables import heat_grids, window_heat, window_zones, windows
from server.domain.holdout import SLOT_S, WASH_OUT_S, Shares, arm

CAMPAIGN, SCREENS, PROMOTED = "flat-white", ("entrance", "tills"), "drinks"
CREATIVES = {"flat-white-cup": "Flat white, cup", "flat-white-price": "Flat white, 2.40"}
SEGMENTS: dict[str, Any] = {
    "groups": {"name": "In a group", "when": {"group": {"at_least": 2}}},
    "trolley": {"name": "With a trolley", "when": {"transport": ["cart"]}},
    "coffee": {"name": "Stopped at the drinks", "when": {"stopped": {"zone": "drinks", "at_least_s": 10}}},
    "children": {
        "name": "With children's goods in mind",
        "when": {"any": [{"transport": ["stroller"]}, {"stopped": {"zone": "aisle_6", "at_least_s": 10}}]},
    },
}
SHARES = {"groups": 0.34, "trolley": 0.22, "coffee": 0.09, "children": 0.04}
HOURS = range(7, 22)
EFFECT = 1.35
DAYS_BEFORE, DAYS = 7, 9


def with_segments(site: Site) -> Site:
    """The store with segments, and screens in groups."""
    raw = site.model_dump(mode="json", exclude_none=True) | {"segments": SEGMENTS}
    return Site.model_validate(raw)


def document(now: datetime) -> CampaignDocument:
    """As a planner would write it; it ends eight days from `now`."""
    first, last = (now.date() + timedelta(days=d) for d in (-DAYS, 8))
    return CampaignDocument.model_validate(
        {
            "name": "Flat white",
            "advertiser": "Harbour Roasters",
            "creatives": list(CREATIVES),
            "flights": [{"first": first, "last": last}],
            "dayparts": [{"hours": "07:00-22:00"}],
            "screens": list(SCREENS),
            "rules": [{"kind": "segment", "segment": "groups", "over": "lately"}],
            "goal": {"kind": "uplift"},
            "budget": {"amount": 400, "per_play": 0.04},
            "promotes": PROMOTED,
        }
    )


def fill(
    conn: Connection,
    site: Site,
    now: datetime,
    *,
    effect: float = EFFECT,
    days: int = DAYS,
    before: int = DAYS_BEFORE,
) -> None:
    """Let it have run for `days`, and the screens have been watched for `before` days before that."""
    rng = np.random.default_rng(7)
    _campaign(conn, site, now, started=now - timedelta(days=days))
    key, grid = seed(conn), _grid(conn, site)
    began = now.timestamp() - days * 86_400
    for slot in _slots(site, now, days=before + days):
        on = {s: slot * SLOT_S >= began and arm(key, site=site.site, screen=s, campaign=CAMPAIGN, slot=slot,
                                                shares=Shares()) != "nothing" for s in SCREENS}  # fmt: skip
        _window(conn, site, rng, slot, on, effect=effect, grid=grid if slot * SLOT_S >= began else None)
        if slot * SLOT_S >= began:
            for screen in SCREENS:
                _plays(conn, site, rng, slot, screen, on=on[screen], now=now)
    _audience(conn, site, rng, now)


def _slots(site: Site, now: datetime, *, days: int) -> Iterator[int]:
    first = int(now.timestamp() - days * 86_400) // SLOT_S
    for slot in range(first, int(now.timestamp()) // SLOT_S):
        if datetime.fromtimestamp(slot * SLOT_S, ZoneInfo(site.timezone)).hour in HOURS:
            yield slot


def _campaign(conn: Connection, site: Site, now: datetime, *, started: datetime) -> None:
    t = started.timestamp() - 86_400
    picture = {"sha256": "a" * 64, "kind": "image", "type": "image/png", "bytes": 1000, "width": 1920, "height": 1080}
    conn.execute(insert(media).values(picture | {"created_ms": round(t * 1000)}))
    for creative, name in CREATIVES.items():
        row = {"site": site.site, "creative": creative, "name": name, "media": picture["sha256"], "seconds": 10}
        conn.execute(insert(creatives).values(row | {"author": "anna", "created_ms": round(t * 1000)}))
    draft = CampaignRecord(CAMPAIGN, 1, "draft", document(now), "anna", t, t, None, None)
    add_campaign(conn, site.site, draft, note="")
    approved = replace(draft, version=2, status="approved", changed=t + 60, approved_by="ben", approved=t + 60)
    change_campaign(conn, site.site, approved, based_on=1, who="ben", what="approved", note="")


def _grid(conn: Connection, site: Site) -> tuple[int, tuple[int, int]]:
    assert site.floor is not None  # noqa: S101 - it has one
    (x0, y0), (x1, y1) = site.floor.bounds_m
    shape = round((y1 - y0) / site.floor.cell_m), round((x1 - x0) / site.floor.cell_m)
    laid = {"camera": "", "unit": "m", "cell": site.floor.cell_m, "origin_x": x0, "origin_y": y0}
    c = heat_grids.c
    known = select(c.id).where(c.site == site.site, c.camera == "", c.rows == shape[0], c.columns == shape[1])
    found = conn.execute(known).scalar()
    if found is None:
        row = laid | {"site": site.site, "rows": shape[0], "columns": shape[1]}
        found = conn.execute(insert(heat_grids).values(row).returning(c.id)).scalar_one()
    return int(found), shape


def _window(
    conn: Connection,
    site: Site,
    rng: np.random.Generator,
    slot: int,
    on: dict[str, bool],
    *,
    effect: float,
    grid: tuple[int, tuple[int, int]] | None,
) -> None:
    """One window per slot, from the end of the wash-out to the end of the slot, by every camera."""
    hour = datetime.fromtimestamp(slot * SLOT_S, ZoneInfo(site.timezone)).hour
    passed = {s: int(rng.poisson(22 + 12 * np.sin((hour - 7) / 15 * np.pi))) for s in SCREENS}
    lifted = 1 + (effect - 1) * float(np.mean(list(on.values())))
    people = sum(passed.values())
    for i, camera in enumerate(site.cameras):
        seconds = SLOT_S - WASH_OUT_S
        row = {"site": site.site, "box": "screens", "camera": camera, "t_start_ms": (slot * SLOT_S + WASH_OUT_S) * 1000}
        row |= {"t_end_ms": (slot + 1) * SLOT_S * 1000, "revision": 0, "site_version": 1, "observed_s": seconds}
        row |= {"frames": seconds * 8, "presence_s": people * 30.0, "occupancy_max": 6, "moved": False}
        row |= dict.fromkeys(("handovers_taken", "handovers_guessed", "handovers_missed"), 0)
        window = conn.execute(insert(windows).values(row).returning(windows.c.id)).scalar_one()
        if i == 0:
            _seen(conn, rng, window, on, passed)
            _zones(conn, rng, window, passed, lifted)
        if grid is not None:
            _heat(conn, rng, window, grid, people=people / len(site.cameras), lifted=lifted)


def _seen(conn: Connection, rng: np.random.Generator, window: int, on: dict[str, bool], passed: dict[str, int]) -> None:
    rows = []
    for screen, n in passed.items():
        creative = str(rng.choice(list(CREATIVES))) if on[screen] else ""
        viewers = int(rng.binomial(n, 0.30 if on[screen] else 0.26))
        seen = {"ots": n, "viewers": viewers, "attention_s": float(rng.gamma(2 * viewers + 0.1, 1.2))}
        rows.append({"window_id": window, "screen": screen, "creative": creative, "shown_s": 535.0} | seen)
    conn.execute(insert(window_screens), rows)


def _zones(conn: Connection, rng: np.random.Generator, window: int, passed: dict[str, int], lifted: float) -> None:
    at_drinks = int(rng.poisson(sum(passed.values()) * 0.2 * (1 + lifted)))
    came = passed | {PROMOTED: at_drinks}
    stops = {zone: int(rng.binomial(n, min(0.9, 0.18 * lifted))) for zone, n in came.items()}
    rows = [
        {"window_id": window, "zone": zone, "entries": n, "visits": n, "presence_s": 20.0 * n, "dwell_sum_s": 20.0 * n}
        | {"occupancy_max": 4, "stops": stops[zone], "reentries": 0, "dwell": None}
        for zone, n in came.items()
    ]
    conn.execute(insert(window_zones), rows)


def _heat(
    conn: Connection,
    rng: np.random.Generator,
    window: int,
    grid: tuple[int, tuple[int, int]],
    *,
    people: float,
    lifted: float,
) -> None:
    """Everybody everywhere, and more of them at the drinks when the campaign is on."""
    grid_id, (rows, columns) = grid
    y, x = np.mgrid[0:rows, 0:columns]
    near = np.exp(-(((x - 0.88 * columns) / (0.08 * columns)) ** 2 + ((y - 0.45 * rows) / (0.2 * rows)) ** 2))
    density = people * (0.02 + 0.04 * near * lifted**2)
    layers = np.zeros((4, rows * columns), np.int64)
    layers[0] = (rng.gamma(2, density / 2 + 1e-9).ravel() * 1000).round()
    conn.execute(insert(window_heat).values(window_id=window, grid_id=grid_id, cells=pack_grid(layers)))


def _plays(
    conn: Connection, site: Site, rng: np.random.Generator, slot: int, screen: str, *, on: bool, now: datetime
) -> None:
    """A few decisions in the slot, what was played on them, and now and then a scan."""
    rows, decided = [], []
    for i in range(4):
        t_ms = (slot * SLOT_S + 120 * i) * 1000
        creative = list(CREATIVES)[int(rng.random() < 0.7)]
        decision = f"d{slot}-{screen}-{i}"
        decided.append(
            {"decision": decision, "site": site.site, "screen": screen, "t_ms": t_ms, "campaign": CAMPAIGN}
            | {"creative": creative if on else None, "arm": "targeted" if on else "nothing", "context": {}}
            | {"propensity": 0.7 if creative == "flat-white-price" else 0.3, "reason": {"code": "chosen", "of": 1}}
        )
        if on:
            cached = now.timestamp() - t_ms / 1000 < 3000 and screen == "tills"
            rows.append(
                {"play": f"p{slot}-{screen}-{i}-xx", "site": site.site, "screen": screen, "player": f"{screen}-1"}
                | {"decision": None if cached else decision, "campaign": CAMPAIGN, "campaign_name": "Flat white"}
                | {"creative": creative, "creative_name": CREATIVES[creative], "started_ms": t_ms, "cached": cached}
                | {"seconds": 10.0 if i else 6.5, "outcome": "whole" if i else "cut", "trouble": None}
                | {"received_ms": t_ms + 11_000}
            )
    conn.execute(insert(decisions), decided)
    if rows:
        conn.execute(insert(plays), rows)
        if rng.random() < 0.12:
            key = {"site": site.site, "landing": "coffee", "campaign": CAMPAIGN, "creative": "flat-white-price"}
            done = key | {"screen": screen, "slot_ms": slot * SLOT_S * 1000, "answer": "", "n": 1}
            conn.execute(insert(scans), [done | {"what": "scan"}])
            if rng.random() < 0.4:
                conn.execute(insert(scans), [done | {"what": "redeem"}])


def _audience(conn: Connection, site: Site, rng: np.random.Generator, now: datetime) -> None:
    """Cells of two hours by zone for ten weeks; yesterday had twice the trolleys."""
    today = datetime.combine(now.astimezone(ZoneInfo(site.timezone)).date(), datetime.min.time(), now.tzinfo or UTC)
    rows = []
    for day in range(70):
        for hour in range(7, 21, 2):
            start = today - timedelta(days=day) + timedelta(hours=hour)
            if start + timedelta(hours=2) > now:
                continue
            for zone in ("entrance", "tills", "drinks", "bakery"):
                of = int(rng.poisson(150))
                for key, share in SHARES.items():
                    drifted = 1.8 if key == "trolley" and day == 1 else 1.0
                    n = int(rng.binomial(of, min(0.9, share * drifted * float(rng.normal(1, 0.08)))))
                    if n >= 5:
                        span = {"t_start_ms": int(start.timestamp() * 1000)}
                        span["t_end_ms"] = span["t_start_ms"] + 7_200_000
                        rows.append(
                            {"site": site.site, "box": "screens", "camera": "entrance", "zone": zone, "segment": key}
                            | {"digest": site.segments[key].digest, "n": n, "of": of, "dwell_sum_s": n * 31.0}
                            | span
                        )
    conn.execute(insert(audience), rows)
