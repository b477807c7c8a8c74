"""The floor with a campaign on minus off, drawn as the floor page draws a difference."""

from dataclasses import dataclass, replace

from markupsafe import Markup

from server.campaign_report import CampaignReport
from server.db.heat import HeatGrid
from server.slot_difference import SlotDifference, slot_difference
from server.web import layers, plan
from server.web.amounts import amounts_of
from server.web.change import Change
from server.web.heat_image import scale_of
from server.web.layers import DIFFERENCE, Legend
from server.web.plan import Ground, Label, Overlay
from server.web.plan_marks import screens as screen_marks
from server.web.view import View


@dataclass(frozen=True, slots=True)
class MapSection:
    """The map of one screen's slots; `drawing` None until it is asked for, or where there is none."""

    screens: list[tuple[str, str, bool]]
    """(name, address, chosen)."""
    answer: str
    drawing: Markup | None
    legend: Legend | None
    floor: str
    """Address of the floor page."""


def map_section(view: View, found: CampaignReport) -> MapSection | None:
    """The section; None without a floor in metres or a screen."""
    grounds = [ground for ground in plan.grounds(view.site.document, {}) if ground.camera is None]
    trial, asked = found.effect.trial, view.param("map")
    if not grounds or not trial.screens:
        return None
    name = view.site.document.screen_name
    named = [(name(key), view.link(map=None if key == asked else key), key == asked) for key in trial.screens]
    hint = view.words.gettext("Where people are in slots with the campaign, less where they are without it.")
    empty = MapSection(named, hint, None, None, view.link("/floor", layer=DIFFERENCE))
    if asked not in trial.screens:
        return empty
    slots = slot_difference(view.conn, view.site.document, trial, asked)
    drawn = _drawn(view, empty, slots, grounds[0]) if slots else None
    return drawn or replace(empty, answer=view.words.gettext("No slot can be compared yet."))


def _drawn(view: View, empty: MapSection, slots: SlotDifference, ground: Ground) -> MapSection | None:
    site = view.site.document
    amounts = amounts_of(site, ground, _heat(slots), slots.observed_s)
    if amounts is None or slots.found is None:
        return None
    change = Change(amounts, slots.found)
    scale = scale_of(change.change[change.clear], signed=True)
    answer = _answer(view, slots, change)
    overlay = Overlay(
        labels=_labels(view, ground, change),
        heat=layers.changed(change, scale),
        dark=False,
        unseen=layers.unseen(amounts),
        above=screen_marks([(site.screens[slots.screen], site.screen_name(slots.screen))]),
        name="effect",
    )
    drawing = plan.draw(ground, overlay, label=answer)
    legend = layers.legend(DIFFERENCE, ground, amounts, scale, view.words)
    return replace(empty, answer=answer, drawing=drawing, legend=legend)


def _heat(slots: SlotDifference) -> HeatGrid:
    """What was counted in all these slots, for what was seen and shown."""
    grid, none = slots.coverage.grid, slots.person_s.astype(int) * 0
    longest = max(slots.observed_s.values(), default=0.0)
    return HeatGrid(None, "m", grid.cell, grid.origin, grid.shape, slots.person_s, none, none, none, longest)


def _answer(view: View, slots: SlotDifference, change: Change) -> str:
    words, missing = view.words, change.days_missing
    counted = {"on": words.number(slots.on), "off": words.number(slots.off)}
    if missing:
        return words.gettext(
            "%(on)s slots with and %(off)s without: about %(n)s more of each until a place can be told."
        ) % (counted | {"n": words.number(missing)})
    if not change.clear.any():
        return words.gettext("%(on)s slots with and %(off)s without: no place differs by more than chance.") % counted
    area = float(change.clear.sum()) * slots.coverage.grid.cell**2
    square = words.quantity(area, words.gettext("m²"))
    return words.gettext("%(on)s slots with and %(off)s without: %(area)s differ by more than chance.") % (
        counted | {"area": square}
    )


def _labels(view: View, ground: Ground, change: Change) -> dict[str, Label]:
    words, zones = view.words, view.site.document.zones
    labels = {}
    for key in ground.zones:
        name, value = plan.name_of(zones[key], key), change.zone_clear(key)
        written = ("+" if value > 0 else "") + words.number(value) if value else ""
        labels[key] = Label(name, written, f"{name}\n{written}".strip(), view.link("/floor", zone=key))
    return labels
