"""Where do people go, and where do they stop? The plan with its layers, its zones, and the chosen zone's stay."""

from dataclasses import dataclass

from fastapi import APIRouter
from markupsafe import Markup
from starlette.responses import HTMLResponse

from server.web import floor_lists, floor_words, gaps, layers, parts, plan
from server.web import period as periods
from server.web.brush import Brush, brush
from server.web.floor_lists import Row
from server.web.floor_overlay import OVERLAYS, overlay_of, switched_on
from server.web.floor_scene import Scene, read_scene
from server.web.floor_words import Note
from server.web.layers import DIFFERENCE, Legend
from server.web.parts import Export, Picker, Table, TimesPicker
from server.web.view import Page, View
from server.web.zone_panel import ZonePanel, zone_panel

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Switch:
    """An overlay's checkbox, a layer's or a plan's tab."""

    title: str
    href: str
    on: bool


@dataclass(frozen=True, slots=True)
class Stage:
    """One drawn plan; its title tells it from the other when two stand side by side."""

    title: str
    drawing: Markup
    figure: str


@dataclass(frozen=True, slots=True)
class FloorPage:
    """Everything the template shows."""

    question: str
    answer: Markup
    meta: str
    periods: Picker
    against: Picker
    times: TimesPicker
    exports: list[Export]
    plans: list[Switch]
    layers: list[Switch]
    overlays: list[Switch]
    beside: Switch
    stages: list[Stage]
    metre: float | None
    legend: Legend
    notes: list[Note]
    numbers: list[tuple[str, str, str]]
    brush: Brush
    panel: ZonePanel | None
    zones: list[Row]
    lines: list[Row]
    table: Table


@router.get("/floor", response_class=HTMLResponse)
def floor(view: Page) -> HTMLResponse:
    """The page."""
    scene = read_scene(view) if view.boxes else None
    if scene is None:
        return view.render("empty.html", question=view.words.gettext("Where do people go, and where do they stop?"))
    return view.render("floor.html", page=_page(scene))


def _page(scene: Scene) -> FloorPage:
    view, ground, answer = scene.view, scene.ground, _answer(scene)
    before = scene.there.totals if scene.there else None
    return FloorPage(
        question=_question(scene),
        answer=answer,
        meta=floor_words.meta(view, scene.here.amounts, ground),
        periods=parts.span_picker(view),
        against=parts.against_picker(view),
        times=parts.times_picker(view),
        exports=_exports(scene),
        plans=_plans(scene),
        layers=_layers(scene),
        overlays=_overlays(scene),
        beside=_beside(scene),
        stages=_stages(scene, str(answer.striptags())),
        metre=ground.frame.scale if ground.frame.unit == "m" else None,
        legend=layers.legend(scene.layer, ground, scene.here.amounts, scene.scale, view.words),
        notes=_notes(scene),
        numbers=floor_lists.numbers(scene),
        brush=brush(view),
        panel=zone_panel(view, view.param("zone"), scene.here.totals, before, ground),
        zones=floor_lists.zone_rows(scene),
        lines=floor_lists.line_rows(scene),
        table=floor_lists.table(scene),
    )


def _question(scene: Scene) -> str:
    if scene.layer == DIFFERENCE:
        return scene.view.words.gettext("What has changed on the floor?")
    return scene.view.words.gettext("Where do people go, and where do they stop?")


def _answer(scene: Scene) -> Markup:
    if scene.change and scene.there:
        return floor_words.changes(scene.view, scene.change, scene.there.period)
    return floor_words.answer(scene.view, scene.here.amounts, scene.here.totals, scene.ground)


def _stages(scene: Scene, label: str) -> list[Stage]:
    sides = [(scene.here, "plan"), *([(scene.beside, "against")] if scene.beside else [])]
    found = []
    for side, name in sides:
        title = periods.span(side.period, scene.view.words)
        drawing = plan.draw(scene.ground, overlay_of(scene, side, name), label=label if name == "plan" else title)
        found.append(Stage(title, drawing, f"figure-{name}"))
    return found


