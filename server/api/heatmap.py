"""Where people were, went through, stopped, and were lost."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import JSONResponse, Response

from contract.ids import Id
from server.api.period import Asked, AskedHours, PeriodBody, Site, period_body
from server.api.tabular import TableKind, accepted_table, table_response
from server.db.heat import HeatGrid, heat
from server.session import Db

router = APIRouter(prefix="/sites/{site}/heatmap", tags=["heatmap"])

LAYERS = ("person_s", "visits", "stops", "lost")
Layer = Literal["person_s", "visits", "stops", "lost"]


class GridBody(BaseModel):
    """One grid. A layer that was not asked for is null; layers go by row and column, row 0 at the origin's y."""

    camera: str | None = Field(description="null: the floor, all calibrated cameras together")
    unit: str = Field(description="`m` on the floor; `image`: shares of the camera's image width")
    cell: float = Field(description="side of a cell, in `unit`")
    origin: tuple[float, float] = Field(description="corner of cell (0, 0), in `unit`")
    observed_s: float = Field(description="seconds watched by the camera that watched longest")
    person_s: list[list[float]] | None = Field(default=None, description="person-seconds")
    visits: list[list[int]] | None = Field(default=None, description="people who came into the cell")
    stops: list[list[int]] | None = Field(default=None, description="stops that were made in it")
    lost: list[list[int]] | None = Field(default=None, description="tracks that broke off in it")


class HeatmapBody(BaseModel):
    """Heat over a period."""

    site: str
    period: PeriodBody
    simulated: bool
    grids: list[GridBody] = Field(description="the floor first, then cameras that are not calibrated")


class CellBody(BaseModel):
    """One cell, as a line of a table; `x` and `y` are its middle."""

    camera: str
    unit: str
    x: float
    y: float
    person_s: float = Field(description="person-seconds")
    visits: int
    stops: int
    lost: int


def wanted_format(
    request: Request,
    format: Annotated[  # noqa: A002 - the parameter's public name
        Literal["json", "csv", "xlsx", "geojson"] | None,
        Query(description="`csv` or `xlsx` for a table, `geojson` for the floor's cells as polygons"),
    ] = None,
) -> Literal["json", "geojson"] | TableKind:
    """What the answer is to be."""
    return format or accepted_table(request) or "json"


@router.get("", summary="What happened per cell", response_model=HeatmapBody)
def heatmap(
    *,
    site: Site,
    period: Asked,
    hours: AskedHours,
    db: Db,
    form: Annotated[Literal["json", "geojson"] | TableKind, Depends(wanted_format)],
    camera: Annotated[Id | None, Query(description="only what this camera saw")] = None,
    layer: Annotated[list[Layer] | None, Query(description="what to count; default: person_s")] = None,
) -> HeatmapBody | Response:
    """Counts per cell over the period. Tables and GeoJSON have all layers, for each cell that holds anything."""
    grids = heat(db, site=site.site, start=period.start, end=period.end, camera=camera, hours=hours)
    if form == "geojson":
        return _geojson([grid for grid in grids if grid.camera is None], site.site)
    if form != "json":
        cells = [cell for grid in grids for cell in _cells(grid)]
        columns = ["camera", "unit", "x", "y", *LAYERS]
        return table_response(cells, columns, name=f"heatmap-{site.site}", kind=form)
    return HeatmapBody(
        site=site.site,
        period=period_body(period, site, hours),
        simulated=site.simulated,
        grids=[_grid(grid, layer or ["person_s"]) for grid in grids],
    )


def _grid(grid: HeatGrid, layers: list[Layer]) -> GridBody:
    return GridBody(
        camera=grid.camera,
        unit=grid.unit,
        cell=grid.cell,
        origin=grid.origin,
        observed_s=grid.observed_s,
        **{layer: getattr(grid, layer).tolist() for layer in layers},
    )


def _cells(grid: HeatGrid) -> list[CellBody]:
    rows, columns = ((grid.person_s > 0) | (grid.visits > 0) | (grid.stops > 0) | (grid.lost > 0)).nonzero()
    return [
        CellBody(
            camera=grid.camera or "",
            unit=grid.unit,
            x=round(grid.origin[0] + (column + 0.5) * grid.cell, 4),
            y=round(grid.origin[1] + (row + 0.5) * grid.cell, 4),
            person_s=float(grid.person_s[row, column]),
            visits=int(grid.visits[row, column]),
            stops=int(grid.stops[row, column]),
            lost=int(grid.lost[row, column]),
        )
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True)
    ]


def _geojson(grids: list[HeatGrid], site: str) -> Response:
    """RFC 7946 but for the coordinates, which are metres on the floor: a shop's floor has no longitude."""
    collection = {
        "type": "FeatureCollection",
        "reference_system": f"metres on the floor of {site}, x and y as in its site.yaml; not longitude and latitude",
        "features": [_feature(cell, grid) for grid in grids for cell in _cells(grid)],
    }
    headers = {"Content-Disposition": f'attachment; filename="heatmap-{site}.geojson"'}
    return JSONResponse(collection, media_type="application/geo+json", headers=headers)


def _feature(cell: CellBody, grid: HeatGrid) -> dict[str, Any]:
    half = grid.cell / 2
    corners = [(-half, -half), (half, -half), (half, half), (-half, half), (-half, -half)]
    ring = [[round(cell.x + dx, 4), round(cell.y + dy, 4)] for dx, dy in corners]
    counts = cell.model_dump(include=set(LAYERS)) | {"observed_s": grid.observed_s}
    return {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [ring]}, "properties": counts}
