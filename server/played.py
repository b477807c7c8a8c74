"""Proof of play comes in, by REST or over MQTT: each play once, at a time that can be true."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from contract.screens import Played, PlayedMessage
from server.db.plays import Told, add_plays, decided

OFF_S = 120.0
"""By so much a player's clock may differ from when its decision was to be on, or be ahead of the server's."""
LONGEST_S = 86_400.0
BY_MQTT = "mqtt"
"""The player of plays that came over the broker."""


@dataclass(frozen=True, slots=True)
class PlayArrival:
    """A proof of play that may be stored."""

    message: PlayedMessage
    seen_at: float
    """Seconds UTC."""


def take_plays(conn: Connection, site: str, player: str, plays: Sequence[Played], *, now: float) -> list[str]:
    """Store plays that `player` tells at `now` seconds UTC; the ids it may forget: of all that are stored now.

    What began when its decision was not in force, or lies ahead, was dated by a wrong clock: it is stored at the time
    of its decision, or of now, and says so.
    """
    _add(conn, site, player, plays, now=now)
    return [played.play for played in plays]


def _add(conn: Connection, site: str, player: str, plays: Sequence[Played], *, now: float) -> int:
    """Store plays as `take_plays` does; returns how many were new."""
    known = decided(conn, site, {played.decision for played in plays if played.decision})
    told = [_believed(played, known.get(played.decision or ""), now) for played in plays]
    return add_plays(conn, site, player, told, now=now)


def take_arrivals(conn: Connection, arrivals: Sequence[PlayArrival]) -> list[bool]:
    """Store plays that came over the broker; tells for each whether it was new."""
    return [
        bool(_add(conn, arrival.message.site, BY_MQTT, [arrival.message.data], now=arrival.seen_at))
        for arrival in arrivals
    ]


def _believed(played: Played, decision: tuple[float, float] | None, now: float) -> Told:
    said = played.started_at.timestamp()
    played = played.model_copy(update={"seconds": min(played.seconds, LONGEST_S)})
    started = said
    if decision is not None and not decision[0] - OFF_S <= said <= decision[0] + decision[1] + OFF_S:
        started = decision[0]
    if started > now + OFF_S:
        started = now - played.seconds
    if started == said:
        return Told(played, said, played.trouble)
    wrong = f"the player's clock said {played.started_at:%Y-%m-%d %H:%M:%S}Z"
    return Told(played, started, f"{wrong}; {played.trouble}" if played.trouble else wrong)
