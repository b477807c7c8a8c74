from pathlib import Path

import numpy as np
import pytest

from edge.errors import SourceError
from edge.io.recorded import RecordedDetections, RecordedTracks

SEQINFO = "[Sequence]\nname=x\nframeRate=5\nseqLength=6\nimWidth=640\nimHeight=480\n"
DET = "1,-1,10,20,30,40,0.9,-1,-1,-1\n1,-1,50,20,30,40,0.8\n4,-1,11,20,30,40,0.7\n"
TRACKS = "t,track_id,x_m,y_m\n"


def write(folder: Path, name: str, text: str) -> Path:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)
    return folder / name


def test_detections_come_by_frame_and_empty_frames_too(tmp_path):
    source = RecordedDetections(write(tmp_path, "det.txt", DET), fps=10, start=100)
    seen = list(source)
    assert [round(o.t, 6) for o in seen] == [100, 100.1, 100.2, 100.3]
    assert [len(o.detections) for o in seen] == [2, 0, 0, 1]
    np.testing.assert_array_equal(seen[0].detections.xyxy_px, [[10, 20, 40, 60], [50, 20, 80, 60]])
    np.testing.assert_allclose(seen[0].detections.confidence, [0.9, 0.8])
    assert (source.size_px, source.duration_s) == (None, 0.4)


@pytest.mark.parametrize("place", ["det.txt", "det/det.txt"])
def test_seqinfo_beside_or_above_gives_rate_size_and_length(tmp_path, place):
    write(tmp_path, "seqinfo.ini", SEQINFO)
    source = RecordedDetections(write(tmp_path, place, DET))
    assert [round(o.t, 6) for o in source] == [0, 0.2, 0.4, 0.6, 0.8, 1.0]
    assert (source.size_px, source.duration_s) == ((640, 480), 1.2)


def test_a_given_rate_and_size_come_before_seqinfo(tmp_path):
    write(tmp_path, "seqinfo.ini", SEQINFO)
    source = RecordedDetections(write(tmp_path, "det.txt", DET), fps=10, size_px=(100, 50))
    assert (source.duration_s, source.size_px) == (0.6, (100, 50))


def test_rows_may_come_by_person_instead_of_by_frame(tmp_path):
    source = RecordedDetections(write(tmp_path, "det.txt", "3,1,0,0,9,9,1\n1,1,0,0,9,9,1\n3,2,5,0,9,9,1\n"), fps=1)
    assert [len(o.detections) for o in source] == [1, 0, 2]


def test_a_sequence_in_which_nobody_was_detected(tmp_path):
    write(tmp_path, "seqinfo.ini", SEQINFO)
    assert [len(o.detections) for o in RecordedDetections(write(tmp_path, "det.txt", ""))] == [0] * 6


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("2,-1,10,20,30", "det.txt:2: not `frame,id,left"),
        ("2,-1,10,20,x,40,1", "det.txt:2: not `frame,id,left"),
        ("2,-1,10,nan,30,40,1", "det.txt:2: every number must be finite"),
        ("2,-1,10,20,30,40,inf", "det.txt:2: every number must be finite"),
        ("0,-1,10,20,30,40,1", "det.txt:2: frames are whole numbers from 1"),
        ("2.5,-1,10,20,30,40,1", "det.txt:2: frames are whole numbers from 1"),
        ("2,-1,10,20,0,40,1", "det.txt:2: width and height must be above 0"),
        ("2,-1,10,20,30,-4,1", "det.txt:2: width and height must be above 0"),
    ],
)
def test_a_malformed_detection_is_named_by_file_and_line(tmp_path, row, told):
    path = write(tmp_path, "det.txt", f"1,-1,10,20,30,40,1\n{row}\n")
    with pytest.raises(SourceError, match=told):
        RecordedDetections(path, fps=10)


@pytest.mark.parametrize("fps", [None, 0, -1, float("nan"), float("inf")])
def test_detections_without_a_rate_are_refused(tmp_path, fps):
    with pytest.raises(SourceError, match="frames per second must be above 0; give the rate or a seqinfo.ini"):
        RecordedDetections(write(tmp_path, "det.txt", DET), fps=fps)


def test_detections_of_nothing_are_refused(tmp_path):
    with pytest.raises(SourceError, match="holds no detections"):
        RecordedDetections(write(tmp_path, "det.txt", ""), fps=10)


