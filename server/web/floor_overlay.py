"""What lies on the plan of the floor page: the amount layer, zones, lines, flows, coverage, cameras, screens."""

import numpy as np

from server.covered import covered
from server.db import flows as flow_queries
from server.db.plans import plan_size
from server.domain import flows
from server.web import floor_words, flow_words, layers, plan_marks, short_names
from server.web.floor_scene import Scene, Side
from server.web.flow_lines import flow_lines
from server.web.layers import AMOUNTS, DIFFERENCE
from server.web.plan import Label, Overlay, Picture
from server.web.plan_marks import CameraMark, Layer
from server.web.view import Span, View

OVERLAYS = {"zones": True, "flows": False, "coverage": False, "cameras": True, "screens": True, "lines": True}
"""What can be switched, and whether it is on unless the URL says otherwise."""
MARKED_SHARE = 0.2
"""A zone's figures are marked when cameras that moved answer for so much of it."""


def switched_on(view: View) -> set[str]:
    """The overlays that are shown; the URL names those that differ from what is usual."""
    flipped = set((view.param("switch") or "").split(","))
    return {key for key, usual in OVERLAYS.items() if usual != (key in flipped)}


def overlay_of(scene: Scene, side: Side, name: str) -> Overlay:
    """The overlay of one of the page's plans; `name` tells it from the other."""
    view, on = scene.view, switched_on(scene.view)
    return Overlay(
        labels=_labels(scene, side),
        line_tips={key: floor_words.line_tip(view, key, scene.lines.get(key)) for key in scene.ground.lines},
        plan=_plan_picture(scene),
        heat=_heat(scene, side),
        dark=scene.layer != DIFFERENCE,
        unseen=_unseen(scene, side),
        selected=view.param("zone"),
        zones="zones" in on,
        lines="lines" in on,
        low="flows" in on,
        between=plan_marks.layers(_areas(scene, side) if "coverage" in on else None, _flows(scene, side, on)),
        above=plan_marks.layers(
            _screens(scene) if "screens" in on else None, _cameras(scene, side) if "cameras" in on else None
        ),
        name=name,
    )


def _heat(scene: Scene, side: Side) -> Picture | None:
    if scene.layer == DIFFERENCE:
        return layers.changed(scene.change, scene.scale) if scene.change else None
    return layers.heat(scene.layer, side.amounts, scene.scale)


def _unseen(scene: Scene, side: Side) -> Picture | None:
    """Where no camera saw; the whole floor in a time that was not observed."""
    if side.amounts is not None or scene.ground.camera is not None:
        return layers.unseen(side.amounts)
    found = covered(scene.view.site.document)
    if found is None:
        return None
    free = found.walkable.reshape(found.grid.shape)
    return layers.hatched(found.grid, free, np.zeros_like(free))


def _plan_picture(scene: Scene) -> Picture | None:
    """The picture that was uploaded; a document may name one that this server never had."""
    site = scene.view.site
    picture = site.document.floor.plan if site.document.floor and scene.ground.camera is None else None
    size = plan_size(scene.view.conn, site.site, picture.sha256) if picture else None
    if picture is None or size is None:
        return None
    width, height = (side * picture.metres_per_px for side in size)
    return Picture(f"/api/v1/sites/{site.site}/plan.png?sha256={picture.sha256}", picture.origin_m, (width, height))


def _labels(scene: Scene, side: Side) -> dict[str, Label]:
    view, chosen = scene.view, scene.view.param("zone")
    short = short_names.of({key: floor_words.name(view, key) for key in scene.ground.zones})
    return {
        key: Label(
            floor_words.name(view, key),
            _value(scene, side, key),
            floor_words.zone_tip(view, key, side.totals.get(key)),
            view.link(zone=None if chosen == key else key),
            short[key],
        )
        for key in scene.ground.zones
    }


