"""The life of a campaign: written, handed in, approved, paused, resumed, ended; every step is kept, and who took it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from sqlalchemy import Connection

from server.auth import Role, User
from server.campaign_document import CampaignDocument
from server.db import campaigns as records
from server.db.campaigns import CampaignRecord, ChangedMeanwhileError, Deed, Status
from server.errors import ServerError
from server.naming import id_for

Step = Literal["submit", "withdraw", "approve", "refuse", "pause", "resume", "end"]


@dataclass(frozen=True, slots=True)
class Rule:
    """From which states a step leads where, who may take it, and how the history calls it."""

    starts: frozenset[Status]
    leads_to: Status
    role: Role
    deed: Deed


STEPS: Mapping[Step, Rule] = {
    "submit": Rule(frozenset(["draft"]), "waiting", "merchandiser", "submitted"),
    "withdraw": Rule(frozenset(["waiting"]), "draft", "merchandiser", "withdrawn"),
    "approve": Rule(frozenset(["waiting"]), "approved", "admin", "approved"),
    "refuse": Rule(frozenset(["waiting"]), "draft", "admin", "refused"),
    "pause": Rule(frozenset(["approved"]), "paused", "merchandiser", "paused"),
    "resume": Rule(frozenset(["paused"]), "approved", "merchandiser", "resumed"),
    "end": Rule(frozenset(["draft", "waiting", "approved", "paused"]), "ended", "merchandiser", "ended"),
}
_AFTER_SAVING: Mapping[Status, Status] = {
    "draft": "draft",
    "waiting": "waiting",
    "approved": "waiting",
    "paused": "waiting",
}
"""What was approved is what plays: a change has to be approved again. An ended campaign stays as it was."""


class NoCampaignError(ServerError):
    """There is no campaign of this id."""


class StepError(ServerError):
    """The campaign's state does not allow this."""


def steps_for(record: CampaignRecord, user: User) -> list[Step]:
    """What `user` may do with the campaign as it stands."""
    return [step for step, rule in STEPS.items() if record.status in rule.starts and user.may(rule.role)]


def create(conn: Connection, site: str, document: CampaignDocument, *, user: User, now: float) -> CampaignRecord:
    """A new draft."""
    campaign = id_for(document.name, records.campaign_ids(conn, site), otherwise="campaign")
    made = CampaignRecord(campaign, 1, "draft", document, user.name, now, now, None, None)
    records.add_campaign(conn, site, made, note="")
    return made


def save(
    conn: Connection, site: str, campaign: str, document: CampaignDocument, *, based_on: int, user: User, now: float
) -> CampaignRecord:
    """Change what is planned; an approved or paused campaign waits for approval again, and is off the screens.

    Raises:
        NoCampaignError: there is none.
        StepError: it has ended.
        ChangedMeanwhileError: it is not at version `based_on` any more.
    """
    record = _at_version(conn, site, campaign, based_on)
    if record.status not in _AFTER_SAVING:
        raise StepError(f"Campaign {campaign!r} has ended and stays as it was; copy it into a new one.")
    if record.document == document:
        return record
    changed = _next(record, _AFTER_SAVING[record.status], now, document=document)
    records.change_campaign(conn, site, changed, based_on=based_on, who=user.name, what="saved", note="")
    return changed


def take(
    conn: Connection, site: str, campaign: str, step: Step, *, based_on: int, user: User, note: str, now: float
) -> CampaignRecord:
    """Take a step; `user` must have its role already.

    Raises:
        NoCampaignError: there is none.
        StepError: its state does not allow it.
        ChangedMeanwhileError: it is not at version `based_on` any more.
    """
    record, rule = _at_version(conn, site, campaign, based_on), STEPS[step]
    if record.status not in rule.starts:
        raise StepError(f"Campaign {campaign!r} is {record.status}; {step} is for {' or '.join(sorted(rule.starts))}.")
    changed = _next(record, rule.leads_to, now)
    if step == "approve":
        changed = replace(changed, approved_by=user.name, approved=now)
    records.change_campaign(conn, site, changed, based_on=based_on, who=user.name, what=rule.deed, note=note)
    return changed


def _at_version(conn: Connection, site: str, campaign: str, based_on: int) -> CampaignRecord:
    record = records.get_campaign(conn, site, campaign)
    if record is None:
        raise NoCampaignError(f"There is no campaign {campaign!r} at {site!r}.")
    if record.version != based_on:
        raise ChangedMeanwhileError(record)
    return record


def _next(
    record: CampaignRecord, status: Status, now: float, document: CampaignDocument | None = None
) -> CampaignRecord:
    kept = status in {"approved", "paused", "ended"}
    return replace(
        record,
        version=record.version + 1,
        status=status,
        document=document or record.document,
        changed=now,
        approved_by=record.approved_by if kept else None,
        approved=record.approved if kept else None,
    )
