"""What a replay tells of the audience: what a box would publish, and no cell that is small."""

import json

import numpy as np
import pytest

from contract.messages import decode
from contract.topics import AUDIENCE, WINDOW

SITE = """
site: street
floor: {bounds_m: [[0, 0], [20, 8]]}
cameras: {camera: {}}
zones:
  before: {polygon_m: [[8, 0], [14, 0], [14, 8], [8, 8]]}
screens:
  kiosk: {at_m: [14, 4], facing_deg: 180, zone: before}
segments:
  pairs: {when: {group: {at_least: 2}}}
  lingering: {when: {stopped: {zone: before}}}
  cyclist: {when: {transport: [bicycle]}}
"""


@pytest.fixture
def street(tmp_path):
    """Six pairs and six people on their own walk past the screen, then three stop before it; a site with segments."""
    rows = []
    for k in range(12):
        start, y = 12.0 * (k // 2), 3.0 + 0.8 * (k % 2)
        rows += [(start + 0.5 * i, k, 0.6 * i, y) for i in range(33)]
    rows += [(6.0 * k + 0.5 * i, 12 + k, 0.6 * i, 7.0) for k in range(6) for i in range(33)]
    for k in range(3):
        rows += [(90.0 + 30 * k + 0.5 * i, 20 + k, min(0.6 * i, 10.0) + max(0, i - 30) * 0.6, 4.0) for i in range(45)]
    lines = [f"{t:.2f},{who},{x:.3f},{y:.3f}" for t, who, x, y in sorted(rows)]
    (tmp_path / "tracks.csv").write_text("\n".join(["t,track_id,x_m,y_m", *lines]) + "\n")
    (tmp_path / "site.yaml").write_text(SITE)
    return tmp_path


def test_screens_are_in_the_windows_and_cells_once_they_are_many(vitrina, street):
    for name in ("out", "again"):
        done = vitrina("replay", street / "tracks.csv", "--site", street / "site.yaml", "--out", street / name)
        assert done.exit_code == 0, done.output
    windows = [decode(WINDOW, line).data for line in (street / "out" / "windows.jsonl").read_bytes().splitlines()]
    screens = [screen for window in windows for screen in window.screens]
    assert {(screen.screen, screen.creative) for screen in screens} == {("kiosk", None)}
    assert sum(screen.ots for screen in screens) == sum(screen.viewers for screen in screens) == 21
    cells = [
        cell
        for line in (street / "out" / "audience.jsonl").read_bytes().splitlines()
        for cell in decode(AUDIENCE, line).data.cells
    ]
    assert {(cell.zone, cell.segment) for cell in cells} == {("before", "pairs")}, "three who linger are too few"
    assert all(cell.n >= 5 and (cell.n == cell.of or cell.of - cell.n >= 5) for cell in cells)
    for name in ("windows.jsonl", "audience.jsonl"):
        assert (street / "out" / name).read_bytes() == (street / "again" / name).read_bytes()
    assert "screens" not in json.loads((street / "out" / "summary.json").read_text())


def test_without_segments_there_is_no_file_of_them(vitrina, street):
    (street / "site.yaml").write_text(SITE[: SITE.index("segments:")])
    done = vitrina("replay", street / "tracks.csv", "--site", street / "site.yaml", "--out", street / "out")
    assert done.exit_code == 0, done.output
    assert not (street / "out" / "audience.jsonl").exists()
    windows = [decode(WINDOW, line).data for line in (street / "out" / "windows.jsonl").read_bytes().splitlines()]
    assert np.sum([screen.ots for window in windows for screen in window.screens]) == 21


def test_segments_change_nothing_that_is_counted_without_them(vitrina, street):
    told = []
    for text in (SITE, SITE[: SITE.index("screens:")]):
        (street / "site.yaml").write_text(text)
        done = vitrina("replay", street / "tracks.csv", "--site", street / "site.yaml", "--out", street / "out")
        assert done.exit_code == 0, done.output
        windows = [decode(WINDOW, line).data for line in (street / "out" / "windows.jsonl").read_bytes().splitlines()]
        told.append([window.model_dump(exclude={"screens"}) for window in windows])
    assert told[0] == told[1]


def test_pictures_are_searched_for_what_segments_ask(vitrina, clip, demo_site, tmp_path):
    assert vitrina("replay", clip, "--site", demo_site, "--out", tmp_path).exit_code == 0
    timing_ms = json.loads((tmp_path / "summary.json").read_text())["timing_ms"]
    assert "companions" in timing_ms
    windows = [decode(WINDOW, line).data for line in (tmp_path / "windows.jsonl").read_bytes().splitlines()]
    assert [screen.screen for screen in windows[0].screens] == ["kiosk"]
    assert windows[0].screens[0].ots > 0
