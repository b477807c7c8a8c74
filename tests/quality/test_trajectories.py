"""Real trajectories through `vitrina replay`: counting must equal the truth derived from them."""

import json

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
