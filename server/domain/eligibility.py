"""May this campaign be on this screen now? Flights, hours, screens, tact and its rules, each with the code it fails by.

Tact comes first: who is there decides nothing before a lone viewer, before nobody knows whom, or by a segment that is
sensitive or may be children. Showing the same to everyone tells nothing of anyone, so the arm `everyone` is free of
segments, and only of them.
"""

from collections.abc import Mapping
from typing import Literal

from contract.segments import BAND_STARTS
from server.domain.campaigns import (
    Campaign,
    Creative,
    Crowd,
    Daypart,
    NearRule,
    Rule,
    SegmentRule,
    TriggerRule,
)
from server.domain.context import Context
from server.domain.holdout import SLOT_S, WASH_OUT_S, slot_of

LONE = 1
"""Up to so many people before a screen, what it shows would tell who they are."""
LONGEST_PLAY_S = SLOT_S + WASH_OUT_S
"""A play that began with its slot and ends within the next one's wash-out."""

Refusal = Literal[
    "flight", "hours", "screen", "shape", "slot", "tact", "unknown", "lone", "target", "near", "trigger",
    "spent", "hourly", "paced", "voice", "rival", "priority",
]  # fmt: skip
"""Why a campaign was passed over, in the order in which it is asked."""


def refusal(campaign: Campaign, context: Context, *, everyone: bool) -> Refusal | None:
    """Why the campaign may not be on, as far as itself goes; None where it may. `everyone`: its arm frees it."""
    if flight_end(campaign, context.t) is None:
        return "flight"
    if not in_hours(campaign.dayparts, context.weekday, context.minute):
        return "hours"
    if campaign.screens and (context.screen not in campaign.screens or not context.in_step <= campaign.screens):
        return "screen"
    if not playable(campaign, context):
        shaped = any(fits(creative, context.portrait) for creative in campaign.creatives)
        return "slot" if shaped else "shape"
    return _untactful(campaign, context, everyone=everyone) or _unruly(campaign, context, everyone=everyone)


def playable(campaign: Campaign, context: Context) -> tuple[Creative, ...]:
    """Its creatives that fit the screen and end in time, before their flight does and within the slot's wash-out."""
    slot_end = (slot_of(context.t) + 1) * SLOT_S + WASH_OUT_S
    left_s = min(slot_end, flight_end(campaign, context.t) or context.t) - context.t
    return tuple([each for each in campaign.creatives if each.seconds <= left_s and fits(each, context.portrait)])


def flight_end(campaign: Campaign, t: float) -> float | None:
    """When the flight that is on at `t` ends, seconds UTC; None between flights."""
    for flight in campaign.flights:
        if flight.start <= t < flight.end:
            return flight.end
    return None


def fits(creative: Creative, portrait: bool | None) -> bool:
    """Whether it has the screen's shape; on screens of both shapes in step, only what fits any."""
    return creative.portrait is None or creative.portrait is portrait


def in_hours(dayparts: tuple[Daypart, ...], weekday: int, minute: int) -> bool:
    """Whether one of them holds; none at all means always."""
    return not dayparts or any(_holds(part, weekday, minute) for part in dayparts)


def _holds(part: Daypart, weekday: int, minute: int) -> bool:
    if part.start_min < part.end_min:
        return weekday in part.weekdays and part.start_min <= minute < part.end_min
    evening = weekday in part.weekdays and minute >= part.start_min
    return evening or ((weekday - 1) % 7 in part.weekdays and minute < part.end_min)


def _untactful(campaign: Campaign, context: Context, *, everyone: bool) -> Refusal | None:
    if not campaign.rules or not campaign.by_attribute:
        return None
    if campaign.sensitive or any(segment in context.barred for segment in segments_of(campaign)):
        return "tact"
    if everyone:
        return None
    if not context.crowd.known:
        return "unknown"
    return "lone" if context.crowd.near <= LONE else None


def segments_of(campaign: Campaign) -> list[str]:
    """The segments its rules name."""
    return [rule.segment for rule in campaign.rules if isinstance(rule, SegmentRule)]


def _unruly(campaign: Campaign, context: Context, *, everyone: bool) -> Refusal | None:
    for rule in campaign.rules:
        if everyone and isinstance(rule, SegmentRule):
            continue
        if not obeyed(rule, context.crowd, context.triggers):
            return _kind(rule)
    return None


def _kind(rule: Rule) -> Refusal:
    match rule:
        case SegmentRule():
            return "target"
        case NearRule():
            return "near"
        case TriggerRule():
            return "trigger"


def obeyed(rule: Rule, crowd: Crowd, triggers: Mapping[str, str]) -> bool:
    """Whether a rule lets its campaign be on. What is not known neither aims nor clears an exclusion."""
    match rule:
        case SegmentRule():
            there = _enough(rule, crowd)
            return there is not None and there is not rule.unless
        case NearRule():
            return crowd.known and (crowd.near >= rule.at_least) is not rule.unless
        case TriggerRule():
            return (triggers.get(rule.name) == rule.value) is not rule.unless


def _enough(rule: SegmentRule, crowd: Crowd) -> bool | None:
    """Whether surely enough of the segment are there; None where nobody counts it."""
    bands, of = (crowd.now, crowd.near) if rule.over == "now" else (crowd.lately, crowd.lately_n)
    if not crowd.known or rule.segment not in bands:
        return None
    surely = BAND_STARTS[bands[rule.segment]]
    if rule.share is not None:
        return of > 0 and surely >= rule.share * of
    return surely >= rule.at_least