def test_a_seqinfo_that_says_nothing_is_refused(tmp_path):
    write(tmp_path, "seqinfo.ini", "[Sequence]\nframeRate=fast\n")
    with pytest.raises(SourceError, match=r"seqinfo\.ini: not a MOTChallenge seqinfo, which has frameRate"):
        RecordedDetections(write(tmp_path, "det.txt", DET), fps=10)


@pytest.mark.parametrize("kind", [RecordedDetections, RecordedTracks])
def test_missing_and_binary_files_are_refused(tmp_path, kind):
    options = {"fps": 10} if kind is RecordedDetections else {}
    with pytest.raises(SourceError, match="gone: cannot be read"):
        kind(tmp_path / "gone", **options)
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00\x81" * 50)
    with pytest.raises(SourceError, match="binary: not a text"):
        kind(tmp_path / "binary", **options)


def points(observations) -> list[tuple]:
    return [(round(o.t, 6), o.points.track_id.tolist(), o.points.ended.tolist()) for o in observations]


def test_tracks_come_by_instant_with_who_ended_before_it(tmp_path):
    text = TRACKS + "0.0,7,1.5,2\n0.0,3,4,5\n0.4,3,4.1,5\n0.8,3,4.2,5\n0.8,9,0,0\n1.2,9,0,-1\n"
    source = RecordedTracks(write(tmp_path, "tracks.csv", text), start=50)
    assert points(source) == [(50, [3, 7], []), (50.4, [3], [7]), (50.8, [3, 9], []), (51.2, [9], [3])]
    first = next(iter(source)).points
    np.testing.assert_array_equal(first.xy, [[4, 5], [1.5, 2]])
    assert not first.at_edge.any()
    assert source.bounds_m == (0, -1, 4.2, 5)
    assert source.duration_s == pytest.approx(1.6)
    assert source.size_px is None


def test_silence_between_two_visitors_is_observed_as_empty(tmp_path):
    """Half an hour in which nobody came must not be one long observation of the first visitor."""
    text = TRACKS + "0,1,0,0\n0.5,1,0,0\n1.0,1,0,0\n1801.0,2,0,0\n1801.5,2,0,0\n"
    seen = list(RecordedTracks(write(tmp_path, "tracks.csv", text)))
    assert len(seen) == 3 + 3599 + 2
    np.testing.assert_allclose(np.diff([o.t for o in seen]), 0.5)
    assert points(seen)[3:5] == [(1.5, [], [1]), (2.0, [], [])]
    assert all(len(o.points) == 0 for o in seen[3:-2])


def test_a_track_that_comes_back_has_not_ended(tmp_path):
    text = TRACKS + "0,1,0,0\n1,1,0,0\n4,1,0,0\n5,1,0,0\n"
    seen = points(RecordedTracks(write(tmp_path, "tracks.csv", text)))
    assert seen == [(0, [1], []), (1, [1], []), (2, [], []), (3, [], []), (4, [1], []), (5, [1], [])]


def test_one_instant_alone(tmp_path):
    source = RecordedTracks(write(tmp_path, "tracks.csv", TRACKS + "3,1,0,0\n"))
    assert points(source) == [(3, [1], [])]
    assert source.duration_s == 0


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "tracks.csv:1: the header must be t,track_id,x_m,y_m"),
        ("t,id,x,y\n0,1,0,0\n", "tracks.csv:1: the header must be"),
        (TRACKS, "holds no rows"),
        (TRACKS + "0,1,0\n", "tracks.csv:2: not `t,track_id,x_m,y_m`"),
        (TRACKS + "0,1.5,0,0\n", "tracks.csv:2: not `t,track_id,x_m,y_m`"),
        (TRACKS + "0,1,nan,0\n", "tracks.csv:2: numbers must be finite"),
        (TRACKS + "inf,1,0,0\n", "tracks.csv:2: numbers must be finite"),
        (TRACKS + "0,-1,0,0\n", "tracks.csv:2: numbers must be finite and track_id 0 or more"),
        (TRACKS + "1,1,0,0\n0,1,0,0\n", "tracks.csv:3: t 0.0 comes after 1.0; sort"),
        (TRACKS + "1,1,0,0\n1,2,0,0\n1,1,0,0\n", "tracks.csv:4: track 1 is there twice"),
    ],
)
def test_a_malformed_trajectory_is_named_by_file_and_line(tmp_path, text, told):
    with pytest.raises(SourceError, match=told):
        RecordedTracks(write(tmp_path, "tracks.csv", text))
