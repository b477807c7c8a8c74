from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.messages import DwellTable, Flow, Handovers, Heatmap, LineStats, ScreenStats, Window, ZoneStats
from edge.gate.pieces import is_next_piece, join

START = datetime(2026, 11, 22, 10, tzinfo=UTC)
counts = st.integers(0, 50)
seconds = st.integers(0, 5000).map(lambda n: n / 8)  # sums of eighths are exact
histograms = st.lists(counts, min_size=24, max_size=24)
names = st.sampled_from(["a", "b", "c"])
zones = st.builds(
    ZoneStats,
    entries=counts,
    visits=counts,
    presence_s=seconds,
    dwell_sum_s=seconds,
    dwell=st.builds(DwellTable, left=histograms, lost=histograms, late_left=histograms, late_lost=histograms),
    occupancy_max=counts,
    stops=counts,
    reentries=counts,
)
LAYERS = ("person_s", "visits", "stops", "lost")


def heat_of(cells):
    index = sorted(cells)
    layers = {layer: [cells[i][k] for i in index] for k, layer in enumerate(LAYERS)}
    return Heatmap(unit="m", cell=0.5, origin=(0, 0), shape=(5, 5), index=index, **layers)


heat = st.dictionaries(st.integers(0, 24), st.tuples(seconds, counts, counts, counts), max_size=9).map(heat_of)
stations = st.sampled_from(["a", "b", "c"])
flows = st.dictionaries(st.tuples(stations | st.just("ENTRY"), stations | st.just("EXIT")), counts, max_size=6).map(
    lambda found: [Flow(source=source, target=target, n=n) for (source, target), n in found.items()]
)
screens = st.dictionaries(
    st.tuples(names, names | st.none()), st.tuples(seconds, counts, counts, seconds), max_size=4
).map(
    lambda found: [
        ScreenStats(
            screen=screen, creative=creative, shown_s=shown_s, ots=ots, viewers=viewers, attention_s=attention_s
        )
        for (screen, creative), (shown_s, ots, viewers, attention_s) in found.items()
    ]
)
windows = st.builds(
    Window,
    camera=st.just("door"),
    t_start=st.just(START),
    t_end=st.just(START + timedelta(minutes=1)),
    revision=st.integers(0, 3),
    site_version=counts,
    observed_s=seconds,
    frames=counts,
    presence_s=seconds,
    occupancy_max=counts,
    lines=st.dictionaries(names, st.builds(LineStats, in_=counts, out=counts)),
    zones=st.dictionaries(names, zones),
    heatmap=heat,
    flows=flows,
    handovers=st.builds(Handovers, taken=counts, guessed=counts, missed=counts),
    screens=screens,
    moved=st.booleans(),
)


ZONE_SUMS = ("entries", "visits", "presence_s", "dwell_sum_s", "stops", "reentries")


def summed(window):
    """Everything of a window that adds up, as one dictionary."""
    found = {"observed_s": window.observed_s, "frames": window.frames, "presence_s": window.presence_s}
    for name, line in window.lines.items():
        found |= {("line", name, "in"): line.in_, ("line", name, "out"): line.out}
    for name, zone in window.zones.items():
        found |= {("zone", name, key): getattr(zone, key) for key in ZONE_SUMS}
        for how, bins in zone.dwell.model_dump().items():
            found |= {("dwell", name, how, i): n for i, n in enumerate(bins)}
    found |= {("flow", flow.source, flow.target): flow.n for flow in window.flows}
    found |= {("handovers", key): n for key, n in window.handovers.model_dump().items()}
    for shown in window.screens:
        sums = shown.model_dump(include={"shown_s", "ots", "viewers", "attention_s"})
        found |= {("screen", shown.screen, shown.creative, key): value for key, value in sums.items()}
    for layer in LAYERS:
        values = getattr(window.heatmap, layer) or [0] * len(window.heatmap.index)
        found |= {(layer, i): s for i, s in zip(window.heatmap.index, values, strict=True)}
    return found


@given(windows, windows)
def test_nothing_is_lost_and_nothing_is_invented(before, after):
    whole = join(before, after)
    one, two = summed(before), summed(after)
    assert summed(whole) == {key: one.get(key, 0) + two.get(key, 0) for key in one.keys() | two.keys()}
    assert whole.revision == before.revision + 1
    assert whole.occupancy_max == max(before.occupancy_max, after.occupancy_max)
    assert whole.moved == (before.moved or after.moved)
    assert Window.model_validate_json(whole.model_dump_json(by_alias=True)) == whole


@given(windows, windows)
def test_heat_on_another_grid_does_not_add_up(before, after):
    other = after.model_copy(update={"heatmap": after.heatmap.model_copy(update={"cell": 0.25})})
    assert join(before, other).heatmap == other.heatmap


@pytest.mark.parametrize(
    ("changes", "expected"),
    [({}, True), ({"camera": "till"}, False), ({"t_start": START - timedelta(minutes=1)}, False)],
)
def test_only_the_same_window_of_the_same_camera_goes_on(changes, expected):
    window = Window(
        camera="door", t_start=START, t_end=START + timedelta(minutes=1), site_version=1, observed_s=0, frames=0,
        presence_s=0, occupancy_max=0, lines={}, zones={}, heatmap=None,
    )  # fmt: skip
    assert is_next_piece(window.model_copy(update=changes), window) is expected
    assert not is_next_piece(None, window)
