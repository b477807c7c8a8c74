"""Real video through `vitrina replay`, against truth that others annotated or that was seen by eye."""

import csv
import json

import numpy as np
import pytest
import yaml

pytestmark = [pytest.mark.quality, pytest.mark.timeout(900)]


def presence_of(occupancy, zone, seconds_per_row):
    with occupancy.open() as file:
        return sum(int(row[f"in_{zone}"]) for row in csv.DictReader(file)) * seconds_per_row


@pytest.fixture(scope="module")
def pets(data, replay, tmp_path_factory):
    """PETS 2009 with the truth's zones and line, drawn on the image."""
    out = tmp_path_factory.mktemp("pets")
    truth = json.loads((data / "pets2009_s2l1" / "derived_image" / "summary.json").read_text())

    def share(points):
        return [[x / 768, y / 576] for x, y in points]

    site = {
        "site": "pets",
        "cameras": {"view": {"resolution_px": [768, 576]}},
        "zones": {key: {"camera": "view", "polygon": share(polygon)} for key, polygon in truth["zones"].items()},
        "lines": {key: {"camera": "view", "ends": share(ends)} for key, ends in truth["lines"].items()},
    }
    (out / "site.yaml").write_text(yaml.safe_dump(site))
    return truth, replay(data / "pets2009_s2l1" / "vtest.avi", out / "replay", "--site", out / "site.yaml")


def test_pets_line_crossings(pets):
    """Aim: within 15 % of the truth in each direction."""
    truth, summary = pets
    expected, found = truth["crossings"]["road_x520"], summary["lines"]["road_x520"]
    print(
        f"\nPETS line: in {found['in']} of {expected['left_to_right']}, out {found['out']} of {expected['right_to_left']}"
    )
    assert found["in"] == pytest.approx(expected["left_to_right"], rel=0.15)
    assert found["out"] == pytest.approx(expected["right_to_left"], rel=0.15)


@pytest.mark.parametrize("zone", ["crossroad", "left_path"])
def test_pets_presence(pets, data, zone):
    """Aim: presence-seconds within 15 % of the truth."""
    _, summary = pets
    expected = presence_of(data / "pets2009_s2l1" / "derived_image" / "occupancy.csv", zone, 0.1)
    found = summary["zones"][zone]["presence_s"]
    print(f"\nPETS presence in {zone}: {found:.1f} s of {expected:.1f} s ({found / expected - 1:+.1%})")
    assert found == pytest.approx(expected, rel=0.15)


def test_pets_heatmap(pets, data):
    """Aim: correlation of at least 0.90 at the truth's cell size, which is a 32nd of the width, as ours."""
    _, summary = pets
    truth = np.loadtxt(data / "pets2009_s2l1" / "derived_image" / "heatmap_person_seconds.csv", delimiter=",")
    heat = np.array(summary["heatmap"]["person_s"])
    assert heat.shape == truth.shape
    correlation = np.corrcoef(heat.ravel(), truth.ravel())[0, 1]
    print(f"\nPETS heatmap: correlation {correlation:.3f}, {heat.sum():.0f} of {truth.sum():.0f} person-seconds")
    assert correlation >= 0.90


def test_one_person_at_a_time(data, replay, tmp_path):
    """Six people come one by one: six entries, each presence within 1 s of what was seen by eye."""
    with (data / "intel_one_by_one" / "presence_intervals.csv").open() as file:
        seen = [(int(row["first_frame"]), int(row["last_frame"])) for row in csv.DictReader(file)]
    source = data / "intel_one_by_one" / "one-by-one-person-detection.mp4"
    summary = replay(source, tmp_path, "--window", 1)
    windows = [json.loads(line)["data"] for line in (tmp_path / "windows.jsonl").read_text().splitlines()]
    print(f"\nOne by one: {summary['zones']['view']['entries']} entries of {len(seen)}")
    misses = []
    for first, last in seen:
        # One-second windows: a person's presence lies in those that touch the interval, ± 1 s.
        span = range(first // 10 - 1, last // 10 + 2)
        found = sum(windows[k]["presence_s"] for k in span if k < len(windows))
        truth = (last - first + 1) / 10
        misses.append(found - truth)
        print(f"  {found:5.1f} s of {truth:5.1f} s ({found - truth:+.1f} s)")
    assert summary["zones"]["view"]["entries"] == len(seen)
    assert max(map(abs, misses)) <= 1.0


@pytest.mark.parametrize(("preview", "people"), [("store-aisle", 3), ("worker-zone", 1)])
def test_few_people_are_as_many_tracks(data, replay, tmp_path, preview, people):
    """A handful of seconds each, in palette colours: nobody is counted twice, nobody is missed."""
    summary = replay(data / "intel_previews" / f"{preview}-detection.gif", tmp_path)
    print(f"\n{preview}: {summary['zones']['view']['entries']} entries of {people}")
    assert summary["zones"]["view"]["entries"] == people
