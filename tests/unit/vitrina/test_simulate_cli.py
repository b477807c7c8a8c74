"""`vitrina simulate`, as a user runs it."""

import csv
import json

import pytest
import yaml
from click.testing import CliRunner

from contract.messages import Window, decode
from contract.site import Floor
from edge.io.recorded import RecordedDetections, RecordedTracks
from vitrina.cli import cli
from vitrina.errors import SimulationError
from vitrina.simulate.cameras import Pose, calibrated

SHOP = {
    "site": "corner",
    "timezone": "Europe/Berlin",
    "floor": {"bounds_m": [[0, 0], [8, 6]], "fixtures": [{"polygon_m": [[3, 1], [4, 1], [4, 3], [3, 3]]}]},
    "zones": {
        "tea": {"kind": "category", "polygon_m": [[4, 0.5], [7, 0.5], [7, 3.5], [4, 3.5]]},
        "door": {"kind": "entrance", "polygon_m": [[2, 4.5], [5, 4.5], [5, 6], [2, 6]]},
    },
    "lines": {"entry": {"entrance": True, "ends_m": [[5.5, 4.3], [1.5, 4.3]]}},
}
POSES = {"left": Pose((0.2, 0.2), 3, 45, 42, 100), "right": Pose((7.8, 0.2), 3, 135, 42, 100)}


def simulate(*arguments):
    return CliRunner().invoke(cli, ["simulate", *map(str, arguments)], catch_exceptions=True)


