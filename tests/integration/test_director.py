"""From who is before a screen to what it shows, through the real broker and the real database."""

from datetime import UTC, datetime

import pytest
import yaml
from sqlalchemy import insert, select

from contract.messages import Live
from contract.screens import ShowMessage, read_screen_message
from contract.topics import LIVE, show_topic
from server.campaign_document import CampaignDocument
from server.db.screen_tables import campaigns, creatives, decisions, media
from server.settings import load

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
