"""Places of the floor that do not work."""

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.responses import Response

from contract.grid import Grid
from server.api.period import Asked, PeriodBody, Site, period_body
from server.api.problems import Problem
from server.api.tabular import AsTable, table_response
from server.blind import Found, blind_spots
from server.domain.ground import Unseen
from server.domain.outlines import outlines
from server.domain.patches import Patch
from server.session import Db

router = APIRouter(prefix="/sites/{site}/blind-spots", tags=["blind spots"])

PointM = tuple[float, float]


class SpotBody(BaseModel):
    """One place."""

    kind: str = Field(description="uncovered, weakly_tracked, cold, passed_by; unknown: not enough data")
    area_m2: float
    zone: str | None = Field(description="the zone in which at least half of it lies")
    whole_zone: bool = Field(description="it is all of that zone, or nearly")
    certainty: str = Field(description="certain (by geometry), very_sure, fairly_sure, not_enough_data")
    q: float | None = Field(description="share of false alarms among all that are at least as sure")
    reason: str | None = Field(description="of an uncovered place: no_camera, shadowed, masked, too_small")
    events: int | None = Field(description="tracks lost; cell visits; or stops, by kind")
    exposure: float | None = Field(description="person-seconds; m² x observed hours; or cell visits, by kind")
    ratio: float | None = Field(description="events per exposure over the usual; of a cold place its visit index")
    ratio_low: float | None = Field(description="lower end of its 95 % interval")
    ratio_high: float | None = Field(description="upper end of its 95 % interval")
    exit_m: float | None = Field(description="of a weakly tracked place: metres to the nearest exit")
    advice: str
    more_days: int | None = Field(description="of a place that cannot be judged yet: days it takes")
    outline_m: list[list[PointM]] = Field(description="closed loops in metres; holes turn the other way")


class BlindSpotsBody(BaseModel):
    """The floor's blind spots over a period."""

    site: str
    period: PeriodBody
    simulated: bool
    walkable_m2: float
    uncovered_m2: float = Field(description="all of it, also pieces under 1 m²")
    days: int = Field(description="days with data")
    days_missing: int = Field(description="days it takes before anything but geometry can be told")
    places_judged: int = Field(description="tests made; the false discovery rate over all of them is 5 %")
    spots: list[SpotBody]


COLUMNS = [name for name in SpotBody.model_fields if name != "outline_m"]


@router.get("", summary="Places that do not work", response_model=BlindSpotsBody)
def spots(site: Site, period: Asked, db: Db, as_table: AsTable) -> BlindSpotsBody | Response:
    """Not seen, weakly tracked, cold and passed by; ask over weeks, because a day tells little.

    Raises:
        Problem: 404, the site has no floor, or no camera whose place on it is known.
    """
    found = blind_spots(db, site.document, start=period.start, end=period.end)
    if found is None:
        raise Problem(404, "Not found", f"{site.site!r} has no calibrated camera on a floor; calibrate one first.")
    bodies = [_body(patch, found.grid) for patch in found.spots.patches]
    if as_table:
        return table_response(bodies, COLUMNS, name=f"blind-spots-{site.site}", kind=as_table)
    return _whole(found, bodies, period=period_body(period, site), site=site)


def _whole(found: Found, bodies: list[SpotBody], *, period: PeriodBody, site: Site) -> BlindSpotsBody:
    return BlindSpotsBody(
        site=site.site,
        period=period,
        simulated=site.simulated,
        walkable_m2=found.spots.walkable_m2,
        uncovered_m2=found.spots.uncovered_m2,
        days=found.days,
        days_missing=found.spots.days_missing,
        places_judged=found.spots.places,
        spots=bodies,
    )


def _body(patch: Patch, grid: Grid) -> SpotBody:
    seen = patch.evidence
    return SpotBody(
        kind=patch.kind,
        area_m2=patch.area_m2,
        zone=patch.zone,
        whole_zone=patch.whole_zone,
        certainty=patch.certainty,
        q=patch.q,
        reason=None if patch.reason == Unseen.SEEN else patch.reason.name.lower(),
        events=seen.events if seen else None,
        exposure=seen.exposure if seen else None,
        ratio=seen.ratio.value if seen else None,
        ratio_low=seen.ratio.low if seen else None,
        ratio_high=seen.ratio.high if seen else None,
        exit_m=patch.exit_m,
        advice=patch.advice,
        more_days=patch.more.days if patch.more else None,
        outline_m=[[_metres(grid, corner) for corner in loop] for loop in outlines(patch.mask)],
    )


def _metres(grid: Grid, corner: tuple[int, int]) -> PointM:
    return round(grid.origin[0] + corner[0] * grid.cell, 3), round(grid.origin[1] + corner[1] * grid.cell, 3)
