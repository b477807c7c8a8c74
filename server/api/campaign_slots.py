"""A campaign's test: its slots, the floor with it on minus off, and what other choices would have brought."""

from collections.abc import Sequence
from datetime import datetime
from math import isfinite
from typing import Annotated

import numpy as np
from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from contract.ids import Id
from server.api.campaign_report import Campaign, EstimateBody, estimate_body
from server.api.period import Site, local
from server.api.problems import Problem
from server.api.tabular import AsTable, table_response
from server.campaign_report import campaign_trial, domain_of
from server.campaign_slots import Counts, Outcomes, outcomes_of
from server.db.sites import SiteRecord
from server.domain.difference import Difference
from server.domain.holdout import ARMS, SLOT_S
from server.session import Db, Running
from server.slot_difference import SlotDifference, slot_difference
from server.what_if import Alternative, what_if_report

router = APIRouter(prefix="/sites/{site}/campaigns/{campaign}", tags=["campaigns"])


class SlotBody(BaseModel):
    """One screen's ten minutes, the first of them left out; null: not watched."""

    start: datetime
    screen: str
    arm: str
    watched: float | None = Field(description="share of the slot")
    passed: float | None = Field(description="people who came into the screen's zone")
    attention: float | None = Field(description="person-seconds turned towards the screen")
    viewers: float | None
    visits: float | None = Field(description="to the zone that the campaign promotes")
    stops: float | None = Field(description="in it")
    scans: float | None
    redeemed: float | None


class SlotsBody(BaseModel):
    """All slots of a campaign's test that are over."""

    site: str
    campaign: str
    slots: list[SlotBody]


@router.get("/slots", summary="A campaign's test, slot by slot", response_model=SlotsBody)
def slots(site: Site, record: Campaign, db: Db, service: Running, as_table: AsTable) -> SlotsBody | Response:
    """Which arm each screen drew, and what happened: everything the effects are worked out from."""
    campaign, _ = domain_of(db, site.document, record)
    trial = campaign_trial(db, site.document, record, campaign, now=service.clock())
    rows = _slots(outcomes_of(db, campaign, site.document, trial), site)
    if as_table:
        return table_response(rows, tuple(SlotBody.model_fields), name=f"slots-{record.id}", kind=as_table)
    return SlotsBody(site=site.site, campaign=record.id, slots=rows)


class CellBody(BaseModel):
    """One cell of the floor; `x` and `y` are its middle, metres."""

    x: float
    y: float
    before: float | None = Field(description="without the campaign, person-seconds per m² and hour")
    after: float | None = Field(description="with it")
    change: float | None
    low: float | None
    high: float | None
    p: float | None = Field(description="chance of so large a change anywhere if slots were only shuffled")
    significant: bool


class DifferenceBody(BaseModel):
    """The floor with the campaign on minus off."""

    site: str
    campaign: str
    screen: str
    slots_on: int
    slots_off: int
    slots_missing: int | None = Field(description="how many more of each until any place can be judged; null: none yet")
    cell_m: float
    cells: list[CellBody] = Field(description="cells that can be compared")


@router.get("/difference", summary="The floor with a campaign on minus off", response_model=DifferenceBody)
def floor_difference(
    *,
    site: Site,
    record: Campaign,
    db: Db,
    service: Running,
    as_table: AsTable,
    screen: Annotated[Id | None, Query(description="whose slots; default: the campaign's first")] = None,
) -> DifferenceBody | Response:
    """Presence by cell, slots of one screen as replicates."""
    campaign, _ = domain_of(db, site.document, record)
    trial = campaign_trial(db, site.document, record, campaign, now=service.clock())
    if screen is not None and screen not in trial.screens:
        raise Problem(422, "Wrong parameter", f"query.screen: {screen!r} is none of {', '.join(trial.screens)}")
    if not trial.screens:
        raise Problem(409, "Not possible", "The campaign has no screen at this site.")
    found = slot_difference(db, site.document, trial, screen or trial.screens[0])
    if found is None:
        raise Problem(409, "Not possible", "There is no floor, or no camera whose place on it is known.")
    cells = _cells(found)
    if as_table:
        return table_response(cells, tuple(CellBody.model_fields), name=f"difference-{record.id}", kind=as_table)
    return DifferenceBody(
        site=site.site,
        campaign=record.id,
        screen=found.screen,
        slots_on=found.on,
        slots_off=found.off,
        slots_missing=found.found.days_missing if found.found else None,
        cell_m=found.coverage.grid.cell,
        cells=cells,
    )


