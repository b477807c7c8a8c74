"""Windows, hours and days say the same, through every change of the clocks."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from contract.messages import Handovers, Window
from contract.site import Site
from server.db.flows import flows
from server.db.footfall import entries_by_hour, entries_by_step, line_totals
from server.db.heat import heat, heat_days
from server.db.intake import Arrival, store
from server.db.local_time import Hours
from server.db.observed import observed
from server.db.occupancy import occupancy
from server.db.rollup import roll_up_days
from server.db.rollup_tables import DAYS, days, hours
from server.db.sites import put_site
from server.db.tables import messages_seen, windows
from server.db.zones import zone_days, zone_totals

CHANGES = [
    ("Europe/Berlin", "2025-03-30T00:00"),
    ("Europe/Berlin", "2025-10-26T00:00"),
    ("Australia/Lord_Howe", "2025-04-06T00:00"),
    ("Australia/Lord_Howe", "2025-10-05T00:00"),
    ("Asia/Kolkata", "2025-10-05T00:00"),
]
LATER = 4e9


def local(zone, text):
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()


@pytest.fixture
def shop_in(engine):
    """`shop_in("Asia/Kolkata")`: the shop moves there."""

    def move(zone):
        with engine.begin() as conn:
            put_site(conn, Site.model_validate({"site": "shop", "timezone": zone}), simulated=False)

    return move


@pytest.fixture
def take(engine, message):
    """`take(window, ...)`: store in one transaction."""

    def run(*found):
        with engine.begin() as conn:
            assert all(store(conn, [Arrival(message(window), 0.0) for window in found]))

    return run


@pytest.fixture
def ask(engine):
    def run(question, **parameters):
        with engine.connect() as conn:
            return question(conn, site="shop", **parameters)

    return run


@pytest.fixture
def at(window, zone_stats):
    """`at(t, n)`: a minute from `t` seconds UTC in which everything is `n`, or a multiple of it."""

    def make(t, n=1, camera="door", **changed):
        zone = zone_stats(entries=n, stops=2 * n, reentries=3 * n, presence_s=0.5 * n)
        heat = {"unit": "m", "cell": 1.0, "origin": [0, 0], "shape": [3, 4], "index": [7, 2]}
        layers = {"person_s": [0.001 * n, 60], "visits": [n, 0], "stops": [0, n], "lost": [2 * n, 1]}
        flows = [{"source": "ENTRY", "target": "shelf", "n": n}, {"source": "shelf", "target": "EXIT", "n": 2 * n}]
        data = window(0, camera=camera).model_dump() | {
            "t_start": datetime.fromtimestamp(t, UTC),
            "t_end": datetime.fromtimestamp(t + 60, UTC),
            "lines": {"entrance": {"in": n, "out": 0}},
            "zones": {"shelf": zone},
            "heatmap": heat | layers,
            "flows": flows,
            "handovers": {"taken": n, "guessed": 2 * n, "missed": 3 * n},
            "moved": n % 2 == 1,
        }
        return Window.model_validate(data | changed)

    return make


def everything(ask, **period):
    """Each figure of a period that adds up, as plain numbers."""
    shelf = ask(zone_totals, **period).get("shelf")
    grids = ask(heat, **period)
    cameras = ask(observed, **period).values()
    lines = ask(line_totals, lines=["entrance"], **period)
    found = Counter(
        entered=sum(line.entered for line in lines.values()),
        presence_ms=sum(round(grid.person_s.sum() * 1000) for grid in grids),
        passes=sum(int(grid.visits.sum()) for grid in grids),
        halts=sum(int(grid.stops.sum()) for grid in grids),
        lost=sum(int(grid.lost.sum()) for grid in grids),
        moved_s=sum(camera.moved_s for camera in cameras),
        watched_s=sum(camera.observed_s for camera in cameras),
        guessed=sum(camera.handovers.guessed for camera in cameras),
        missed=sum(camera.handovers.missed for camera in cameras),
    )
    if shelf:
        found.update(entries=shelf.entries, stops=shelf.stops, reentries=shelf.reentries, dwell=int(shelf.dwell.sum()))
    found.update({f"{a}-{b}": n for (a, b), n in ask(flows, **period).items()})
    return found


def test_every_new_field_is_found_again(take, ask, at, noon):
    take(at(noon, 4), at(noon + 60, 3))
    period = {"start": noon, "end": noon + 120}
    shelf = ask(zone_totals, **period)["shelf"]
    assert (shelf.stops, shelf.reentries) == (14, 21)
    (grid,) = ask(heat, **period)
    assert [np.argwhere(a).tolist() for a in (grid.visits, grid.stops, grid.lost)] == [
        [[1, 3]],
        [[0, 2]],
        [[0, 2], [1, 3]],
    ]
    assert (grid.person_s[1, 3], grid.visits[1, 3], grid.stops[0, 2], grid.lost[1, 3]) == (0.007, 7, 7, 14)
    assert ask(flows, **period) == {("ENTRY", "shelf"): 7, ("shelf", "EXIT"): 14}
    door = ask(observed, **period)["door"]
    assert (door.observed_s, door.moved_s, door.presence_s) == (120, 60, 180)
    assert door.handovers == Handovers(taken=7, guessed=14, missed=21)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    change=st.sampled_from(CHANGES),
    sent=st.dictionaries(
        st.tuples(st.integers(-30 * 60, 54 * 60), st.sampled_from(["door", "aisle"])), st.integers(0, 9), max_size=12
    ),
    cuts=st.lists(st.integers(-30 * 60, 54 * 60), max_size=4),
    derive_at=st.integers(0, 12),
)
def test_days_hours_and_windows_add_up_to_the_same(engine, ask, at, message, change, sent, cuts, derive_at):
    """Three days around a change of the clocks, cut anywhere, some windows late for a day that was added up already."""
    zone, text = change
    midnight = local(zone, text)
    with engine.begin() as conn:  # each example begins with an empty shop
        for table in (windows, hours, days, messages_seen):
            conn.execute(table.delete())
        put_site(conn, Site.model_validate({"site": "shop", "timezone": zone}), simulated=False)
    minutes = [at(midnight + 60 * minute, n, camera) for (minute, camera), n in sent.items()]
    whole = {"start": midnight - 30 * 3600, "end": midnight + 55 * 3600}
    arrivals = [Arrival(message(window), 0.0) for window in minutes]
    with engine.begin() as conn:
        store(conn, arrivals[:derive_at])
    roll_up_days(engine, now=LATER)
    with engine.begin() as conn:
        store(conn, arrivals[derive_at:])
    before = everything(ask, **whole)
    roll_up_days(engine, now=LATER)
    assert everything(ask, **whole) == before
    assert before["entered"] == sum(sent.values())
    assert before["presence_ms"] == sum(sent.values()) + 60_000 * len(sent)
    assert before["shelf-EXIT"] == 2 * sum(sent.values())
    edges = [whole["start"], *sorted({midnight + 60 * minute + 30 for minute in cuts}), whole["end"]]
    parts = Counter()
    for start, end in pairwise(edges):
        parts.update(everything(ask, start=start, end=end))
    assert +parts == +before


@pytest.mark.parametrize(("zone", "midnight"), CHANGES)
def test_footfall_by_local_day_and_hour(shop_in, take, ask, at, engine, zone, midnight):
    """One person each half hour, for the day of the change and the one before: a day has as many as it has half hours."""
    shop_in(zone)
    day = datetime.fromisoformat(midnight)
    edges = [local(zone, (day + timedelta(days=i)).isoformat()) for i in (-1, 0, 1)]
    take(*(at(t) for t in np.arange(edges[0], edges[2], 1800).tolist()))
    period = {"lines": ["entrance"], "start": edges[0], "end": edges[2]}
    for _ in range(2):
        found = ask(entries_by_step, step="day", **period)
        assert [(c.start, c.entered) for c in found] == [
            (start, (end - start) / 1800) for start, end in pairwise(edges)
        ]
        by_hour = ask(entries_by_hour, **period)
        assert {h.entered for h in by_hour} <= {1, 2}
        assert all(datetime.fromtimestamp(h.hour_start, ZoneInfo(zone)).minute in {0, 30} for h in by_hour)
        assert [h.hour_start for h in by_hour] == [
            s.t for s in ask(occupancy, step_s=3600, **{k: period[k] for k in ("start", "end")})
        ]
        assert [s.t for s in ask(occupancy, step_s=86_400, start=edges[0], end=edges[2])] == edges[:2]
        assert roll_up_days(engine, now=LATER) in {0, 2}


def test_weeks_begin_on_monday_and_months_on_the_first(shop_in, take, ask, at, engine):
    shop_in("Europe/Berlin")
    first = local("Europe/Berlin", "2025-03-26T12:00")
    take(*(at(first + 86_400 * i) for i in range(8)))
    roll_up_days(engine, now=LATER)
    period = {"lines": ["entrance"], "start": first, "end": first + 8 * 86_400}
    weeks = ask(entries_by_step, step="week", **period)
    assert [(datetime.fromtimestamp(c.start, ZoneInfo("Europe/Berlin")).isoformat(), c.entered) for c in weeks] == [
        ("2025-03-24T00:00:00+01:00", 5),
        ("2025-03-31T00:00:00+02:00", 3),
    ]
    months = ask(entries_by_step, step="month", **period)
    assert [(datetime.fromtimestamp(c.start, ZoneInfo("Europe/Berlin")).isoformat(), c.entered) for c in months] == [
        ("2025-03-01T00:00:00+01:00", 6),
        ("2025-04-01T00:00:00+02:00", 2),
    ]


def test_hours_and_weekdays_are_chosen_by_the_local_clock(shop_in, take, ask, at, engine):
    """9 to 10 and 13 to 14 on weekends, before and after the clocks change; 2 to 3 is there twice on 26 October."""
    shop_in("Europe/Berlin")
    start, end = local("Europe/Berlin", "2025-10-24T00:00"), local("Europe/Berlin", "2025-10-28T00:00")
    minutes = np.arange(start, end, 1800).tolist()
    take(*(at(t) for t in minutes))
    roll_up_days(engine, now=LATER)
    chosen = Hours(frozenset({2, 9, 13}), frozenset({5, 6}))
    found = everything(ask, start=start, end=end, hours=chosen)
    assert found["entered"] == found["entries"] == found["ENTRY-shelf"] == found["passes"] == 2 * 3 + 2 * 4
    odd = everything(ask, start=start, end=local("Europe/Berlin", "2025-10-25T09:30"), hours=chosen)
    assert odd["entered"] == 2 + 1


def test_each_day_is_a_replicate(shop_in, take, ask, at):
    shop_in("Asia/Kolkata")
    midnight = local("Asia/Kolkata", "2025-10-05T00:00")
    take(at(midnight - 60, 5), at(midnight, 3), at(midnight + 86_399 - 59, 2), at(midnight + 2 * 86_400, 7))
    period = {"start": midnight - 3600, "end": midnight + 3 * 86_400}
    by_day = {day: grid.visits.sum() for day, (grid,) in ask(heat_days, **period).items()}
    assert by_day == {date(2025, 10, 4): 5, date(2025, 10, 5): 5, date(2025, 10, 7): 7}
    assert {day: zones["shelf"].entries for day, zones in ask(zone_days, **period).items()} == by_day
    evening = ask(zone_days, hours=Hours(frozenset({23})), **period)
    assert {day: zones["shelf"].entries for day, zones in evening.items()} == {
        date(2025, 10, 4): 5,
        date(2025, 10, 5): 2,
    }


def test_a_day_is_added_up_when_it_is_over_and_again_after_a_late_window(shop_in, take, ask, at, engine):
    shop_in("Europe/Berlin")
    midnight = local("Europe/Berlin", "2025-11-22T00:00")
    take(at(midnight + 3600), at(midnight + 2 * 86_400 + 60))
    assert roll_up_days(engine, now=midnight + 86_400 + 60) == 0
    assert roll_up_days(engine, now=midnight + 86_400 + 1800) == 1
    assert roll_up_days(engine, now=midnight + 86_400 + 1800) == 0
    period = {"start": midnight, "end": midnight + 86_400}
    assert everything(ask, **period)["entered"] == 1
    take(at(midnight + 7200, 4))
    assert everything(ask, **period)["entered"] == 5
    assert count(engine, DAYS.zones) == 0
    assert roll_up_days(engine, now=midnight + 86_400 + 1800) == 1
    assert everything(ask, **period)["entered"] == 5
    assert count(engine, DAYS.zones) == 1


def test_a_month_reads_days_not_minutes(shop_in, take, ask, at, engine):
    """Emptied of windows and hours, it is still answered."""
    shop_in("Europe/Berlin")
    midnight = local("Europe/Berlin", "2025-10-01T00:00")
    take(*(at(midnight + 86_400 * i + 43_200) for i in range(31)))
    roll_up_days(engine, now=LATER)
    with engine.begin() as conn:
        conn.execute(windows.delete())
        conn.execute(hours.delete())
    found = everything(ask, start=midnight, end=local("Europe/Berlin", "2025-11-01T00:00"))
    assert (found["entered"], found["lost"], found["dwell"], found["ENTRY-shelf"]) == (31, 93, 31, 31)


def test_another_time_zone_cuts_anew(shop_in, take, ask, at, engine):
    shop_in("Europe/Berlin")
    midnight = local("Asia/Kolkata", "2025-11-22T00:00")
    take(*(at(midnight + 1800 * i) for i in range(-4, 50)))
    roll_up_days(engine, now=LATER)
    shop_in("Asia/Kolkata")
    period = {"start": midnight, "end": midnight + 86_400}
    for derived in (2, 0):
        assert everything(ask, **period)["entered"] == 48
        assert [h.entered for h in ask(entries_by_hour, lines=["entrance"], **period)] == [2] * 24
        assert roll_up_days(engine, now=LATER) >= derived
    take(at(midnight + 90, 5))
    assert everything(ask, **period)["entered"] == 53


def count(engine, table):
    with engine.connect() as conn:
        return conn.execute(select(func.count()).select_from(table)).scalar()
