import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.messages import DWELL_BINS_S, Audience, Event, Live, Window, encode, wrap
from contract.screens import Played, PlayedMessage
from contract.topics import played_topic
from server.admission import AHEAD_S, LARGEST_OTHER, MOST, MOST_PLACES, MOST_SHOWN, Rules, admit, admit_played
from server.errors import RefusedError

NOW = 1_763_812_800.0
RULES = Rules(frozenset({"shop"}), oldest=NOW - 10 * 86_400)
TABLE = {name: [0] * len(DWELL_BINS_S) for name in ("left", "lost", "late_left", "late_lost")}


def instant(t):
    return datetime.fromtimestamp(t, UTC)


def window(t=NOW - 60, length_s=60, **changed):
    plain = {
        "camera": "door",
        "t_start": instant(t),
        "t_end": instant(t + length_s),
        "site_version": 1,
        "observed_s": 60.0,
        "frames": 600,
        "presence_s": 90.0,
        "occupancy_max": 3,
        "lines": {},
        "zones": {},
        "heatmap": None,
    }
    return Window.model_validate(plain | changed)


def sent(data, *, box="b1", time=NOW, **changed):
    message = wrap(data, site="shop", box=box, boot_id="boot", seq=1, time=instant(time))
    return json.dumps(json.loads(encode(message)) | changed).encode()


def reason(payload, *, topic="vitrina/v1/shop/b1/up/window"):
    with pytest.raises(RefusedError) as caught:
        admit(topic, payload, rules=RULES, now=NOW)
    assert len(str(caught.value)) < 700
    return caught.value.reason


def test_a_good_message_comes_in():
    message = admit("vitrina/v1/shop/b1/up/window", sent(window()), rules=RULES, now=NOW)
    assert message.data == window()


def test_keys_of_a_later_minor_version_are_passed_over():
    message = admit("vitrina/v1/shop/b1/up/window", sent(window(), mood="good"), rules=RULES, now=NOW)
    assert message.data == window()


@pytest.mark.parametrize(
    ("topic", "expected"),
    [
        ("vitrina/v1/shop/b1/down/cmd", "topic"),
        ("vitrina/v1/shop/b1/up/other", "topic"),
        ("vitrina/v2/shop/b1/up/window", "topic"),
        ("", "topic"),
        ("vitrina/v1/elsewhere/b1/up/window", "unknown_site"),
        ("vitrina/v1//b1/up/window", "unknown_site"),
        ("vitrina/v1/shop/b2/up/window", "impostor"),
        ("vitrina/v1/shop/../up/window", "impostor"),
        ("vitrina/v1/shop/b1/up/live", "malformed"),
    ],
)
def test_a_topic_that_does_not_fit(topic, expected):
    assert reason(sent(window()), topic=topic) == expected


@pytest.mark.parametrize("changed", [{"box": "b2"}, {"site": "elsewhere"}, {"source": "vitrina/shop/b2"}])
def test_another_name_is_an_impostor(changed):
    assert reason(sent(window(), **changed)) == "impostor"


def test_a_clock_that_is_ahead():
    assert reason(sent(window(NOW + AHEAD_S))) == "clock_ahead"
    assert reason(sent(window(), time=NOW + AHEAD_S + 1)) == "clock_ahead"
    later = instant(NOW + AHEAD_S + 60)
    live = Live(camera="door", t=instant(NOW), expires_at=later, occupancy=1, zones={})
    assert reason(sent(live), topic="vitrina/v1/shop/b1/up/live") == "clock_ahead"
    event = Event(t=later, kind="camera_lost", level="info", text="")
    assert reason(sent(event), topic="vitrina/v1/shop/b1/up/event") == "clock_ahead"
    assert admit("vitrina/v1/shop/b1/up/window", sent(window(NOW + AHEAD_S - 61)), rules=RULES, now=NOW)


def test_a_window_past_the_retention():
    assert reason(sent(window(RULES.oldest - 1))) == "too_old"
    assert admit("vitrina/v1/shop/b1/up/window", sent(window(RULES.oldest)), rules=RULES, now=NOW)


