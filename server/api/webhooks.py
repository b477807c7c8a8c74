"""Webhooks: who is told of what, and what they have not taken."""

from datetime import UTC, datetime

from fastapi import APIRouter
from pydantic import BaseModel, Field

from server.db import deliveries
from server.session import Db, Running
from server.webhooks import host_of

router = APIRouter(prefix="/webhooks", tags=["webhooks"])


class WebhookBody(BaseModel):
    """One target of server.yaml."""

    host: str = Field(description="without the path, which may hold a secret")
    tells: list[str] = Field(description="alarms, loyalty or both")
    sites: list[str] | None = Field(description="of which stores; null: of all")
    signed: bool
    waiting: int = Field(description="bodies it has not taken")
    oldest: datetime | None = Field(description="since when the oldest of them waits")
    tries: int = Field(description="attempts to bring that one")
    next_try: datetime | None
    trouble: str | None = Field(description="of the last attempt; null: none")
    given_up: int = Field(description="bodies that it refused for a day, with 400, 413, 415 or 422")


@router.get("", summary="Targets of webhooks, and what waits for them")
def webhooks(db: Db, service: Running) -> list[WebhookBody]:
    """In the order of server.yaml."""
    found = ((hook, deliveries.waiting(db, hook.url)) for hook in service.settings.webhooks)
    return [
        WebhookBody(
            host=host_of(hook.url),
            tells=sorted(hook.tells),
            sites=hook.sites,
            signed=hook.secret is not None,
            waiting=stands.n,
            oldest=_utc(stands.oldest),
            tries=stands.tries,
            next_try=_utc(stands.next_try),
            trouble=stands.trouble,
            given_up=stands.given_up,
        )
        for hook, stands in found
    ]


def _utc(t: float | None) -> datetime | None:
    return None if t is None else datetime.fromtimestamp(t, UTC)
