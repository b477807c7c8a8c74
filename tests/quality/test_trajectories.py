"""Real trajectories through `vitrina replay`: counting must equal the truth derived from them."""

import json
import math

import numpy as np
import pytest
import yaml

pytestmark = pytest.mark.quality


def write_site(truth, out):
    """The zones, lines and grid of a derived_world/summary.json as a site.yaml."""
    rows, columns = truth["heatmap"]["shape_rows_cols"]
    (x, y), cell = truth["heatmap"]["origin"], truth["heatmap"]["cell"]
    site = {
        "site": "street",
        "floor": {"bounds_m": [[x, y], [x + columns * cell, y + rows * cell]], "cell_m": cell},
        "cameras": {"street": {}},
        "zones": {key: {"polygon_m": polygon} for key, polygon in truth["zones"].items()},
        "lines": {key: {"ends_m": ends} for key, ends in truth["lines"].items()},
    }
    path = out / "site.yaml"
    path.write_text(yaml.safe_dump(site))
    return path


@pytest.mark.parametrize("name", ["ucy_zara01", "eth_hotel"])
def test_counting_equals_the_derived_truth(name, data, replay, tmp_path):
    truth = json.loads((data / name / "derived_world" / "summary.json").read_text())
    summary = replay(data / name / "tracks.csv", tmp_path / "out", "--site", write_site(truth, tmp_path))
    for line, crossings in truth["crossings"].items():
        assert summary["lines"][line] == {"in": crossings["left_to_right"], "out": crossings["right_to_left"]}
    for zone, visits in truth["visits"].items():
        found = summary["zones"][zone]
        assert found["visits"] == visits
        assert found["dwell_mean_s"] == pytest.approx(truth["mean_dwell_s"][zone], rel=0.02)
    heat = np.array(summary["heatmap"]["person_s"])
    expected = np.loadtxt(data / name / "derived_world" / "heatmap_person_seconds.csv", delimiter=",")
    assert heat.shape == expected.shape
    assert heat.sum() == pytest.approx(truth["heatmap"]["total_person_seconds"], rel=0.01)
    assert np.corrcoef(heat.ravel(), expected.ravel())[0, 1] > 0.999


def facing(y, ahead):
    """A camera 6 m above (-0.5, y) with a wide lens, which looks along the street (`ahead` 1) or back (-1)."""
    sin, cos = math.sin(math.radians(25)), math.cos(math.radians(25))
    points = []
    for away, aside in [(7, -5), (7, 5), (20, -5), (20, 5)]:
        depth, down = away * cos + 6 * sin, 6 * cos - away * sin
        image = [0.5 - 250 * aside / depth / 640, 0.5 + 250 * down / depth / 480]
        points.append({"image": image, "floor_m": [-0.5 + ahead * aside, y + ahead * away]})
    return {"resolution_px": [640, 480], "calibration": {"points": points}}


def test_two_cameras_of_a_street_tell_what_one_would(data, replay, tmp_path):
    """One sees the near half, one the far half, both the five metres between; people cross the border all the time."""
    folder = data / "ucy_zara01"
    truth = json.loads((folder / "derived_world" / "summary.json").read_text())
    site = yaml.safe_load(write_site(truth, tmp_path).read_text())
    site["cameras"] = {"near": facing(-3, 1), "far": facing(24, -1)}
    (tmp_path / "two.yaml").write_text(yaml.safe_dump(site))
    header, *rows = (folder / "tracks.csv").read_text().splitlines()
    for name, sees in (("near", lambda y: y <= 13), ("far", lambda y: y >= 8)):
        there = [row for row in rows if sees(float(row.split(",")[3]))]
        (tmp_path / f"{name}.csv").write_text("\n".join([header, *there]) + "\n")
    summary = replay(
        f"near={tmp_path / 'near.csv'}",
        tmp_path / "both",
        f"far={tmp_path / 'far.csv'}",
        "--site",
        tmp_path / "two.yaml",
    )
    windows = [json.loads(line)["data"] for line in (tmp_path / "both" / "windows.jsonl").read_text().splitlines()]
    passed_on = {key: sum(window["handovers"][key] for window in windows) for key in ("taken", "guessed", "missed")}
    print(f"\nTwo cameras of a street: {passed_on}")
    for line, crossings in truth["crossings"].items():
        assert summary["lines"][line] == {"in": crossings["left_to_right"], "out": crossings["right_to_left"]}
    for zone, visits in truth["visits"].items():
        found = summary["zones"][zone]
        print(
            f"  {zone}: {found['visits']} visits of {visits}, {found['dwell_mean_s']} s of {truth['mean_dwell_s'][zone]} s"
        )
        assert found["visits"] == visits
        assert found["dwell_mean_s"] == pytest.approx(truth["mean_dwell_s"][zone], rel=0.02)
    heat = np.array(summary["heatmap"]["person_s"])
    expected = np.loadtxt(folder / "derived_world" / "heatmap_person_seconds.csv", delimiter=",")
    assert heat.sum() == pytest.approx(truth["heatmap"]["total_person_seconds"], rel=0.01)
    assert np.corrcoef(heat.ravel(), expected.ravel())[0, 1] > 0.999
    assert passed_on["missed"] == 0
