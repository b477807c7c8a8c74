"""Experiments: which arm each screen drew in each slot of a day, and what happened by arm, in tens."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from contract.disclosed import ArmRow, SlotRow
from server.campaign_report import domain_of
from server.campaign_slots import Counts, Trial, outcomes_of, trial_of
from server.db.approvals import approvals
from server.db.campaigns import CampaignRecord, list_campaigns
from server.disclosure.floor import FloorDay
from server.disclosure.question import Question, row
from server.domain.campaigns import Campaign, Flight
from server.domain.holdout import ARMS, SLOT_S
from server.domain.suppression import in_tens

PEOPLE = ("passed", "viewers", "visits", "stops", "scans", "redeemed")


@dataclass(frozen=True, slots=True)
class DayOfTest:
    """One campaign's slots on one day."""

    id: str
    trial: Trial
    counts: Counts


def tests_of_day(asked: Question) -> list[DayOfTest]:
    """Campaigns that had slots on the day, in which they were approved."""
    found = (_of_day(asked, record) for record in list_campaigns(asked.conn, asked.site.site))
    return sorted((test for test in found if test is not None and len(test.trial)), key=lambda test: test.id)


def _of_day(asked: Question, record: CampaignRecord) -> DayOfTest | None:
    campaign = _cut(domain_of(asked.conn, asked.site, record)[0], asked.day.start, asked.day.end)
    if not campaign.flights:
        return None
    spans = approvals(asked.conn, site=asked.site.site, campaign=record.id, until=asked.day.end)
    end = asked.day.end
    trial = trial_of(campaign, asked.site, approved=spans, until=end, goes_on=False, seed=asked.seed)
    return DayOfTest(record.id, trial, outcomes_of(asked.conn, campaign, asked.site, trial).counts)


def _cut(campaign: Campaign, start: float, end: float) -> Campaign:
    """With what of its flights lies within [start, end) seconds UTC."""
    cut = (Flight(max(flight.start, start), min(flight.end, end)) for flight in campaign.flights)
    return replace(campaign, flights=tuple(flight for flight in cut if flight.start < flight.end))


def by_slot(asked: Question, tests: list[DayOfTest]) -> list[SlotRow]:
    """Times and arms: they tell of nobody. Slots to come are never told, or somebody could play to them."""
    return [
        row(SlotRow, asked.day, slot * SLOT_S, {}, (), campaign=test.id, screen=screen, arm=ARMS[arm])
        for test in tests
        for (screen, slot), arm in zip(test.trial.keys, test.trial.arm.tolist(), strict=True)
    ]


def by_day(asked: Question, tests: list[DayOfTest], floor: FloorDay) -> list[ArmRow]:
    """Sums by arm. Tests of several campaigns cut the same people in different ways, so all counts are in tens."""
    return [each for test in tests for each in _arms(asked, test, few=floor.few)]


def _arms(asked: Question, test: DayOfTest, *, few: bool) -> Iterator[ArmRow]:
    for i in np.unique(test.trial.arm).tolist():
        mine = test.trial.arm == i
        sums = {name: _sum(getattr(test.counts, name)[mine]) for name in PEOPLE}
        draws = asked.draws("arm", test.id, ARMS[i])
        tens = {name: None if n is None else in_tens(n, draws) for name, n in sums.items()}
        held = {name for name in PEOPLE if few or tens[name] is None}
        figures = {name: None if n is None else tens[name] or 0 for name, n in sums.items()}
        watched = int(np.isfinite(test.counts.watched[mine]).sum())
        yield row(ArmRow, asked.day, asked.day.start, figures, held, campaign=test.id, arm=ARMS[i], slots=watched)


def _sum(counts: "np.ndarray[tuple[int, ...], np.dtype[np.float64]]") -> int | None:
    known = counts[np.isfinite(counts)]
    return int(known.sum()) if known.size else None
