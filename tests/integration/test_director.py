"""From who is before a screen to what it shows, through the real broker and the real database."""

import asyncio
import sqlite3
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime

import pytest
import yaml
from sqlalchemy import func, insert, select
from starlette.testclient import TestClient

from contract.messages import Audience, Live
from contract.screens import Played, PlayedMessage, ShowMessage, read_screen_message
from contract.topics import AUDIENCE, LIVE, played_topic, show_topic
from server.app import create_app
from server.campaign_document import CampaignDocument
from server.db.prune import prune
from server.db.screen_tables import audience, campaigns, creatives, decisions, media, plays, window_screens
from server.replay import read_case
from server.settings import Retention, load

FLOOR = {"bounds_m": [[0, 0], [4, 3]], "cell_m": 1.0}
STORE = {
    "site": "shop",
    "timezone": "Europe/Berlin",
    "floor": FLOOR,
    "cameras": {"door": {}, "aisle": {}},
    "zones": {"shelf": {"polygon_m": [[0, 0], [1, 0], [1, 1]]}},
    "screens": {"entry": {"at_m": [1, 1], "zone": "shelf"}, "till": {"at_m": [2, 1]}},
    "segments": {"cyclists": {"when": {"transport": ["bicycle"]}}},
}


@pytest.fixture
def settings(tmp_path):
    def make(**changed):
        (tmp_path / "site.yaml").write_text(yaml.safe_dump(STORE))
        document = {"sites": [{"file": "site.yaml"}], "broker": {"port": 1}, "web": {"port": 0}} | changed
        (tmp_path / "server.yaml").write_text(yaml.safe_dump(document))
        return load(tmp_path / "server.yaml")

    return make


def approve(engine, key, noon, **changed):
    """A campaign that is approved, with a creative of its own name."""
    document = {
        "name": key.title(),
        "creatives": [key],
        "flights": [{"first": "2025-11-20", "last": "2025-11-30"}],
        "goal": {"kind": "plays"},
        "pacing": "asap",
        "arms": {"targeted": 0.8, "everyone": 0.1, "nothing": 0.1, "same": True},
    } | changed
    CampaignDocument.model_validate(document)
    now = {"created_ms": int(noon * 1000)}
    digest = (key.encode().hex() * 64)[:64]
    with engine.begin() as conn:
        size = {"bytes": 1000, "width": 1920, "height": 1080}
        conn.execute(insert(media).values(sha256=digest, kind="image", type="image/png", **size, **now))
        made = {"name": key, "media": digest, "seconds": 10.0, "author": "a", **now}
        conn.execute(insert(creatives).values(site="shop", creative=key, **made))
        told = {
            "version": 3,
            "status": "approved",
            "document": document,
            "author": "a",
            "changed_ms": now["created_ms"],
        }
        conn.execute(insert(campaigns).values(site="shop", campaign=key, **told, **now))
    return digest


@pytest.fixture
def deciding(serve, broker, until):
    """`deciding()`: a server that is connected to the broker."""

    def start(**changed):
        client = serve(broker={"host": broker.host, "port": broker.port}, **changed)
        meters = client.service.meters.registry
        until(lambda: meters.get_sample_value("vitrina_broker_connected") == 1, "the server connects")
        return client

    return start


@pytest.fixture
def there(message, clock, publish):
    """`there(near=3, cyclists="5-9")`: a camera says who is before the screen `entry`."""

    def say(near, camera="door", lasts_s=3.0, box="b1", **bands):
        t = datetime.fromtimestamp(clock(), UTC)
        live = Live(
            camera=camera,
            t=t,
            expires_at=datetime.fromtimestamp(clock() + lasts_s, UTC),
            occupancy=near,
            zones={},
            screens={"entry": {"near": near, "now": bands, "lately_n": near, "lately": bands}},
        )
        publish(message(live, box=box, time=clock()), channel=LIVE)

    return say


@pytest.fixture
def shown(listen, broker):
    """`shown("entry")`: the newest decision that the broker has for a screen."""
    listener = listen(broker)

    def newest(screen):
        topic = show_topic("shop", screen)
        payloads = [payload for at, payload, _ in list(listener.messages) if at == topic]
        return read_screen_message(ShowMessage, payloads[-1]).data if payloads else None

    return newest


