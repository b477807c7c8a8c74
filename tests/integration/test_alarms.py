"""From what holds to a row on the page, a message at the broker and a signed call of a webhook; all of them real."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from contract.messages import Birth, CameraHealth, Health, Live, State
from contract.site import Site
from server.db import alarms, deliveries
from server.db.intake import Arrival, store
from server.db.prune import prune
from server.db.sites import put_site
from server.domain.alarms import Condition, Key, turn
from server.settings import Retention
from server.watchman import Watchman, conditions

LIMITED = {
    "site": "shop",
    "timezone": "Europe/Berlin",
    "most_people": 8,
    "floor": {"bounds_m": [[0, 0], [4, 3]]},
    "cameras": {"door": {"name": "Over the door"}},
    "zones": {
        "till": {
            "name": "Till",
            "kind": "queue",
            "polygon_m": [[2, 0], [3, 0], [3, 1]],
            "most_people": 3,
            "longest_wait_s": 60,
        }
    },
    "lines": {"entrance": {"ends_m": [[0, 0], [1, 0]], "entrance": True}},
}


@pytest.fixture
def site(engine):
    with engine.begin() as conn:
        put_site(conn, Site.model_validate(LIMITED), simulated=False)
    return Site.model_validate(LIMITED)


@pytest.fixture
def hear(engine, message, clock):
    """`hear(part)`: stored as if it had just come."""

    def take(*parts):
        with engine.begin() as conn:
            store(conn, [Arrival(message(part), clock.t) for part in parts])

    return take


def live(clock, occupancy, till, *, lasts_s=5.0):
    t = datetime.fromtimestamp(clock.t, UTC)
    return Live(
        camera="door", t=t, expires_at=t + timedelta(seconds=lasts_s), occupancy=occupancy, zones={"till": till}
    )


def health(clock, **camera):
    known = {"state": "watching", "fps": 8.0, "observed_share": 1.0, "dropped": 0, "bad_frames": 0} | camera
    return Health(
        t=datetime.fromtimestamp(clock.t, UTC),
        cameras={"door": CameraHealth(**known)},
        outbox_depth=0,
        outbox_bytes=0,
        outbox_oldest_s=0,
        outbox_dropped=0,
        disk_free_bytes=10**9,
    )


def holding(engine, site, clock):
    with engine.connect() as conn:
        return {(c.key.kind, c.key.subject) for c in conditions(conn, site, clock.t)}


@pytest.mark.parametrize(
    ("occupancy", "till", "found", "reason"),
    [
        (8, 3, set(), "at their limits"),
        (9, 3, {("occupancy", "")}, "one too many in the store"),
        (8, 4, {("zone_people", "till")}, "one too many at the till"),
    ],
)
def test_crowds(engine, site, hear, clock, occupancy, till, found, reason):
    hear(live(clock, occupancy, till))
    assert holding(engine, site, clock) == found, reason


def test_a_count_that_has_expired_raises_nothing(engine, site, hear, clock):
    hear(live(clock, 99, 99))
    clock.t += 6
    assert holding(engine, site, clock) == set()


def test_a_wait_that_is_too_long(engine, site, hear, clock, window, zone_stats):
    long_ones = [0] * 24
    long_ones[15] = 20  # 120 to 180 s
    dwell = {"left": long_ones, "lost": [0] * 24, "late_left": [0] * 24, "late_lost": [0] * 24}
    at = int((clock.t - 300 - window().t_start.timestamp()) // 60)
    hear(window(minute=at, zones={"till": zone_stats(visits=20, dwell=dwell)}))
    assert holding(engine, site, clock) == {("queue_wait", "till")}


@pytest.mark.parametrize(
    ("camera", "found"),
    [
        ({}, set()),
        ({"view": "fits"}, set()),
        ({"view": "moved"}, {("camera_moved", "door")}),
        ({"view": "blind"}, {("camera_blind", "door")}),
        ({"state": "reconnecting", "view": "moved"}, {("camera_lost", "door")}),
    ],
)
def test_cameras(engine, site, hear, clock, camera, found):
    birth = Birth(
        version="1",
        started_at=datetime.fromtimestamp(clock.t, UTC),
        cameras=["door"],
        model="m",
        profile="counting",
        site_version=1,
    )
    hear(State(status="online"), birth, health(clock, **camera))
    assert holding(engine, site, clock) == found


def test_footfall_far_from_the_same_weekdays(engine, site, hear, clock, window, noon):
    def day(weeks_ago, entered):
        minute = -weeks_ago * 7 * 24 * 60
        return window(minute=minute, zones={}, heatmap=None, lines={"entrance": {"in": entered, "out": 0}})

    clock.t = noon + 3600 + 200  # 14:03 in Berlin: the hour from 13:00 is in
    hear(*(day(weeks, entered) for weeks, entered in ((3, 103), (2, 99), (1, 104))))
    hear(day(0, 100))
    assert holding(engine, site, clock) == set()
    hear(window(minute=1, zones={}, heatmap=None, lines={"entrance": {"in": 400, "out": 0}}))
    assert holding(engine, site, clock) == {("footfall_high", "")}


def test_old_alarms_and_deliveries_are_forgotten(engine, site, clock):
    with engine.begin() as conn:
        deliveries.post(conn, url="http://a", body=b"1", at=clock.t)
        alarms.record(conn, site="shop", turn=turn([], [Condition(Key("occupancy"), 9.0, 8.0)], now=clock.t))
    assert prune(engine, Retention(), now=clock.t + 6 * 86_400) == 0
    assert prune(engine, Retention(), now=clock.t + 8 * 86_400) == 1
    assert prune(engine, Retention(), now=clock.t + 100 * 86_400) == 1


@pytest.fixture
def guarded(serve, broker, target, clock, until):
    """A running server with limits, a webhook and a real broker."""
    client = serve(
        broker={"host": broker.host, "port": broker.port},
        webhooks=[{"url": target.url, "secret": "s3cret", "allow_private": True}],
    )
    with client.service.engine.begin() as conn:
        put_site(conn, Site.model_validate(LIMITED), simulated=False)
    until(
        lambda: client.service.meters.registry.get_sample_value("vitrina_broker_connected") == 1, "the server connects"
    )
    return client


def test_an_alarm_reaches_the_page_the_broker_and_the_webhook(guarded, target, publish, message, clock, until, bearer):
    heard = []
    publish.client.on_message = lambda _c, _u, m: heard.append((m.topic, json.loads(m.payload)))
    publish.client.subscribe("vitrina/v1/shop/alerts", 1)
    publish(message(live(clock, 9, 0, lasts_s=3600)), channel="up/live")
    headers = bearer(guarded, "merchandiser")
    until(lambda: guarded.get("/api/v1/sites/shop/alarms", headers=headers).json()["alarms"], "the alarm is raised", 30)
    (alarm,) = guarded.get("/api/v1/sites/shop/alarms", headers=headers).json()["alarms"]
    assert (alarm["kind"], alarm["value"], alarm["limit"], alarm["cleared"]) == ("occupancy", 9, 8, None)
    until(lambda: heard and target.got, "broker and webhook are told", 30)
    topic, told = heard[0]
    assert topic == "vitrina/v1/shop/alerts"
    assert told["data"]["text"] == "9 people in the store, more than 8"
    assert json.loads(target.got[0][1]) == told
    page = guarded.get("/alarms?site=shop", headers=headers).text
    assert "9 people in the store, 8 are allowed" in page
    assert guarded.post(f"/api/v1/sites/shop/alarms/{alarm['id']}/seen", headers=headers).status_code == 204
    assert "a merchandiser" in guarded.get("/alarms?site=shop", headers=headers).text


def test_a_viewer_may_look_but_not_say_that_they_look_after_it(guarded, bearer):
    headers = bearer(guarded, "viewer")
    assert guarded.get("/api/v1/sites/shop/alarms", headers=headers).json()["alarms"] == []
    assert guarded.post("/api/v1/sites/shop/alarms/1/seen", headers=headers).status_code == 403
    assert guarded.post("/api/v1/sites/shop/alarms/1/seen", headers=bearer(guarded, "merchandiser")).status_code == 404


def test_a_database_that_is_away_for_a_moment_ends_nothing(engine, site, clock, serve):
    client = serve()
    watchman = Watchman(client.service, lambda *_: None)
    assert watchman.look() == []
    with engine.connect() as conn:
        assert alarms.open_alarms(conn, site="shop") == []