class AlternativeBody(BaseModel):
    """One creative, had it always been taken; person-seconds of attention per minute on a screen."""

    creative: str
    decisions: int = Field(description="that took it")
    effective: float = Field(description="how many decisions of equal weight `always` is worth")
    always: EstimateBody | None = Field(
        description="by the inverse of the logged chance, normalised; null: too few tell"
    )
    doubly_robust: EstimateBody | None = Field(description="the same from turns that no other campaign could have had")
    gain: EstimateBody | None = Field(description="`doubly_robust` minus what these turns brought")


class WhatIfBody(BaseModel):
    """What other choices would have brought."""

    site: str
    campaign: str
    decisions: int = Field(description="that the answer rests on: those whose screens were watched")
    logged: EstimateBody | None = Field(description="what they brought")
    creatives: list[AlternativeBody]


@router.get("/what-if", summary="Had one creative always been taken", response_model=WhatIfBody)
def what_if(site: Site, record: Campaign, db: Db, service: Running) -> WhatIfBody:
    """Off-policy estimates from logged propensities, from the first flight until now."""
    campaign, _ = domain_of(db, site.document, record)
    found = what_if_report(
        db,
        site=site.site,
        campaign=record.id,
        creatives=record.document.creatives,
        start=min(flight.start for flight in campaign.flights),
        end=service.clock(),
    )
    return WhatIfBody(
        site=site.site,
        campaign=record.id,
        decisions=found.decisions,
        logged=estimate_body(found.logged),
        creatives=[_alternative(each) for each in found.alternatives],
    )


def _alternative(found: Alternative) -> AlternativeBody:
    return AlternativeBody(
        creative=found.creative,
        decisions=found.decisions,
        effective=found.effective,
        always=estimate_body(found.always),
        doubly_robust=estimate_body(found.doubly_robust),
        gain=estimate_body(found.gain),
    )


COUNTED = ("watched", "passed", "attention", "viewers", "visits", "stops", "scans", "redeemed")


def _slots(found: Outcomes, site: SiteRecord) -> list[SlotBody]:
    arms = [ARMS[i] for i in found.trial.arm.tolist()]
    return [
        SlotBody(start=local(slot * SLOT_S, site), screen=screen, arm=arm, **_counted(found.counts, i))
        for i, ((screen, slot), arm) in enumerate(zip(found.trial.keys, arms, strict=True))
    ]


def _counted(counts: Counts, i: int) -> dict[str, float | None]:
    return {name: _known(getattr(counts, name)[i]) for name in COUNTED}


def _known(value: float) -> float | None:
    return float(value) if isfinite(value) else None


def _cells(found: SlotDifference) -> list[CellBody]:
    """Row by row, only cells whose change is known."""
    if found.found is None:
        return []
    middles = found.coverage.grid.centres().tolist()
    known = np.flatnonzero(np.isfinite(found.found.change.ravel())).tolist()
    return [_cell(found.found, i, middles[i]) for i in known]


def _cell(found: Difference, i: int, middle: Sequence[float]) -> CellBody:
    numbers = {name: _known(getattr(found, name).flat[i]) for name in ("before", "after", "change", "low", "high", "p")}
    return CellBody(x=middle[0], y=middle[1], significant=bool(found.significant.flat[i]), **numbers)