def logged(client, screen):
    with client.service.engine.connect() as conn:
        query = select(decisions).where(decisions.c.screen == screen).order_by(decisions.c.t_ms)
        return list(conn.execute(query))


def test_without_campaigns_every_screen_shows_the_default(deciding, shown, until):
    client = deciding()
    show = until(lambda: shown("till"), "a decision")
    assert (show.campaign, show.creative, show.media) == (None, None, None)
    assert show.reason == "the default: no campaign is approved"
    (row,) = until(lambda: logged(client, "till"), "the log")
    assert (row.campaign, row.creative, row.decision) == (None, None, show.decision)


def test_who_comes_is_shown_what_is_meant_for_them(deciding, shown, there, until, noon, clock):
    client = deciding()
    digest = approve(
        client.service.engine, "locks", noon, switch="now", rules=[{"kind": "segment", "segment": "cyclists"}]
    )
    client.app.state.director.nudge("shop")
    until(lambda: shown("entry"), "a decision")
    clock.t += 5
    there(6, cyclists="5-9")
    show = until(lambda: (s := shown("entry")) and s.campaign == "locks" and s, "the creative for cyclists")
    assert (show.media.sha256, show.switch) == (digest, "now")
    assert (show.until - show.at).total_seconds() == 10
    row = until(lambda: [r for r in logged(client, "entry") if r.campaign == "locks"], "the log")[0]
    assert (row.creative, row.propensity) == ("locks", 1.0)
    assert row.reason == {"code": "targeted", "campaign": "locks", "of": 1, "near": 6, "segments": {"cyclists": "5-9"}}


def test_before_a_lone_viewer_nothing_by_attribute(deciding, shown, there, until, noon, clock):
    client = deciding()
    approve(client.service.engine, "locks", noon, switch="now", rules=[{"kind": "segment", "segment": "cyclists"}])
    approve(client.service.engine, "tea", noon, switch="now", rules=[{"kind": "near"}], priority=1)
    client.app.state.director.nudge("shop")
    until(lambda: shown("entry"), "a decision")
    clock.t += 5
    there(1, cyclists="20+")
    until(lambda: shown("entry").campaign == "tea", "what is for anybody")
    row = until(lambda: [r for r in logged(client, "entry") if r.campaign == "tea"], "the log")[0]
    assert row.reason["passed_over"] == {"lone": 1}


def test_when_a_box_falls_silent_nobody_is_aimed_at(deciding, shown, there, until, noon, clock):
    client = deciding()
    approve(client.service.engine, "locks", noon, switch="now", rules=[{"kind": "segment", "segment": "cyclists"}])
    client.app.state.director.nudge("shop")
    until(lambda: shown("entry"), "a decision")
    clock.t += 5
    there(6, lasts_s=3.0, cyclists="5-9")
    until(lambda: shown("entry").campaign == "locks", "the creative for cyclists")
    clock.t += 11
    until(lambda: shown("entry").campaign is None, "the default")
    row = until(lambda: [r for r in logged(client, "entry") if r.campaign is None][1:], "the log")[0]
    assert row.reason["passed_over"] == {"unknown": 1}


def test_a_listening_player_is_told_what_is_on_and_what_comes(deciding, there, until, noon, clock):
    client = deciding()
    director = client.app.state.director
    approve(client.service.engine, "tea", noon, switch="now", rules=[{"kind": "near", "at_least": 2}])
    director.nudge("shop")
    until(lambda: director.now("shop").get("entry"), "a decision")
    until(lambda: logged(client, "entry"), "the log")

    async def listen():
        with director.subscribe("shop", "entry") as queue:
            first = await asyncio.wait_for(queue.get(), 5)
            clock.t += 5
            there(2)
            return first, await asyncio.wait_for(queue.get(), 5)

    first, second = client.portal.call(listen)
    assert (first.campaign, second.campaign) == (None, "tea")
    on = director.now("shop")["entry"]
    assert (on.show, on.reason.code, on.crowd.near) == (second, "chosen", 2)


def test_a_withdrawn_campaign_is_taken_off(deciding, shown, there, until, noon, clock):
    client = deciding()
    approve(client.service.engine, "tea", noon)
    client.app.state.director.nudge("shop")
    until(lambda: (show := shown("till")) and show.campaign == "tea", "the campaign")
    with client.service.engine.begin() as conn:
        conn.execute(campaigns.update().values(status="paused"))
    clock.t += 4
    client.app.state.director.nudge("shop")
    until(lambda: shown("till").campaign is None, "the default")
    assert (shown("till").switch, shown("till").at.timestamp()) == ("now", clock.t)


