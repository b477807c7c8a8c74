"""Where do people go? The plan with its heat, its zones, and the chosen zone's stay."""

from dataclasses import dataclass

from fastapi import APIRouter
from markupsafe import Markup
from starlette.responses import HTMLResponse

from server.db import footfall, heat, zones
from server.db.footfall import LineTotal
from server.db.heat import HeatGrid
from server.db.zones import ZoneTotals
from server.web import heat_image, parts, plan
from server.web import period as periods
from server.web.brush import Brush, brush
from server.web.dwell import median_words, stay_of
from server.web.figures import strokes
from server.web.parts import Export, Picker
from server.web.plan import Ground, Heat, Label, Overlay
from server.web.view import Page, View
from server.web.zone_panel import ZonePanel, zone_panel

router = APIRouter()
OVERLAYS = ("zones", "lines")
WALKABLE = ("green",)


@dataclass(frozen=True, slots=True)
class Switch:
    """An overlay's checkbox or a plan's tab."""

    title: str
    href: str
    on: bool


@dataclass(frozen=True, slots=True)
class Legend:
    """What the colours mean."""

    title: str
    ramp: Markup
    plain: str


@dataclass(frozen=True, slots=True)
class Row:
    """A zone or a line in the panel's lists."""

    name: str
    href: str
    cells: list[str]


@dataclass(frozen=True, slots=True)
class FloorPage:
    """Everything the template shows."""

    question: str
    answer: Markup
    meta: str
    periods: Picker
    exports: list[Export]
    plans: list[Switch]
    overlays: list[Switch]
    drawing: Markup
    metre: float | None
    legend: Legend
    brush: Brush
    panel: ZonePanel | None
    zones: list[Row]
    lines: list[Row]


@dataclass(frozen=True, slots=True)
class Amount:
    """Presence on one plan over the period. `per` is the area, in the plan's unit, that values are given per."""

    ground: Ground
    grid: HeatGrid | None
    totals: dict[str, ZoneTotals]
    per: float

    @property
    def hours(self) -> float:
        """Observed."""
        return self.grid.observed_s / 3600 if self.grid else 0.0

    @property
    def person_s(self) -> float:
        """Person-seconds on the plan."""
        return float(self.grid.person_s.sum()) if self.grid else 0.0

    def zone_rate(self, key: str) -> float | None:
        """Person-seconds per area and observed hour inside a zone."""
        total = self.totals.get(key)
        if total is None or total.observed_s <= 0:
            return None
        return total.presence_s / (plan.area(self.ground.zones[key]) / self.per) / (total.observed_s / 3600)


@router.get("/floor", response_class=HTMLResponse)
def floor(view: Page) -> HTMLResponse:
    """The page."""
    grids = heat.heat(view.conn, site=view.site.site, **view.span)
    aspects = {grid.camera: grid.shape[0] / grid.shape[1] for grid in grids if grid.camera}
    grounds = plan.grounds(view.site.document, aspects)
    if not view.boxes or not grounds:
        return view.render("empty.html", question=view.words.gettext("Where do people go?"))
    totals = zones.zone_totals(view.conn, site=view.site.site, **view.span)
    ground = _chosen(view, grounds, grids)
    grid = next((grid for grid in grids if grid.camera == ground.camera), None)
    amount = Amount(ground, grid, totals, _per(ground))
    return view.render("floor.html", page=_page(view, grounds, amount))


def _chosen(view: View, grounds: list[Ground], grids: list[HeatGrid]) -> Ground:
    """The plan the URL names, else the first on which anything was seen."""
    asked = view.param("plan")
    seen = {grid.camera for grid in grids}
    named = [ground for ground in grounds if (ground.camera or "floor") == asked]
    return next(iter([*named, *(ground for ground in grounds if ground.camera in seen), *grounds]))


def _per(ground: Ground) -> float:
    """1 m² of floor, or 1 % of the image."""
    width, height = ground.frame.size
    return 1.0 if ground.frame.unit == "m" else width * height / 100


