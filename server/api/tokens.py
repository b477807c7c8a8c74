"""API tokens, for administrators."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Body, Depends
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from server.api.problems import Problem
from server.auth import Scope, create_token
from server.db import access
from server.session import Db, Running, require

router = APIRouter(prefix="/tokens", tags=["tokens"], dependencies=[Depends(require("admin"))])

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]


class TokenBody(BaseModel):
    """A token without its secret."""

    id: int
    name: str = Field(description="who uses it")
    role: str
    created: datetime
    last_used: datetime | None = Field(description="to the minute")
    revoked: datetime | None


class NewToken(BaseModel):
    """What to create."""

    model_config = ConfigDict(extra="forbid")

    name: Name = Field(description="who will use it", examples=["loyalty import"])
    role: Scope = Field(default="viewer", description="what it may do; `loyalty` reaches the loyalty link only")


class CreatedToken(BaseModel):
    """The new token."""

    id: int
    token: str = Field(description="the secret; it is not shown again", examples=["vtr_…"])


@router.get("", summary="All tokens")
def all_tokens(db: Db) -> list[TokenBody]:
    """Every token, revoked ones too."""
    return [
        TokenBody(
            id=token.id,
            name=token.name,
            role=token.role,
            created=_utc(token.created),
            last_used=None if token.last_used is None else _utc(token.last_used),
            revoked=None if token.revoked is None else _utc(token.revoked),
        )
        for token in access.list_tokens(db)
    ]


@router.post("", status_code=201, summary="Create a token")
def new_token(new: Annotated[NewToken, Body()], service: Running) -> CreatedToken:
    """Create a token; keep its secret, it is stored only as a hash."""
    with service.engine.begin() as conn:
        id_, secret = create_token(conn, name=new.name, role=new.role, now=service.clock())
    return CreatedToken(id=id_, token=secret)


@router.delete("/{token}", status_code=204, summary="Revoke a token")
def end_token(token: int, service: Running) -> None:
    """The token stops working at once."""
    with service.engine.begin() as conn:
        if not access.revoke_token(conn, token, now=service.clock()):
            raise Problem(404, "Not found", f"There is no working token {token}.")


def _utc(t: float) -> datetime:
    return datetime.fromtimestamp(t, UTC)
