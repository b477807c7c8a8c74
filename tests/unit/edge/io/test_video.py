import shutil
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from edge.arrays import Frame
from edge.errors import SourceError
from edge.io.video import Timeline, VideoFile, without_credentials
from edge.ports import StreamRestarted


def read(path: Path, **options) -> tuple[list, VideoFile]:
    source = VideoFile(path, camera_id="c", **options)
    return list(source), source


def number_of(frame: Frame) -> int:
    """Which frame of `make_clip` it is, by its grey, which coding darkens a little."""
    return round((frame.image.mean() - 8) / 8)


def times(observations) -> list[float]:
    return [round(o.t, 6) for o in observations]


@pytest.mark.parametrize(
    ("name", "codec"), [("a.mp4", "libx264"), ("a.mkv", "libx264"), ("a.avi", "mpeg4"), ("a.mov", "mjpeg")]
)
def test_every_frame_comes_once_in_order_at_its_time(make_clip, name, codec):
    frames, source = read(make_clip(name, frames=6, fps=10, codec=codec))
    assert times(frames) == [0, 0.1, 0.2, 0.3, 0.4, 0.5]
    assert [f.index for f in frames] == list(range(6))
    assert [number_of(f) for f in frames] == list(range(6))
    assert (source.size_px, source.duration_s) == ((64, 48), pytest.approx(0.6, abs=0.11))


def test_the_first_timestamp_is_subtracted(make_clip):
    clip = make_clip("late.mkv", frames=4, pts=[50, 51, 52, 53])
    with av.open(str(clip)) as container:
        assert next(container.decode(video=0)).time == pytest.approx(5.0)
    assert times(read(clip, start=100.0)[0]) == [100.0, 100.1, 100.2, 100.3]


def test_uneven_timestamps_are_kept(make_clip):
    assert times(read(make_clip("uneven.mkv", frames=4, pts=[0, 1, 7, 9]))[0]) == [0, 0.1, 0.7, 0.9]


def test_a_stream_without_timestamps_runs_at_its_declared_rate(make_clip):
    frames, _ = read(make_clip("raw.m4v", frames=5, fps=10, codec="mpeg4"))
    assert times(frames) == [0, 0.1, 0.2, 0.3, 0.4]


def test_a_given_rate_replaces_the_timestamps(make_clip):
    source = VideoFile(make_clip("ten.mp4", frames=4, fps=10), camera_id="c", fps=5)
    assert times(source) == [0, 0.2, 0.4, 0.6]
    assert source.duration_s == pytest.approx(0.8)


def test_reading_twice_gives_the_same_frames(make_clip):
    source = VideoFile(make_clip("twice.mp4"), camera_id="c")
    first, second = list(source), list(source)
    assert times(first) == times(second)
    assert all((a.image == b.image).all() for a, b in zip(first, second, strict=True))


def test_a_damaged_frame_is_counted_and_the_rest_keeps_its_time(make_clip, tmp_path):
    """JPEG frames stand alone, so zeros over one of them spoil exactly that one."""
    clip = make_clip("whole.avi", frames=8, codec="mjpeg")
    with av.open(str(clip)) as container:
        victim = [packet for packet in container.demux(video=0) if packet.size][3]
        at, size = victim.pos, victim.size
    damaged = bytearray(clip.read_bytes())
    damaged[at : at + size] = bytes(size)
    (tmp_path / "damaged.avi").write_bytes(damaged)
    frames, source = read(tmp_path / "damaged.avi")
    assert source.counts.bad_frames == 1
    assert times(frames) == [0, 0.1, 0.2, 0.4, 0.5, 0.6, 0.7]


def test_a_frame_that_the_decoder_patched_up_is_a_damaged_one(tmp_path):
    """H.264 conceals what it cannot read and only marks the frame; a smeared person must not be detected."""
    path, noise = tmp_path / "whole.mkv", np.random.default_rng(0)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10, options={"g": "6", "bf": "0"})
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        for n in range(8):
            frame = av.VideoFrame.from_ndarray(noise.integers(0, 255, (240, 320, 3), np.uint8), format="bgr24")
            frame.pts, frame.time_base = n, Fraction(1, 10)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    with av.open(str(path)) as container:
        victim = [packet for packet in container.demux(video=0) if packet.size][3]
        middle = victim.pos + victim.size // 2
    damaged = bytearray(path.read_bytes())
    damaged[middle : middle + 200] = bytes(200)
    (tmp_path / "damaged.mkv").write_bytes(damaged)
    frames, source = read(tmp_path / "damaged.mkv")
    assert times(frames) == [0, 0.1, 0.2, 0.4, 0.5, 0.6, 0.7]
    assert source.counts.bad_frames == 1


