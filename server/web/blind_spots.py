"""Which parts of the floor do not work? Four kinds of places, what shows each, how sure, and what to do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi import APIRouter
from markupsafe import Markup
from starlette.responses import HTMLResponse, RedirectResponse, Response

from server.blind import SHOPPING, Found, blind_spots
from server.db import zones
from server.db.zones import ZoneTotals
from server.domain.intervals import wilson
from server.domain.patches import Patch
from server.web import blind_layer, blind_words, parts, plan
from server.web import period as periods
from server.web.figures import strokes
from server.web.parts import Export, Picker
from server.web.plan import Label, Overlay
from server.web.view import Page, View

router = APIRouter()
KINDS = ("passed_by", "cold", "weakly_tracked", "uncovered")
LISTED_M2 = 3.0
"""Shadows smaller than this are summed up, not listed: every shelf throws some."""


@dataclass(frozen=True, slots=True)
class Row:
    """One place."""

    number: int
    href: str
    chosen: bool
    place: str
    area: str
    evidence: str
    sure: str
    by: str
    todo: str


@dataclass(frozen=True, slots=True)
class Group:
    """The places of one kind."""

    kind: str
    title: str
    meaning: str
    swatch: Markup
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class Toggle:
    """A kind's switch with its total."""

    title: str
    swatch: Markup
    area: str
    note: str
    href: str
    on: bool


@dataclass(frozen=True, slots=True)
class Beside:
    """One zone beside the chosen one, for comparison."""

    name: str
    whisker: Markup
    value: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class BlindPage:
    """Everything the template shows."""

    question: str
    answer: Markup
    meta: str
    periods: Picker
    exports: list[Export]
    drawing: Markup
    toggles: list[Toggle]
    groups: list[Group]
    unknown: Group | None
    missing: str
    why: str
    beside: list[Beside]


@router.get("/blind-spots", response_class=HTMLResponse)
def blind_page(view: Page) -> Response:
    """The page; by default over 28 days, because a day tells little."""
    if not any(view.param(name) for name in ("period", "from")):
        return RedirectResponse(view.link(period="28d"), status_code=302)
    question = view.words.gettext("Which parts of the floor do not work?")
    found = blind_spots(view.conn, view.site.document, **view.span) if view.boxes else None
    if found is None:
        return view.render("empty.html", question=question)
    totals = zones.zone_totals(view.conn, site=view.site.site, **view.span)
    return view.render("blind_spots.html", page=_page(view, question, found, totals))


def _page(view: View, question: str, found: Found, totals: Mapping[str, ZoneTotals]) -> BlindPage:
    words, hidden = view.words, set((view.param("hide") or "").split(","))
    listed = _listed(found)
    numbers = {id(patch): i for i, patch in enumerate((p for kind in KINDS for p in listed[kind]), 1)}
    answer = _answer(view, found, listed)

    def rows(patches: Sequence[Patch]) -> list[Row]:
        return [_row(view, found, totals, patch, numbers.get(id(patch), 0)) for patch in patches]

    unknown = rows([p for p in found.spots.patches if p.kind == "unknown"])
    drawn = [p for p in found.spots.patches if p.kind not in hidden]
    why, beside = _why(view, totals, _chosen(view, listed, numbers))
    return BlindPage(
        question=question,
        answer=answer,
        meta=_meta(view, found),
        periods=parts.span_picker(view),
        exports=[parts.table(view, words.gettext("Blind spots"), "blind-spots", figure="figure-plan")],
        drawing=_drawing(view, found, drawn, numbers, totals, label=str(answer.striptags())),
        toggles=[_toggle(view, found, kind, listed[kind], hidden) for kind in reversed(KINDS)],
        groups=[_group(view, kind, rows(listed[kind])) for kind in KINDS if kind not in hidden],
        unknown=_group(view, "unknown", unknown) if unknown else None,
        missing=_missing(view, found),
        why=why,
        beside=beside,
    )


