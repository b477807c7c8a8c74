"""Calibrated cameras of real scenes: places in the picture against the places on the ground that others measured."""

import json
from xml.etree import ElementTree

import numpy as np
import pytest
import yaml
from scipy.optimize import minimize_scalar

from contract.site import Site
from contract.view import camera_view, point_errors_m
from edge.arrays import Tracks, TrackState
from edge.layout import site_layout
from edge.plane import locate

pytestmark = [pytest.mark.quality, pytest.mark.timeout(900)]


def calibrated(image_px, ground_m, size_px, bounds_m, *, lens=0.0, cell_m=0.5):
    """A site of one camera, calibrated by these points."""
    pairs = [
        {"image": [float(u / size_px[0]), float(v / size_px[1])], "floor_m": [float(x), float(y)]}
        for (u, v), (x, y) in zip(image_px, ground_m, strict=True)
    ]
    view = {"resolution_px": list(size_px), "lens": float(lens), "calibration": {"points": pairs}}
    return {"site": "scene", "floor": {"bounds_m": bounds_m, "cell_m": cell_m}, "cameras": {"view": view}}


def around(ground_m):
    low, high = ground_m.min(axis=0) - 1, ground_m.max(axis=0) + 1
    return [low.tolist(), high.tolist()]


def to_world(matrix, image_px):
    """By H.txt, which takes row and column."""
    xyw = np.column_stack([image_px[:, 1], image_px[:, 0], np.ones(len(image_px))]) @ matrix.T
    return xyw[:, :2] / xyw[:, 2:]


@pytest.mark.parametrize(("name", "size_px"), [("ucy_zara01", (720, 576)), ("eth_hotel", (720, 576))])
def test_people_stand_where_the_annotators_put_them(name, size_px, data):
    """Aim: every foot point within 5 cm of its place in the world."""
    matrix = np.loadtxt(data / name / "H.txt")
    places = np.loadtxt(data / name / "tracks.csv", delimiter=",", skiprows=1)[:, 2:4]
    rowcol = np.column_stack([places, np.ones(len(places))]) @ np.linalg.inv(matrix).T
    feet = (rowcol[:, :2] / rowcol[:, 2:])[:, ::-1]
    seen = ((feet > 3) & (feet < np.array(size_px) - 3)).all(axis=1)
    feet, places = feet[seen], places[seen]
    corners = np.array([(x, y) for x in (80, 360, 640) for y in (150, 320, 500)], float)
    flip = np.array([1.0, mirrored(to_world(matrix, corners), corners)])
    site = calibrated(corners, to_world(matrix, corners) * flip, size_px, around(places * flip))
    layout = site_layout(Site.model_validate(site), "view", size_px)
    boxes = np.column_stack([feet[:, 0] - 10, feet[:, 1] - 50, feet[:, 0] + 10, feet[:, 1]]).astype(np.float32)
    people = len(boxes)
    tracks = Tracks(np.arange(people), boxes, np.ones(people, np.float32), np.full(people, TrackState.SEEN, np.uint8))
    apart_m = np.linalg.norm(locate(tracks, layout, size_px).xy - places * flip, axis=1)
    print(f"\n{name}: {people} of {len(seen)} foot points in the picture, at most {1000 * apart_m.max():.3f} mm off")
    assert people > 0.8 * len(seen)
    assert apart_m.max() < 0.05


def mirrored(world, image_px):
    """-1 where the world's y must run the other way for picture and plan to turn alike, else 1."""
    turns = [np.linalg.det(points[[2, 8]] - points[0]) for points in (world, image_px)]
    return np.sign(turns[0] * turns[1])


