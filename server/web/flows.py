"""Where do people go next? From zone to zone, what a visit reaches, and the routes most walked."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from fastapi import APIRouter
from markupsafe import Markup
from starlette.responses import HTMLResponse

from server.db import flows as queries
from server.domain import flows
from server.domain.flows import ENTRY, EXIT, LOST, Reach, Route, Transition
from server.web import flow_words, parts, plan
from server.web import period as periods
from server.web.figures import sankey, strokes
from server.web.figures.sankey import Node, Ribbon
from server.web.flow_lines import entry_of, flow_lines
from server.web.parts import Export, Picker, Table
from server.web.plan import Overlay
from server.web.view import Page, View

router = APIRouter()
ENOUGH = 20
"""Steps that were seen before shares are told."""
DRAWN_SHARE = 0.004
"""Ribbons thinner than this share of all steps are left out of the drawing, not of the table."""


@dataclass(frozen=True, slots=True)
class Row:
    """A place with a share: its whisker and how it is written."""

    name: str
    href: str | None
    cells: list[str]
    whisker: Markup


@dataclass(frozen=True, slots=True)
class Walk:
    """A typical route."""

    places: list[str]
    share: str


@dataclass(frozen=True, slots=True)
class Tab:
    """One way to see the flows."""

    title: str
    href: str
    on: bool


@dataclass(frozen=True, slots=True)
class FlowsPage:
    """Everything the template shows."""

    question: str
    answer: Markup
    meta: str
    periods: Picker
    exports: list[Export]
    tabs: list[Tab]
    drawing: Markup
    table: Table
    left_out: str
    chosen: str | None
    clear: str
    came_from: list[Row]
    went_to: list[Row]
    reached: list[Row]
    routes: list[Walk]


@router.get("/flows", response_class=HTMLResponse)
def flow_page(view: Page) -> HTMLResponse:
    """The page."""
    question = view.words.gettext("Where do people go next?")
    if not view.boxes or not view.site.document.zones:
        return view.render("empty.html", question=question)
    counts = queries.flows(view.conn, site=view.site.site, **view.span)
    return view.render("flows.html", page=_page(view, question, counts))


def _page(view: View, question: str, counts: flows.Counts) -> FlowsPage:
    steps = flows.transitions(counts)
    chain = flows.chain(counts)
    # One seed: the same figures give the same intervals.
    reached = flows.reach(chain, np.random.default_rng(0))
    chosen = view.param("zone") if view.param("zone") in view.site.document.zones else None
    shown = [step for step in steps if chosen is None or chosen in (step.source, step.target)]
    drawn, left_out = _thick(shown)
    answer = _answer(view, counts, steps, reached) if chosen is None else _answer_of(view, shown, chosen)
    return FlowsPage(
        question=question,
        answer=answer,
        meta=_meta(view, steps),
        periods=parts.span_picker(view),
        exports=[parts.table(view, view.words.gettext("Flows"), "flows", figure="figure-flows")],
        tabs=_tabs(view),
        drawing=_drawing(view, drawn, chosen, label=str(answer.striptags())),
        table=_table(view, shown),
        left_out=_left_out(view, left_out),
        chosen=flow_words.name(view, chosen) if chosen else None,
        clear=view.link(zone=None),
        came_from=_ways(view, [(s.source, s.n) for s in shown if s.target == chosen]),
        went_to=_ways(view, [(s.target, s.n) for s in shown if s.source == chosen]),
        reached=[_reach_row(view, found) for found in reached],
        routes=[_walk(view, route) for route in flows.routes(chain, most=8)],
    )


def _thick(steps: Sequence[Transition]) -> tuple[list[Transition], list[Transition]]:
    total = sum(step.n for step in steps)
    thick = [step for step in steps if step.n >= DRAWN_SHARE * total]
    return thick, [step for step in steps if step.n < DRAWN_SHARE * total]


def _left_out(view: View, steps: Sequence[Transition]) -> str:
    n = len(steps)
    text = view.words.ngettext(
        "%(n)s rare way with %(people)s people is only in the table.",
        "%(n)s rare ways with %(people)s people are only in the table.",
        n,
    )
    people = view.words.number(sum(step.n for step in steps))
    return text % {"n": view.words.number(n), "people": people} if n else ""


def _answer(view: View, counts: flows.Counts, steps: Sequence[Transition], reached: Sequence[Reach]) -> Markup:
    words = view.words
    seen = sum(step.n for step in steps if step.target != LOST)
    first = [step for step in flows.first_zones(counts) if step.target != EXIT]
    if seen < ENOUGH or not first or not reached:
        text = words.ngettext(
            "<b>%(n)s way</b> so far: not enough to say where people go.",
            "<b>%(n)s ways</b> so far: not enough to say where people go.",
            seen,
        )
        return Markup(text) % {"n": words.number(seen)}  # noqa: S704 - our own text
    text = words.gettext(
        "Of those who come in, <b>%(share)s</b> go to <b>%(first)s</b> first. "
        "<b>%(most)s</b> is reached by most: %(reach)s."
    )
    return Markup(text) % {  # noqa: S704 - our own text
        "share": words.percent(first[0].share.value),
        "first": flow_words.name(view, first[0].target),
        "most": flow_words.name(view, reached[0].zone),
        "reach": words.percent(reached[0].share.value),
    }


def _answer_of(view: View, steps: Sequence[Transition], zone: str) -> Markup:
    words = view.words
    into = [step for step in steps if step.target == zone and step.source != LOST]
    on = [step for step in steps if step.source == zone and step.target != LOST]
    if not into or not on:
        text = words.gettext("Too few ways led through <b>%(zone)s</b>.")
        return Markup(text) % {"zone": flow_words.name(view, zone)}  # noqa: S704 - our own text
    text = words.gettext(
        "Most come to <b>%(zone)s</b> from <b>%(source)s</b>, %(n)s times; %(share)s go on to <b>%(target)s</b>."
    )
    return Markup(text) % {  # noqa: S704 - our own text
        "zone": flow_words.name(view, zone),
        "source": flow_words.name(view, into[0].source),
        "n": words.number(into[0].n),
        "share": words.percent(on[0].share.value),
        "target": flow_words.name(view, on[0].target),
    }


def _meta(view: View, steps: Sequence[Transition]) -> str:
    words = view.words
    n, lost = sum(step.n for step in steps), sum(step.n for step in steps if step.target == LOST)
    ways = words.ngettext("%(n)s way", "%(n)s ways", n) % {"n": words.number(n)}
    broken = words.gettext("%(share)s were lost from sight before the next zone and are left out of the shares") % {
        "share": words.percent(lost / n if n else None)
    }
    return f"{words.sentence(periods.span(view.period, words))}, {ways}. {words.sentence(broken)}."


def _tabs(view: View) -> list[Tab]:
    text = view.words.gettext
    on_plan = view.param("as") == "plan"
    if view.site.document.floor is None:
        return []
    return [
        Tab(text("Zone to zone"), view.link(**{"as": None}), not on_plan),
        Tab(text("On the plan"), view.link(**{"as": "plan"}), on_plan),
    ]


def _drawing(view: View, steps: Sequence[Transition], chosen: str | None, *, label: str) -> Markup:
    grounds = plan.grounds(view.site.document, {})
    if view.param("as") == "plan" and grounds:
        return _on_plan(view, steps, chosen, grounds[0], label=label)
    left = _nodes(view, steps, "source", [ENTRY, LOST], chosen)
    right = _nodes(view, steps, "target", [EXIT, LOST], chosen)
    ribbons = [Ribbon(s.source, s.target, s.n, flow_words.tip(view, s), _kind(s)) for s in steps]
    return sankey.sankey(left, right, ribbons, label=label)


def _kind(step: Transition) -> str:
    if LOST in (step.source, step.target):
        return "lost"
    return "entry" if step.source == ENTRY else "way"


def _on_plan(view: View, steps: Sequence[Transition], chosen: str | None, ground: plan.Ground, *, label: str) -> Markup:
    layer = flow_lines(
        ground,
        steps,
        tip=lambda step: flow_words.tip(view, step),
        number=view.words.number,
        entry=entry_of(view.site.document),
    )
    names = {key: plan.name_of(view.site.document.zones[key], key) for key in ground.zones}
    labels = {key: plan.Label(name, "", name, _choose(view, key, chosen)) for key, name in names.items()}
    return plan.draw(ground, Overlay(labels=labels, selected=chosen, lines=False, between=layer), label=label)


def _nodes(view: View, steps: Sequence[Transition], end: str, last: list[str], chosen: str | None) -> list[Node]:
    """The places of a column, the busiest first; ENTRY leads, EXIT and LOST come last."""
    totals = _totals(steps, end)
    order = sorted(totals, key=lambda key: (key in (EXIT, LOST), key == LOST, key != ENTRY, -totals[key]))
    return [_node(view, key, totals[key], chosen) for key in order]


def _node(view: View, key: str, n: int, chosen: str | None) -> Node:
    words, name = view.words, flow_words.name(view, key)
    people = words.ngettext("%(n)s time", "%(n)s times", n) % {"n": words.number(n)}
    kind = {ENTRY: "entry", EXIT: "exit", LOST: "lost"}.get(key, "chosen" if key == chosen else "place")
    href = _choose(view, key, chosen) if key in view.site.document.zones else None
    return Node(key, name, words.number(n), f"{people}\n{name}", href, kind)


def _choose(view: View, key: str, chosen: str | None) -> str:
    return view.link(zone=None if key == chosen else key)


def _totals(steps: Sequence[Transition], end: str) -> dict[str, int]:
    totals: dict[str, int] = {}
    for step in steps:
        key = step.source if end == "source" else step.target
        totals[key] = totals.get(key, 0) + step.n
    return totals


def _table(view: View, steps: Sequence[Transition]) -> Table:
    words = view.words
    head = [words.gettext("From → to"), words.gettext("Times"), words.gettext("Share"), words.gettext("95 % interval")]
    rows = [
        [
            f"{flow_words.name(view, step.source)} → {flow_words.name(view, step.target)}",
            words.number(step.n),
            words.percent(step.share.value),
            flow_words.interval(step.share, words),
        ]
        for step in steps
    ]
    return Table(words.gettext("Flows"), head, rows)


def _ways(view: View, ways: Sequence[tuple[str, int]]) -> list[Row]:
    """Ways into or out of the chosen zone; shares are of those that were seen, so what was lost has none."""
    seen = sum(n for key, n in ways if key != LOST)
    ordered = sorted(ways, key=lambda way: (way[0] == LOST, -way[1]))
    return [_row(view, key, n, None if key == LOST else n / max(seen, 1)) for key, n in ordered]


def _row(view: View, key: str, n: int, share: float | None) -> Row:
    words = view.words
    href = view.link(zone=key) if key in view.site.document.zones else None
    bar = Markup() if share is None else strokes.share_bar(share, label=words.percent(share))
    return Row(flow_words.name(view, key), href, [words.number(n), words.percent(share)], bar)


def _reach_row(view: View, found: Reach) -> Row:
    words, share = view.words, found.share
    label = flow_words.interval(share, words)
    whisker = strokes.whisker(share.low, share.value, share.high, top=1.0, label=label)
    cells = [words.percent(share.value), label]
    return Row(flow_words.name(view, found.zone), view.link(zone=found.zone), cells, whisker)


def _walk(view: View, route: Route) -> Walk:
    return Walk([flow_words.name(view, key) for key in route.zones], view.words.percent(route.share, 1))
