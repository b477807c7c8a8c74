"""Campaigns: planned, checked, handed in, approved, paused and ended."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Body, Depends, Query
from fastapi import Path as PathParameter
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from contract.documents import Fault
from contract.ids import Id
from server import campaigns as life
from server.api.document import FaultBody, Note
from server.api.nudging import NUDGED
from server.api.period import Site, local
from server.api.problems import Problem
from server.auth import User
from server.campaign_check import Check, check
from server.campaign_document import CampaignDocument
from server.campaigns import STEPS, NoCampaignError, Step, StepError
from server.db import campaigns as records
from server.db.campaigns import CampaignRecord, ChangedMeanwhileError, Deed, Status
from server.db.sites import SiteRecord
from server.session import Db, RoleError, Running, require
from server.web import campaign_findings, campaign_words
from server.web.language import Words

router = APIRouter(prefix="/sites/{site}/campaigns", tags=["campaigns"])

LARGEST_CAMPAIGN = 256 * 1024

Planner = Annotated[User, Depends(require("merchandiser"))]
CampaignId = Annotated[Id, PathParameter(description="the campaign's id")]


class CampaignBody(BaseModel):
    """One campaign as it stands."""

    id: str
    version: int = Field(description="grows with everything that is done to it")
    status: Status
    document: CampaignDocument
    author: str
    created: datetime
    changed: datetime
    approved_by: str | None
    approved: datetime | None


class CampaignsBody(BaseModel):
    """The campaigns of a site."""

    site: str
    campaigns: list[CampaignBody] = Field(description="newest first")


class SaveBody(BaseModel):
    """What to save, and which version its author saw."""

    model_config = ConfigDict(extra="forbid")

    based_on: int
    document: CampaignDocument


class StepBody(BaseModel):
    """Which version is meant, and why."""

    model_config = ConfigDict(extra="forbid")

    based_on: int = Field(description="the version that was seen: nobody approves what they have not read")
    note: Note = Field(default="", description="required to refuse")


class CheckQuery(BaseModel):
    """How to judge."""

    language: Literal["en", "ru"] = Field(default="en", description="of the sentences")
    campaign: Id | None = Field(default=None, description="which one it is to become: it does not clash with itself")


class WarningBody(BaseModel):
    """What its author should know."""

    code: str
    key: str
    message: str


class LastWeekBody(BaseModel):
    """What a rule about who is there would have found last week."""

    rule: int = Field(description="which of the document's, from 0")
    slots: int = Field(description="ten-minute slots, over its screens, in which enough came by; an estimate")
    of: int = Field(description="slots in its hours, where the segment was counted")


class CheckBody(BaseModel):
    """A campaign judged."""

    faults: list[FaultBody] = Field(description="with any of them it cannot be handed in")
    warnings: list[WarningBody]
    sentence: str | None = Field(description="the whole campaign, told back; null where its shape is wrong")
    rules: list[str] = Field(description="each rule as a clause")
    screens: int | None
    hours: float | None = Field(description="on air, per screen, over all flights")
    slots: int | None = Field(description="ten-minute slots over all screens")
    plays_most: float | None = Field(description="as many as fit; null without a creative")
    last_week: list[LastWeekBody] = Field(description="of rules whose segment was counted last week")


class LogBody(BaseModel):
    """Something that was done."""

    version: int
    t: datetime
    who: str
    what: Deed
    note: str


class HistoryBody(BaseModel):
    """All that was done to a campaign."""

    campaign: str
    log: list[LogBody] = Field(description="newest first")


def allowed_step(step: Step, user: Planner) -> tuple[Step, User]:
    """The step, and who takes it.

    Raises:
        RoleError: they may not.
    """
    if not user.may(STEPS[step].role):
        raise RoleError(f"To {step} a campaign needs the role {STEPS[step].role}; {user.name} has {user.role}.")
    return step, user


AllowedStep = Annotated[tuple[Step, User], Depends(allowed_step)]


@router.get("", summary="All campaigns")
def all_campaigns(site: Site, db: Db, status: Status | None = None) -> CampaignsBody:
    """Newest first; ended ones too, unless `status` asks for others."""
    found = records.list_campaigns(db, site.site, *([status] if status else []))
    return CampaignsBody(site=site.site, campaigns=[_body(record, site) for record in found])


@router.post("", status_code=201, summary="Write a new campaign", max_body_size=LARGEST_CAMPAIGN)
def create(site: Site, document: Annotated[CampaignDocument, Body()], service: Running, user: Planner) -> CampaignBody:
    """A draft: it plays nowhere until it was handed in and approved."""
    with service.engine.begin() as conn:
        return _body(life.create(conn, site.site, document, user=user, now=service.clock()), site)


@router.post("/check", summary="Judge a campaign without saving it", max_body_size=LARGEST_CAMPAIGN)
def judge(
    site: Site, raw: Annotated[dict[str, Any], Body()], db: Db, service: Running, asked: Annotated[CheckQuery, Query()]
) -> CheckBody:
    """What is wrong with it by key, what its author should know, the whole in one sentence, and how far it reaches."""
    words = Words(asked.language, ZoneInfo(site.timezone))
    return check_body(words, site, check(db, site, raw, now=service.clock(), campaign=asked.campaign))


@router.get("/{campaign}", summary="One campaign")
def one_campaign(site: Site, campaign: CampaignId, db: Db) -> CampaignBody:
    """As it stands."""
    record = records.get_campaign(db, site.site, campaign)
    if record is None:
        raise Problem(404, "Not found", f"There is no campaign {campaign!r} at {site.site!r}.")
    return _body(record, site)


@router.put(
    "/{campaign}",
    dependencies=NUDGED,
    summary="Change a campaign",
    max_body_size=LARGEST_CAMPAIGN,
    responses={409: {"description": "It was changed meanwhile (`current`), or has ended"}},
)
def save(
    site: Site, campaign: CampaignId, body: Annotated[SaveBody, Body()], service: Running, user: Planner
) -> CampaignBody:
    """What was approved or paused waits for approval again, and is off the screens until then."""

    def saving(conn: Connection) -> CampaignRecord:
        return life.save(
            conn, site.site, campaign, body.document, based_on=body.based_on, user=user, now=service.clock()
        )

    return _done(service, site, saving)


@router.get("/{campaign}/history", summary="What was done to a campaign")
def history(site: Site, campaign: CampaignId, db: Db) -> HistoryBody:
    """Who wrote, handed in, approved, refused, paused, resumed or ended it, newest first."""
    log = [
        LogBody(version=entry.version, t=local(entry.t, site), who=entry.who, what=entry.what, note=entry.note)
        for entry in records.history(db, site.site, campaign)
    ]
    if not log:
        raise Problem(404, "Not found", f"There is no campaign {campaign!r} at {site.site!r}.")
    return HistoryBody(campaign=campaign, log=log)


@router.post(
    "/{campaign}/{step}",
    dependencies=NUDGED,
    summary="Submit, withdraw, approve, refuse, pause, resume or end a campaign",
    responses={409: {"description": "It was changed meanwhile (`current`), or its state does not allow the step"}},
)
def take_step(
    site: Site, campaign: CampaignId, allowed: AllowedStep, body: Annotated[StepBody, Body()], service: Running
) -> CampaignBody:
    """To approve and to refuse needs an administrator. With faults (422) it can be neither handed in nor approved."""
    step, user = allowed
    if step == "refuse" and not body.note.strip():
        raise Problem(422, "Wrong parameter", "body.note: say why, so that its author can do better.")

    def taking(conn: Connection) -> CampaignRecord:
        now = service.clock()
        record = life.take(conn, site.site, campaign, step, based_on=body.based_on, user=user, note=body.note, now=now)
        if step in {"submit", "approve"}:
            _must_be_sound(site, check(conn, site, record.document.model_dump(mode="json"), now=now, campaign=campaign))
        return record

    return _done(service, site, taking)


def check_body(words: Words, site: SiteRecord, found: Check) -> CheckBody:
    """A check as answers carry it."""
    faults = [FaultBody(key=fault.key, message=_shape(words, fault)) for fault in found.shape]
    told = [(finding, campaign_findings.told(words, finding)) for finding in found.findings]
    names = {key: record.name for key, record in found.creatives.items()}
    document, far = found.document, found.reach
    return CheckBody(
        faults=faults + [FaultBody(key=one.key, message=text) for one, text in told if one.fault],
        warnings=[WarningBody(code=one.code, key=one.key, message=text) for one, text in told if not one.fault],
        sentence=campaign_words.sentence(words, document, site.document, names) if document else None,
        rules=[campaign_words.rule_told(words, rule, site.document) for rule in document.rules] if document else [],
        screens=far.screens if far else None,
        hours=far.hours if far else None,
        slots=far.slots if far else None,
        plays_most=far.plays_most if far else None,
        last_week=[LastWeekBody(rule=one.rule, slots=one.slots, of=one.of) for one in found.last_week],
    )


def _shape(words: Words, fault: Fault) -> str:
    """English as exactly as it is known; in other languages by part of the document."""
    return fault.message if words.code == "en" else campaign_findings.shape_told(words, fault)


def _done(service: Running, site: SiteRecord, doing: Callable[[Connection], CampaignRecord]) -> CampaignBody:
    try:
        with service.engine.begin() as conn:
            record = doing(conn)
    except NoCampaignError as error:
        raise Problem(404, "Not found", str(error)) from None
    except StepError as error:
        raise Problem(409, "Not now", str(error)) from None
    except ChangedMeanwhileError as error:
        current = _body(error.current, site).model_dump(mode="json")
        raise Problem(409, "Changed meanwhile", f"{error}; look at it and decide again.", current=current) from None
    return _body(record, site)


def _must_be_sound(site: SiteRecord, found: Check) -> None:
    if not found.sound:
        body = check_body(Words("en", ZoneInfo(site.timezone)), site, found)
        detail = " ".join(fault.message for fault in body.faults[:5])
        raise Problem(422, "Campaign has faults", detail, errors=[fault.model_dump() for fault in body.faults])


def _body(record: CampaignRecord, site: SiteRecord) -> CampaignBody:
    return CampaignBody(
        id=record.id,
        version=record.version,
        status=record.status,
        document=record.document,
        author=record.author,
        created=local(record.created, site),
        changed=local(record.changed, site),
        approved_by=record.approved_by,
        approved=None if record.approved is None else local(record.approved, site),
    )
