"""Runs `worker`, a process of its own that can do nothing but look at one file."""

import json
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from server.errors import ServerError

LONGEST_S = 20.0
_AT_ONCE = threading.BoundedSemaphore(2)
"""Files looked at at one time: each may take a gigabyte."""
_WORKER = Path(__file__).with_name("worker.py")


class PictureError(ServerError):
    """A picture or film cannot be taken; the message says why."""


def look(file: IO[bytes] | bytes, asked: Mapping[str, object]) -> tuple[dict[str, Any], bytes]:
    """What the worker tells of an open file, or of what is in memory and stays there, and the raster it drew.

    Raises:
        PictureError: the file is none of what was asked for, broken, or too much.
    """
    given: dict[str, Any] = {"input": file} if isinstance(file, bytes) else {"stdin": file}
    try:
        with _AT_ONCE:
            done = subprocess.run(  # noqa: S603 - our own script, and the file goes in by stdin
                [sys.executable, "-I", str(_WORKER), json.dumps(asked)],
                capture_output=True,
                timeout=LONGEST_S,
                check=False,
                env={},
                **given,
            )
    except subprocess.TimeoutExpired:
        raise PictureError("it takes too long to draw; make it simpler") from None
    head, _, body = done.stdout.partition(b"\n")
    if done.returncode or not head:
        raise PictureError("it takes too much memory or time to draw; make it smaller or simpler")
    told: dict[str, Any] = json.loads(head)
    if "error" in told:
        raise PictureError(str(told["error"]))
    return told, body
