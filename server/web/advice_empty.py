"""Why there is no advice to show, and what will fill the page."""

from collections.abc import Sequence
from dataclasses import dataclass

from server.advice.standing import Standing
from server.db import planogram, sales
from server.db.advice import Round
from server.web.view import View


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that is missing, where to give it, and whether it is there already."""

    text: str
    href: str
    done: bool


@dataclass(frozen=True, slots=True)
class Empty:
    """A title, a sentence, what is missing, and whether a round may be asked for."""

    title: str
    text: str
    steps: list[Step]
    may_run: bool


def why_empty(view: View, shown: Sequence[Standing], found: Sequence[Standing], round_: Round | None) -> Empty | None:
    """None where the list has something."""
    if shown:
        return None
    text = view.words.gettext
    if found:
        return Empty(text("None of these"), text("Choose another list above."), [], may_run=False)
    steps = _steps(view)
    may_run = view.user.may("merchandiser") and steps[0].done
    if not all(step.done for step in steps):
        told = text("Advice joins the floor with the till. It needs:")
        return Empty(text("Something is missing"), told, steps, may_run=may_run)
    if round_ is None:
        told = text("All that is needed is there. The first round is worked out tonight; or now, in a minute or two.")
        return Empty(text("Not worked out yet"), told, [], may_run=may_run)
    told = text("What was sold and where people went hold nothing better than chance. It is looked at every night.")
    return Empty(text("Nothing stands out"), told, [], may_run=may_run)


def _steps(view: View) -> list[Step]:
    text, site, imports = view.words.gettext, view.site.site, view.link("/imports")
    sold = sales.span(view.conn, site) is not None
    placed = bool(planogram.placings(view.conn, site))
    watched = bool(view.boxes and view.site.document.zones)
    return [
        Step(text("receipts or sales by category, of at least four weeks"), imports, sold),
        Step(text("a planogram: which category stands in which zone"), imports, placed),
        Step(text("figures of the floor: zones on the plan, and a box that counts"), view.link("/setup"), watched),
    ]
