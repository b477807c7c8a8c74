"""`vitrina replay` as its users run it."""

import json
import re
import sys
from importlib.util import find_spec

import numpy as np
import pytest

from contract.errors import DocumentError
from contract.messages import decode
from contract.topics import WINDOW
from edge.errors import ConfigError, EdgeError, ModelError, SourceError


def rows(*lines):
    return "\n".join(lines) + "\n"


WALK = rows(
    "t,track_id,x_m,y_m",
    *(f"{k * 0.5:.1f},1,{k * 0.5:.2f},1.0" for k in range(20)),
    *(f"{20 + k * 0.5:.1f},2,2.0,{k * 0.25:.2f}" for k in range(20)),
)


@pytest.fixture
def walk(tmp_path):
    path = tmp_path / "tracks.csv"
    path.write_text(WALK)
    return path


def test_the_same_input_gives_the_same_bytes(vitrina, clip, demo_site, tmp_path):
    for name in ("first", "second"):
        done = vitrina("replay", clip, "--site", demo_site, "--out", tmp_path / name, "--debug-tracks", "--window", 2)
        assert done.exit_code == 0, done.output
    for name in ("windows.jsonl", "tracks.txt"):
        first, second = ((tmp_path / run / name).read_bytes() for run in ("first", "second"))
        assert first == second, name
        assert first.count(b"\n") > 1, name


@pytest.mark.skipif(find_spec("openvino") is None, reason="the extra is not installed: pip install 'vitrina[openvino]'")
def test_another_runtime_sees_nearly_the_same(vitrina, clip, demo_site, tmp_path):
    presence_s = []
    for runtime in ("onnxruntime", "openvino"):
        out = tmp_path / runtime
        assert vitrina("replay", clip, "--site", demo_site, "--out", out, "--runtime", runtime).exit_code == 0
        presence_s.append(np.sum(json.loads((out / "summary.json").read_text())["heatmap"]["person_s"]))
    assert presence_s[1] == pytest.approx(presence_s[0], rel=0.05)
    assert presence_s[0] > 1


def test_a_runtime_that_is_not_installed(vitrina, clip, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "openvino", None)
    done = vitrina("replay", clip, "--out", tmp_path / "out", "--runtime", "openvino")
    assert isinstance(done.exception, ModelError)
    assert "pip install 'vitrina[openvino]'" in str(done.exception)
    assert not (tmp_path / "out").exists()


def test_real_time_equals_full_speed(vitrina, tmp_path, walk):
    short = tmp_path / "short.csv"
    short.write_text(rows(*WALK.splitlines()[:5]))
    for options in ([], ["--realtime"]):
        assert vitrina("replay", short, "--out", tmp_path / f"out{len(options)}", *options).exit_code == 0
    assert (tmp_path / "out0" / "windows.jsonl").read_bytes() == (tmp_path / "out1" / "windows.jsonl").read_bytes()


def test_windows_are_the_messages_a_box_would_publish(vitrina, clip, demo_site, tmp_path):
    assert vitrina("replay", clip, "--site", demo_site, "--out", tmp_path, "--window", 1).exit_code == 0
    messages = [decode(WINDOW, line) for line in (tmp_path / "windows.jsonl").read_bytes().splitlines()]
    summary = json.loads((tmp_path / "summary.json").read_text())
    assert [message.seq for message in messages] == [1, 2, 3, 4]
    assert sum(message.data.frames for message in messages) == summary["frames"] == 40
    assert sum(message.data.observed_s for message in messages) == pytest.approx(summary["observed_s"])
    assert summary["observed_s"] == pytest.approx(4.0, abs=0.01)
    presence = sum(message.data.zones["crossing"].presence_s for message in messages)
    assert presence == pytest.approx(summary["zones"]["crossing"]["presence_s"], abs=0.01)
    assert presence > 1, "people are on the crossing from the first second on"


def test_summary_has_its_fixed_shape(vitrina, clip, tmp_path):
    assert vitrina("replay", clip, "--out", tmp_path).exit_code == 0
    summary = json.loads((tmp_path / "summary.json").read_text())
    assert list(summary) == [
        "source",
        "duration_s",
        "observed_s",
        "frames",
        "camera",
        "lines",
        "zones",
        "heatmap",
        "timing_ms",
    ]
    assert list(summary["zones"]) == ["view"]
    assert set(summary["zones"]["view"]) == {
        "entries",
        "visits",
        "dwell_mean_s",
        "dwell_median_s",
        "presence_s",
        "occupancy_max",
    }
    assert summary["lines"] == {}
    heat = summary["heatmap"]
    assert (heat["unit"], heat["cell"], heat["origin"]) == ("image", 1 / 32, [0.0, 0.0])
    assert np.shape(heat["person_s"]) == (24, 32)
    assert {"read", "detect", "track", "locate", "count"} == set(summary["timing_ms"])
    assert set(summary["timing_ms"]["detect"]) == {"mean", "p95"}


def test_trajectories_without_a_site_are_one_zone(vitrina, walk, tmp_path):
    assert vitrina("replay", walk, "--out", tmp_path / "out").exit_code == 0
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    view = summary["zones"]["view"]
    assert (view["entries"], view["visits"], view["presence_s"]) == (2, 2, 20.0)
    assert view["dwell_median_s"] == view["dwell_mean_s"] == 10.0
    assert summary["observed_s"] == 30.0, "the silent ten seconds between the two were observed"
    assert np.sum(summary["heatmap"]["person_s"]) == pytest.approx(20.0)
    assert summary["heatmap"]["unit"] == "m"


