"""Players for screens that hang nowhere: they play what they are told and prove it, over MQTT like others may."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal

import numpy as np

from contract.messages import Part
from contract.screens import Played, PlayedMessage, Show

DEFAULT_S = 10.0
"""How long one play of the player's own house picture lasts."""


@dataclass(frozen=True, slots=True)
class Playing:
    """What is on, since when (seconds UTC)."""

    show: Show
    since: float

    @property
    def seconds(self) -> float:
        """How long one play of it lasts."""
        return self.show.media.seconds if self.show.media else DEFAULT_S


class Player:
    """One screen. Time is told to it; what it has to prove is what its methods return."""

    def __init__(self, site: str, screen: str, rng: np.random.Generator) -> None:
        self._site, self._screen, self._rng = site, screen, rng
        self._on: Playing | None = None
        self._next: Show | None = None

    def hear(self, show: Show, now: float) -> list[PlayedMessage]:
        """A decision arrives; one that comes too late, or is known already, is passed over."""
        late = show.until.timestamp() <= now
        if late or (self._on is not None and self._on.show.decision == show.decision):
            return []
        if show.switch == "next" and self._on is not None:
            self._next = show
            return self.tick(now)
        return self._change(show, now, "cut")

    def tick(self, now: float) -> list[PlayedMessage]:
        """Time goes on: what was played to its end is proved, and what comes next begins."""
        told: list[PlayedMessage] = []
        while self._on is not None and now - self._on.since >= self._on.seconds:
            end = self._on.since + self._on.seconds
            told.append(self._proof(self._on, self._on.seconds, "whole"))
            self._on = replace(self._on, since=end)
            if self._next is not None:
                self._on, self._next = Playing(self._next, end), None
            elif self._on.show.until.timestamp() <= end:
                self._on = None
        return told

    def _change(self, show: Show, now: float, outcome: Literal["cut"]) -> list[PlayedMessage]:
        told = self.tick(now)
        if self._on is not None and now > self._on.since:
            told.append(self._proof(self._on, now - self._on.since, outcome))
        self._on, self._next = Playing(show, now), None
        return told

    def _proof(self, on: Playing, seconds: float, outcome: Literal["whole", "cut"]) -> PlayedMessage:
        play = self._rng.bytes(12).hex()
        played = Played(
            play=play,
            screen=self._screen,
            decision=on.show.decision,
            campaign=on.show.campaign,
            creative=on.show.creative,
            started_at=datetime.fromtimestamp(on.since, UTC),
            seconds=round(seconds, 3),
            outcome=outcome,
            cached=False,
        )
        source = f"vitrina/{self._site}/screens/{self._screen}"
        time = datetime.fromtimestamp(on.since + seconds, UTC)
        return PlayedMessage(id=play, source=source, time=time, site=self._site, data=played)


def payload(message: Part) -> bytes:
    """As it travels."""
    return message.model_dump_json().encode()
