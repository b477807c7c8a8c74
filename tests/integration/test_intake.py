from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from contract.messages import DWELL_BINS_S, Birth, Event, Health, Live, State
from server.db.boxes import boxes
from server.db.events import events
from server.db.footfall import entries_by_hour, line_totals
from server.db.heat import heat
from server.db.intake import Arrival, store
from server.db.occupancy import now, occupancy
from server.db.prune import prune
from server.db.rollup_tables import HOURS
from server.db.tables import window_zones, windows
from server.db.zones import zone_totals
from server.settings import Retention


@pytest.fixture
def take(engine, noon):
    """`take(message, ...)`: store in one transaction; tells which were new."""

    def run(*messages, seen_at=noon):
        with engine.begin() as conn:
            return store(conn, [Arrival(m, seen_at) for m in messages])

    return run


@pytest.fixture
def ask(engine):
    def run(question, **parameters):
        with engine.connect() as conn:
            return question(conn, site="shop", **parameters)

    return run


def test_a_window_is_found_in_every_figure(take, ask, window, message, noon):
    assert take(message(window())) == [True]
    period = {"start": noon, "end": noon + 3600}
    (hour,) = ask(entries_by_hour, lines=["entrance"], **period)
    assert (hour.hour_start, hour.entered, hour.left, hour.observed_s) == (noon, 5, 3, 60)
    shelf = ask(zone_totals, **period)["shelf"]
    assert (shelf.entries, shelf.visits, shelf.presence_s, shelf.occupancy_max, shelf.observed_s) == (2, 1, 30, 2, 60)
    assert shelf.dwell.sum() == 1
    assert shelf.dwell[0, DWELL_BINS_S.index(10)] == 1
    (grid,) = ask(heat, **period)
    assert (grid.camera, grid.unit, grid.shape) == (None, "m", (3, 4))
    assert np.argwhere(grid.person_s).tolist() == [[0, 0], [1, 1]]
    assert grid.person_s.sum() == 90
    (step,) = ask(occupancy, **period)
    assert (step.t, step.mean, step.highest) == (noon, 1.5, 3)


def test_a_message_sent_twice_changes_nothing(take, ask, window, message, noon):
    sent = message(window())
    assert take(sent, sent) == [True, False]
    assert take(sent) == [False]
    totals = ask(line_totals, lines=["entrance"], start=noon, end=noon + 60)
    assert totals["entrance"].entered == 5


def test_a_window_sent_again_under_a_new_id_changes_nothing(take, ask, window, message, noon):
    take(message(window()))
    take(message(window()))
    assert ask(zone_totals, start=noon, end=noon + 3600)["shelf"].entries == 2


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
@pytest.mark.parametrize("together", [True, False])
def test_the_newest_revision_is_in_force(take, ask, window, message, noon, zone_stats, order, together):
    sent = [
        message(window(revision=r, zones={"shelf": zone_stats(entries=10 * r)}, presence_s=60.0 * r)) for r in order
    ]
    if together:
        take(*sent)
    else:
        for one in sent:
            take(one)
    for period in ({"start": noon, "end": noon + 3600}, {"start": noon, "end": noon + 60}):
        assert ask(zone_totals, **period)["shelf"].entries == 20
    assert [step.mean for step in ask(occupancy, start=noon, end=noon + 3600, step_s=3600)] == [2]


def test_the_same_minute_of_two_cameras_adds_up_but_not_their_watching(take, ask, window, message, noon):
    take(message(window()), message(window(camera="aisle")))
    shelf = ask(zone_totals, start=noon, end=noon + 3600)["shelf"]
    assert (shelf.entries, shelf.observed_s) == (4, 60)
    (grid,) = ask(heat, start=noon, end=noon + 3600)
    assert (grid.person_s.sum(), grid.observed_s) == (180, 60)
    (only,) = ask(heat, start=noon, end=noon + 3600, camera="aisle")
    assert only.person_s.sum() == 90


def test_heat_of_an_image_stays_with_its_camera(take, ask, window, message, noon):
    image = {"unit": "image", "cell": 0.25, "origin": [0, 0], "shape": [3, 4], "index": [1], "person_s": [7.0]}
    take(message(window(heatmap=image)), message(window(camera="aisle")))
    floor, own = ask(heat, start=noon, end=noon + 60)
    assert (floor.camera, own.camera, own.person_s[0, 1]) == (None, "door", 7)


