"""Webhooks: signed, in order, tried again for a week, and no target in the way of another.

What is due lies in the database: a restart forgets nothing. Each target has a lane of its own and gets one body at a
time, the oldest first; the next one waits until that is taken.
"""

import asyncio
import hashlib
import hmac
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx2
import structlog
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from server.db import deliveries
from server.db.deliveries import Delivery
from server.service import Service
from server.settings import Webhook
from server.webhook_address import InsideError, Resolve, addresses_of, look_up

TIMEOUT_S = 5.0
"""To connect, and between two bytes."""
WHOLE_S = 10.0
"""For one attempt: a target that answers a byte at a time is no better than one that does not."""
LOOK_EVERY_S = 2.0
FIRST_RETRY_S, LAST_RETRY_S = 10.0, 3600.0
REFUSED = frozenset({400, 413, 415, 422})
"""The target does not want this body; after REFUSED_S it does not hold up the others any longer."""
REFUSED_S = 86_400.0

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one attempt went; `trouble` is None when it was taken."""

    trouble: str | None
    refused: bool = False


def signature(secret: str, body: bytes) -> str:
    """`sha256=` and the HMAC of the body in hex, as the header `X-Vitrina-Signature` carries it."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def timed_signature(secret: str, body: bytes, sent: int) -> str:
    """The same of the time it was sent, in seconds UTC, a dot and the body: `X-Vitrina-Signature-Timed`.

    Who checks it, and that `X-Vitrina-Timestamp` is not long ago, cannot be sent an old body again by somebody else.
    """
    return signature(secret, str(sent).encode() + b"." + body)


def retry_s(tries: int) -> float:
    """How long to wait after so many attempts: doubling, up to an hour."""
    return float(min(FIRST_RETRY_S * 2 ** min(tries - 1, 20), LAST_RETRY_S))


async def deliver(
    client: httpx2.AsyncClient, hook: Webhook, delivery: Delivery, *, now: float, resolve: Resolve = look_up
) -> Outcome:
    """Send once. Taken is what answers 2xx; a redirect is not followed, since it may lead anywhere."""
    try:
        async with asyncio.timeout(WHOLE_S):
            return await _deliver(client, hook, delivery, now, resolve)
    except TimeoutError:
        return Outcome(f"no answer within {WHOLE_S:.0f} s")
    except (httpx2.HTTPError, httpx2.InvalidURL, InsideError, OSError, UnicodeError) as error:
        told = str(error)[:200]
        return Outcome(told if isinstance(error, InsideError) else f"{type(error).__name__}: {told}")


async def _deliver(
    client: httpx2.AsyncClient, hook: Webhook, delivery: Delivery, now: float, resolve: Resolve
) -> Outcome:
    url = httpx2.URL(hook.url)
    port = url.port or (443 if url.scheme == "https" else 80)
    found = await addresses_of(hook.host, port, allow_private=hook.allow_private, resolve=resolve)
    headers = _headers(hook, delivery, now)
    for address in found[:-1]:
        try:
            return await _send(client, url, address, delivery.body, headers)
        except httpx2.ConnectError:
            continue
    return await _send(client, url, found[-1], delivery.body, headers)


async def _send(
    client: httpx2.AsyncClient, url: httpx2.URL, address: str, body: bytes, headers: dict[str, str]
) -> Outcome:
    """To this address, in the name of the URL's host; of the answer only the status is read."""
    named, there = headers | {"Host": url.netloc.decode()}, url.copy_with(host=address)
    checked = {"sni_hostname": url.host}
    async with client.stream("POST", there, content=body, headers=named, extensions=checked) as answer:
        trouble = None if answer.is_success else f"answered {answer.status_code}"
        return Outcome(trouble, refused=answer.status_code in REFUSED)


def _headers(hook: Webhook, delivery: Delivery, now: float) -> dict[str, str]:
    sent = int(now)
    headers = {
        "Content-Type": "application/json",
        "X-Vitrina-Delivery": str(delivery.id),
        "X-Vitrina-Timestamp": str(sent),
    }
    if hook.secret is not None:
        secret = hook.secret.get_secret_value()
        headers["X-Vitrina-Signature"] = signature(secret, delivery.body)
        headers["X-Vitrina-Signature-Timed"] = timed_signature(secret, delivery.body, sent)
    return headers


class Postman:
    """The task that brings what is due."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._hooks = {hook.url: hook for hook in service.settings.webhooks}

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as lanes:
            for hook in self._hooks.values():
                lanes.create_task(self._lane(hook))

    async def _lane(self, hook: Webhook) -> None:
        """Straight to the address that was checked: a proxy of the environment would look the name up again."""
        async with httpx2.AsyncClient(timeout=TIMEOUT_S, follow_redirects=False, trust_env=False) as client:
            while True:
                brought = False
                try:
                    brought = await self._next(client, hook)
                except SQLAlchemyError as error:
                    log.warning("webhooks wait for the database", trouble=str(error).partition("\n")[0][:200])
                if not brought:
                    await asyncio.sleep(LOOK_EVERY_S)

    async def _next(self, client: httpx2.AsyncClient, hook: Webhook) -> bool:
        """Bring the oldest body, if it is due; whether it was taken."""
        engine, now = self._service.engine, self._service.clock()
        delivery = await run_in_threadpool(deliveries.oldest, engine, hook.url)
        if delivery is None or delivery.due > now:
            return False
        outcome = await deliver(client, hook, delivery, now=now)
        if outcome.trouble is None:
            await run_in_threadpool(deliveries.done, engine, delivery.id)
            return True
        log.warning("webhook not taken", host=hook.host, trouble=outcome.trouble, tries=delivery.tries + 1)
        give_up = outcome.refused and now - delivery.created > REFUSED_S
        again = None if give_up else now + retry_s(delivery.tries + 1)
        await run_in_threadpool(deliveries.failed, engine, delivery.id, again=again, trouble=outcome.trouble)
        return give_up


def host_of(url: str) -> str:
    """What may be shown of a target: its path may hold a secret."""
    return urlsplit(url).netloc.rpartition("@")[2]
