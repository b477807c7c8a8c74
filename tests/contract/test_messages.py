import json
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from contract.errors import MessageError
from contract.messages import CHANNELS, DWELL_BINS_S, Live, Window, decode, encode, type_of, wrap
from contract.topics import LIVE, UP, WINDOW, box_topic, parse, played, qos, upward

T = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
NOBODY = {name: [0] * len(DWELL_BINS_S) for name in ("left", "lost", "late_left", "late_lost")}


def window(**changes):
    fields = {
        "camera": "cam",
        "t_start": T,
        "t_end": T + timedelta(minutes=1),
        "site_version": 1,
        "observed_s": 59.9,
        "frames": 479,
        "presence_s": 12.5,
        "occupancy_max": 3,
        "lines": {"door": {"in": 2, "out": 1}},
        "zones": {
            "shelf": {
                "entries": 1,
                "visits": 1,
                "presence_s": 4.5,
                "dwell_sum_s": 4.5,
                "dwell": NOBODY,
                "occupancy_max": 1,
            }
        },
        "heatmap": {"unit": "m", "cell": 0.5, "origin": [0, 0], "shape": [2, 3], "index": [0, 5], "person_s": [1.5, 3]},
    }
    return Window.model_validate(fields | changes)


def message(data=None, **changes):
    sent = encode(wrap(data or window(), site="shop", box="box-1", boot_id="b00t", seq=7, time=T))
    return json.dumps(json.loads(sent) | changes).encode()


def test_a_message_arrives_as_it_was_sent():
    sent = wrap(window(), site="shop", box="box-1", boot_id="b00t", seq=7, time=T)
    assert decode(WINDOW, encode(sent)) == sent
    assert json.loads(encode(sent))["data"]["lines"] == {"door": {"in": 2, "out": 1}}
    assert json.loads(encode(sent))["time"] == "2026-11-22T09:00:00.000Z"


def test_a_newer_v1_may_say_more():
    raw = json.loads(message(trace="x"))
    raw["data"]["weather"] = "rain"
    raw["data"]["zones"]["shelf"]["noise"] = 1
    assert decode(WINDOW, json.dumps(raw).encode()).data == window()


def test_on_the_way_out_nothing_unknown_gets_through():
    with pytest.raises(ValidationError, match="track_id"):
        window(track_id=[1, 2])


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        (b"\x80\x04pickle", "not JSON"),
        (b"{", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[1]", "expected an object"),
        (b"{}", "schema version"),
        (message(schema_version=2), "schema version '2', this side speaks 1"),
        (message(schema_version={"a": 1}), "schema version"),
        (message(type="vitrina.live"), "carries vitrina.window, not 'vitrina.live'"),
        (message(data=None) .replace(b'"frames": 479', b'"frames": -1'), "frames"),
        (message().replace(b'"frames": 479', b'"frames": "many"'), "frames"),
        (message().replace(b"59.9", b"NaN"), "observed_s"),
        (message().replace(b'"index": [0, 5]', b'"index": [0, 6]'), "outside 2 x 3"),
        (message().replace(b'"index": [0, 5]', b'"index": [0]'), "1 cells"),
        (message(site="../etc"), "site"),
        (message(time="yesterday"), "time"),
        (message(time="2026-11-22T09:00:00"), "time"),
    ],
)  # fmt: skip
def test_what_is_not_ours_is_refused_in_one_line(payload, words):
    with pytest.raises(MessageError, match=words) as refused:
        decode(WINDOW, payload)
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 800


def test_a_window_ends_after_it_starts():
    with pytest.raises(ValidationError, match="is not after"):
        window(t_end=T)


def test_topics():
    assert box_topic("shop", "box-1", WINDOW) == "vitrina/v1/shop/box-1/up/window"
    assert parse("vitrina/v1/shop/box-1/up/window") == ("shop", "box-1", WINDOW)
    assert (qos(LIVE), qos(WINDOW)) == (0, 1)
    assert upward("workers")[0] == "$share/workers/vitrina/v1/+/+/up/state"
    assert "vitrina/v1/+/+/up/live" in upward("workers"), "each of several workers needs all live figures"
    assert played("workers") == "$share/workers/vitrina/v1/+/screens/+/played"
    assert set(CHANNELS) >= set(UP)


@pytest.mark.parametrize(
    "topic", ["", "vitrina/v2/a/b/up/window", "vitrina/v1/a/up/window", "vitrina/v1/a/b/up/nothing", "a/b/c/d/e/f"]
)
def test_other_topics_are_refused(topic):
    with pytest.raises(MessageError, match="not of the form"):
        parse(topic)


def test_every_channel_names_its_type_once():
    assert len({type_of(model) for model in CHANNELS.values()}) == len(CHANNELS)
    assert type_of(Live) == "vitrina.live"