def test_lines_count_both_ways(vitrina, walk, tmp_path):
    site = tmp_path / "site.yaml"
    site.write_text(
        "{site: s, cameras: {camera: {}}, floor: {bounds_m: [[0, 0], [12, 8]]},"
        " lines: {gate: {ends_m: [[5.1, 0], [5.1, 2]]}, back: {ends_m: [[5.1, 2], [5.1, 0]]}}}"
    )
    assert vitrina("replay", walk, "--site", site, "--out", tmp_path / "out").exit_code == 0
    lines = json.loads((tmp_path / "out" / "summary.json").read_text())["lines"]
    assert lines == {"gate": {"in": 0, "out": 1}, "back": {"in": 1, "out": 0}}


def test_boxes_are_written_only_when_asked_for(vitrina, clip, tmp_path):
    assert vitrina("replay", clip, "--out", tmp_path).exit_code == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["report.html", "summary.json", "windows.jsonl"]


def test_the_report_opens_anywhere(vitrina, clip, demo_site, tmp_path):
    for name, options in (("plan", ["--site", demo_site]), ("image", [])):
        assert vitrina("replay", clip, "--out", tmp_path / name, *options).exit_code == 0
        page = (tmp_path / name / "report.html").read_text(encoding="utf-8")
        assert not re.search(r"""(src|href)=["'](?!data:|#)""", page), "nothing is fetched"
        assert "<script" not in page
        assert 'class="heat"' in page
        assert ('alt="The scene, without people"' in page) == (name == "image")


def test_progress_is_plain_where_there_is_no_terminal(vitrina, walk, tmp_path):
    done = vitrina("replay", walk, "--out", tmp_path / "out")
    assert "replaying: 50 %" in done.output
    assert "\r" not in done.output


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda p: p / "none.mp4", SourceError, "none.mp4: no such file"),
        (lambda p: write(p / "text.mp4", "not a video"), SourceError, "text.mp4"),
        (lambda p: write(p / "empty.csv", ""), SourceError, "empty.csv"),
        (lambda p: write(p / "bad.csv", "t,track_id,x_m,y_m\n0,1,here,2\n"), SourceError, "bad.csv.*2"),
        (lambda p: write(p / "det.txt", "1,-1,10,10,20,40,0.9\n"), EdgeError, "fps|seqinfo|rate"),
        (lambda p: "rtsp://user:secret@camera/1", SourceError, "replay reads recordings"),
    ],
)
def test_what_cannot_be_replayed_is_told_in_one_line(vitrina, tmp_path, make, error, words):
    done = vitrina("replay", make(tmp_path), "--out", tmp_path / "out")
    assert isinstance(done.exception, error)
    assert re.search(words, str(done.exception))
    assert "\n" not in str(done.exception)
    assert "secret" not in str(done.exception)


def write(path, text):
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("site", "options", "error", "words"),
    [
        ("{site: s, cameras: {a: {}, b: {}}}", [], ConfigError, "has 2 cameras .a, b.; say which with --camera"),
        ("{site: s, cameras: {a: {}}}", ["--camera", "z"], ConfigError, "no camera 'z'; its cameras: a"),
        ("{site: s, cameras: {a: {}}, zons: {}}", [], ConfigError, "zons: unknown key"),
        ("{site: s", [], ConfigError, "not YAML"),
        ("{site: s, cameras: {a: {calibration: {points: []}}}, floor: {bounds_m: [[0,0],[1,1]]}}", [], ConfigError, "at least 4"),
    ],
)  # fmt: skip
def test_a_wrong_site_is_told_with_its_key(vitrina, clip, tmp_path, site, options, error, words):
    done = vitrina("replay", clip, "--site", write(tmp_path / "site.yaml", site), "--out", tmp_path / "out", *options)
    assert isinstance(done.exception, (error, DocumentError))
    assert re.search(words, str(done.exception))


def test_a_truncated_video_yields_what_it_has(vitrina, clip, tmp_path):
    half = tmp_path / "half.mkv"
    remux(clip, half)
    half.write_bytes(half.read_bytes()[: half.stat().st_size // 2])
    done = vitrina("replay", half, "--out", tmp_path / "out")
    assert done.exit_code == 0, done.output
    frames = json.loads((tmp_path / "out" / "summary.json").read_text())["frames"]
    assert 5 < frames < 40


def remux(source, target):
    import av

    with av.open(str(source)) as read, av.open(str(target), "w") as written:
        stream = written.add_stream_from_template(read.streams.video[0])
        for packet in read.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                written.mux(packet)


def test_nobody_is_counted_under_a_privacy_mask(vitrina, clip, tmp_path):
    lower_half = [[0, 0.5], [1, 0.5], [1, 1], [0, 1]]
    heat = {}
    for name, masks in (("open", []), ("masked", [lower_half])):
        site = tmp_path / f"{name}.yaml"
        site.write_text(json.dumps({"site": "shop", "cameras": {"yard": {"masks": masks}}}))
        assert vitrina("replay", clip, "--site", site, "--out", tmp_path / name).exit_code == 0
        heat[name] = np.array(json.loads((tmp_path / name / "summary.json").read_text())["heatmap"]["person_s"])
    below = len(heat["open"]) // 2
    assert heat["open"][below:].sum() > 1, "people walk there"
    assert heat["masked"][below + 1 :].sum() == 0
    assert heat["masked"][:below].sum() > 0.5 * heat["open"][:below].sum() > 0