@pytest.fixture
def once(settings, broker, clock, until):
    """`with once() as client`: a server that ends with the block, over the same database each time."""

    @contextmanager
    def run(**changed):
        app = create_app(settings(broker={"host": broker.host, "port": broker.port, **changed}), clock=clock)
        with TestClient(app) as client:
            client.service = app.state.service
            meters = app.state.service.meters.registry
            until(lambda: meters.get_sample_value("vitrina_broker_connected") == 1, "the server connects")
            yield client

    return run


def test_a_restarted_server_spends_nothing_twice_and_cuts_nothing(once, shown, until, noon, clock):
    budget = {"amount": 3, "per_play": 1}
    with once() as client:
        approve(client.service.engine, "tea", noon, budget=budget, screens=["till"])
        client.app.state.director.nudge("shop")
        until(lambda: (show := shown("till")) and show.campaign == "tea", "the first play")
    first = shown("till")
    clock.t += 3
    with once() as client:
        until(lambda: client.app.state.director.now("shop").get("entry"), "it decides")
        assert shown("till") == first
        while (on := shown("till")).campaign == "tea":
            clock.t = on.until.timestamp() - 1
            until(lambda before=on: shown("till") != before, "the next decision")
        until(lambda: logged(client, "till")[-1].campaign is None, "the log")
        rows = [row for row in logged(client, "till") if row.campaign == "tea"]
    assert len(rows) == 3
    assert shown("till").campaign is None


def test_two_servers_of_a_group_hear_the_same_people_and_one_decides(once, shown, there, until, noon, clock):
    with once(group="g", client_id="one") as one, once(group="g", client_id="two") as two:
        approve(one.service.engine, "tea", noon, switch="now", rules=[{"kind": "near", "at_least": 2}])
        for client in (one, two):
            client.app.state.director.nudge("shop")
            until(lambda of=client: of.app.state.director.now("shop").get("entry"), "both know what is on")
        clock.t += 5
        there(4)
        until(lambda: shown("entry").campaign == "tea", "the campaign")
        for client in (one, two):
            until(lambda of=client: of.app.state.director.now("shop")["entry"].show == shown("entry"), "both know")
            assert client.app.state.director.now("shop")["entry"].crowd.near == 4
        until(lambda: [row for row in logged(one, "entry") if row.campaign], "the log")
        assert len([row for row in logged(one, "entry") if row.campaign]) == 1


def test_when_the_server_that_decides_goes_another_goes_on(once, shown, until, noon, clock):
    with ExitStack() as first, once(group="g", client_id="two") as two:
        one = first.enter_context(once(group="g", client_id="one"))
        del one
        until(lambda: shown("till"), "a decision")
        first.close()
        clock.t += 20
        approve(two.service.engine, "tea", noon)
        two.app.state.director.nudge("shop")
        until(lambda: shown("till").campaign == "tea", "the other decides")


def proof(screen="till", play="play-00000001", **changed):
    t = datetime.fromtimestamp(changed.pop("started"), UTC)
    told = {
        "decision": None,
        "campaign": "tea",
        "creative": "tea",
        "seconds": 10.0,
        "outcome": "whole",
        "cached": False,
    }
    played = Played(play=play, screen=screen, started_at=t, **(told | changed))
    return PlayedMessage(id=play, source=f"vitrina/shop/screens/{screen}", time=t, site="shop", data=played)


def stored_plays(client):
    with client.service.engine.connect() as conn:
        return list(conn.execute(select(plays).order_by(plays.c.play)))


def test_plays_that_other_players_tell_by_mqtt_are_stored_once(deciding, publish, until, noon, clock):
    client = deciding()
    approve(client.service.engine, "tea", noon)

    def tell(message, topic=None):
        topic = topic or played_topic("shop", message.data.screen)
        publish(topic=topic, payload=message.model_dump_json().encode())

    message = proof(started=clock.t - 30)
    tell(message)
    tell(message)
    tell(proof(play="play-00000002", started=clock.t - 20))
    tell(message, topic=played_topic("shop", "entry"))
    publish(topic=played_topic("shop", "till"), payload=b"{}")
    rows = until(lambda: (rows := stored_plays(client)) and len(rows) == 2 and rows, "both plays")
    assert (rows[0].player, rows[0].campaign_name, rows[0].creative_name) == ("mqtt", "Tea", "tea")
    assert rows[0].started_ms == round((clock.t - 30) * 1000)
    meters = client.service.meters.registry
    refused = "vitrina_messages_refused_total"
    until(lambda: meters.get_sample_value(refused, {"reason": "malformed"}) == 1, "what is no play is refused")
    assert meters.get_sample_value(refused, {"reason": "impostor"}) == 1


