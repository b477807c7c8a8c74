import pytest

from contract.messages import DWELL_BINS_S, Heatmap, Window
from vitrina.occupancy_chart import MOST_POINTS, occupancy_chart, slices
from vitrina.stopwatch import MOST, Stopwatch
from vitrina.summary import summarise

NOBODY = {name: [0] * len(DWELL_BINS_S) for name in ("left", "lost", "late_left", "late_lost")}


def window(minute, *, entries, most, heat):
    return Window.model_validate(
        {
            "camera": "c",
            "t_start": f"2026-01-01T00:0{minute}:00Z",
            "t_end": f"2026-01-01T00:0{minute + 1}:00Z",
            "site_version": 1,
            "observed_s": 60,
            "frames": 480,
            "presence_s": 30,
            "occupancy_max": most,
            "lines": {"door": {"in": entries, "out": 1}},
            "zones": {
                "z": {
                    "entries": entries,
                    "visits": 2,
                    "presence_s": 10,
                    "dwell_sum_s": 8,
                    "dwell": NOBODY,
                    "occupancy_max": most,
                }
            },
            "heatmap": {
                "unit": "m",
                "cell": 0.5,
                "origin": [0, 0],
                "shape": [1, 3],
                "index": list(heat),
                "person_s": list(heat.values()),
            },
        }
    )


def test_windows_add_up_and_maxima_do_not():
    empty = Heatmap(unit="m", cell=0.5, origin=(0, 0), shape=(1, 3), index=[], person_s=[])
    windows = [window(0, entries=3, most=2, heat={0: 1.0}), window(1, entries=4, most=5, heat={0: 2.0, 2: 0.5})]
    made = summarise(
        windows, source="x", camera="c", duration_s=120, zone_ids=["z"], line_ids=["door"], heatmap=empty,
        dwell_s={"z": [1.0, 2.0, 6.0]}, timing_ms={},
    )  # fmt: skip
    assert made["lines"] == {"door": {"in": 7, "out": 2}}
    assert made["zones"]["z"] == {
        "entries": 7, "visits": 4, "dwell_mean_s": 3.0, "dwell_median_s": 2.0, "presence_s": 20.0, "occupancy_max": 5,
    }  # fmt: skip
    assert made["heatmap"]["person_s"] == [[3.0, 0.0, 0.5]]
    assert (made["observed_s"], made["frames"]) == (120.0, 960)


def test_cameras_of_one_floor_add_up_in_the_same_shape():
    """Two cameras, two minutes: sums of all, the mean of what was observed, and the most at once as an upper bound."""
    empty = Heatmap(unit="m", cell=0.5, origin=(0, 0), shape=(1, 3), index=[], person_s=[])
    here = [window(0, entries=3, most=2, heat={0: 1.0}), window(1, entries=0, most=5, heat={0: 2.0})]
    there = [
        w.model_copy(update={"camera": "d"})
        for w in (window(0, entries=1, most=4, heat={2: 0.5}), window(1, entries=1, most=0, heat={}))
    ]
    on_image = there[0].heatmap.model_copy(update={"unit": "image"})
    yard = there[0].model_copy(update={"camera": "yard", "zones": {}, "lines": {}, "heatmap": on_image})
    made = summarise(
        [*here, *there, yard], source="x, y", camera=None, duration_s=120, zone_ids=["z"], line_ids=["door"], heatmap=empty,
        dwell_s={}, timing_ms={},
    )  # fmt: skip
    assert made["camera"] is None
    assert made["lines"]["door"] == {"in": 5, "out": 4}
    assert (made["zones"]["z"]["entries"], made["zones"]["z"]["occupancy_max"]) == (5, 6)
    assert made["heatmap"]["person_s"] == [[3.0, 0.0, 0.5]], "what lies on a picture is not on the floor"
    assert made["observed_s"] == 100.0, "120, 120 and 60 s of three cameras"


def test_no_visit_has_no_mean():
    empty = Heatmap(unit="m", cell=0.5, origin=(0, 0), shape=(1, 3), index=[], person_s=[])
    made = summarise(
        [], source="x", camera="c", duration_s=0, zone_ids=["z"], line_ids=[], heatmap=empty, dwell_s={}, timing_ms={}
    )
    assert made["zones"]["z"]["dwell_mean_s"] is None


def test_a_long_recording_is_drawn_with_few_points_and_gaps_stay_gaps():
    seen = {second: (second % 7, 8) for second in range(4000) if not 1000 <= second < 2000}
    shown = slices(seen)
    assert len(shown) <= MOST_POINTS
    assert sum(part.end_s - part.start_s for part in shown) == pytest.approx(3000, abs=40)
    drawn = occupancy_chart(shown, label="people")
    assert drawn.count('class="now-line"') == 2, "no line through a gap in the data"


def test_stopwatches_are_read_together():
    one, other = Stopwatch(), Stopwatch()
    one.ms, other.ms = {"read": [1.0, 2.0]}, {"read": [6.0], "detect": [4.0]}
    assert {stage: times["mean"] for stage, times in Stopwatch.of_all([one, other]).summary().items()} == {
        "read": 3.0,
        "detect": 4.0,
    }


def test_the_stopwatch_does_not_grow_without_bound():
    watch = Stopwatch()
    for _ in range(MOST + 10):
        with watch("read"):
            pass
    assert len(watch.ms["read"]) < MOST
    assert watch.summary()["read"]["mean"] >= 0