class Tsai:
    """The model of Tsai (1987), as the PETS 2009 calibrations use it: world in mm, one radial coefficient."""

    def __init__(self, path):
        root = ElementTree.parse(path).getroot()
        number = {key: float(value) for part in root for key, value in part.attrib.items()}
        self.size_px = (int(number["width"]), int(number["height"]))
        self._n = number
        (sx, cx), (sy, cy), (sz, cz) = ((np.sin(number[k]), np.cos(number[k])) for k in ("rx", "ry", "rz"))
        about_x = np.array([[1, 0, 0], [0, cx, -sx], [0, sx, cx]])
        about_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
        about_z = np.array([[cz, -sz, 0], [sz, cz, 0], [0, 0, 1]])
        self._rotation = about_z @ about_y @ about_x
        self._shift = np.array([number["tx"], number["ty"], number["tz"]])

    def to_image(self, ground_m):
        """Pixels (n, 2) of ground points (n, 2) in metres."""
        n = self._n
        world = np.column_stack([ground_m * 1000, np.zeros(len(ground_m))])
        camera = world @ self._rotation.T + self._shift
        ideal = n["focal"] * camera[:, :2] / camera[:, 2:]
        sensor = ideal.copy()
        for _ in range(50):  # ideal = sensor (1 + kappa r²), solved for the sensor
            sensor = ideal / (1 + n["kappa1"] * (sensor**2).sum(axis=1, keepdims=True))
        return sensor * [n["sx"] / n["dpx"], 1 / n["dpy"]] + [n["cx"], n["cy"]]


@pytest.fixture(scope="module")
def pets(data, tmp_path_factory):
    """PETS 2009 S2L1 with a site made from its Tsai calibration, and the truth's heatmap in the site's rows."""
    folder = data / "pets2009_s2l1"
    truth = json.loads((folder / "derived_world" / "summary.json").read_text())
    tsai = Tsai(folder / "calib_tsai_View_001.xml")
    given = np.loadtxt(folder / "gt" / "gt.txt", delimiter=",")
    feet = np.column_stack([given[:, 2] + given[:, 4] / 2, given[:, 3] + given[:, 5]])
    off_px = np.linalg.norm(tsai.to_image(given[:, 7:9]) - feet, axis=1)
    print(f"\nTsai model against the given feet: median {np.median(off_px):.1f} px apart")
    assert np.median(off_px) < 15, "the model is read as it was meant"
    (x, y), cell, (rows, columns) = (truth["heatmap"][key] for key in ("origin", "cell", "shape_rows_cols"))
    ground = np.stack(np.meshgrid(np.linspace(x, x + columns, 8), np.linspace(y, y + rows, 8)), -1).reshape(-1, 2)
    image = tsai.to_image(ground)
    inside = ((image > 0) & (image < tsai.size_px)).all(axis=1)
    image, ground = image[inside], ground[inside]
    flip = np.array([1.0, -1.0])
    bounds = [[x, -(y + rows * cell)], [x + columns * cell, -y]]

    def site(lens):
        return calibrated(image, ground * flip, tsai.size_px, bounds, lens=lens, cell_m=cell)

    def off_m(lens):
        camera = Site.model_validate(site(lens)).cameras["view"]
        return float(np.sqrt((point_errors_m(camera, camera_view(camera)) ** 2).mean()))

    lens = float(minimize_scalar(off_m, bounds=(-0.5, 0.5), method="bounded").x)
    print(f"PETS: {len(ground)} points, lens {lens:+.3f}: {100 * off_m(lens):.1f} cm, without {100 * off_m(0):.1f} cm")
    out = tmp_path_factory.mktemp("pets")
    (out / "site.yaml").write_text(yaml.safe_dump(site(lens)))
    heat = np.loadtxt(folder / "derived_world" / "heatmap_person_seconds.csv", delimiter=",")
    return folder, out, heat[::-1], off_m(lens)


def test_pets_calibration_holds(pets):
    """The division model with a fitted coefficient stands in for Tsai's: within 5 cm on average."""
    *_, off_m = pets
    assert off_m < 0.05


@pytest.mark.parametrize(
    ("source", "options"),
    [("gt/gt.txt", ["--fps", 7]), ("vtest.avi", ["--fps", 7])],
    ids=["given boxes", "video"],
)
def test_pets_presence_on_the_ground(pets, replay, source, options):
    """Aim: correlation of at least 0.85 with the truth's heatmap, cells of 1 m."""
    folder, out, truth, _ = pets
    target = out / source.replace("/", "-")
    summary = replay(folder / source, target, "--site", out / "site.yaml", *options)
    heat = np.array(summary["heatmap"]["person_s"])
    assert heat.shape == truth.shape
    correlation = np.corrcoef(heat.ravel(), truth.ravel())[0, 1]
    print(
        f"\nPETS on the ground, {source}: correlation {correlation:.3f}, {heat.sum():.0f} of {truth.sum():.0f} person-seconds"
    )
    assert correlation >= 0.85
    assert heat.sum() == pytest.approx(truth.sum(), rel=0.15)