def test_stamps_that_stand_still_do_not_stop_time(make_clip):
    """Some recorders write the same stamp over and over, or begin again from nothing."""
    with av.open(str(make_clip("ten.mp4", fps=10))) as container:
        timeline, seconds = Timeline(container), []
        for pts in (0, 1, 1, 1, 0, None, 7):
            frame = av.VideoFrame(64, 48)
            frame.pts, frame.time_base = pts, Fraction(1, 10)
            seconds.append(round(timeline.seconds(frame), 6))
    assert seconds == [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.7]


def test_a_truncated_file_yields_what_it_has(make_clip, tmp_path):
    whole = make_clip("whole.mkv", frames=60, size=(320, 240), options={"g": "5", "bf": "0"})
    content = whole.read_bytes()
    (tmp_path / "cut.mkv").write_bytes(content[: len(content) * 2 // 3])
    frames, _ = read(tmp_path / "cut.mkv")
    assert 20 < len(frames) < 60
    assert times(frames) == [round(n / 10, 6) for n in range(len(frames))]


def test_a_file_cut_before_its_index_is_refused(make_clip, tmp_path):
    content = make_clip("whole.mp4", frames=60).read_bytes()
    (tmp_path / "cut.mp4").write_bytes(content[: len(content) // 2])
    with pytest.raises(SourceError, match=r"cut\.mp4: cannot be opened \(Invalid data.*whole and not cut short"):
        VideoFile(tmp_path / "cut.mp4", camera_id="c")


def test_what_is_no_video_is_refused_in_one_line(tmp_path):
    (tmp_path / "notes.mp4").write_text("minutes of the meeting\n" * 100)
    with pytest.raises(SourceError, match=r"notes\.mp4: cannot be opened") as refusal:
        VideoFile(tmp_path / "notes.mp4", camera_id="c")
    assert "\n" not in str(refusal.value)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(SourceError, match=r"gone\.mp4: no such file"):
        VideoFile(tmp_path / "gone.mp4", camera_id="c")


def test_sound_alone_is_no_video(tmp_path):
    with av.open(str(tmp_path / "sound.wav"), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000)
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), format="s16", layout="mono")
        silence.rate = 8000
        container.mux(stream.encode(silence))
    with pytest.raises(SourceError, match=r"sound\.wav: holds no video"):
        VideoFile(tmp_path / "sound.wav", camera_id="c")


def test_a_picture_that_changes_its_size_is_a_new_stream(make_clip, tmp_path):
    """Two raw MJPEG recordings put end to end, as a recorder does when a camera is set anew."""
    small = make_clip("small.mjpeg", frames=3, codec="mjpeg")
    large = make_clip("large.mjpeg", frames=3, size=(128, 96), codec="mjpeg")
    with (tmp_path / "both.mjpeg").open("wb") as both:
        for part in (small, large):
            with part.open("rb") as file:
                shutil.copyfileobj(file, both)
    seen, _ = read(tmp_path / "both.mjpeg")
    assert [type(o) for o in seen] == [Frame] * 3 + [StreamRestarted] + [Frame] * 3
    assert [o.size_px for o in seen if isinstance(o, Frame)] == [(64, 48)] * 3 + [(128, 96)] * 3
    assert seen[3].t == seen[4].t


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("rtsp://admin:s3cret@10.0.0.5:554/live?token=abc", "rtsp://10.0.0.5:554/live"),
        ("rtsp://admin:p@ss@10.0.0.5/live", "rtsp://10.0.0.5/live"),
        ("http://10.0.0.5/video.mjpg", "http://10.0.0.5/video.mjpg"),
        ("/srv/a@b.mp4", "/srv/a@b.mp4"),
    ],
)
def test_an_address_is_shown_without_its_secrets(address, shown):
    assert without_credentials(address) == shown
