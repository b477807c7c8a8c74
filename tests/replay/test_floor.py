"""Several recordings of one floor, replayed together."""

import json
import math
import re

import numpy as np
import pytest
import yaml

from contract.errors import DocumentError
from contract.messages import decode
from contract.topics import WINDOW
from edge.errors import ConfigError


def camera(x, ahead):
    """A camera 3 m above (x, 2), which looks along the floor (`ahead` 1) or back (-1), 20 degrees downwards."""
    sin, cos = math.sin(math.radians(20)), math.cos(math.radians(20))
    points = []
    for away, aside in [(4, -1), (4, 1), (14, -1), (14, 1)]:
        depth, down = away * cos + 3 * sin, 3 * cos - away * sin
        image = [0.5 + 500 * aside / depth / 640, 0.5 + 500 * down / depth / 480]
        points.append({"image": image, "floor_m": [x + ahead * away, 2 + ahead * aside]})
    return {"resolution_px": [640, 480], "calibration": {"points": points}}


SITE = {
    "site": "shop",
    "floor": {"bounds_m": [[0, 0], [20, 4]]},
    "cameras": {"west": camera(-3, 1), "east": camera(23, -1), "yard": {"resolution_px": [640, 480]}},
    "zones": {
        "in": {"kind": "entrance", "polygon_m": [[0, 0], [1, 0], [1, 4], [0, 4]]},
        "aisle": {"polygon_m": [[6, 0], [14, 0], [14, 4], [6, 4]]},
        "till": {"kind": "entrance", "polygon_m": [[19, 0], [20, 0], [20, 4], [19, 4]]},
    },
    "lines": {"middle": {"ends_m": [[10, 0], [10, 4]]}},
}
ALONE = SITE | {"cameras": {"west": {}}}
"""The same floor before a camera that sees all of it."""


def walkers():
    """Two walk through at 1 m/s a minute apart, one comes back: rows t, track, x, y, five times a second."""
    there = [(k / 5, 1, 0.3 + k / 5, 2.0) for k in range(98)]
    again = [(60 + t, 2, x, 1.0) for t, _, x, _ in there]
    back = [(80 + t, 2, x, 1.0) for (t, *_), (_, _, x, _) in zip(there, reversed(there), strict=True)]
    return [*there, *again, *back]


def write(path, rows):
    text = "".join(f"{t:.1f},{track},{x:.3f},{y:.3f}\n" for t, track, x, y in sorted(rows))
    path.write_text("t,track_id,x_m,y_m\n" + text)
    return path


@pytest.fixture
def store(tmp_path):
    """The recordings of both cameras, of the whole floor, and the sites."""
    rows = walkers()
    (tmp_path / "site.yaml").write_text(yaml.safe_dump(SITE))
    (tmp_path / "alone.yaml").write_text(yaml.safe_dump(ALONE))
    write(tmp_path / "all.csv", rows)
    write(tmp_path / "west.csv", [row for row in rows if row[2] <= 12])
    write(tmp_path / "east.csv", [(t, 7 + track, x, y) for t, track, x, y in rows if x >= 8])
    return tmp_path


def together(vitrina, store, out, *options):
    pair = [f"west={store / 'west.csv'}", f"east={store / 'east.csv'}"]
    done = vitrina("replay", *pair, "--site", store / "site.yaml", "--out", out, *options)
    assert done.exit_code == 0, done.output
    return json.loads((out / "summary.json").read_text())


def test_two_cameras_tell_what_one_would(vitrina, store):
    whole = together(vitrina, store, store / "both")
    done = vitrina("replay", store / "all.csv", "--site", store / "alone.yaml", "--out", store / "one")
    assert done.exit_code == 0
    one = json.loads((store / "one" / "summary.json").read_text())
    assert list(whole) == list(one)
    assert (whole["camera"], one["camera"]) == (None, "west")
    assert whole["lines"] == one["lines"] == {"middle": {"in": 1, "out": 2}}
    for zone in ("in", "aisle", "till"):
        most = whole["zones"][zone].pop("occupancy_max")
        assert most >= one["zones"][zone].pop("occupancy_max"), "of several cameras it is an upper bound"
        assert whole["zones"][zone] == one["zones"][zone], zone
    assert whole["zones"]["aisle"]["visits"] == 3
    assert np.allclose(whole["heatmap"]["person_s"], one["heatmap"]["person_s"])
    assert {key: value for key, value in whole["heatmap"].items() if key != "person_s"} == {
        key: value for key, value in one["heatmap"].items() if key != "person_s"
    }


