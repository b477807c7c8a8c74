"""The amount layers of a plan, which exclude each other: what each is called, its unit, its picture and its legend."""

from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from contract.grid import Grid
from server.web import heat_image
from server.web.amounts import Amounts, picture
from server.web.change import Change
from server.web.figures import strokes
from server.web.heat_image import Mask, Scale
from server.web.language import Words
from server.web.plan import Ground, Picture

AMOUNTS = {"presence": "person_s", "visits": "visits", "stops": "stops"}
"""Layers of amounts, and what they are called among what was counted."""
DIFFERENCE = "difference"
METRICS = {"presence": "heat", "visits": "cell_visits", "stops": "stops", DIFFERENCE: "difference"}
"""Entries in the catalogue."""


@dataclass(frozen=True, slots=True)
class Legend:
    """What the colours mean. `metric` is its entry in the catalogue, `keys` are (kind of swatch, words)."""

    title: str
    metric: str
    ramp: Markup
    keys: list[tuple[str, str]]


def titles(words: Words) -> dict[str, str]:
    """The layers by key, in their order."""
    return {
        "presence": words.gettext("Presence"),
        "visits": words.gettext("Visits"),
        "stops": words.gettext("Stops"),
        DIFFERENCE: words.gettext("Difference"),
    }


def unit(layer: str, ground: Ground, words: Words) -> str:
    """What the layer's numbers are."""
    on_floor = {
        "presence": words.gettext("Person-seconds per m² and hour"),
        "visits": words.gettext("People through it, per m² and hour"),
        "stops": words.gettext("Stops per m² and hour"),
        DIFFERENCE: words.gettext("Change, person-seconds per m² and hour"),
    }
    on_picture = {
        "presence": words.gettext("Person-seconds per 1 % of the picture and hour"),
        "visits": words.gettext("People through it, per 1 % of the picture and hour"),
        "stops": words.gettext("Stops per 1 % of the picture and hour"),
        DIFFERENCE: words.gettext("Change, person-seconds per 1 % of the picture and hour"),
    }
    return (on_floor if ground.frame.unit == "m" else on_picture)[layer]


def scale(layer: str, *of: Amounts | None) -> Scale:
    """One scale for all plans that show the layer side by side."""
    rates = [amounts.rate(AMOUNTS[layer])[amounts.shown] for amounts in of if amounts is not None]
    return heat_image.scale_of(np.concatenate(rates) if rates else np.zeros(0))


def heat(layer: str, amounts: Amounts | None, scale: Scale) -> Picture | None:
    """The picture of an amount; None where there is nothing to show."""
    if amounts is None or not amounts.shown.any():
        return None
    rate = amounts.rate(AMOUNTS[layer])
    return picture(amounts.grid, heat_image.paint(rate, scale, amounts.shown, hidden=amounts.hidden))


def changed(change: Change, scale: Scale) -> Picture | None:
    """The picture of a difference: only where it is more than chance."""
    if not change.clear.any():
        return None
    values = np.nan_to_num(change.change)
    return picture(change.amounts.grid, heat_image.paint(values, scale, change.clear, hidden=change.amounts.hidden))


def unseen(amounts: Amounts | None) -> Picture | None:
    """Where no camera saw, to be hatched."""
    return hatched(amounts.grid, amounts.unseen, amounts.shown) if amounts is not None else None


def hatched(grid: Grid, dark: Mask, shown: Mask) -> Picture | None:
    """The mask of a hatch over `dark` cells (rows, columns); None where there are none.

    It takes what lies under fixtures, which is neither, only where nothing that is `shown` is near.
    """
    if not dark.any():
        return None
    hidden = ~dark & ~shown
    covered = heat_image.grown(shown, hidden)
    return picture(grid, heat_image.paint_mask(heat_image.grown(dark, hidden) & ~covered))


def legend(layer: str, ground: Ground, amounts: Amounts | None, scale: Scale, words: Words) -> Legend:
    """The layer's legend; the share that no camera sees stands in it."""
    title = unit(layer, ground, words)
    digits = 0 if scale.top >= 20 else 1 if scale.top >= 2 else 2
    ticks = [(share, _tick(value, digits, scale, words)) for share, value in scale.ticks()]
    ramp = strokes.ramp(scale.colours(), ticks, label=title)
    keys = _keys(amounts, words)
    if scale.signed:
        keys.append(("plain", words.gettext("no clear difference")))
    return Legend(title, METRICS[layer], ramp, keys)


def _tick(value: float, digits: int, scale: Scale, words: Words) -> str:
    written = words.number(value, digits if value else 0)
    if scale.signed:
        return f"+{written}" if value > 0 else written
    return f"{written}+" if value == scale.top else written


def _keys(amounts: Amounts | None, words: Words) -> list[tuple[str, str]]:
    if amounts is None:
        return [("hatch", words.gettext("not watched in this time, %(share)s") % {"share": words.percent(1)})]
    if amounts.seen is None:
        return [("plain", words.gettext("nobody was recorded here; whether a camera sees it is not known"))]
    blind = amounts.unseen_share - amounts.unwatched_share
    keys = [("hatch", words.gettext("no camera sees, %(share)s") % {"share": words.percent(blind)})] if blind else []
    if amounts.unwatched_share:
        share = {"share": words.percent(amounts.unwatched_share)}
        keys.append(("hatch", words.gettext("not watched in this time, %(share)s") % share))
    return keys
