"""Where the results of a command go: the folder, its files, and what is said when the disk does not take them."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from edge.errors import ConfigError
from vitrina.errors import OutputError
from vitrina.replay import REPORT, SUMMARY, Recording, Replayed
from vitrina.replay_report import render


def make_folder(out: Path) -> None:
    """The folder for results, made where it is missing."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"--out {out}: cannot make this folder ({error.strerror})") from None


@contextmanager
def writing(out: Path) -> Iterator[None]:
    """What is written to `out` in here either gets there or is told.

    Raises:
        OutputError: the disk is full, read-only or failing.
    """
    try:
        yield
    except OSError as error:
        raise OutputError(f"{out}: cannot be written ({error.strerror}); make room or choose another --out") from error


def write_results(recording: Recording, result: Replayed, out: Path) -> None:
    """summary.json and report.html beside windows.jsonl."""
    (out / SUMMARY).write_text(json.dumps(result.summary, indent=1) + "\n", encoding="utf-8")
    (out / REPORT).write_text(render(recording, result), encoding="utf-8")


def write_floor(recordings: Sequence[Recording], each: Sequence[Replayed], whole: Replayed, out: Path) -> None:
    """The results of each camera in a folder of its name, those of the floor as a whole in `out`."""
    for recording, result in zip(recordings, each, strict=True):
        write_results(recording, result, out / recording.camera)
    on_floor = next(recording for recording in recordings if recording.layout.grid.unit == "m")
    cameras = ", ".join(recording.camera for recording in recordings)
    write_results(replace(on_floor, name=f"{len(recordings)} recordings", camera=cameras), whole, out)