def _notes(scene: Scene) -> list[Note]:
    view = scene.view
    moved_s = {key: camera.moved_s for key, camera in scene.here.watched.items()}
    notes = floor_words.moved(view, moved_s) if scene.ground.camera is None else []
    blank = gaps.words_of(gaps.gaps_of(view), view.words)
    return [*notes, *([Note("plain", blank)] if blank else []), *_too_short(scene)]


def _too_short(scene: Scene) -> list[Note]:
    """What to press when a difference needs more days."""
    if scene.change is None or not scene.change.days_missing or scene.view.period.key in {"7d", "28d"}:
        return []
    text = scene.view.words.gettext("Days are the evidence; one day against another proves nothing.")
    week = scene.view.link(period="7d", **dict.fromkeys(("from", "to", "against", "against_from", "against_to")))
    return [Note("plain", text, week, scene.view.words.gettext("Compare the last 7 days"))]


def _plans(scene: Scene) -> list[Switch]:
    if len(scene.grounds) < 2:
        return []
    view, cameras = scene.view, scene.view.site.document.cameras
    titles = {key: camera.name or key for key, camera in cameras.items()}
    floor_title = view.words.gettext("Floor")
    return [
        Switch(
            titles.get(ground.camera or "", floor_title),
            view.link(plan=ground.camera or "floor", zone=None),
            ground is scene.ground,
        )
        for ground in scene.grounds
    ]


def _layers(scene: Scene) -> list[Switch]:
    view, found = scene.view, []
    for key, title in layers.titles(view.words).items():
        beside = None if key == DIFFERENCE else view.param("beside")
        href = view.link(layer=None if key == "presence" else key, beside=beside)
        found.append(Switch(title, href, key == scene.layer))
    return found


def _overlays(scene: Scene) -> list[Switch]:
    view, site, on = scene.view, scene.view.site.document, switched_on(scene.view)
    floor_only, amounts = scene.ground.camera is None, scene.here.amounts
    there = {
        "zones": (view.words.gettext("Zones"), bool(scene.ground.zones)),
        "flows": (view.words.gettext("Flows"), len(scene.ground.zones) > 1),
        "coverage": (view.words.gettext("Coverage"), amounts is not None and amounts.seen is not None),
        "cameras": (view.words.gettext("Cameras"), floor_only and any(c.calibration for c in site.cameras.values())),
        "screens": (view.words.gettext("Screens"), floor_only and bool(site.screens)),
        "lines": (view.words.gettext("Lines"), bool(scene.ground.lines)),
    }
    return [
        Switch(title, view.link(switch=_flipped(view, key)), key in on)
        for key, (title, is_there) in there.items()
        if is_there
    ]


def _flipped(view: View, key: str) -> str | None:
    """The URL's switches with one turned round."""
    flipped = set((view.param("switch") or "").split(",")) & set(OVERLAYS)
    return ",".join(sorted(flipped ^ {key})) or None


def _beside(scene: Scene) -> Switch:
    on = scene.beside is not None
    layer = None if scene.layer == DIFFERENCE else scene.view.param("layer")
    against = None if scene.view.param("against") == "none" else scene.view.param("against")
    title = scene.view.words.gettext("Side by side")
    return Switch(title, scene.view.link(beside=None if on else "1", layer=layer, against=against), on)


def _exports(scene: Scene) -> list[Export]:
    view, text = scene.view, scene.view.words.gettext
    camera = scene.ground.camera
    counted = layers.AMOUNTS.get(scene.layer, "person_s")
    formats = [("XLSX", view.api("heatmap", camera=camera, layer=counted, format="xlsx"))]
    if camera is None:
        formats.append(("GeoJSON", view.api("heatmap", layer=counted, format="geojson")))
    found = [Export(text("Floor plan"), view.api("heatmap", camera=camera, layer=counted), "figure-plan", formats)]
    if scene.beside:
        found.append(Export(periods.span(scene.beside.period, view.words), None, "figure-against"))
    found.append(Export(text("Zones"), view.api("zones"), None, [("XLSX", view.api("zones", format="xlsx"))]))
    if "flows" in switched_on(view):
        found.append(Export(text("Flows"), view.api("flows")))
    return [*found, *([Export(text("Dwell curve"), None, "figure-curve")] if view.param("zone") else [])]