def test_a_wrong_clock_does_not_move_a_play(deciding, shown, publish, until, noon, clock):
    client = deciding()
    approve(client.service.engine, "tea", noon)
    client.app.state.director.nudge("shop")
    show = until(lambda: (show := shown("till")) and show.campaign == "tea" and show, "the campaign")
    until(lambda: any(row.decision == show.decision for row in logged(client, "till")), "the log")
    at = show.at.timestamp()
    late = proof(started=at + 3600, decision=show.decision)
    ahead = proof(play="play-00000002", started=clock.t + 86_400)
    right = proof(play="play-00000003", started=at + 1, decision=show.decision)
    for message in (late, ahead, right):
        publish(topic=played_topic("shop", "till"), payload=message.model_dump_json().encode())
    rows = until(lambda: (rows := stored_plays(client)) and len(rows) == 3 and rows, "all plays")
    assert [row.started_ms / 1000 for row in rows] == [at, clock.t - 10, at + 1]
    assert [row.trouble is None for row in rows] == [False, False, True]
    assert "the player's clock said 2025-11-22 13:" in rows[0].trouble


def cells(noon, **changed):
    t = datetime.fromtimestamp(noon, UTC)
    cell = {"zone": "shelf", "segment": "cyclists", "digest": "0123456789ab", "n": 5, "of": 12, "dwell_sum_s": 50.0}
    cell |= {"t_start": datetime.fromtimestamp(noon - 3600, UTC), "t_end": t} | changed
    return Audience(camera="door", t=t, smallest_cell=5, cells=[cell])


def test_cells_of_the_audience_are_stored_once_and_never_small(deciding, publish, message, until, noon):
    client = deciding()
    sent = message(cells(noon))
    for each in (sent, sent, message(cells(noon)), message(cells(noon, n=4)), message(cells(noon, n=10))):
        publish(each, channel=AUDIENCE)
    meters = client.service.meters.registry
    small = {"reason": "too_small"}
    until(lambda: meters.get_sample_value("vitrina_messages_refused_total", small) == 2, "small cells are refused")

    def stored():
        with client.service.engine.connect() as conn:
            return conn.execute(select(audience)).all()

    until(stored, "what came before them is stored")
    (row,) = stored()
    assert (row.segment, row.digest, row.n, row.of, row.dwell_sum_s) == ("cyclists", "0123456789ab", 5, 12, 50.0)


def shown_in(screen, creative, **changed):
    return {"screen": screen, "creative": creative, "shown_s": 30, "ots": 3, "viewers": 2, "attention_s": 4.5} | changed


def test_a_later_revision_of_a_window_replaces_what_screens_were_worth(deciding, publish, message, window, until):
    client = deciding()
    first = [shown_in("till", "tea"), shown_in("till", None), shown_in("till", "tea")]
    publish(message(window(screens=first)))
    publish(message(window(screens=[shown_in("till", "tea", ots=9)], revision=1)))

    def stored():
        with client.service.engine.connect() as conn:
            rows = conn.execute(select(window_screens).order_by(window_screens.c.creative))
            return [(row.creative, row.shown_s, row.ots, row.viewers, row.attention_s) for row in rows]

    until(lambda: stored() == [("tea", 30, 9, 2, 4.5)], "the revision")
    publish(message(window(minute=1, screens=first)))
    until(lambda: ("", 30, 3, 2, 4.5) in stored(), "another window")
    assert ("tea", 60, 6, 4, 9.0) in stored()