HEAT = {"unit": "m", "cell": 1.0, "origin": [0, 0], "shape": [2, 2], "index": [0], "person_s": [1.0]}
FLOW = {"source": "ENTRY", "target": "nowhere", "n": 1}
ZONE = {"entries": 1, "visits": 0, "presence_s": 1, "dwell_sum_s": 0, "occupancy_max": 1, "dwell": TABLE}


@pytest.mark.parametrize(
    "changed",
    [
        {"length_s": 3601},
        {"frames": MOST + 1},
        {"revision": 2**40},
        {"heatmap": HEAT | {"shape": [10**6, 10**6]}},
        {"heatmap": HEAT | {"person_s": [1e9]}},
        {"heatmap": HEAT | {"origin": [-1e9, 0]}},
        {"zones": {f"z{i}": ZONE for i in range(1001)}},
        {"zones": {"z": ZONE | {"entries": 10**30}}},
        {"zones": {"z": ZONE | {"dwell": TABLE | {"lost": [10**30] * len(DWELL_BINS_S)}}}},
        {"lines": {"l": {"in": 10**12, "out": 0}}},
        {"heatmap": HEAT | {"person_s": [9e6] * 2, "index": [0, 0]}},
        {"heatmap": HEAT | {"visits": [10**12]}},
        {"heatmap": HEAT | {"lost": [2**63]}},
        {"zones": {"z": ZONE | {"stops": 10**12}}},
        {"zones": {"z": ZONE | {"reentries": 10**12}}},
        {"flows": [FLOW | {"n": 10**12}]},
        {"flows": [FLOW | {"n": MOST // 2}] * 3},
        {"flows": [FLOW] * 10_001},
        {"handovers": {"missed": 10**12}},
    ],
)
def test_impossible_figures(changed):
    assert reason(sent(window(**changed))) == "out_of_range"


@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"-Infinity"])
@pytest.mark.parametrize("place", [b'"cell": ', b'"origin": ['])
def test_what_is_no_number(number, place):
    """JSON has no NaN, Python's reader takes it."""
    payload = sent(window(heatmap=HEAT | {"cell": 0.5, "origin": [0.5, 0.5]}))
    assert place + b"0.5" in payload
    assert reason(payload.replace(place + b"0.5", place + number)) in {"out_of_range", "malformed"}


def test_a_flow_to_a_zone_that_the_site_does_not_have_comes_in():
    """It may have had it: windows of earlier versions of the document are late at times."""
    flow = FLOW | {"target": "long-gone"}
    assert admit("vitrina/v1/shop/b1/up/window", sent(window(flows=[flow])), rules=RULES, now=NOW).data.flows[0].n == 1


@pytest.mark.parametrize(
    "flow", [{"target": "../../x"}, {"source": "EXIT"}, {"target": "ENTRY"}, {"n": -1}, {"n": 0.5}]
)
def test_a_flow_out_of_shape(flow):
    payload = sent(window()).replace(b'"flows": []', json.dumps({"flows": [FLOW | flow]})[1:-1].encode())
    assert reason(payload) == "malformed"


def test_too_many_bytes():
    assert reason(b" " * (LARGEST_OTHER + 1), topic="vitrina/v1/shop/b1/up/state") == "too_large"
    assert reason(b" " * (LARGEST_OTHER + 1)) == "malformed"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(st.sampled_from(sorted(json.loads(sent(window())))), JSON)
def test_whatever_a_field_holds_it_is_read_or_refused(key, value):
    payload = json.dumps(json.loads(sent(window())) | {key: value}).encode()
    try:
        message = admit("vitrina/v1/shop/b1/up/window", payload, rules=RULES, now=NOW)
    except RefusedError:
        return
    assert (message.site, message.box) == ("shop", "b1")


@given(st.binary(max_size=200))
def test_whatever_the_bytes_they_are_refused(payload):
    assert reason(payload) == "malformed"


def audience(**changed):
    cell = {"zone": "shelf", "segment": "cyclists", "digest": "0123456789ab", "n": 5, "of": 12, "dwell_sum_s": 50.0}
    cell |= {"t_start": instant(NOW - 3600), "t_end": instant(NOW)} | changed
    return Audience(camera="door", t=instant(NOW), smallest_cell=5, cells=[cell])


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"n": 4}, "too_small"),
        ({"n": 10}, "too_small"),
        ({"t_end": instant(NOW - 3600)}, "out_of_range"),
        ({"dwell_sum_s": 1e300}, "out_of_range"),
        ({"of": MOST + 1}, "out_of_range"),
        ({"t_start": instant(NOW - 11 * 86_400)}, "too_old"),
        ({"t_end": instant(NOW + 2 * AHEAD_S)}, "clock_ahead"),
    ],
)
def test_cells_of_the_audience_must_be_possible_and_tell_of_nobody(changed, why):
    topic = "vitrina/v1/shop/b1/up/audience"
    assert reason(sent(audience(**changed)), topic=topic) == why