def _listed(found: Found) -> dict[str, list[Patch]]:
    """By kind, the largest first; of what is not seen only larger pieces."""
    patches = found.spots.patches
    return {
        kind: [p for p in patches if p.kind == kind and (kind != "uncovered" or p.area_m2 >= LISTED_M2)]
        for kind in KINDS
    }


def _chosen(view: View, listed: Mapping[str, Sequence[Patch]], numbers: Mapping[int, int]) -> Patch | None:
    every = [patch for kind in KINDS for patch in listed[kind]]
    asked = [patch for patch in every if str(numbers[id(patch)]) == view.param("spot")]
    return next(iter([*asked, *(p for p in every if p.kind in ("passed_by", "cold") and p.zone), *every]), None)


def _group(view: View, kind: str, rows: list[Row]) -> Group:
    title, meaning = blind_words.kind_title(kind, view.words)
    return Group(kind, title, meaning, blind_layer.swatch(kind), rows)


def _row(view: View, found: Found, totals: Mapping[str, ZoneTotals], patch: Patch, number: int) -> Row:
    sure, by = blind_words.certainty(patch, view.words)
    if patch.more is not None:
        sure = _more(view, patch)
    return Row(
        number=number,
        href=_choose(view, number),
        chosen=view.param("spot") == str(number),
        place=blind_words.place(view, found, patch),
        area=view.words.number(patch.area_m2, 1),
        evidence=blind_words.evidence(view, found, patch, totals.get(patch.zone or "")),
        sure=sure,
        by=by,
        todo=blind_words.todo(patch, view.words),
    )


def _more(view: View, patch: Patch) -> str:
    if patch.more is None:
        return ""
    days = patch.more.days
    return view.words.ngettext("About %(n)s more day", "About %(n)s more days", days) % {"n": view.words.number(days)}


def _choose(view: View, number: int) -> str:
    return view.link(spot=None if view.param("spot") == str(number) else str(number))


def _drawing(
    view: View,
    found: Found,
    patches: Sequence[Patch],
    numbers: Mapping[int, int],
    totals: Mapping[str, ZoneTotals],
    *,
    label: str,
) -> Markup:
    ground = plan.grounds(view.site.document, {})[0]
    drawn = [_drawn(view, found, patch, numbers.get(id(patch)), totals) for patch in patches]
    names = {key: plan.name_of(view.site.document.zones[key], key) for key in ground.zones}
    labels = {key: Label(name, "", name, view.link("/floor", zone=key)) for key, name in names.items()}
    overlay = Overlay(labels=labels, lines=False, above=blind_layer.blind_layer(found.grid, drawn))
    return plan.draw(ground, overlay, label=label)


def _drawn(
    view: View, found: Found, patch: Patch, number: int | None, totals: Mapping[str, ZoneTotals]
) -> blind_layer.Patch:
    title, _ = blind_words.kind_title(patch.kind, view.words)
    area = f"{view.words.number(patch.area_m2, 1)} m²"
    place = blind_words.place(view, found, patch)
    evidence = blind_words.evidence(view, found, patch, totals.get(patch.zone or ""))
    href = _choose(view, number) if number else view.link()
    chosen = number is not None and view.param("spot") == str(number)
    return blind_layer.Patch(patch.kind, patch.mask, number, f"{title}, {area}\n{place}\n{evidence}", href, chosen)


def _toggle(view: View, found: Found, kind: str, listed: Sequence[Patch], hidden: set[str]) -> Toggle:
    words = view.words
    title, _ = blind_words.kind_title(kind, words)
    area = found.spots.uncovered_m2 if kind == "uncovered" else sum(patch.area_m2 for patch in listed)
    note = words.ngettext("%(n)s place", "%(n)s places", len(listed)) % {"n": words.number(len(listed))}
    small = area - sum(patch.area_m2 for patch in listed)
    if small >= 1:
        note += words.gettext("; %(area)s m² in small shadows") % {"area": words.number(small)}
    changed = ",".join(sorted((hidden ^ {kind}) - {""})) or None
    return Toggle(
        title, blind_layer.swatch(kind), words.number(area, 1), note, view.link(hide=changed), kind not in hidden
    )


