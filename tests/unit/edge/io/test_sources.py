import pytest

from edge.errors import SourceError
from edge.io.images import ImageFolder
from edge.io.playback import Newest
from edge.io.recorded import RecordedDetections, RecordedTracks
from edge.io.sources import camera_address, open_source
from edge.io.video import VideoFile


def open_with(fake_clock, spec, **options):
    return open_source(str(spec), camera_id="c", clock=fake_clock, **options)


@pytest.mark.parametrize("spec", ["rtsp://h/x", "rtsps://h/x", "http://h/x", "https://h/x", "/dev/video0"])
def test_cameras_are_opened_lazily_and_have_their_own_rate(fake_clock, spec):
    assert isinstance(open_with(fake_clock, spec), Newest)
    with pytest.raises(SourceError, match="has its own times; leave the rate"):
        open_with(fake_clock, spec, fps=5)


def test_recordings_by_their_kind(fake_clock, make_clip, tmp_path):
    (tmp_path / "det.txt").write_text("1,-1,0,0,9,9,1\n")
    (tmp_path / "tracks.csv").write_text("t,track_id,x_m,y_m\n0,1,0,0\n")
    clip = make_clip("0.mp4")
    assert isinstance(open_with(fake_clock, clip), VideoFile)
    assert isinstance(open_with(fake_clock, tmp_path / "det.txt", fps=5), RecordedDetections)
    assert isinstance(open_with(fake_clock, tmp_path / "tracks.csv"), RecordedTracks)
    with pytest.raises(SourceError, match=r"tracks\.csv: has its own times"):
        open_with(fake_clock, tmp_path / "tracks.csv", fps=5)


def test_a_folder_is_its_pictures(fake_clock, demo_frame, tmp_path):
    import cv2

    cv2.imwrite(str(tmp_path / "1.jpg"), demo_frame)
    source = open_with(fake_clock, tmp_path, fps=5, start=7)
    assert isinstance(source, ImageFolder)
    assert next(iter(source)).t == 7


def test_an_unknown_scheme_is_refused():
    with pytest.raises(SourceError, match="ftp://: cameras are read by rtsp"):
        camera_address("ftp://user:s3cret@host/x")


def test_a_recording_is_no_camera():
    assert camera_address("/srv/clip.mp4") is None


@pytest.mark.parametrize("fps", [0, -5, float("nan"), float("inf")])
def test_a_rate_that_is_none_is_refused(fake_clock, make_clip, fps):
    with pytest.raises(SourceError, match="frames per second must be above 0, got"):
        open_with(fake_clock, make_clip("0.mp4"), fps=fps)
