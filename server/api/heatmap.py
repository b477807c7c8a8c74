"""Where people were."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from contract.ids import Id
from server.api.period import Asked, PeriodBody, Site, period_body
from server.api.tabular import AsCsv, csv_response
from server.db.heat import HeatGrid, heat
from server.session import Db

router = APIRouter(prefix="/sites/{site}/heatmap", tags=["heatmap"])


class GridBody(BaseModel):
    """One grid."""

    camera: str | None = Field(description="null: the floor, all calibrated cameras together")
    unit: str = Field(description="`m` on the floor; `image`: shares of the camera's image width")
    cell: float = Field(description="side of a cell, in `unit`")
    origin: tuple[float, float] = Field(description="corner of cell (0, 0), in `unit`")
    observed_s: float = Field(description="seconds watched by the camera that watched longest")
    person_s: list[list[float]] = Field(description="person-seconds by row and column; row 0 lies at the origin's y")


class HeatmapBody(BaseModel):
    """Heat over a period."""

    site: str
    period: PeriodBody
    simulated: bool
    grids: list[GridBody] = Field(description="the floor first, then cameras that are not calibrated")


class CellBody(BaseModel):
    """One cell, as a line of the CSV."""

    camera: str
    unit: str
    x: float
    y: float
    person_s: float


@router.get("", summary="Person-seconds per cell", response_model=HeatmapBody)
def heatmap(
    site: Site,
    period: Asked,
    db: Db,
    as_csv: AsCsv,
    camera: Annotated[Id | None, Query(description="only what this camera saw")] = None,
) -> HeatmapBody | Response:
    """Person-seconds per cell over the period. As CSV: one line per cell that holds any, with its middle."""
    grids = heat(db, site=site.site, start=period.start, end=period.end, camera=camera)
    if as_csv:
        cells = [cell for grid in grids for cell in _cells(grid)]
        return csv_response(cells, ["camera", "unit", "x", "y", "person_s"], name=f"heatmap-{site.site}")
    return HeatmapBody(
        site=site.site,
        period=period_body(period, site),
        simulated=site.simulated,
        grids=[_grid(grid) for grid in grids],
    )


def _grid(grid: HeatGrid) -> GridBody:
    return GridBody(
        camera=grid.camera,
        unit=grid.unit,
        cell=grid.cell,
        origin=grid.origin,
        observed_s=grid.observed_s,
        person_s=grid.person_s.round(3).tolist(),
    )


def _cells(grid: HeatGrid) -> list[CellBody]:
    rows, columns = grid.person_s.nonzero()
    return [
        CellBody(
            camera=grid.camera or "",
            unit=grid.unit,
            x=round(grid.origin[0] + (column + 0.5) * grid.cell, 4),
            y=round(grid.origin[1] + (row + 0.5) * grid.cell, 4),
            person_s=round(float(grid.person_s[row, column]), 3),
        )
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True)
    ]
