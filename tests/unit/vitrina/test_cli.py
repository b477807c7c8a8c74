import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from vitrina.cli import COMMANDS, cli

ROOT = Path(__file__).parents[3]


def run(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "vitrina", *arguments], capture_output=True, text=True, check=False, cwd="/"
    )


@pytest.mark.parametrize("name", list(COMMANDS))
def test_every_command_in_the_help_exists(name):
    done = CliRunner().invoke(cli, [name, "--help"])
    assert done.exit_code == 0, done.output
    assert name in CliRunner().invoke(cli, ["--help"]).output


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--version"], 0, "vitrina, version"),
        (["replay", "none.mp4", "--out", "/tmp/vitrina-none"], 1, "error: none.mp4: no such file"),
        (["replay"], 2, "Missing argument"),
        (["replay", "x.mp4", "--out", "/tmp/vitrina-none", "--fps", "-1"], 2, "--fps"),
        (["replay", "x.mp4", "--out", "/tmp/vitrina-none", "--start", "nan"], 2, "'nan' is not a finite number"),
        (["replay", "x.mp4", "--out", "/tmp/vitrina-none", "--start", "1e30"], 2, "--start"),
        (["replay", "x.mp4", "--out", "/tmp/vitrina-none", "--window", "nan"], 2, "--window"),
        (["replay", "x.mp4", "--out", "/tmp/vitrina-none", "--camera", "../x"], 2, "'../x': a name is 1 to 64"),
        (["track", "det.txt", "--out", "/tmp/vitrina-none", "--low", "nan"], 2, "--low"),
        (["nothing"], 2, "No such command"),
        (["edge", "run", "--config", "none.yaml"], 2, "none.yaml"),
        (["server", "run", "--config", "none.yaml"], 2, "none.yaml"),
        (["replay", "x.mp4", "--site", "none.yaml", "--out", "/tmp/vitrina-none"], 2, "none.yaml: cannot be read"),
        (["replay", "x.mp4", "--model", "yolo99", "--out", "/tmp/vitrina-none"], 1, "x.mp4: no such file"),
    ],
)
def test_exit_codes_and_one_clear_line(arguments, code, words):
    done = run(*arguments)
    assert done.returncode == code, done.stderr
    assert words in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


DETECTIONS = "".join(f"{frame},-1,10,10,50,100,0.9,-1,-1,-1\n" for frame in range(1, 20))


@pytest.fixture
def detections(tmp_path):
    path = tmp_path / "det.txt"
    path.write_text(DETECTIONS)
    (tmp_path / "seqinfo.ini").write_text("[Sequence]\nframeRate=10\nimWidth=100\nimHeight=200\nseqLength=19\n")
    return path


@pytest.mark.parametrize("full", ["windows.jsonl", "summary.json", "report.html"])
def test_a_full_disk_is_told_in_one_line(detections, tmp_path, full):
    out = tmp_path / "out"
    out.mkdir()
    (out / full).symlink_to("/dev/full")
    done = run("replay", str(detections), "--out", str(out))
    assert done.returncode == 1
    told = f"error: {out}: cannot be written (No space left on device); make room or choose another --out"
    assert [line for line in done.stderr.splitlines() if not line.startswith("replaying")] == [told]
    tracks = run("track", str(detections), "--out", "/dev/full")
    assert (tracks.returncode, tracks.stderr.count("\n")) == (1, 1)
    assert "No space left on device" in tracks.stderr


@pytest.mark.parametrize("buffered", ["", "1"])
def test_output_that_nobody_takes_is_no_traceback(monkeypatch, buffered):
    monkeypatch.setenv("PYTHONUNBUFFERED", buffered)
    with open("/dev/full", "wb") as full:  # noqa: PTH123
        done = subprocess.run([sys.executable, "-m", "vitrina", "models", "list"], stdout=full, stderr=subprocess.PIPE)  # noqa: PLW1510
    assert done.returncode == 1
    assert done.stderr == b"error: reading or writing: No space left on device\n"
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as gone:
        done = subprocess.run([sys.executable, "-m", "vitrina", "models", "list"], stdout=gone, stderr=subprocess.PIPE)  # noqa: PLW1510
    assert (done.returncode, done.stderr) == (1, b"")


def test_a_lean_installation_says_what_it_lacks():
    script = "import sys; sys.modules['av'] = None; sys.argv[1:] = ['doctor']; from vitrina.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert (
        done.stderr
        == "error: av is not installed here, where only one side of Vitrina is; install all of it for this command\n"
    )


def test_ctrl_c_ends_a_replay_without_a_traceback(detections, tmp_path):
    command = [sys.executable, "-m", "vitrina", "replay", str(detections), "--realtime", "--out", str(tmp_path / "out")]
    # A shell that runs the tests in its background ignores Ctrl-C for all it starts.
    replaying = subprocess.Popen(["env", "--default-signal=INT", *command], stderr=subprocess.PIPE, text=True)
    assert "replaying" in replaying.stderr.readline()
    replaying.send_signal(signal.SIGINT)
    _, said = replaying.communicate(timeout=30)
    assert replaying.returncode == 130
    assert "Traceback" not in said


def test_readme_and_docs_name_only_commands_that_exist():
    for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        for name in re.findall(r"^\s*vitrina ([a-z]+)", page.read_text(encoding="utf-8"), flags=re.MULTILINE):
            assert name in COMMANDS, f"{page.name}: vitrina {name}"