def _answer(view: View, found: Found, listed: Mapping[str, Sequence[Patch]]) -> Markup:
    words, spots = view.words, found.spots
    n = sum(len(patches) for patches in listed.values())
    area = sum(patch.area_m2 for patches in listed.values() for patch in patches)
    lead = words.ngettext(
        "<b>%(n)s place, %(area)s m² of %(all)s.</b>", "<b>%(n)s places, %(area)s m² of %(all)s.</b>", n
    )
    text = Markup(lead) % {  # noqa: S704 - our own text
        "n": words.number(n),
        "area": words.number(area),
        "all": words.number(spots.walkable_m2),
    }
    return Markup(" ").join([text, *_facts(view, found, listed)])


def _facts(view: View, found: Found, listed: Mapping[str, Sequence[Patch]]) -> list[Markup]:
    """The largest place that people pass or do not reach, and how much no camera sees."""
    words, facts = view.words, []
    named = sorted((p for kind in ("passed_by", "cold") for p in listed[kind]), key=lambda p: p.zone is None)
    if named:
        text = (
            words.gettext("People walk through <b>%(place)s</b> without stopping.")
            if named[0].kind == "passed_by"
            else words.gettext("Hardly anyone comes to <b>%(place)s</b>.")
        )
        facts.append(Markup(text) % {"place": blind_words.place(view, found, named[0])})  # noqa: S704 - our own text
    text = words.gettext("Cameras miss <b>%(area)s m²</b>.")
    facts.append(Markup(text) % {"area": words.number(found.spots.uncovered_m2)})  # noqa: S704 - our own text
    return facts


def _meta(view: View, found: Found) -> str:
    words = view.words
    days = words.ngettext("%(n)s day with data", "%(n)s days with data", found.days) % {"n": words.number(found.days)}
    alarms = words.gettext("At most 5 %% of the places named are false alarms (Benjamini and Hochberg)") % {}
    span = words.sentence(periods.span(view.period, words))
    return f"{span}, {days}, {_hours(view, found)}. {alarms}."


def _hours(view: View, found: Found) -> str:
    return view.words.gettext("%(hours)s observed") % {"hours": view.words.seconds(found.observed_s)}


def _missing(view: View, found: Found) -> str:
    days = found.spots.days_missing
    if not days:
        return ""
    return view.words.ngettext(
        "Only what cameras cannot see is told yet: the rest takes %(n)s more day with data.",
        "Only what cameras cannot see is told yet: the rest takes %(n)s more days with data.",
        days,
    ) % {"n": view.words.number(days)}


def _why(view: View, totals: Mapping[str, ZoneTotals], chosen: Patch | None) -> tuple[str, list[Beside]]:
    """Stops per 100 who walk through, zone by zone, beside the place in question."""
    known = view.site.document.zones
    shares = {
        key: share
        for key, total in totals.items()
        if key in known
        and known[key].kind in SHOPPING
        and (share := wilson(min(total.stops, total.visits), total.visits))
    }
    if chosen is None or chosen.zone not in shares:
        return "", []
    top = max(share.high for share in shares.values())
    words = view.words
    rows = [
        Beside(
            plan.name_of(known[key], key),
            strokes.whisker(
                share.low,
                share.value,
                share.high,
                top=top,
                width=360.0,
                label=f"{words.percent(share.low, 1)} – {words.percent(share.high, 1)}",
            ),
            words.number(share.value * 100, 1),
            key == chosen.zone,
        )
        for key, share in shares.items()
    ]
    title = words.gettext("%(place)s beside the others: stops per 100 who walk through")
    return title % {"place": plan.name_of(known[chosen.zone], chosen.zone)}, rows
