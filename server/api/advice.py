"""What to change in the store: advice with its effect, how well it is known, and what a test of it would take."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Body, Depends, Path
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from server.advice.doing import PlanError, plan_test
from server.advice.plan import clashes
from server.advice.round import Rounds
from server.advice.standing import Standing, State, standings
from server.api.changes import ChangeBody, ClashBody, EffectBody, change_body, clash_bodies, effect_body
from server.api.period import Site, local
from server.api.problems import Problem
from server.api.tabular import AsTable, table_response
from server.auth import User
from server.db import advice as records
from server.db import money
from server.db.sites import SiteRecord
from server.domain.advice import Evidence, Kind
from server.session import Db, Running, require

router = APIRouter(prefix="/sites/{site}/advice", tags=["advice"])

Planner = Annotated[User, Depends(require("merchandiser"))]
AdviceKey = Annotated[
    str, Path(max_length=300, description="the advice's key", examples=["move:coffee::aisle_2:aisle_3"])
]


class TrialBody(BaseModel):
    """What a test of it would take."""

    design: Literal["before_after", "against_stores"]
    stores: list[str] = Field(description="to compare with")
    categories: list[str] = Field(description="whose margin it is judged on")
    zones: list[str] = Field(description="whose stops are looked at as well")
    before: int = Field(description="days before the change")
    days: int = Field(description="days after it, as advised")
    sees: dict[int, float] = Field(description="margin a week that is seen 8 times in 10, by days after the change")


class AdviceBody(BaseModel):
    """One advice."""

    key: str = Field(description="the same advice keeps its key from round to round")
    rank: int | None = Field(description="from 1, in the newest round; null: not given any more")
    kind: Kind
    subject: str = Field(description="category or offer")
    other: str | None
    origin: str | None = Field(description="zone it would leave")
    target: str | None = Field(description="zone it would go to")
    state: State
    evidence: Evidence | None = Field(description="null: not enough data")
    effect: EffectBody | None = Field(description="margin a week; measured where it was tested")
    needs_days: int | None = Field(description="about so many more days until something can be said")
    gathered: float | None = Field(description="how much of what is needed there is, 0 to 1")
    reasons: Mapping[str, float | str] = Field(description="the figures behind it")
    confounders: list[str] = Field(description="what could fool it")
    checks: Mapping[str, bool] = Field(description="checks of the model, and whether each held")
    held: list[str] = Field(description="what was kept as it is")
    first: datetime = Field(description="when it was given first")
    set_aside_by: str | None
    trial: TrialBody | None
    test: ChangeBody | None = Field(description="the newest test of it")


class AdviceListBody(BaseModel):
    """The newest round."""

    site: str
    simulated: bool
    currency: str | None
    worked_out: datetime | None = Field(description="null before the first round")
    days: int = Field(description="with receipts")
    receipts: int
    factor: float = Field(description="by which promises are multiplied, as past tests showed; 1: not at all")
    advice: list[AdviceBody] = Field(description="what may bring most first, what was wrong last")


class RowBody(BaseModel):
    """One advice as a line of a table."""

    key: str
    rank: int | None
    kind: str
    subject: str
    other: str | None
    origin: str | None
    target: str | None
    state: str
    evidence: str | None
    effect_week: float | None
    low_week: float | None
    high_week: float | None
    currency: str | None
    needs_days: int | None
    test_day: date | None


class TestBody(BaseModel):
    """When to change it, and how long to look."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"name": "Coffee to aisle 3", "day": "2026-11-30", "days": 28}]}
    )

    name: Annotated[str, Field(min_length=1, max_length=160)]
    day: date = Field(description="of the change, today or later, by the store's calendar")
    days: int | None = Field(default=None, description="to look after the change; by default as advised")


class PlannedBody(BaseModel):
    """What was planned, and what else goes on then."""

    test: ChangeBody
    clashes: list[ClashBody]


@router.get("", summary="Advice, the best first", response_model=AdviceListBody)
def all_advice(site: Site, db: Db, as_table: AsTable) -> AdviceListBody | Response:
    """All of the newest round, and all that was tried, also what was wrong."""
    found, round_ = standings(db, site.site), records.last_round(db, site.site)
    currency = money.currency(db, site.site)
    if as_table:
        rows = [_row(one, currency) for one in found]
        return table_response(rows, list(RowBody.model_fields), name=f"advice-{site.site}", kind=as_table)
    return AdviceListBody(
        site=site.site,
        simulated=site.simulated,
        currency=currency,
        worked_out=local(round_.t, site) if round_ else None,
        days=round_.basis.days if round_ else 0,
        receipts=round_.basis.receipts if round_ else 0,
        factor=round_.basis.factor if round_ else 1.0,
        advice=[_body(one, site) for one in found],
    )


