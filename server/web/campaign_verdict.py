"""What a campaign's form says, and what is the matter with it: the part of the editor that follows each change."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from server.campaign_check import Check, check
from server.web import campaign_findings, campaign_words
from server.web.figures.week import week
from server.web.times import weekday
from server.web.view import View


@dataclass(frozen=True, slots=True)
class Verdict:
    """`sentence` is empty where the form does not make a campaign yet."""

    sentence: str
    faults: list[tuple[str, str]]
    """(field's key, what is the matter)."""
    warnings: list[tuple[str, str]]
    rules: list[str]
    reach: list[tuple[str, str]]
    """(what, how much)."""
    week: Markup


def verdict(view: View, raw: Mapping[str, Any], campaign: str | None) -> Verdict:
    """Of the document that a form made; `campaign` is None for a new one."""
    words, found = view.words, check(view.conn, view.site, raw, now=view.at, campaign=campaign)
    shape = {campaign_findings.shape_told(words, fault): fault.key for fault in found.shape}
    told = [(one, campaign_findings.told(words, one)) for one in found.findings]
    names = {key: record.name for key, record in found.creatives.items()}
    document, site = found.document, view.site.document
    return Verdict(
        sentence=campaign_words.sentence(words, document, site, names) if document else "",
        faults=[(key, text) for text, key in shape.items()] + [(one.key, text) for one, text in told if one.fault],
        warnings=[(one.key, text) for one, text in told if not one.fault],
        rules=[campaign_words.rule_told(words, rule, site) for rule in document.rules] if document else [],
        reach=_reach(view, found),
        week=_week(view, found),
    )


def _reach(view: View, found: Check) -> list[tuple[str, str]]:
    words, far = view.words, found.reach
    if far is None:
        return []
    rows = [
        (words.gettext("Screens"), words.number(far.screens)),
        (words.gettext("Hours on each"), words.number(far.hours, 0 if far.hours >= 100 else 1)),
        (words.gettext("Ten-minute slots"), words.number(far.slots)),
    ]
    if found.document is not None:
        held = round(far.slots * found.document.arms.nothing)
        rows.append((words.gettext("of them left to the default"), words.number(held)))
    if far.plays_most is not None:
        rows.append((words.gettext("Plays that fit, at most"), words.number(round(far.plays_most, -2))))
    text = words.gettext("Last week rule %(n)s would have held in")
    slots = words.gettext("%(slots)s of %(of)s slots")
    rows += [
        (text % {"n": one.rule + 1}, slots % {"slots": words.number(one.slots), "of": words.number(one.of)})
        for one in found.last_week
    ]
    return rows


def _week(view: View, found: Check) -> Markup:
    if found.document is None:
        return Markup()
    names = [weekday(day, view.words) for day in range(7)]
    parts = [(part.weekdays, part.hours) for part in found.document.dayparts]
    return week(parts, names, label=view.words.gettext("Hours of the week"))
