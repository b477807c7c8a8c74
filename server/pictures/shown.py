"""Whether a screen can show a file: looked at whole by the process that can do nothing else."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from server.pictures.process import PictureError, look

PREVIEW_MOST_PX = 640
DRAWN_MOST_PX = 3840


@dataclass(frozen=True, slots=True)
class Shown:
    """What a browser would show. `preview`: a small JPEG."""

    width: int
    height: int
    seconds: float | None
    """Of a film."""
    preview: bytes


def look_at_picture(file: Path) -> Shown:
    """A JPEG, PNG, WebP or GIF.

    Raises:
        PictureError: it is none, broken, or too much.
    """
    return _look(file, "picture")


def look_at_film(file: Path, form: Literal["mp4", "webm"]) -> Shown:
    """A film that every kiosk browser plays.

    Raises:
        PictureError: it is none, broken, cut off, or too much.
    """
    return _look(file, form)


def draw_svg(file: Path) -> bytes:
    """PNG of an SVG, whose scripts nobody runs.

    Raises:
        PictureError: it is none, broken, too much, or holds text, which would be missing.
    """
    with file.open("rb") as opened:
        told, png = look(opened, {"form": "png", "page": 1, "most_px": DRAWN_MOST_PX})
    if "text" in told["notes"]:
        raise PictureError("it holds text, whose fonts are not here; turn the text into paths, or save it as PNG")
    return png


def _look(file: Path, form: str) -> Shown:
    with file.open("rb") as opened:
        told, preview = look(opened, {"form": form, "page": 1, "most_px": PREVIEW_MOST_PX})
    return Shown(int(told["width"]), int(told["height"]), told.get("seconds"), preview)
