"""What is wrong with a campaign at its site, and what its author should know: a code, a key and figures for each."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import combinations

from contract.segments import PROFILES, WEEKDAYS, Profile, Segment, Weekday
from contract.site import Site
from server.campaign_document import CampaignDocument, NearRule, Rule, SegmentRule, TriggerRule, as_daypart, screens_of
from server.campaign_reach import Reach
from server.db.creatives import CreativeRecord
from server.domain.eligibility import in_hours

TEST_SLOTS = 60
"""Fewer ten-minute slots in an arm say little about what a campaign brings."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One of them. A fault keeps the campaign from being handed in; `key` is where in the document."""

    code: str
    key: str
    fault: bool
    figures: Mapping[str, str | int | float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a campaign is judged against."""

    site: Site
    creatives: Mapping[str, CreativeRecord]
    """All of the site, archived ones too."""
    today: date
    """At the site."""
    profile: Profile | None
    """The most that any of its boxes knows; None where none has said."""
    triggers: frozenset[str]
    """Names that hold now."""


def findings(document: CampaignDocument, around: Surroundings, reach: Reach) -> list[Finding]:
    """Everything, faults first."""
    judges: Sequence[Callable[[CampaignDocument, Surroundings, Reach], Iterator[Finding]]] = (
        _creatives,
        _times,
        _places,
        _rules,
        _contradictions,
        _goal,
    )
    found = [finding for judge in judges for finding in judge(document, around, reach)]
    return sorted(found, key=lambda finding: not finding.fault)


def _creatives(document: CampaignDocument, around: Surroundings, _: Reach) -> Iterator[Finding]:
    for i, key in enumerate(document.creatives):
        creative = around.creatives.get(key)
        if creative is None:
            yield Finding("creative-unknown", f"creatives.{i}", fault=True, figures={"creative": key})
        elif creative.archived is not None:
            yield Finding("creative-archived", f"creatives.{i}", fault=True, figures={"creative": creative.name})
    shapes = {around.creatives[key].portrait for key in document.creatives if key in around.creatives}
    if shapes and None not in shapes:
        screens = screens_of(document, around.site)
        bare = [around.site.screen_name(key) for key, screen in screens.items() if screen.portrait not in shapes]
        if bare:
            none_fits = len(bare) == len(screens)
            yield Finding("screen-without-creative", "creatives", fault=none_fits, figures={"screens": ", ".join(bare)})


def _times(document: CampaignDocument, around: Surroundings, reach: Reach) -> Iterator[Finding]:
    for (i, first), (j, second) in combinations(enumerate(document.flights), 2):
        if first.first <= second.last and second.first <= first.last:
            yield Finding("flights-overlap", f"flights.{j}", fault=True, figures={"one": i + 1, "other": j + 1})
    if max(flight.last for flight in document.flights) < around.today:
        yield Finding("flights-over", "flights", fault=True)
    elif not reach.hours:
        yield Finding("never-on", "dayparts", fault=True)


def _places(document: CampaignDocument, around: Surroundings, _: Reach) -> Iterator[Finding]:
    site = around.site
    for i, key in enumerate(document.screens):
        if key not in site.screens:
            yield Finding("screen-unknown", f"screens.{i}", fault=True, figures={"screen": key})
    for i, key in enumerate(document.groups):
        if all(screen.group != key for screen in site.screens.values()):
            yield Finding("group-empty", f"groups.{i}", fault=True, figures={"group": key})
    if not site.screens:
        yield Finding("no-screens", "screens", fault=True)
    if document.promotes is not None and document.promotes not in site.zones:
        yield Finding("zone-unknown", "promotes", fault=True, figures={"zone": document.promotes})


def _rules(document: CampaignDocument, around: Surroundings, _: Reach) -> Iterator[Finding]:
    for i, rule in enumerate(document.rules):
        key = f"rules.{i}"
        match rule:
            case SegmentRule():
                yield from _segment(rule, key, document, around)
            case TriggerRule(name=name) if name not in around.triggers:
                yield Finding("trigger-silent", key, fault=False, figures={"trigger": name})
    if any(isinstance(rule, SegmentRule | NearRule) and not rule.unless for rule in document.rules):
        screens = screens_of(document, around.site)
        blind = [around.site.screen_name(key) for key, screen in screens.items() if screen.zone is None]
        if blind:
            figures = {"screens": ", ".join(blind)}
            yield Finding("screen-blind", "rules", fault=len(blind) == len(screens), figures=figures)


def _segment(rule: SegmentRule, key: str, document: CampaignDocument, around: Surroundings) -> Iterator[Finding]:
    segment = around.site.segments.get(rule.segment)
    if segment is None:
        yield Finding("segment-unknown", f"{key}.segment", fault=True, figures={"segment": rule.segment})
        return
    figures: dict[str, str | int | float] = {"segment": segment.name or rule.segment}
    if segment.sensitive:
        yield Finding("segment-sensitive", f"{key}.segment", fault=True, figures=figures)
    elif segment.may_be_children:
        yield Finding("segment-children", f"{key}.segment", fault=True, figures=figures)
    if around.profile is not None and PROFILES.index(segment.when.profile) > PROFILES.index(around.profile):
        needed: dict[str, str | int | float] = {"needs": segment.when.profile, "has": around.profile}
        yield Finding("segment-not-seen", f"{key}.segment", fault=not rule.unless, figures=figures | needed)
    if not rule.unless and _apart(segment, document):
        yield Finding("segment-other-hours", f"{key}.segment", fault=True, figures=figures)


def _contradictions(document: CampaignDocument, _: Surroundings, __: Reach) -> Iterator[Finding]:
    for (i, one), (j, other) in combinations(enumerate(document.rules), 2):
        if _contradict(one, other) or _contradict(other, one):
            yield Finding("rules-contradict", f"rules.{j}", fault=True, figures={"one": i + 1, "other": j + 1})


def _contradict(wanted: Rule, other: Rule) -> bool:
    """Whether nothing can be as `wanted` says and as `other` says."""
    match wanted, other:
        case TriggerRule(unless=False), TriggerRule() if wanted.name == other.name:
            return (wanted.value == other.value) == other.unless
        case ((NearRule(unless=False) | SegmentRule(unless=False, over="now", share=None)), NearRule(unless=True)):
            return other.at_least <= wanted.at_least
        case SegmentRule(unless=False), SegmentRule(unless=True):
            return (wanted.segment, wanted.over) == (other.segment, other.over) and _is_less(other, wanted)
        case _:
            return False


def _is_less(bar: SegmentRule, aim: SegmentRule) -> bool:
    """Whether `bar` holds wherever `aim` does."""
    if bar.share is None or aim.share is None:
        return bar.share == aim.share and bar.at_least <= aim.at_least
    return bar.share <= aim.share


def _goal(document: CampaignDocument, _: Surroundings, reach: Reach) -> Iterator[Finding]:
    goal, budget = document.goal, document.budget
    if goal.kind in {"visits", "uplift"} and document.promotes is None:
        yield Finding("goal-needs-zone", "promotes", fault=goal.kind == "visits")
    most = document.plays_most
    if (
        goal.kind == "plays"
        and goal.amount is not None
        and budget is not None
        and most is not None
        and most < goal.amount
    ):
        yield Finding("budget-too-small", "budget", fault=False, figures={"plays": most, "goal": goal.amount})
    if most is not None and reach.plays_most is not None and most > reach.plays_most:
        yield Finding("more-than-fits", "goal.amount", fault=False, figures={"plays": most, "fits": reach.plays_most})
    smallest = reach.slots * min(document.arms.targeted, document.arms.nothing)
    if reach.slots and smallest < TEST_SLOTS:
        yield Finding("few-slots", "arms", fault=False, figures={"slots": round(smallest), "needed": TEST_SLOTS})


def _apart(segment: Segment, document: CampaignDocument) -> bool:
    """Whether the segment is of hours or weekdays in which the campaign is never on."""
    when = segment.when
    if not document.dayparts or not (when.hours or when.weekdays):
        return False
    parts = tuple(map(as_daypart, document.dayparts))
    own = _minutes(when.hours or ["00:00-24:00"], when.weekdays)
    return not any(in_hours(parts, WEEKDAYS.index(day), minute) for day, minute in own)


def _minutes(hours: Sequence[str], weekdays: Sequence[Weekday] | None) -> set[tuple[Weekday, int]]:
    """Weekday and minute of a segment's spans; its hours and its days are held against the clock apart."""
    spans = [_span(text) for text in hours]
    minutes = {minute for start, end in spans for minute in range(start, end if end > start else end + 1440)}
    return {(day, minute % 1440) for day in weekdays or WEEKDAYS for minute in minutes}


def _span(text: str) -> tuple[int, int]:
    start, end = (int(clock[:2]) * 60 + int(clock[3:]) for clock in text.split("-"))
    return start, end
