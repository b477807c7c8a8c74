"""Webhooks: signed, tried again, never in anyone's way. What is due lies in the database: a restart forgets nothing."""

import asyncio
import hashlib
import hmac
import ipaddress
import socket
from dataclasses import dataclass

import httpx2
import structlog
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from server.db import deliveries
from server.db.deliveries import Delivery
from server.service import Service
from server.settings import Webhook

TIMEOUT_S = 5.0
LOOK_EVERY_S = 2.0
AT_ONCE = 20
FIRST_RETRY_S, LAST_RETRY_S = 10.0, 3600.0

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one attempt went; `trouble` is None when it was taken."""

    trouble: str | None


def signature(secret: str, body: bytes) -> str:
    """`sha256=` and the HMAC of the body in hex, as the header `X-Vitrina-Signature` carries it."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def retry_s(tries: int) -> float:
    """How long to wait after so many attempts: doubling, up to an hour."""
    return float(min(FIRST_RETRY_S * 2 ** min(tries - 1, 20), LAST_RETRY_S))


async def deliver(client: httpx2.AsyncClient, hook: Webhook, delivery: Delivery) -> Outcome:
    """Send once. Taken is what answers 2xx; a redirect is not followed, since it may lead anywhere."""
    if not hook.allow_private and await run_in_threadpool(_leads_inside, hook.host):
        return Outcome(f"{hook.host} is an address inside the network; set allow_private if that is meant")
    headers = {"Content-Type": "application/json", "X-Vitrina-Delivery": str(delivery.id)}
    if hook.secret is not None:
        headers["X-Vitrina-Signature"] = signature(hook.secret.get_secret_value(), delivery.body)
    try:
        answer = await client.post(hook.url, content=delivery.body, headers=headers)
    except (httpx2.HTTPError, OSError) as error:
        return Outcome(f"{type(error).__name__}: {str(error)[:200]}")
    return Outcome(None if answer.is_success else f"answered {answer.status_code}")


def _leads_inside(host: str) -> bool:
    """Whether a name leads to an address that is not public; one that is not known leads nowhere and is told later."""
    try:
        found = {info[4][0] for info in socket.getaddrinfo(host, None)}
    except OSError:
        return False
    return any(not ipaddress.ip_address(address).is_global for address in found)


class Postman:
    """The task that brings what is due."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._hooks = {hook.url: hook for hook in service.settings.webhooks}

    async def run(self) -> None:
        """Until cancelled."""
        if not self._hooks:
            return
        async with httpx2.AsyncClient(timeout=TIMEOUT_S, follow_redirects=False) as client:
            while True:
                try:
                    await self._round(client)
                except SQLAlchemyError as error:
                    log.warning("webhooks wait for the database", trouble=str(error).partition("\n")[0][:200])
                await asyncio.sleep(LOOK_EVERY_S)

    async def _round(self, client: httpx2.AsyncClient) -> None:
        now = self._service.clock()
        due = await run_in_threadpool(deliveries.due, self._service.engine, now=now, limit=AT_ONCE)
        await asyncio.gather(*(self._bring(client, delivery) for delivery in due))

    async def _bring(self, client: httpx2.AsyncClient, delivery: Delivery) -> None:
        hook = self._hooks.get(delivery.url)
        outcome = await deliver(client, hook, delivery) if hook else Outcome("no longer in server.yaml")
        engine, now = self._service.engine, self._service.clock()
        if outcome.trouble is None:
            await run_in_threadpool(deliveries.done, engine, delivery.id)
            return
        log.warning("webhook not taken", host=hook.host if hook else "", trouble=outcome.trouble, tries=delivery.tries)
        again = now + retry_s(delivery.tries + 1) if hook else None
        await run_in_threadpool(deliveries.failed, engine, delivery.id, again=again, trouble=outcome.trouble)