def test_minutes_and_hours_answer_alike(take, ask, window, message, noon):
    """Hours come from the roll-up, odd minutes at both ends from the windows: cut anywhere, the parts make the whole."""
    take(*(message(window(minute, presence_s=float(minute + 75))) for minute in range(-75, 140)))
    whole = {"start": noon - 75 * 60, "end": noon + 140 * 60}
    for cut in (-75, -30, -1, 0, 17, 60, 90, 139):
        parts = ({**whole, "end": noon + cut * 60}, {**whole, "start": noon + cut * 60})
        halves = [ask(zone_totals, **part).get("shelf") for part in parts]
        assert sum(half.entries for half in halves if half) == 2 * 215
        assert sum(half.dwell.sum() for half in halves if half) == 215
        halves = [grid.person_s.sum() for part in parts for grid in ask(heat, **part)]
        assert sum(halves) == 90 * 215
        counts = [hour.entered for part in parts for hour in ask(entries_by_hour, lines=["entrance"], **part)]
        assert sum(counts) == 5 * 215


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    sent=st.lists(
        st.tuples(st.integers(0, 5), st.sampled_from(["door", "aisle"]), st.integers(0, 2), st.integers(0, 9)),
        max_size=12,
    )
)
def test_whatever_the_order_the_hours_are_what_the_windows_say(engine, window, message, noon, zone_stats, sent):
    truth = {}
    with engine.connect() as conn:
        for half_hour, camera, revision, entries in sent:
            zones = {"shelf": zone_stats(entries=entries)}
            data = window(half_hour * 30, camera=camera, revision=revision, zones=zones)
            store(conn, [Arrival(message(data), noon)])
            if (half_hour, camera) not in truth or truth[half_hour, camera][0] < revision:
                truth[half_hour, camera] = (revision, entries)
        found = zone_totals(conn, site="shop", start=noon, end=noon + 3 * 3600).get("shelf")
        conn.rollback()
    assert (found.entries if found else 0) == sum(entries for _, entries in truth.values())


def test_now_adds_up_the_cameras_that_are_up_to_date(take, ask, message, noon):
    def live(camera, t, occupancy, **zones):
        at = datetime.fromtimestamp(t, UTC)
        until = datetime.fromtimestamp(t + 10, UTC)
        return message(Live(camera=camera, t=at, expires_at=until, occupancy=occupancy, zones=zones))

    assert ask(now, at=noon).total is None
    take(live("door", noon, 3, shelf=1), live("aisle", noon - 60, 8, shelf=2))
    take(live("door", noon - 5, 7))
    found = ask(now, at=noon + 5)
    assert (found.total, found.zones, found.stale, found.t) == (3, {"shelf": 1}, False, noon)
    later = ask(now, at=noon + 100)
    assert (later.total, later.zones, later.stale) == (11, {"shelf": 3}, True)


def test_a_box_is_online_then_silent_then_offline(take, ask, window, message, noon):
    def instant(t):
        return datetime.fromtimestamp(t, UTC)

    birth = Birth(
        version="1", started_at=instant(noon), cameras=["door"], model="m", profile="counting", site_version=1
    )
    camera = {"state": "watching", "fps": 9.5, "observed_share": 1, "dropped": 0, "bad_frames": 0}
    report = {"outbox_depth": 4, "outbox_bytes": 1, "outbox_oldest_s": 0, "outbox_dropped": 0, "disk_free_bytes": 9}
    newer = Health(t=instant(noon), cameras={"door": camera}, **report)
    older = Health(t=instant(noon - 60), cameras={}, **report | {"outbox_depth": 99})
    take(message(State(status="online")), message(birth), message(newer), message(older), message(window()))
    question = {"start": noon, "end": noon + 120}
    (box,) = ask(boxes, at=noon + 30, **question)
    assert (box.state, box.health.outbox_depth, box.birth.cameras) == ("online", 4, ["door"])
    (door,) = box.cameras
    assert (door.state, door.fps, door.observed_share, door.last_window) == ("watching", 9.5, 0.5, noon + 60)
    (box,) = ask(boxes, at=noon + 91, **question)
    assert (box.state, box.cameras[0].state) == ("stale", "stale")
    take(message(State(status="offline")), seen_at=noon + 60)
    (box,) = ask(boxes, at=noon + 61, **question)
    assert (box.state, box.last_seen) == ("offline", noon + 60)


def test_a_message_kept_by_the_broker_does_not_make_a_box_alive(take, ask, message, noon):
    take(message(State(status="online")), seen_at=noon)
    take(message(State(status="online")), seen_at=noon - 500)
    (box,) = ask(boxes, at=noon + 10, start=noon, end=noon + 1)
    assert (box.state, box.last_seen) == ("online", noon)


def test_events_are_kept_once_and_newest_first(take, ask, message, noon):
    def event(second):
        return message(
            Event(t=datetime.fromtimestamp(noon + second, UTC), kind="camera_lost", level="warning", text="x")
        )

    first, second = event(1), event(2)
    take(first, second, first)
    found = ask(events, start=noon, end=noon + 10)
    assert [e.t - noon for e in found] == [2, 1]
    assert [e.t - noon for e in ask(events, start=noon, end=noon + 10, limit=1)] == [2]


def test_old_windows_are_forgotten_and_their_hours_kept(engine, take, ask, window, message, noon):
    take(*(message(window(minute)) for minute in range(0, 180, 30)))
    kept = Retention(windows_days=2, hours_days=30, events_days=2)
    assert prune(engine, kept, now=noon + 2 * 86_400 + 2 * 3600 + 60) > 0
    with engine.connect() as conn:
        assert conn.execute(select(func.min(windows.c.t_start_ms))).scalar() == (noon + 3600) * 1000
        assert conn.execute(select(func.count()).select_from(window_zones)).scalar() == 4
        assert conn.execute(select(func.count()).select_from(HOURS.zones)).scalar() == 3
    assert ask(zone_totals, start=noon, end=noon + 3 * 3600)["shelf"].entries == 12
    prune(engine, kept, now=noon + 31 * 86_400)
    assert ask(zone_totals, start=noon, end=noon + 3 * 3600) == {}
