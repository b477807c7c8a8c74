"""MOTChallenge's seqinfo.ini: the rate, the picture's size and the length of a sequence."""

import configparser
from dataclasses import dataclass
from pathlib import Path

from edge.errors import SourceError


@dataclass(frozen=True, slots=True)
class SeqInfo:
    """`fps` per second; `size_px` width and height; `frames` in the sequence."""

    fps: float
    size_px: tuple[int, int]
    frames: int


def find_seqinfo(recording: Path) -> SeqInfo | None:
    """What the seqinfo.ini beside `recording` or one folder up says; None where there is none.

    Raises:
        SourceError: there is one, but it lacks what it is for.
    """
    for folder in (recording.parent, recording.parent.parent):
        if (folder / "seqinfo.ini").is_file():
            return _read(folder / "seqinfo.ini")
    return None


def _read(path: Path) -> SeqInfo:
    parser = configparser.ConfigParser()
    try:
        parser.read(path)
        section = parser["Sequence"]
        size = int(section["imWidth"]), int(section["imHeight"])
        return SeqInfo(float(section["frameRate"]), size, int(section["seqLength"]))
    except (configparser.Error, UnicodeDecodeError, KeyError, ValueError) as error:
        wanted = "frameRate, imWidth, imHeight and seqLength under [Sequence]"
        raise SourceError(f"{path}: not a MOTChallenge seqinfo, which has {wanted} ({error!r})") from error


def rate_of(recording: Path, fps: float | None, info: SeqInfo | None) -> float:
    """Frames per second: what was said, else what seqinfo.ini says.

    Raises:
        SourceError: nobody says, or it is not above 0.
    """
    rate = fps if fps is not None else info and info.fps
    if not rate or not 0 < rate < float("inf"):
        raise SourceError(f"{recording}: frames per second must be above 0; give the rate or a seqinfo.ini beside it")
    return rate
