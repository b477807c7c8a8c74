"""What a draft of the document would mean, asked for while somebody draws."""

from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Body
from pydantic import BaseModel, ConfigDict, Field

from contract.arrays import Bool
from contract.coverage import Coverage
from contract.site import Site as SiteDocument
from server.api.document import LARGEST_DOCUMENT, FaultBody
from server.api.period import Site
from server.domain.drafts import CameraFigures, ZoneFigures, camera_figures, floor_coverage, judge, zone_figures
from server.session import Admin

router = APIRouter(prefix="/sites/{site}", tags=["setup"])


class CheckBody(BaseModel):
    """A draft."""

    model_config = ConfigDict(extra="forbid")

    document: dict[str, Any]


class CameraFiguresBody(BaseModel):
    """A calibrated camera."""

    size_px: tuple[int, int] = Field(description="the picture its pixels are of: width, height")
    lens: float = Field(
        description="k of the division model about the middle: r_straight = r / (1 + k r²), r in half diagonals"
    )
    homography: list[list[float]] = Field(description="3 x 3, straightened px -> floor m")
    rms_m: float = Field(description="error over all points, m")
    errors_m: list[float] = Field(description="how far each point lies from where the calibration puts it, m")
    place_m: tuple[float, float, float] = Field(description="x, y and height of the camera itself")
    seen_share: float = Field(description="share of the walkable floor that it sees, 0..1")


class CellsBody(BaseModel):
    """Which cells one camera sees, row by row from the origin, as run lengths: first of those it does not see."""

    seen: list[int]
    answers: list[int] = Field(description="cells whose figures come from it, in the same form")


class CoverageBody(BaseModel):
    """What is seen of the floor."""

    share: float = Field(description="of the walkable floor, by any camera, 0..1")
    cell_m: float
    origin_m: tuple[float, float]
    shape: tuple[int, int] = Field(description="rows, columns")
    walkable: list[int] = Field(description="run lengths: first of cells where nobody can stand")
    cameras: dict[str, CellsBody]


class ZoneFiguresBody(BaseModel):
    """A zone."""

    area_m2: float | None = Field(description="m²; null: drawn on the picture of a camera that is not calibrated")
    seen_share: float | None = Field(description="share of its walkable part that any camera sees, 0..1")
    cameras: list[str] = Field(description="that answer for it, who answers for most of it first")


class CheckedBody(BaseModel):
    """What is wrong with a draft, and what the rest of it would mean."""

    errors: list[FaultBody]
    cameras: dict[str, CameraFiguresBody]
    coverage: CoverageBody | None = Field(description="null without a floor")
    zones: dict[str, ZoneFiguresBody]


@router.post("/check", summary="Check a draft", max_body_size=LARGEST_DOCUMENT)
def check(site: Site, body: Annotated[CheckBody, Body()], _: Admin) -> CheckedBody:
    """Judge a draft as the file is judged. Parts at fault are left out of the figures; nothing is saved."""
    draft = judge(body.document | {"site": site.site})
    errors = [FaultBody(key=key, message=message) for key, message in draft.faults]
    seen = floor_coverage(draft.site) if draft.site else None
    if draft.site is None or seen is None:
        return CheckedBody(errors=errors, cameras={}, coverage=None, zones={})
    return CheckedBody(
        errors=errors,
        cameras=_cameras(draft.site, seen),
        coverage=_coverage(seen),
        zones={key: _zone(figures) for key, figures in zone_figures(draft.site, seen).items()},
    )


def _cameras(site: SiteDocument, seen: Coverage) -> dict[str, CameraFiguresBody]:
    return {key: _camera(figures) for key, figures in camera_figures(site, seen).items()}


def _camera(figures: CameraFigures) -> CameraFiguresBody:
    view = figures.view
    return CameraFiguresBody(
        size_px=view.size_px,
        lens=view.lens.k,
        homography=view.homography.matrix.tolist(),
        rms_m=view.homography.rms_m,
        errors_m=figures.errors_m.tolist(),
        place_m=view.place_m,
        seen_share=figures.seen_share,
    )


def _coverage(seen: Coverage) -> CoverageBody:
    cells = {
        key: CellsBody(seen=_runs(seen.seen[i]), answers=_runs((seen.best == i) & seen.walkable))
        for i, key in enumerate(seen.cameras)
    }
    return CoverageBody(
        share=seen.share,
        cell_m=seen.grid.cell,
        origin_m=seen.grid.origin,
        shape=seen.grid.shape,
        walkable=_runs(seen.walkable),
        cameras=cells,
    )


def _zone(figures: ZoneFigures) -> ZoneFiguresBody:
    return ZoneFiguresBody(area_m2=figures.area_m2, seen_share=figures.seen_share, cameras=list(figures.cameras))


def _runs(cells: Bool) -> list[int]:
    """Run lengths, the first of False cells (0 where the first is True)."""
    turns = np.flatnonzero(np.diff(cells)) + 1
    lengths: list[int] = np.diff(turns, prepend=0, append=len(cells)).tolist()
    return [0, *lengths] if cells[0] else lengths
