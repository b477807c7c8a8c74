"""What the floor page shows, read from the database: a plan, a layer, a period and what it is held against."""

from collections.abc import Mapping
from dataclasses import dataclass

from server.db import footfall, heat, zones
from server.db.footfall import LineTotal
from server.db.heat import HeatGrid
from server.db.observed import CameraObserved, observed
from server.db.zones import ZoneTotals
from server.web import change, compare, layers, plan
from server.web.amounts import Amounts, amounts_of
from server.web.change import Change
from server.web.heat_image import Scale, scale_of
from server.web.layers import DIFFERENCE
from server.web.period import Period
from server.web.plan import Ground
from server.web.view import Span, View


@dataclass(frozen=True, slots=True)
class Side:
    """One period on one plan: what was counted in its cells and by zone, and how well it was watched."""

    period: Period
    amounts: Amounts | None
    totals: Mapping[str, ZoneTotals]
    watched: Mapping[str, CameraObserved]


@dataclass(frozen=True, slots=True)
class Scene:
    """One request for the floor page."""

    view: View
    grounds: list[Ground]
    ground: Ground
    layer: str
    here: Side
    there: Side | None
    """The period it is held against."""
    change: Change | None
    """Read only for the difference layer."""
    scale: Scale
    lines: Mapping[str, LineTotal]

    @property
    def beside(self) -> Side | None:
        """What stands beside the plan, if the reader wants two."""
        return self.there if self.view.param("beside") and self.layer != DIFFERENCE else None


def read_scene(view: View) -> Scene | None:
    """The scene the URL asks for; None where there is no plan."""
    grids = heat.heat(view.conn, site=view.site.site, hours=view.times, **view.span)
    aspects = {grid.camera: grid.shape[0] / grid.shape[1] for grid in grids if grid.camera}
    grounds = plan.grounds(view.site.document, aspects)
    if not grounds:
        return None
    ground, asked = _chosen(view, grounds, grids), view.param("layer")
    layer = asked if asked in layers.titles(view.words) else "presence"
    here = _side(view, ground, _so_far(view), grids)
    against = view.against or (_week_before(view) if layer == DIFFERENCE else None)
    there = _side(view, ground, against, None) if against else None
    found = change.change_of(view, here.amounts, against) if layer == DIFFERENCE and here.amounts and against else None
    lines = footfall.line_totals(
        view.conn, site=view.site.site, lines=list(ground.lines), hours=view.times, **view.span
    )
    return Scene(view, grounds, ground, layer, here, there, found, _scale(layer, here, there, found), lines)


def _so_far(view: View) -> Period:
    return Period(view.period.key, view.period.start, view.seen_until, view.period.timezone)


def _week_before(view: View) -> Period | None:
    return compare.read(None, None, None, period=view.period, until=view.seen_until)


def _chosen(view: View, grounds: list[Ground], grids: list[HeatGrid]) -> Ground:
    """The plan the URL names, else the first on which anything was seen."""
    asked = view.param("plan")
    seen = {grid.camera for grid in grids}
    named = [ground for ground in grounds if (ground.camera or "floor") == asked]
    return next(iter([*named, *(ground for ground in grounds if ground.camera in seen), *grounds]))


def _side(view: View, ground: Ground, period: Period, grids: list[HeatGrid] | None) -> Side:
    span: Span = {"start": period.start.timestamp(), "end": period.end.timestamp()}
    if grids is None:
        grids = heat.heat(view.conn, site=view.site.site, hours=view.times, **span)
    grid = next((grid for grid in grids if grid.camera == ground.camera), None)
    watched = observed(view.conn, site=view.site.site, hours=view.times, **span)
    seconds = {key: camera.observed_s for key, camera in watched.items()}
    totals = zones.zone_totals(view.conn, site=view.site.site, hours=view.times, **span)
    return Side(period, amounts_of(view.site.document, ground, grid, seconds), totals, watched)


def _scale(layer: str, here: Side, there: Side | None, found: Change | None) -> Scale:
    """One for both periods, so that a colour means the same on plans that stand side by side."""
    if layer == DIFFERENCE:
        return scale_of(found.change[found.clear], signed=True) if found else Scale(1.0, signed=True)
    return layers.scale(layer, here.amounts, there.amounts if there else None)