def _page(view: View, grounds: list[Ground], amount: Amount) -> FloorPage:
    scale, picture = _heat(amount)
    lines = footfall.line_totals(view.conn, site=view.site.site, lines=list(amount.ground.lines), **view.span)
    hidden = set((view.param("hide") or "").split(","))
    selected = view.param("zone")
    answer = _answer(view, amount)
    overlay = Overlay(
        labels=_labels(view, amount),
        line_tips={key: _line_tip(view, key, lines.get(key)) for key in amount.ground.lines},
        heat=picture,
        selected=selected,
        zones="zones" not in hidden,
        lines="lines" not in hidden,
    )
    return FloorPage(
        question=view.words.gettext("Where do people go?"),
        answer=answer,
        meta=_meta(view, amount),
        periods=parts.span_picker(view),
        exports=_exports(view, amount),
        plans=_plans(view, grounds, amount.ground) if len(grounds) > 1 else [],
        overlays=_overlays(view, hidden, amount.ground),
        drawing=plan.draw(amount.ground, overlay, label=str(answer.striptags())),
        metre=amount.ground.frame.scale if amount.ground.frame.unit == "m" else None,
        legend=_legend(view, amount, scale),
        brush=brush(view),
        panel=zone_panel(view, selected, amount.totals, amount.ground),
        zones=_zone_rows(view, amount),
        lines=[_line_row(view, key, lines.get(key)) for key in amount.ground.lines],
    )


def _heat(amount: Amount) -> tuple[heat_image.Scale, Heat | None]:
    grid = amount.grid
    if grid is None or grid.observed_s <= 0 or not grid.person_s.any():
        return heat_image.Scale(1.0), None
    rate = grid.person_s / (grid.cell**2 / amount.per) / amount.hours
    scale = heat_image.scale_of(rate)
    uri = heat_image.paint(rate, scale, _blocked(amount.ground, grid))
    rows, columns = grid.shape
    return scale, Heat(uri, grid.origin, (columns * grid.cell, rows * grid.cell))


def _blocked(ground: Ground, grid: HeatGrid) -> heat_image.Mask:
    """Where nobody can stand: outside the outline and on fixtures."""
    zoom = heat_image.zoom_of(grid.shape)
    rows, columns = grid.shape
    x = (grid.origin[0] + (heat_image.middles(columns * zoom) / zoom) * grid.cell)[None, :]
    y = (grid.origin[1] + (heat_image.middles(rows * zoom) / zoom) * grid.cell)[:, None]
    blocked = ~heat_image.inside(ground.outline, x, y)
    for fixture, polygon in ground.fixtures:
        if fixture.kind not in WALKABLE:
            blocked |= heat_image.inside(polygon, x, y)
    return blocked


def _unit(view: View, ground: Ground) -> str:
    if ground.frame.unit == "m":
        return view.words.gettext("Person-seconds per m² and hour")
    return view.words.gettext("Person-seconds per 1 % of the picture and hour")


def _legend(view: View, amount: Amount, scale: heat_image.Scale) -> Legend:
    title = _unit(view, amount.ground)
    digits = 0 if scale.top >= 20 else 1
    ticks = [(share, view.words.number(value, digits if value else 0)) for share, value in scale.ticks()]
    ticks[-1] = (ticks[-1][0], f"{ticks[-1][1]}+")
    ramp = strokes.ramp(heat_image.ramp_colours(), ticks, label=title)
    plain = view.words.gettext("nobody was recorded here; whether a camera sees it is not known yet")
    return Legend(title, ramp, plain)


def _labels(view: View, amount: Amount) -> dict[str, Label]:
    known = view.site.document.zones
    labels = {}
    for key in amount.ground.zones:
        name, rate = plan.name_of(known[key], key), amount.zone_rate(key)
        value = "" if rate is None else view.words.number(rate, 0 if rate >= 10 else 1)
        chosen = None if view.param("zone") == key else key
        labels[key] = Label(name, value, _zone_tip(view, name, amount.totals.get(key)), view.link(zone=chosen))
    return labels


def _zone_tip(view: View, name: str, total: ZoneTotals | None) -> str:
    if total is None:
        return "\n".join([name, view.words.gettext("not observed in this time")])
    words = view.words
    visits = words.ngettext("%(n)s visit", "%(n)s visits", total.visits) % {"n": words.number(total.visits)}
    median = words.gettext("median stay %(time)s") % {"time": median_words(stay_of(total), words)}
    presence = words.gettext("%(time)s of presence") % {"time": words.seconds(total.presence_s)}
    return "\n".join([name, visits, median, presence])


def _line_tip(view: View, key: str, total: LineTotal | None) -> str:
    name = plan.name_of(view.site.document.lines[key], key)
    if total is None:
        return "\n".join([name, view.words.gettext("not observed in this time")])
    counts = {"entered": view.words.number(total.entered), "left": view.words.number(total.left)}
    return "\n".join([name, view.words.gettext("%(entered)s in, %(left)s out") % counts])


def _line_row(view: View, key: str, total: LineTotal | None) -> Row:
    name = plan.name_of(view.site.document.lines[key], key)
    counts = [view.words.number(total.entered), view.words.number(total.left)] if total else ["–", "–"]
    return Row(name, "", counts)


