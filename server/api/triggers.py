"""What the world outside says to the screens: the weather, a price, anything that a rule may wait for."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Body, Depends
from fastapi import Path as PathParameter
from pydantic import BaseModel, ConfigDict, Field

from contract.ids import Id
from server.api.nudging import NUDGED
from server.api.period import Site, local
from server.api.problems import Problem
from server.auth import User
from server.db import triggers as records
from server.db.sites import SiteRecord
from server.db.triggers import MOST, Trigger
from server.session import Db, Running, require

router = APIRouter(prefix="/sites/{site}/triggers", tags=["campaigns"])

LONGEST_S = 31 * 86_400

Planner = Annotated[User, Depends(require("merchandiser"))]
TriggerName = Annotated[Id, PathParameter(description="what it is called in rules", examples=["weather"])]


class SetBody(BaseModel):
    """What to say, and for how long."""

    model_config = ConfigDict(extra="forbid")

    value: Annotated[str, Field(min_length=1, max_length=80, examples=["rain"])]
    lasts_s: Annotated[float, Field(gt=0, le=LONGEST_S, description="after it nothing is said any more")] = 3600.0


class TriggerBody(BaseModel):
    """One trigger that holds now."""

    name: str
    value: str
    set: datetime
    until: datetime


class TriggersBody(BaseModel):
    """All that hold now."""

    site: str
    triggers: list[TriggerBody] = Field(description="by name")


@router.get("", summary="Triggers that hold now")
def all_triggers(site: Site, db: Db, service: Running) -> TriggersBody:
    """By name."""
    found = records.list_triggers(db, site.site, now=service.clock())
    return TriggersBody(site=site.site, triggers=[_body(trigger, site) for trigger in found])


@router.put("/{name}", dependencies=NUDGED, summary="Say what holds")
def put(site: Site, name: TriggerName, body: Annotated[SetBody, Body()], service: Running, _: Planner) -> TriggerBody:
    """In place of what was said before."""
    now = service.clock()
    trigger = Trigger(name, body.value, now, now + body.lasts_s)
    with service.engine.begin() as conn:
        if not records.put_trigger(conn, site.site, trigger):
            raise Problem(409, "Too many", f"{MOST} triggers hold at {site.site!r}; delete one first.")
    return _body(trigger, site)


@router.delete("/{name}", dependencies=NUDGED, status_code=204, summary="Say it no more")
def delete(site: Site, name: TriggerName, service: Running, _: Planner) -> None:
    """As if it had run out."""
    with service.engine.begin() as conn:
        if not records.delete_trigger(conn, site.site, name):
            raise Problem(404, "Not found", f"There is no trigger {name!r} at {site.site!r}.")


def _body(trigger: Trigger, site: SiteRecord) -> TriggerBody:
    return TriggerBody(
        name=trigger.name, value=trigger.value, set=local(trigger.set, site), until=local(trigger.until, site)
    )
