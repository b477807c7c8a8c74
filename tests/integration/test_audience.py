"""Who came, by segment, and what the screens showed them: from people on a floor to the broker, through a real box."""

import csv
import json
import signal
import subprocess
import sys
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
import yaml

from contract.screens import Show, wrap_show
from contract.segments import BANDS
from contract.site import Site
from contract.topics import AUDIENCE, LIVE, WINDOW, show_topic

pytestmark = pytest.mark.timeout(120)

ROUND_S, STEP_S = 3.7, 0.1
SITE = {
    "site": "shop",
    "floor": {"bounds_m": [[0, 0], [10, 10]]},
    "cameras": {"door": {}},
    "zones": {"hall": {"polygon_m": [[0, 3], [10, 3], [10, 7], [0, 7]]}},
    "screens": {"tower": {"at_m": [5, 9.5], "facing_deg": 270, "zone": "hall"}},
    "segments": {
        "staying": {"when": {"visited": {"zone": "hall", "at_least_s": 1.5}}},
        "lingering": {"when": {"visited": {"zone": "hall", "at_least_s": 2.5}}},
        "hurried": {"when": {"unless": {"visited": {"zone": "hall", "at_least_s": 1.5}}}},
    },
}
DIGESTS = {key: segment.digest for key, segment in Site.model_validate(SITE).segments.items()}
"""Of ten who come in a round, three stay, and one of them lingers: three rounds are many who stay, and few who linger."""

IN_THE_HALL_S = [0.6, 0.7, 0.8, 0.6, 0.7, 0.8, 0.7, 1.9, 2.0, 2.8]


def walk(track_id, stays_s):
    """Straight through the hall towards the screen, at a pace that takes that long."""
    speed = 4.0 / stays_s
    for n in range(round(ROUND_S / STEP_S)):
        y = 2.0 + speed * n * STEP_S
        if y < 8.0:
            yield n * STEP_S, track_id, 0.5 + 0.9 * track_id, y


@pytest.fixture
def shop(tmp_path, broker):
    """A box at work on people whose every step is known."""

    class Shop:
        folder, log = tmp_path, tmp_path / "box.log"

        def files(self):
            return {path.name: path.read_bytes() for path in tmp_path.glob("outbox.db*")} | {
                self.log.name: self.log.read_bytes()
            }

    rows = sorted(row for number, stays_s in enumerate(IN_THE_HALL_S) for row in walk(number, stays_s))
    with (tmp_path / "people.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["t", "track_id", "x_m", "y_m"], *rows])
    config = {
        "box": "box-1",
        "site": "site.yaml",
        "broker": {"host": broker.host, "port": broker.port},
        "window_s": 1,
        "cameras": {"door": {"source": "people.csv", "loop": True, "fps": 20}},
    }
    (tmp_path / "site.yaml").write_text(yaml.safe_dump(SITE))
    (tmp_path / "edge.yaml").write_text(yaml.safe_dump(config))
    command = [sys.executable, "-m", "vitrina", "edge", "run", "--config", str(tmp_path / "edge.yaml")]
    with Shop.log.open("wb") as log:
        process = subprocess.Popen(command, stderr=log)
    yield Shop()
    with suppress(ProcessLookupError):
        process.send_signal(signal.SIGTERM)
    process.wait(20)


def show(creative):
    now = datetime.now(UTC)
    decision = Show(
        screen="tower", decision="decision-1", campaign=None, creative=creative, media=None, at=now,
        until=now + timedelta(minutes=5), switch="now", reason="because",
    )  # fmt: skip
    return wrap_show(decision, site="shop", time=now).model_dump_json().encode()


def cells(listener):
    return [cell for message in listener.on(AUDIENCE) for cell in message.data.cells]


def bands(listener):
    """Whatever live figures say of segments."""
    crowds = [
        json.loads(payload)["data"]["screens"]["tower"] for topic, payload, _ in listener.messages if LIVE in topic
    ]
    assert {key for crowd in crowds for key in crowd} == {"near", "now", "lately_n", "lately"}
    return [crowd[when][segment] for crowd in crowds for when in ("now", "lately") for segment in crowd[when]]


def arrivals(listener):
    """Live figures in which somebody is before the tower, and just before it nobody was."""
    lives = [message.data for message in listener.on(LIVE)]
    near = [live.screens["tower"].near for live in lives]
    return [live for live, now, before in zip(lives[1:], near[1:], near, strict=False) if before == 0 < now]


def seen(listener, creative):
    """What the tower was worth with `creative` on it."""
    told = [stats for message in listener.on(WINDOW) for stats in message.data.screens]
    return [stats for stats in told if (stats.screen, stats.creative) == ("tower", creative)]


def test_small_counts_by_segment_are_nowhere_and_large_ones_arrive(shop, broker, listen, until):
    listener = listen(broker)
    until(lambda: {"staying", "hurried"} <= {cell.segment for cell in cells(listener)}, "cells", timeout_s=60)
    for cell in cells(listener):
        assert cell.digest == DIGESTS[cell.segment]
        assert cell.n >= 5
        assert cell.of - cell.n == 0 or cell.of - cell.n >= 5
        windows = [m.data for m in listener.on(WINDOW) if cell.t_start <= m.data.t_start < cell.t_end]
        assert cell.of == sum(window.zones["hall"].visits for window in windows)
    assert set(bands(listener)) <= set(BANDS)
    assert "lingering" not in {cell.segment for cell in cells(listener)}, "too few, in so short a time"
    elsewhere = [payload for topic, payload, _ in listener.messages if not topic.endswith((AUDIENCE, LIVE))]
    assert elsewhere
    assert not [
        word for word in (*DIGESTS, *DIGESTS.values()) if any(word.encode() in payload for payload in elsewhere)
    ]
    for name, content in shop.files().items():
        assert b"lingering" not in content, name
        assert DIGESTS["lingering"].encode() not in content, name


def test_who_comes_is_told_at_once_and_attention_by_the_creative_that_was_on(shop, broker, listen, until):
    listener = listen(broker)
    listener.publish(show_topic("shop", "tower"), show("shoes"), retain=True)
    until(lambda: any(stats.viewers for stats in seen(listener, "shoes")), "viewers", timeout_s=40)
    listener.publish(show_topic("shop", "tower"), show("hats"), retain=True)
    until(lambda: sum(stats.ots for stats in seen(listener, "hats")) >= 10, "the next creative", timeout_s=40)
    worth = seen(listener, "hats")
    assert sum(stats.viewers for stats in worth) <= sum(stats.ots for stats in worth)
    assert all(stats.shown_s <= 1.0 for stats in worth)
    assert sum(stats.attention_s for stats in worth) > 0.2, "somebody looked, however few pictures a busy machine takes"
    at = [live.t.timestamp() for live in until(lambda: len(arrivals(listener)) > 2 and arrivals(listener), "rounds")]
    phases = [(t - at[0] + ROUND_S / 2) % ROUND_S - ROUND_S / 2 for t in at]
    assert phases == pytest.approx([0.0] * len(at), abs=0.25), "told at once, and not with the next second"
