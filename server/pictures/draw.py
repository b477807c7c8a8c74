"""Asks a process of its own for a plain raster of a picture from outside; see `worker` for what that process may."""

import json
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from server.errors import ServerError

PLAN_MOST_PX = 4000
STILL_MOST_PX = 1920
LONGEST_S = 20.0
_AT_ONCE = threading.BoundedSemaphore(2)
"""Pictures drawn at one time: each may take a gigabyte."""
_WORKER = Path(__file__).with_name("worker.py")


class PictureError(ServerError):
    """A picture cannot be taken; the message says why."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A plain raster without metadata."""

    content: bytes
    """PNG or JPEG."""
    width: int
    height: int
    notes: tuple[str, ...]
    """`text`: the SVG holds text, which is not drawn."""


def draw_plan(content: bytes, *, page: int = 1) -> Picture:
    """PNG of a floor plan in PNG, JPEG, PDF (`page`, from 1) or SVG.

    Raises:
        PictureError: it is none of these, broken, or too much.
    """
    return _draw(content, "png", page, PLAN_MOST_PX)


def draw_still(content: bytes) -> Picture:
    """JPEG of a picture.

    Raises:
        PictureError: it is none, broken, or too much.
    """
    return _draw(content, "jpeg", 1, STILL_MOST_PX)


def _draw(content: bytes, form: Literal["png", "jpeg"], page: int, most_px: int) -> Picture:
    asked = json.dumps({"form": form, "page": page, "most_px": most_px}).encode() + b"\n"
    try:
        with _AT_ONCE:
            done = subprocess.run(  # noqa: S603 - our own script, and the picture goes in by stdin
                [sys.executable, "-I", str(_WORKER)],
                input=asked + content,
                capture_output=True,
                timeout=LONGEST_S,
                check=False,
                env={},
            )
    except subprocess.TimeoutExpired:
        raise PictureError("it takes too long to draw; make it simpler") from None
    head, _, body = done.stdout.partition(b"\n")
    if done.returncode or not head:
        raise PictureError("it takes too much memory or time to draw; make it smaller or simpler")
    told = json.loads(head)
    if "error" in told:
        raise PictureError(str(told["error"]))
    return Picture(body, int(told["width"]), int(told["height"]), tuple(told["notes"]))