def test_what_is_past_its_retention_is_forgotten(deciding, publish, message, until, noon, clock):
    client = deciding()
    approve(client.service.engine, "tea", noon)
    client.app.state.director.nudge("shop")
    publish(message(cells(noon)), channel=AUDIENCE)
    publish(topic=played_topic("shop", "till"), payload=proof(started=noon).model_dump_json().encode())

    def rows():
        with client.service.engine.connect() as conn:
            tables = (audience, plays, decisions)
            return [conn.execute(select(func.count()).select_from(table)).scalar() for table in tables]

    until(lambda: min(rows()) > 0, "all are there")
    keep = Retention(windows_days=2, decisions_days=3, plays_days=30)
    prune(client.service.engine, keep, now=clock.t + 5 * 86_400)
    assert [n > 0 for n in rows()] == [False, True, False]
    prune(client.service.engine, keep, now=clock.t + 32 * 86_400)
    assert rows()[1] == 0


def test_decisions_wait_while_the_database_is_locked(deciding, until, noon, clock, monkeypatch):
    monkeypatch.setattr("server.db.engine.BUSY_MS", 50)
    client = deciding()
    director = client.app.state.director
    approve(client.service.engine, "tea", noon)
    until(lambda: logged(client, "till"), "the log")
    director.nudge("shop")
    until(lambda: director.now("shop")["till"].show.campaign == "tea", "the campaign")
    lock = sqlite3.connect(client.service.engine.url.database, isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    first = director.now("shop")["till"].show
    clock.t += 9
    second = until(lambda: (show := director.now("shop")["till"].show) != first and show, "it goes on deciding")
    lock.execute("ROLLBACK")
    lock.close()
    until(lambda: any(row.decision == second.decision for row in logged(client, "till")), "the log catches up")


def test_the_log_holds_what_a_decision_was_made_from(deciding, shown, there, until, noon, clock):
    client = deciding()
    approve(client.service.engine, "locks", noon, switch="now", rules=[{"kind": "segment", "segment": "cyclists"}])
    client.app.state.director.nudge("shop")
    until(lambda: shown("entry"), "a decision")
    clock.t += 5
    there(6, cyclists="5-9")
    row = until(lambda: [r for r in logged(client, "entry") if r.campaign == "locks"], "the log")[0]
    case = read_case(row.context)
    assert (case.context.t, case.context.crowd.near, dict(case.context.crowd.now)) == (clock.t, 6, {"cyclists": "5-9"})
    assert (case.versions, case.seconds) == ({"locks": 3}, 10.0)


def test_the_log_is_read_by_rest(deciding, shown, there, until, noon, clock, bearer):
    client = deciding()
    approve(client.service.engine, "locks", noon, switch="now", rules=[{"kind": "segment", "segment": "cyclists"}])
    client.app.state.director.nudge("shop")
    until(lambda: shown("entry"), "a decision")
    clock.t += 5
    there(6, cyclists="5-9")
    row = until(lambda: [r for r in logged(client, "entry") if r.campaign == "locks"], "the log")[0]
    clock.t += 60
    client.headers |= bearer(client)
    address = "/api/v1/sites/shop/decisions"
    newest = client.get(address, params={"screen": "entry"}).json()["decisions"][0]
    assert (newest["decision"], newest["propensity"]) == (row.decision, 1.0)
    assert newest["reason"] == "locks: 6 people (5-9 cyclists) fit its target"
    assert client.get(f"{address}/{row.decision}").json()["context"] == row.context
    assert client.get(address, params={"format": "csv"}).text.startswith("decision,t,screen,campaign")
    assert client.get(f"{address}/no-such-one").status_code == 404


def test_of_what_waits_for_the_broker_only_the_newest_is_kept(deciding, broker, listen, until):
    client = deciding()
    outgoing = client.service.outgoing
    meters = client.service.meters.registry
    listener = listen(broker)
    broker.stop()
    until(lambda: meters.get_sample_value("vitrina_broker_connected") == 0, "the loss is noticed")

    async def say():
        for n in range(500):
            outgoing.retain(f"vitrina/v1/shop/screens/s{n % 50}/show", b"%d" % n)

    client.portal.call(say)
    broker.start()
    until(lambda: meters.get_sample_value("vitrina_broker_connected") == 1, "the server is back", 30)
    later = until(lambda: listen(broker), "another listener")

    def told(of):
        return {topic: int(payload) for topic, payload, _ in list(of.messages) if payload.isdigit()}

    newest = {f"vitrina/v1/shop/screens/s{n}/show": 450 + n for n in range(50)}
    until(lambda: told(later) == newest, "all of the newest")
    assert all(n >= 450 for n in told(listener).values())
