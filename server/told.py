"""What till and loyalty programme tell comes in over MQTT: each message once, and what is refused is told."""

from dataclasses import dataclass

from sqlalchemy import Engine

from contract.loyalty import Subject
from contract.loyalty_messages import ToldMessage
from server.db.imports import Source
from server.errors import RefusedError
from server.imports.errors import NotTakenError
from server.imports.intake import take
from server.imports.limits import limits
from server.imports.receipts import Taken
from server.settings import Retention


@dataclass(frozen=True, slots=True)
class ToldArrival:
    """A message that may be taken."""

    message: ToldMessage
    subject: Subject
    seen_at: float
    """Seconds UTC."""


def take_told(engine: Engine, arrival: ToldArrival, retention: Retention) -> Taken:
    """Take a message in one transaction.

    Raises:
        RefusedError: nothing of it was taken, reason `not_taken`.
    """
    message = arrival.message
    try:
        return take(
            engine,
            message.site,
            arrival.subject,
            message.data,
            source=Source("mqtt", message.source, "mqtt"),
            limits=limits(retention, arrival.seen_at),
            message=f"{message.source} {message.id}",
        )
    except NotTakenError as error:
        raise RefusedError("not_taken", f"{message.site}/loyalty/in/{arrival.subject}: {error}") from None


def partly_refused(arrival: ToldArrival, taken: Taken) -> RefusedError | None:
    """What is to be told of a message some entries of which were refused; None where none was."""
    if not taken.refused:
        return None
    first = f"; the first, {taken.faults[0].column}: {taken.faults[0].fault}" if taken.faults else ""
    return RefusedError(
        "partly_taken",
        f"{arrival.message.site}/loyalty/in/{arrival.subject}: {taken.refused} of {taken.lines} entries were refused, "
        f"see import {taken.import_id}{first}",
    )