def tree(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def site(tmp_path):
    path = tmp_path / "site.yaml"
    path.write_text(yaml.safe_dump(SHOP))
    return path


@pytest.fixture
def watched(site):
    floor = Floor.model_validate(SHOP["floor"])
    cameras = {key: calibrated(pose, floor, name=key, size_px=(1280, 720)) for key, pose in POSES.items()}
    site.write_text(
        yaml.safe_dump(SHOP | {"cameras": {k: each.model_dump(mode="json") for k, each in cameras.items()}})
    )
    return site


def test_without_a_site_it_is_the_demo_store(tmp_path):
    done = simulate("--out", tmp_path, "--hours", 0.03, "--fps", 2)
    assert done.exit_code == 0, done.output
    assert json.loads((tmp_path / "truth.json").read_text())["site"] == "harbour-street"


@pytest.mark.parametrize("form", ["tracks", "det", "windows"])
def test_a_store_in_each_form_with_the_truth_beside_it(form, watched, tmp_path):
    done = simulate("--site", watched, "--out", tmp_path, "--hours", 0.1, "--format", form, "--fps", 2, "--seed", 3)
    assert done.exit_code == 0, done.output
    truth = json.loads((tmp_path / "truth.json").read_text())
    assert truth["shoppers"] > 0 and truth["presence_s"] > 30 and truth["simulated"]
    assert f"{truth['shoppers']} shoppers" in done.output
    match form:
        case "tracks":
            assert sum(len(seen.points) for seen in RecordedTracks(tmp_path / "tracks.csv")) > 1.5 * truth["presence_s"]
        case "det":
            cameras = sorted(path.parent.name for path in tmp_path.glob("*/det.txt"))
            assert cameras == ["left", "right"]
            assert sum(len(seen.detections) for seen in RecordedDetections(tmp_path / "left" / "det.txt")) > 10
        case "windows":
            told = [decode("up/window", line).data for line in (tmp_path / "windows.jsonl").read_bytes().splitlines()]
            assert all(isinstance(window, Window) for window in told)
            assert sum(window.presence_s for window in told) == pytest.approx(truth["presence_s"], rel=0.35)


def test_the_same_seed_gives_the_same_bytes(site, tmp_path):
    for name, seed in (("a", 7), ("b", 7), ("c", 8)):
        done = simulate("--site", site, "--out", tmp_path / name, "--hours", 0.1, "--seed", seed)
        assert done.exit_code == 0, done.output
    assert tree(tmp_path / "a") == tree(tmp_path / "b") != tree(tmp_path / "c")


def test_weeks_of_hours_and_who_came_in_each(watched, tmp_path):
    done = simulate(
        "--site", watched, "--out", tmp_path, "--format", "windows", "--days", 2, "--start", "2026-03-02 00:00:00"
    )
    assert done.exit_code == 0, done.output
    hours = json.loads((tmp_path / "truth.json").read_text())["hours"]
    told = [decode("up/window", line).data for line in (tmp_path / "windows.jsonl").read_bytes().splitlines()]
    assert len(hours) == 2 * 15
    assert len(told) == 2 * len(hours)
    entered = sum(line.in_ for window in told for line in window.lines.values())
    assert entered == pytest.approx(sum(hour["shoppers"] for hour in hours), rel=0.1)


GOODS = {
    "places": {"tea": {"passing": 0.5}},
    "categories": {"tea": {"name": "Tea", "zone": "tea", "price": 4, "margin": 0.4, "sought": 0.3, "impulse": 0.5}},
}


def rows_of(path):
    with path.open() as file:
        return list(csv.DictReader(file))


def test_receipts_of_the_hours_that_are_simulated_beside_what_is_the_same_without(site, tmp_path):
    (tmp_path / "goods.yaml").write_text(yaml.safe_dump(GOODS))
    usual = ["--site", site, "--hours", 0.5, "--seed", 3, "--fps", 1]
    for name, more in (("with", ["--receipts"]), ("without", [])):
        done = simulate(*usual, "--out", tmp_path / name, *more)
        assert done.exit_code == 0, done.output
    told = tree(tmp_path / "with")
    told.pop("receipts.csv")
    assert told == tree(tmp_path / "without")
    rows = rows_of(tmp_path / "with" / "receipts.csv")
    assert len(rows) > 5 and {row["category"] for row in rows} == {"tea"}
    assert min(row["time"] for row in rows) >= "2026-03-02T09:00:00Z"
    assert all(float(row["margin"]) == pytest.approx(0.4 * float(row["gross"]), abs=0.01) for row in rows)


def test_receipts_of_weeks_follow_the_hours_of_the_windows(watched, tmp_path):
    (tmp_path / "stock.yaml").write_text(yaml.safe_dump(GOODS))
    done = simulate(
        "--site", watched, "--out", tmp_path / "out", "--format", "windows", "--days", 2, "--receipts",
        "--goods", tmp_path / "stock.yaml", "--start", "2026-03-02 00:00:00",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    hours = json.loads((tmp_path / "out" / "truth.json").read_text())["hours"]
    rows = rows_of(tmp_path / "out" / "receipts.csv")
    assert f"{len(rows)} lines of receipts" in done.output
    assert {row["time"][:13] for row in rows} <= {hour["start"][:13] for hour in hours}
    assert len(rows) > 0.2 * sum(hour["shoppers"] for hour in hours)


def test_the_demo_says_what_it_sells(tmp_path):
    done = simulate("--out", tmp_path, "--hours", 0.03, "--fps", 1, "--receipts")
    assert done.exit_code == 0, done.output
    assert (tmp_path / "receipts.csv").read_text().startswith("receipt,time,has_card,category,sku,quantity,gross,")


def test_receipts_need_to_know_what_is_sold(site, tmp_path):
    done = simulate("--site", site, "--out", tmp_path / "out", "--hours", 0.1, "--receipts")
    assert isinstance(done.exception, SimulationError)
    assert "goods.yaml" in str(done.exception) and "--goods" in str(done.exception)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--goods", "x.yaml"], "--goods says what is sold: it goes with --receipts"),
        (["--days", 2], "--days draws windows"),
        (["--days", 2, "--hours", 1, "--format", "windows"], "--days draws windows"),
        (["--miss", 1], "--miss"),
        (["--format", "film"], "--format"),
        (["--start", "yesterday"], "--start"),
    ],
)
def test_wrong_use_is_told(arguments, words, tmp_path):
    done = CliRunner().invoke(cli, ["simulate", "--out", str(tmp_path), *map(str, arguments)])
    assert done.exit_code == 2
    assert words in done.output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--start", "2026-03-02 03:00:00", "--hours", "0.1"], None),
        (["--format", "det", "--hours", "0.1"], "no calibrated camera"),
        (["--hours", "24", "--shoppers-per-hour", "5000"], "use --days"),
    ],
)
def test_what_cannot_be_simulated_is_one_clear_line(arguments, words, site, tmp_path):
    night = {"opens": 8, "goals": {"tea": {"popularity": 0.5}}, "doors": {"door": {"at_m": [3.5, 5.5]}}}
    (site.parent / "shoppers.yaml").write_text(yaml.safe_dump(night))
    done = simulate("--site", site, "--out", tmp_path / "out", *arguments)
    assert isinstance(done.exception, SimulationError)
    assert (words or "nobody came") in str(done.exception)