def _value(scene: Scene, side: Side, key: str) -> str:
    """The layer's value in a zone; with a star where a camera has moved."""
    words = scene.view.words
    if side.amounts is None:
        return ""
    star = "*" if _shaken(side, key) else ""
    if scene.layer == DIFFERENCE:
        value = scene.change.zone(key) if scene.change else None
        sign = "+" if value is not None and round(value) > 0 else ""
        return "" if value is None else f"{sign}{words.number(value)}{star}"
    value = side.amounts.zone_rate(AMOUNTS[scene.layer], key)
    digits = 0 if value is None or value >= 10 else 1 if value >= 1 else 2
    return "" if value is None else f"{words.number(value, digits)}{star}"


def _shaken(side: Side, key: str) -> bool:
    """Whether cameras that moved answer for a good part of a zone."""
    if side.amounts is None or side.amounts.seen is None:
        return False
    seen = side.amounts.seen
    moved = [i for i, camera in enumerate(seen.cameras) if camera in side.watched and side.watched[camera].moved_s > 0]
    inside = side.amounts.zone(key) & seen.seen
    share = sum(float((seen.camera[inside] == i).mean()) for i in moved) if inside.any() else 0.0
    return share > MARKED_SHARE


def _flows(scene: Scene, side: Side, on: set[str]) -> Layer | None:
    if "flows" not in on:
        return None
    view, period = scene.view, side.period
    span: Span = {"start": period.start.timestamp(), "end": period.end.timestamp()}
    counts = flow_queries.flows(view.conn, site=view.site.site, hours=view.times, **span)
    steps = flows.transitions(counts)
    return flow_lines(scene.ground, steps, tip=lambda step: flow_words.tip(view, step), number=view.words.number)


def _cameras(scene: Scene, side: Side) -> Layer | None:
    if scene.ground.camera is not None:
        return None
    found = plan_marks.places(scene.view.site.document)
    return plan_marks.cameras(
        [
            CameraMark(key, number, at, facing, _camera_tip(scene, side, key), _moved(scene, side, key))
            for key, (number, at, facing) in found.items()
        ]
    )


def _moved(scene: Scene, side: Side, key: str) -> bool:
    """In this period, or now while the page's own is shown."""
    now = {c.camera for box in scene.view.boxes for c in box.cameras if c.health and c.health.view == "moved"}
    is_now = side is scene.here and scene.view.period.end > scene.view.now
    return (is_now and key in now) or (key in side.watched and side.watched[key].moved_s > 0)


def _camera_tip(scene: Scene, side: Side, key: str) -> str:
    words = scene.view.words
    lines = [scene.view.site.document.cameras[key].name or key]
    if side.amounts is not None and side.amounts.seen is not None:
        seen = side.amounts.seen
        cells = int((seen.seen & (seen.camera == seen.cameras.index(key))).sum())
        square = words.quantity(cells * seen.grid.cell**2, words.gettext("m²"))
        lines.append(words.gettext("answers for %(area)s") % {"area": square})
    watched = side.watched[key].observed_s if key in side.watched else 0.0
    lines.append(words.gettext("%(hours)s observed") % {"hours": words.seconds(watched)})
    if _moved(scene, side, key):
        lines.append(words.gettext("has moved: its places are not to be relied on"))
    return "\n".join(lines)


def _areas(scene: Scene, side: Side) -> Layer | None:
    seen = side.amounts.seen if side.amounts else None
    if seen is None:
        return None
    numbers = {key: number for key, (number, _, _) in plan_marks.places(scene.view.site.document).items()}
    return plan_marks.areas(seen, {key: (number, _camera_tip(scene, side, key)) for key, number in numbers.items()})


def _screens(scene: Scene) -> Layer | None:
    if scene.ground.camera is not None:
        return None
    text = scene.view.words.gettext("Screen %(name)s")
    known = scene.view.site.document.screens
    return plan_marks.screens([(screen, text % {"name": screen.name or key}) for key, screen in known.items()])
