"""Plain rasters of pictures from outside; see `worker` for what the process that draws them may."""

from dataclasses import dataclass
from typing import Literal

from server.pictures.process import PictureError, look

__all__ = ["PLAN_MOST_PX", "STILL_MOST_PX", "Picture", "PictureError", "draw_plan", "draw_still"]

PLAN_MOST_PX = 4000
STILL_MOST_PX = 1920


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
    told, body = look(content, {"form": form, "page": page, "most_px": most_px})
    return Picture(body, int(told["width"]), int(told["height"]), tuple(told["notes"]))
