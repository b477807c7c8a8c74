"""The yardstick: what boxes and server make of a simulated store, against what truly happened in it.

Tracks break on average every 200 s and 10 % of the detections are missing.
"""

import json
import subprocess
import sys

import numpy as np
import pytest
import yaml

from contract.coverage import coverage
from contract.messages import DWELL_BINS_S
from contract.site import Floor, Site
from server.domain.flows import transitions
from server.domain.survival import survival
from vitrina.simulate.cameras import Pose, calibrated

pytestmark = [pytest.mark.quality, pytest.mark.timeout(600)]


def rectangle(x0, y0, x1, y1):
    return [[x0, y0], [x1, y0], [x1, y1], [x0, y1]]


def simulate(out, *options):
    command = [sys.executable, "-m", "vitrina", "simulate", "--out", str(out), *map(str, options)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads((out / "truth.json").read_text())


def windows(folder):
    return [json.loads(line)["data"] for line in (folder / "windows.jsonl").read_text().splitlines()]


def dwell_tables(told, zone):
    rows = [list(window["zones"][zone]["dwell"].values()) for window in told if zone in window["zones"]]
    return np.sum(rows, axis=0).astype(float)


def total(told, zone, field):
    return sum(window["zones"][zone][field] for window in told if zone in window["zones"])


def flow_counts(told):
    counts = {}
    for window in told:
        for flow in window["flows"]:
            pair = flow["source"], flow["target"]
            counts[pair] = counts.get(pair, 0) + flow["n"]
    return counts


def shares(counts):
    return {(step.source, step.target): step.share for step in transitions(counts) if step.target != "LOST"}


CAFE = {
    "site": "cafe",
    "floor": {"bounds_m": [[0, 0], [18, 12]]},
    "cameras": {"above": {}},
    "zones": {
        "tables": {"kind": "category", "polygon_m": rectangle(1, 1, 9, 7)},
        "counter": {"kind": "category", "polygon_m": rectangle(12, 1, 17, 5)},
        "door": {"kind": "entrance", "polygon_m": rectangle(8, 10, 12, 12)},
    },
}
CAFE_SHOPPERS = {
    "companions": 0,
    "doors": {"door": {"at_m": [10, 11.5]}},
    "goals": {
        "tables": {"popularity": 0.9, "stay_s": 255, "spread": 0.6, "stops": 1},
        "counter": {"popularity": 0.2, "stay_s": 40, "spread": 0.6, "stops": 1},
    },
}


def test_the_mean_stay_is_true_where_tracks_break(replay, tmp_path):
    (tmp_path / "site.yaml").write_text(yaml.safe_dump(CAFE))
    (tmp_path / "shoppers.yaml").write_text(yaml.safe_dump(CAFE_SHOPPERS))
    site = tmp_path / "site.yaml"
    truth = simulate(tmp_path, "--site", site, "--hours", 8, "--shoppers-per-hour", 120, "--fps", 2)
    replay(tmp_path / "tracks.csv", tmp_path / "out", "--site", site)
    told, true_s = windows(tmp_path / "out"), truth["zones"]["tables"]["dwell_mean_s"]
    naive = total(told, "tables", "dwell_sum_s") / total(told, "tables", "visits")
    curve = survival(dwell_tables(told, "tables"), DWELL_BINS_S)
    mean = curve.mean_s(1800)
    print(f"true mean {true_s:.0f} s, naive {naive:.0f} s, Kaplan-Meier {mean:.0f} s of {curve.n} visits")
    assert naive < 0.5 * true_s
    assert mean == pytest.approx(true_s, rel=0.1)
    per_entry_s = total(told, "tables", "presence_s") / total(told, "tables", "entries")
    assert per_entry_s == pytest.approx(true_s, rel=0.05)


POSES = {
    "west": Pose((0.3, 11.7), 3.5, 315, 38, 100, -0.05),
    "middle": Pose((9.0, 0.3), 3.5, 90, 42, 105),
    "east": Pose((17.7, 11.7), 3.5, 225, 38, 100, -0.05),
}
HALL = {
    "site": "hall",
    "floor": {
        "bounds_m": [[0, 0], [18, 12]],
        "fixtures": [
            {"kind": "table", "polygon_m": rectangle(3, 3, 4, 6)},
            {"kind": "table", "polygon_m": rectangle(8.5, 4.5, 9.5, 7.5)},
            {"kind": "table", "polygon_m": rectangle(14, 3, 15, 6)},
        ],
    },
    "zones": {
        "cheese": {"kind": "category", "polygon_m": rectangle(1, 1, 6, 7)},
        "wine": {"kind": "category", "polygon_m": rectangle(7, 1, 11, 8)},
        "bread": {"kind": "category", "polygon_m": rectangle(12, 1, 17, 7)},
        "papers": {"kind": "category", "polygon_m": rectangle(12.5, 8, 16.5, 10.5)},
        "door": {"kind": "entrance", "polygon_m": rectangle(5.5, 10, 9.5, 12)},
    },
    "lines": {"entry": {"entrance": True, "ends_m": [[9.5, 10.9], [5.5, 10.9]]}},
}
HALL_SHOPPERS = {
    "doors": {"door": {"at_m": [7.5, 11.6]}},
    "goals": {
        "cheese": {"popularity": 0.6, "stay_s": 35, "stops": 2},
        "wine": {"popularity": 0.4, "stay_s": 50, "stops": 2},
        "bread": {"popularity": 0.5, "stay_s": 25},
        "papers": {"popularity": 0.3, "stay_s": 40},
    },
}


@pytest.fixture(scope="module")
def hall(tmp_path_factory):
    """An hour under three cameras whose views overlap: the windows, and the truth."""
    folder = tmp_path_factory.mktemp("hall")
    floor = Floor.model_validate(HALL["floor"])
    cameras = {key: calibrated(pose, floor, name=key, size_px=(1280, 720)) for key, pose in POSES.items()}
    site = HALL | {"cameras": {key: camera.model_dump(mode="json") for key, camera in cameras.items()}}
    (folder / "site.yaml").write_text(yaml.safe_dump(site))
    (folder / "shoppers.yaml").write_text(yaml.safe_dump(HALL_SHOPPERS))
    options = ("--site", folder / "site.yaml", "--hours", 1.5, "--shoppers-per-hour", 200, "--fps", 3)
    truth = simulate(folder, *options, "--format", "windows")
    covered = coverage(Site.model_validate(site))
    print(
        f"{covered.share:.1%} of the floor is seen, {(covered.seen.sum(axis=0) > 1).mean():.0%} by more than one camera"
    )
    return windows(folder), truth, covered


def test_presence_is_counted_once_where_three_views_overlap(hall):
    told, truth, covered = hall
    true = np.array(truth["heatmap"]["person_s"]).ravel()
    found = np.zeros(len(true))
    for window in told:
        np.add.at(found, window["heatmap"]["index"], window["heatmap"]["person_s"])
    seen = covered.seen_by_any
    ratio = found[seen].sum() / true[seen].sum()
    zones = {zone: total(told, zone, "presence_s") / each["presence_s"] for zone, each in truth["zones"].items()}
    print(f"presence {ratio:.3f} of the truth", {zone: round(share, 3) for zone, share in zones.items()})
    assert ratio == pytest.approx(1, abs=0.05)
    assert sum(window["presence_s"] for window in told) == pytest.approx(truth["presence_s"], rel=0.05)
    assert np.corrcoef(found[seen], true[seen])[0, 1] > 0.9


def _as_told(told, true, zone):
    curve = survival(dwell_tables(told, zone), DWELL_BINS_S)
    entries = total(told, zone, "entries") / true["entries"]
    stops = total(told, zone, "stops") / true["stops"]
    print(
        f"{zone}: entries {entries:.2f}, stops {stops:.2f}, mean stay {curve.mean_s(3600) / true['dwell_mean_s']:.2f}"
    )
    return entries, curve.mean(3600)


@pytest.mark.xfail(
    reason="Places that are off by 10 cm and tracks that break make entries 4 to 11 % too many; under one camera that "
    "sees everything with the same faults it is 4 to 6 %. Means are up to 9 % off. Without faults all is within 2 %.",
    strict=False,
)
def test_a_visit_under_several_cameras_stays_one(hall):
    told, truth, _ = hall
    for zone in ("cheese", "wine", "bread", "papers"):
        true = truth["zones"][zone]
        entries, mean = _as_told(told, true, zone)
        assert entries == pytest.approx(1, abs=0.1)
        assert mean.value_s == pytest.approx(true["dwell_mean_s"], rel=0.1)


def test_visits_under_several_cameras_are_about_as_many_and_as_long(hall):
    told, truth, _ = hall
    for zone in ("cheese", "wine", "bread", "papers"):
        true = truth["zones"][zone]
        entries, mean = _as_told(told, true, zone)
        assert entries == pytest.approx(1, abs=0.15)
        assert mean.value_s == pytest.approx(true["dwell_mean_s"], rel=0.15)
    doors = truth["lines"]["entry"]
    entered = sum(window["lines"]["entry"]["in"] for window in told)
    assert entered == pytest.approx(doors["in"], rel=0.05)


def test_transition_shares_are_within_five_points(hall):
    told, truth, _ = hall
    found = shares(flow_counts(told))
    true = shares({(flow["source"], flow["target"]): flow["n"] for flow in truth["flows"]})
    off = {pair: abs((found[pair].value if pair in found else 0.0) - share.value) for pair, share in true.items()}
    worst = sorted(off, key=off.get)[-4:]
    print(
        {
            pair: (round(found[pair].value, 3) if pair in found else 0, round(true[pair].value, 3), true[pair].n)
            for pair in worst
        }
    )
    assert max(off.values()) < 0.05