@pytest.mark.parametrize("counts", [{"n": 5, "of": 5}, {"n": 5, "of": 10}, {"n": 50, "of": 60}])
def test_cells_that_are_large_enough_come_in(counts):
    assert admit("vitrina/v1/shop/b1/up/audience", sent(audience(**counts)), rules=RULES, now=NOW)


def test_what_a_window_says_of_screens_is_bounded_as_it_will_be_added_up():
    shown = {"screen": "till", "creative": "tea", "shown_s": 1.0, "ots": MOST // 2, "viewers": 1, "attention_s": 1.0}
    many = [shown | {"creative": f"c{n}", "ots": 0} for n in range(MOST_SHOWN + 1)]
    assert reason(sent(window(screens=[shown] * 3))) == "out_of_range"
    assert reason(sent(window(screens=many))) == "out_of_range"
    assert admit("vitrina/v1/shop/b1/up/window", sent(window(screens=[shown] * 2)), rules=RULES, now=NOW)


@pytest.mark.parametrize("changed", [{"near": MOST + 1}, {"lately_n": MOST + 1}, {"screens": MOST_PLACES + 1}])
def test_who_is_before_screens_must_be_possible(changed):
    seen = {"near": 3, "now": {"a": "few"}, "lately_n": 9, "lately": {}} | changed
    screens = {f"s{n}": seen for n in range(seen.pop("screens", 1))}
    live = Live(camera="door", t=instant(NOW), expires_at=instant(NOW + 3), occupancy=1, zones={}, screens=screens)
    topic = "vitrina/v1/shop/b1/up/live"
    assert reason(sent(live), topic=topic) in {"out_of_range", "too_large"}


def play(**changed):
    told = {"play": "play-0001", "screen": "till", "decision": None, "campaign": None, "creative": None, "seconds": 9.0}
    told |= {"started_at": instant(NOW), "outcome": "whole", "cached": False}
    source = "vitrina/shop/screens/till"
    made = PlayedMessage(id="play-0001", source=source, time=instant(NOW), site="shop", data=Played(**told))
    return json.dumps(json.loads(made.model_dump_json()) | changed).encode()


def test_a_proof_of_play_comes_in():
    assert admit_played(played_topic("shop", "till"), play(mood="good"), rules=RULES).data.seconds == 9.0


@pytest.mark.parametrize(
    ("topic", "payload", "why"),
    [
        (played_topic("shop", "till"), b"{}", "malformed"),
        (played_topic("shop", "till"), b"[" * 50_000, "malformed"),
        (played_topic("shop", "till"), b" " * (LARGEST_OTHER + 1), "too_large"),
        (played_topic("elsewhere", "till"), play(), "unknown_site"),
        (played_topic("shop", "entry"), play(), "impostor"),
        (played_topic("shop", "till"), play(site="elsewhere"), "impostor"),
        ("vitrina/v1/shop/b1/up/window", play(), "topic"),
    ],
)
def test_what_is_no_proof_of_play_is_refused(topic, payload, why):
    with pytest.raises(RefusedError) as caught:
        admit_played(topic, payload, rules=RULES)
    assert caught.value.reason == why
