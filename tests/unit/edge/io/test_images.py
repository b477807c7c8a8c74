from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.arrays import Frame
from edge.errors import SourceError
from edge.io.images import ImageFolder
from edge.ports import StreamRestarted


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three pictures of rising grey and a note."""
    for n in range(3):
        cv2.imwrite(str(tmp_path / f"{n:06}.png"), np.full((48, 64, 3), 50 * n, np.uint8))
    (tmp_path / "notes.txt").write_text("not a picture")
    return tmp_path


def test_pictures_come_in_the_order_of_their_names(folder):
    source = ImageFolder(folder, camera_id="c", fps=4, start=10)
    seen = list(source)
    assert [(o.t, o.index, int(o.image[0, 0, 0])) for o in seen] == [(10, 0, 0), (10.25, 1, 50), (10.5, 2, 100)]
    assert (source.size_px, source.duration_s) == ((64, 48), 0.75)


def test_a_damaged_picture_leaves_its_instant_empty(folder):
    (folder / "000001.png").write_bytes(b"\x89PNG broken")
    source = ImageFolder(folder, camera_id="c", fps=4)
    assert [o.t for o in source] == [0, 0.5]
    assert source.counts.bad_frames == 1


def test_an_empty_picture_is_a_damaged_one(folder):
    (folder / "000000.png").write_bytes(b"")
    source = ImageFolder(folder, camera_id="c", fps=4)
    assert [o.t for o in source] == [0.25, 0.5]


def test_another_size_is_a_new_stream(folder):
    cv2.imwrite(str(folder / "000003.png"), np.zeros((96, 128, 3), np.uint8))
    assert [type(o) for o in ImageFolder(folder, camera_id="c", fps=4)] == [Frame] * 3 + [StreamRestarted, Frame]


@pytest.mark.parametrize("place", ["img1/seqinfo.ini", "seqinfo.ini"])
def test_the_rate_of_a_motchallenge_sequence(folder, place, tmp_path):
    (folder / "img1").mkdir()
    (folder / "000000.png").rename(folder / "img1" / "000001.png")
    (tmp_path / place).write_text("[Sequence]\nframeRate=2\nseqLength=1\nimWidth=64\nimHeight=48\n")
    assert ImageFolder(folder / "img1", camera_id="c").duration_s == 0.5


def test_refusals(folder, tmp_path):
    with pytest.raises(SourceError, match="frames per second must be above 0"):
        ImageFolder(folder, camera_id="c")
    with pytest.raises(SourceError, match="gone: no such folder"):
        ImageFolder(tmp_path / "gone", camera_id="c", fps=1)
    (tmp_path / "empty").mkdir()
    with pytest.raises(SourceError, match="empty: no readable picture"):
        ImageFolder(tmp_path / "empty", camera_id="c", fps=1)
