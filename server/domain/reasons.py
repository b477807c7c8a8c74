"""Why a screen shows what it shows: a code and its figures for any language, and the sentence in English."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from server.domain.eligibility import Refusal

Code = Literal["targeted", "everyone", "chosen", "held", "nobody", "stays"]
"""`targeted`: who is there decided; `everyone`: shown to all for comparison; `chosen`: whoever is there; `held`: the
default for comparison; `nobody`: no campaign may be on; `stays`: what is on goes on."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why. `campaign`: whose turn it is. `rivals`: how many campaigns it was chosen from, itself included."""

    code: Code
    campaign: str | None = None
    of: int = 0
    near: int | None = None
    """People before the screen; None: not known."""
    segments: Mapping[str, str] = field(default_factory=dict)
    """What of them counted, by segment, in bands."""
    passed_over: Mapping[Refusal, int] = field(default_factory=dict)
    """How many other campaigns, by why."""


_WORDS: Mapping[Refusal, str] = {
    "flight": "outside their days",
    "hours": "outside their hours",
    "screen": "not meant for this screen",
    "shape": "of another shape than the screen",
    "slot": "too long for what is left of the time",
    "tact": "aimed by what nobody is aimed at by",
    "unknown": "aimed at who is there, which is not known",
    "lone": "aimed at who is there, which before a lone viewer would tell who it is",
    "target": "aimed at others than are there",
    "near": "for another number of people",
    "trigger": "waiting for something else",
    "spent": "used up",
    "hourly": "shown often enough this hour",
    "paced": "ahead of their plan",
    "voice": "ahead of their share",
    "rival": "next to a competitor",
    "priority": "of lower priority",
}


def sentence(reason: Reason) -> str:
    """The reason in one English sentence of at most 300 characters."""
    who = _who(reason)
    match reason.code:
        case "targeted":
            told = f"{reason.campaign}: {who} fit its target"
        case "everyone":
            told = f"{reason.campaign}: shown to everyone in this slot, to compare"
        case "chosen":
            told = f"{reason.campaign}: its turn, whoever is there"
        case "held":
            told = f"the default in place of {reason.campaign} in this slot, to compare"
        case "stays":
            told = "what is on goes on"
        case "nobody":
            told = "the default: " + (_why_not(reason) or "no campaign is approved")
    if reason.of > 1 and reason.code != "nobody":
        told += f"; chosen from {reason.of}"
    return told if len(told) <= 300 else told[:299] + "…"


def _who(reason: Reason) -> str:
    segments = ", ".join(f"{band} {segment}" for segment, band in reason.segments.items())
    near = "an unknown number of people" if reason.near is None else f"{reason.near} people"
    return f"{near} ({segments})" if segments else near


def _why_not(reason: Reason) -> str:
    return ", ".join(f"{n} {_WORDS[code]}" for code, n in reason.passed_over.items())