def _ranked(view: View, amount: Amount) -> list[str]:
    """The plan's zones that were visited, most presence first; a zone that is the whole view comes last."""
    known = view.site.document.zones
    seen = [key for key in amount.ground.zones if key in amount.totals and amount.totals[key].presence_s > 0]
    return sorted(seen, key=lambda key: (known[key].kind == "view", -amount.totals[key].presence_s))


def _zone_rows(view: View, amount: Amount) -> list[Row]:
    known, words = view.site.document.zones, view.words
    ranked = _ranked(view, amount)
    rest = [key for key in amount.ground.zones if key not in ranked]
    rows = []
    for key in [*ranked, *rest]:
        total = amount.totals.get(key)
        cells = [words.number(total.visits), words.seconds(total.presence_s)] if total else ["–", "–"]
        rows.append(Row(plan.name_of(known[key], key), view.link(zone=key), cells))
    return rows


def _answer(view: View, amount: Amount) -> Markup:
    words, ranked = view.words, _ranked(view, amount)
    if not amount.hours and not ranked:
        return Markup(words.gettext("<b>Not observed</b> in this time, so nobody can say."))  # noqa: S704 - our own text
    if not amount.person_s and not ranked:
        return Markup(words.gettext("<b>Nobody</b> was recorded here in this time."))  # noqa: S704 - our own text
    if not ranked:
        text = words.gettext("People spent <b>%(time)s</b> here; no zone is drawn to say where.")
        return Markup(text) % {"time": words.seconds(amount.person_s)}  # noqa: S704 - our own text
    first, total = ranked[0], amount.totals[ranked[0]]
    share = total.presence_s / sum(amount.totals[key].presence_s for key in _countable(view, ranked))
    name = plan.name_of(view.site.document.zones[first], first)
    text = words.gettext("Most time is spent in <b>%(zone)s</b>: <b>%(share)s</b> of the time in the zones.")
    lead = Markup(text) % {"zone": name, "share": words.percent(share)}  # noqa: S704 - our own text
    stay = stay_of(total)
    if stay.median_s is None:
        return lead
    tail = words.ngettext(
        "Half of its %(n)s visit lasts over <b>%(time)s</b>.",
        "Half of its %(n)s visits last over <b>%(time)s</b>.",
        stay.curve.n,
    )
    figures = {"n": words.number(stay.curve.n), "time": words.seconds(stay.median_s)}
    return lead + " " + Markup(tail) % figures  # noqa: S704 - our own text


def _countable(view: View, ranked: list[str]) -> list[str]:
    """The whole view is no zone to compare with, unless it is the only one."""
    inner = [key for key in ranked if view.site.document.zones[key].kind != "view"]
    return inner or ranked


def _meta(view: View, amount: Amount) -> str:
    words, frame = view.words, amount.ground.frame
    place = words.gettext("The picture of one camera")
    if frame.unit == "m":
        square = plan.area(amount.ground.outline)
        place = words.gettext("%(area)s of floor") % {"area": words.quantity(square, words.gettext("m²"))}
    observed = words.gettext("%(hours)s observed") % {"hours": words.seconds(amount.hours * 3600)}
    hint = words.gettext("Point at a zone for n and interval.")
    return f"{place}. {words.sentence(periods.span(view.period, words))}, {observed}. {hint}"


def _plans(view: View, grounds: list[Ground], chosen: Ground) -> list[Switch]:
    cameras = view.site.document.cameras
    titles = {
        ground.camera: cameras[ground.camera].name or ground.camera if ground.camera else view.words.gettext("Floor")
        for ground in grounds
    }
    return [
        Switch(titles[ground.camera], view.link(plan=ground.camera or "floor", zone=None), ground is chosen)
        for ground in grounds
    ]


def _overlays(view: View, hidden: set[str], ground: Ground) -> list[Switch]:
    titles = {"zones": view.words.gettext("Zones"), "lines": view.words.gettext("Lines")}
    there = {"zones": ground.zones, "lines": ground.lines}
    switches = []
    for key in OVERLAYS:
        after = sorted((hidden ^ {key}) & set(OVERLAYS))
        if there[key]:
            switches.append(Switch(titles[key], view.link(hide=",".join(after) or None), key not in hidden))
    return switches


def _exports(view: View, amount: Amount) -> list[Export]:
    text = view.words.gettext
    return [
        Export(text("Floor plan"), view.api("heatmap", camera=amount.ground.camera), "figure-plan"),
        Export(text("Zones"), view.api("zones")),
        Export(text("Dwell curve"), None, "figure-curve" if view.param("zone") else None),
    ]