@router.post("/round", status_code=202, summary="Work the advice out now")
def work_out(site: Site, service: Running, rounds: Annotated[Rounds, Depends(Rounds.of)], _: Planner) -> None:
    """It takes up to some minutes; `worked_out` of the list tells when it is done. Asked twice, it is done once."""
    rounds.ask(site.site)


@router.get("/{key}", summary="One advice with its evidence")
def one_advice(site: Site, key: AdviceKey, db: Db) -> AdviceBody:
    """As it stands now."""
    return _body(_found(site, key, standings(db, site.site)), site)


@router.post(
    "/{key}/test",
    status_code=201,
    summary="Plan a test of it",
    responses={409: {"description": "It is being tested already, or nothing can be judged yet"}},
)
def test(site: Site, key: AdviceKey, body: Annotated[TestBody, Body()], service: Running, user: Planner) -> PlannedBody:
    """A planned change: it begins to run by itself on its day, and is judged when its days are over."""
    now = service.clock()
    with service.engine.begin() as conn:
        record = records.get_advice(conn, site.site, key)
        if record is None:
            raise _missing(site, key)
        try:
            change = plan_test(conn, site, record, name=body.name, day=body.day, days=body.days, by=user.name, now=now)
        except PlanError as error:
            raise Problem(409, "Not now", f"{error}.") from None
        others = clashes(conn, site.site, change.document, but=change.id)
        return PlannedBody(test=change_body(change, site), clashes=clash_bodies(others))


@router.post("/{key}/aside", status_code=204, summary="Not now")
def aside(site: Site, key: AdviceKey, service: Running, user: Planner) -> None:
    """It leaves the list, and stays out of it when a later round gives it again."""
    with service.engine.begin() as conn:
        if not records.set_aside(conn, site.site, key, by=user.name, now=service.clock()):
            raise _missing(site, key)


@router.delete("/{key}/aside", status_code=204, summary="Take it up again")
def back(site: Site, key: AdviceKey, service: Running, _: Planner) -> None:
    """It is in the list again."""
    with service.engine.begin() as conn:
        if not records.take_up(conn, site.site, key):
            raise _missing(site, key)


def _found(site: SiteRecord, key: str, found: list[Standing]) -> Standing:
    one = next((each for each in found if each.key == key), None)
    if one is None:
        raise _missing(site, key)
    return one


def _missing(site: SiteRecord, key: str) -> Problem:
    return Problem(404, "Not found", f"There is no advice {key[:100]!r} at {site.site!r}.")


def _body(one: Standing, site: SiteRecord) -> AdviceBody:
    record, advice = one.record, one.record.advice
    trial = record.trial
    return AdviceBody(
        key=one.key,
        rank=None if record.rank is None else record.rank + 1,
        kind=advice.kind,
        subject=advice.subject,
        other=advice.other,
        origin=advice.origin,
        target=advice.target,
        state=one.state,
        evidence=one.evidence,
        effect=effect_body(one.effect),
        needs_days=advice.needs_days,
        gathered=advice.gathered,
        reasons=advice.reasons,
        confounders=list(advice.confounders),
        checks=advice.checks,
        held=list(advice.held),
        first=local(record.first, site),
        set_aside_by=record.set_aside_by,
        trial=TrialBody(
            design=trial.design,
            stores=list(trial.stores),
            categories=list(trial.categories),
            zones=list(trial.zones),
            before=trial.before,
            days=trial.days,
            sees={length.days: round(length.sees, 2) for length in trial.lengths},
        )
        if trial
        else None,
        test=change_body(one.change, site) if one.change else None,
    )


def _row(one: Standing, currency: str | None) -> RowBody:
    advice, effect = one.record.advice, one.effect
    return RowBody(
        key=one.key,
        rank=None if one.record.rank is None else one.record.rank + 1,
        kind=advice.kind,
        subject=advice.subject,
        other=advice.other,
        origin=advice.origin,
        target=advice.target,
        state=one.state,
        evidence=one.evidence,
        effect_week=round(effect.value, 2) if effect else None,
        low_week=round(effect.low, 2) if effect else None,
        high_week=round(effect.high, 2) if effect else None,
        currency=currency,
        needs_days=advice.needs_days,
        test_day=one.change.day if one.change else None,
    )
