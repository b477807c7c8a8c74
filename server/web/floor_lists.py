"""The lists beside and under the plan: zones, lines, what the numbers stand for, and the plan as a table."""

from collections.abc import Mapping
from dataclasses import dataclass

from server.db.footfall import LineTotal
from server.db.zones import ZoneTotals
from server.web import floor_words, layers, plan, short_names
from server.web.floor_scene import Scene
from server.web.layers import AMOUNTS
from server.web.parts import Table
from server.web.plan import Ground
from server.web.view import View


@dataclass(frozen=True, slots=True)
class Row:
    """A zone or a line in the panel's lists."""

    name: str
    href: str
    cells: list[str]


def ranked(view: View, ground: Ground, totals: Mapping[str, ZoneTotals]) -> list[str]:
    """The plan's zones, most presence first; a zone that is the whole view and those without data come last."""
    known = view.site.document.zones

    def place(key: str) -> tuple[bool, bool, float]:
        total = totals.get(key)
        return (total is None, known[key].kind == "view", -(total.presence_s if total else 0.0))

    return sorted(ground.zones, key=place)


def zone_rows(scene: Scene) -> list[Row]:
    """Visits, stops and presence by zone."""
    words, rows = scene.view.words, []
    for key in ranked(scene.view, scene.ground, scene.here.totals):
        total = scene.here.totals.get(key)
        cells = ["–"] * 3
        if total:
            cells = [words.number(total.visits), words.number(total.stops), words.seconds(total.presence_s)]
        rows.append(Row(floor_words.name(scene.view, key), scene.view.link(zone=key), cells))
    return rows


def line_rows(scene: Scene) -> list[Row]:
    """In and out by line."""
    return [_line_row(scene.view, key, scene.lines.get(key)) for key in scene.ground.lines]


def _line_row(view: View, key: str, total: LineTotal | None) -> Row:
    name = plan.name_of(view.site.document.lines[key], key)
    counts = [view.words.number(total.entered), view.words.number(total.left)] if total else ["–", "–"]
    return Row(name, "", counts)


def numbers(scene: Scene) -> list[tuple[str, str, str]]:
    """(key, number, name) of each zone, for the list under the plan."""
    names = {key: floor_words.name(scene.view, key) for key in scene.ground.zones}
    short = short_names.of(names)
    return sorted(((key, short[key], names[key]) for key in names), key=lambda found: int(found[1]))


def table(scene: Scene) -> Table:
    """The layers' values by zone, which a screen reader gets in the plan's place."""
    words = scene.view.words
    head = [words.gettext("Zone"), *(layers.unit(key, scene.ground, words) for key in (*AMOUNTS, *_compared(scene)))]
    rows = [
        [floor_words.name(scene.view, key), *_values(scene, key)]
        for key in ranked(scene.view, scene.ground, scene.here.totals)
    ]
    return Table(words.gettext("The plan by zone"), head, rows)


def _compared(scene: Scene) -> list[str]:
    return [layers.DIFFERENCE] if scene.change else []


def _values(scene: Scene, key: str) -> list[str]:
    amounts, words = scene.here.amounts, scene.view.words
    rates = [amounts.zone_rate(what, key) if amounts else None for what in AMOUNTS.values()]
    if scene.change:
        rates.append(scene.change.zone(key))
    return ["–" if rate is None else words.number(rate, 0 if abs(rate) >= 10 else 2) for rate in rates]
