import csv
import importlib.util

import numpy as np
import pytest
import yaml

from contract.coverage import coverage
from contract.documents import validate
from contract.site import Floor, Site
from contract.view import Lens, camera_view, point_errors_m
from edge.data_files import find_data
from edge.io.recorded import RecordedDetections, RecordedTracks
from vitrina.simulate.cameras import Pose, boxes, calibrated
from vitrina.simulate.noise import Faults
from vitrina.simulate.recordings import in_sight, write_detections, write_tracks
from vitrina.simulate.samples import sample
from vitrina.simulate.trade import read_trade

FLOOR = Floor.model_validate({"bounds_m": [[0, 0], [14, 10]]})
POSES = [
    Pose((0.5, 0.5), 3.5, 45, 35, 95),
    Pose((13.5, 9.5), 3.2, 215, 40, 105, -0.06),
    Pose((7, 9.8), 4.0, 270, 45, 90, 0.03),
]


@pytest.mark.parametrize("pose", POSES)
def test_a_pose_becomes_a_calibration_that_gives_the_pose_back(pose):
    camera = calibrated(pose, FLOOR, name="x", size_px=(1280, 720))
    view = camera_view(camera)
    assert len(camera.calibration.points) == 12
    assert point_errors_m(camera, view).max() < 0.02
    np.testing.assert_allclose(view.place_m, (*pose.at_m, pose.height_m), atol=0.08)
    lens = Lens((1280, 720), pose.lens)
    for point in ((640, 500), (300, 650), (1000, 400)):
        ground, below = pose.to_ground(lens.straighten(np.array([point], float)), (1280, 720))
        assert below.all()
        np.testing.assert_allclose(view.to_ground(np.array([point], float))[0], ground, atol=0.1)


def test_boxes_stand_on_the_feet_and_reach_to_the_head():
    view = camera_view(calibrated(POSES[0], FLOOR, name="x", size_px=(1280, 720)))
    places = np.array([(5, 4), (8, 6), (0.4, 0.4), (-3, -3)], float)
    box, whole = boxes(view, places)
    assert whole.tolist() == [True, True, False, False]
    foot = np.stack([(box[:, 0] + box[:, 2]) / 2, box[:, 3]], axis=1)[:2]
    np.testing.assert_allclose(view.to_ground(foot)[0], places[:2], atol=0.02)
    np.testing.assert_allclose((box[:, 3] - box[:, 1])[:2], view.person_px(places)[:2], rtol=0.01)


@pytest.fixture
def watched():
    cameras = {f"c{i}": calibrated(pose, FLOOR, name="", size_px=(640, 360)) for i, pose in enumerate(POSES[:2])}
    shelf = {"polygon_m": [(5, 2), (6, 2), (6, 8), (5, 8)]}
    return Site(site="a", floor=Floor(bounds_m=FLOOR.bounds_m, fixtures=[shelf]), cameras=cameras)


def test_a_camera_sees_who_stands_where_it_sees(watched, walk):
    covered = coverage(watched)
    samples = sample([walk((0, 1, 9), (13, 13.5, 9))], 0.25)
    for camera in covered.cameras:
        seen = in_sight(samples, covered, camera)
        cells = covered.grid.cells(samples.xy)
        assert len(seen) == covered.seen[covered.cameras.index(camera)][cells].sum()
        assert 0 < len(seen) < len(samples)


def test_recordings_are_read_back_as_they_were_written(watched, walk, rng, tmp_path):
    samples = sample([walk((100, 3, 4), (110, 9, 5)), walk((103, 9, 6), (108, 9, 6))], 0.25)
    write_tracks(samples, tmp_path / "tracks.csv", start=100.0)
    told = [seen for seen in RecordedTracks(tmp_path / "tracks.csv", start=100.0) if len(seen.points)]
    assert [seen.t for seen in told] == sorted({float(t) for t in samples.t})
    assert sum(len(seen.points) for seen in told) == len(samples)
    cameras = write_detections(watched, coverage(watched), samples, tmp_path, faults=Faults(0, 0, 0), rng=rng)
    assert cameras == ["c0", "c1"]
    view = camera_view(watched.cameras["c0"])
    recording = RecordedDetections(tmp_path / "c0" / "det.txt", start=100.0)
    assert (recording.size_px, recording.duration_s) == ((640, 360), 10.25)
    places = [
        view.to_ground(np.stack([found.xyxy_px[:, [0, 2]].mean(axis=1), found.xyxy_px[:, 3]], axis=1).astype(float))[0]
        for found in (seen.detections for seen in recording)
        if len(found)
    ]
    xy = np.concatenate(places)
    near = np.linalg.norm(xy[:, None] - samples.xy, axis=2).min(axis=1)
    assert len(xy) > 10 and np.quantile(near, 0.9) < 0.5


def test_ghosts_are_few_and_boxes_lie_in_the_picture(watched, walk, rng, tmp_path):
    samples = sample([walk((0, 3, 4), (500, 9, 5))], 0.25)
    write_detections(watched, coverage(watched), samples, tmp_path, faults=Faults(1 - 1e-9, 0, 0), rng=rng)
    rows = [row for name in ("c0", "c1") for row in csv.reader((tmp_path / name / "det.txt").open())]
    assert 0 <= len(rows) < 4  # nobody was detected, so nothing tells when to look for ghosts
    write_detections(watched, coverage(watched), samples, tmp_path, faults=Faults(0, 0, 0), rng=rng)
    left, top, width, height = np.array(list(csv.reader((tmp_path / "c0" / "det.txt").open())), float)[:, 2:6].T
    assert left.min() >= 0 and top.min() >= 0 and (left + width).max() <= 640 and (top + height).max() <= 360


@pytest.fixture(scope="module")
def demo_store():
    return validate(Site, yaml.safe_load(find_data("config/demo/store.yaml").read_text()), name="store.yaml")


def test_the_demo_store_is_what_its_script_makes(demo_store):
    spec = importlib.util.spec_from_file_location("make_store", find_data("config/demo/make_store.py"))
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    assert Site.model_validate(script.document()) == demo_store


def test_most_of_the_demo_store_is_seen_and_much_of_it_twice(demo_store):
    covered = coverage(demo_store)
    assert 0.8 < covered.share < 0.95
    assert (covered.seen.sum(axis=0) > 1).sum() / covered.walkable.sum() > 0.2
    assert {"bakery", "aisle_6", "tills", "entrance"} <= set(demo_store.zones)
    assert len(demo_store.cameras) == 5


def test_the_behaviour_of_the_demo_stores_shoppers_loads(demo_store):
    trade = read_trade(find_data("config/demo/shoppers.yaml"), demo_store)
    assert set(trade.goals) < set(demo_store.zones)