def test_every_camera_has_its_own_results_and_the_floor_adds_them_up(vitrina, store):
    out = store / "out"
    whole = together(vitrina, store, out)
    each = {name: json.loads((out / name / "summary.json").read_text()) for name in ("west", "east")}
    assert {summary["camera"] for summary in each.values()} == {"west", "east"}
    for field in ("visits", "presence_s"):
        parts = sum(summary["zones"]["aisle"][field] for summary in each.values())
        assert whole["zones"]["aisle"][field] == pytest.approx(parts)
    assert whole["frames"] == sum(summary["frames"] for summary in each.values())
    assert sorted(path.name for path in out.iterdir()) == [
        "east",
        "report.html",
        "summary.json",
        "west",
        "windows.jsonl",
    ]
    messages = [decode(WINDOW, line) for line in (out / "windows.jsonl").read_bytes().splitlines()]
    assert [message.seq for message in messages] == list(range(1, len(messages) + 1))
    assert {message.data.camera for message in messages} == {"west", "east"}
    assert "2 recordings, cameras west, east" in (out / "report.html").read_text(encoding="utf-8")
    assert sum(message.data.handovers.taken for message in messages) == 3


def test_the_same_recordings_give_the_same_bytes(vitrina, store):
    for name in ("first", "second"):
        together(vitrina, store, store / name, "--window", "10")
    first, second = ((store / name / "windows.jsonl").read_bytes() for name in ("first", "second"))
    assert first == second
    assert first.count(b"\n") > 10


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["west=west.csv", "east.csv"], "say CAMERA=SOURCE, with a camera of site 'shop': east, west, yard"),
        (["west=west.csv", "cellar=east.csv"], "'cellar=east.csv': say CAMERA=SOURCE"),
        (["west=west.csv", "west=east.csv"], "camera 'west' is given twice"),
        (["west=west.csv", "east=east.csv", "--camera", "west"], "each its camera"),
    ],
)
def test_which_camera_is_which_must_be_said(vitrina, store, monkeypatch, arguments, words):
    monkeypatch.chdir(store)
    done = vitrina("replay", *arguments, "--site", "site.yaml", "--out", "out")
    assert done.exit_code == 2
    assert words in " ".join(done.output.split()), done.output
    assert not (store / "out").exists()


def test_several_need_a_site(vitrina, store):
    done = vitrina("replay", store / "west.csv", store / "east.csv", "--out", store / "out")
    assert done.exit_code == 2
    assert "several recordings need --site" in done.output


def test_cameras_that_share_no_floor_are_told_apart(vitrina, tmp_path):
    (tmp_path / "site.yaml").write_text(
        "{site: s, cameras: {a: {resolution_px: [64, 48]}, b: {resolution_px: [64, 48]}}}"
    )
    (tmp_path / "det.txt").write_text("1,-1,10,10,20,30,0.9\n")
    pair = [f"{name}={tmp_path / 'det.txt'}" for name in "ab"]
    done = vitrina("replay", *pair, "--site", tmp_path / "site.yaml", "--fps", "5", "--out", tmp_path / "out")
    assert isinstance(done.exception, (ConfigError, DocumentError))
    assert re.search("none of a, b is calibrated", str(done.exception))
    assert not (tmp_path / "out").exists()


def test_one_of_several_cameras_may_be_named_the_same_way(vitrina, store):
    done = vitrina("replay", f"west={store / 'west.csv'}", "--site", store / "site.yaml", "--out", store / "out")
    assert done.exit_code == 0, done.output
    assert json.loads((store / "out" / "summary.json").read_text())["camera"] == "west"
