"""The envelope of what till and loyalty programme tell over MQTT, on `vitrina/v1/{site}/loyalty/in/{subject}`."""

import json
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from contract.documents import explain
from contract.errors import MessageError
from contract.ids import Id
from contract.loyalty import SUBJECTS, Subject
from contract.messages import SCHEMA_VERSION, Instant, Part
from contract.personal import PersonalKeyError, refuse_personal

TYPE = "vitrina.loyalty."


class ToldMessage(Part):
    """`data` is the subject's document; it is held against `contract.loyalty` entry by entry where it is taken."""

    id: Annotated[str, Field(min_length=1, max_length=120, description="each is taken once; never a person's")]
    source: Annotated[str, Field(pattern=r"^[A-Za-z0-9._/-]{1,120}$", description="which system tells, such as `till`")]
    type: Annotated[str, Field(description="`vitrina.loyalty.` and the subject", examples=["vitrina.loyalty.receipts"])]
    time: Instant
    schema_version: Literal[1] = SCHEMA_VERSION
    site: Id
    data: dict[str, Any]


def type_told(subject: Subject) -> str:
    """`vitrina.loyalty.receipts` for `receipts`."""
    return f"{TYPE}{subject}"


def read_told(told: str, payload: bytes) -> tuple[Subject, ToldMessage]:
    """Read the envelope of what came as the subject `told`; keys of it that v1 does not know yet are passed over.

    Raises:
        MessageError: not JSON, out of shape, of another subject, or with a key that could name a person.
    """
    subject = next((known for known in SUBJECTS if known == told), None)
    if subject is None:
        raise MessageError(f"there is no subject {told[:40]!r}; there are {', '.join(SUBJECTS)}")
    try:
        raw = json.loads(payload)
        refuse_personal(raw)
        message = ToldMessage.model_validate(raw, extra="ignore")
    except PersonalKeyError as error:
        raise MessageError(f"{subject}: {error}") from None
    except ValidationError as error:
        raise MessageError(f"{subject}: {explain(error)}") from None
    except (ValueError, RecursionError) as error:
        raise MessageError(f"{subject}: not JSON ({str(error)[:120]})") from None
    if message.type != type_told(subject):
        raise MessageError(f"{subject}: carries {type_told(subject)}, not {message.type[:60]!r}")
    return subject, message
