"""What an advice is: what to change, why, what it would bring, and how well that is known."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from server.domain.intervals import Estimate

Evidence = Literal["described", "associated", "estimated", "tested"]
"""What is; what goes together; what a checked model says; what was tried here."""

EVIDENCE: tuple[Evidence, ...] = ("described", "associated", "estimated", "tested")

Kind = Literal["move", "swap", "feature", "pair", "advertise", "drop_offer", "retarget_offer", "look_into"]
"""`move` a category to a zone, `swap` two, `feature` one on an island, `pair` one beside another, `advertise` a
category on a screen, `drop_offer`, `retarget_offer` to those who do not buy at full price, `look_into` what is engaged
and not bought.
"""


@dataclass(frozen=True, slots=True)
class Advice:
    """One proposal. Codes, not sentences: words are made where they are read, in the reader's language."""

    kind: Kind
    subject: str
    """The category or offer it is about."""
    other: str | None = None
    """The category to swap with or to stand beside; the screen to advertise on."""
    origin: str | None = None
    """The zone it would leave."""
    target: str | None = None
    """The zone it would go to."""
    evidence: Evidence | None = None
    """None: not enough data to say anything."""
    effect: Estimate | None = None
    """Margin a week against leaving things as they are, in the currency's unit, 95 %; None: no estimate."""
    needs_days: int | None = None
    """About so many more days until something can be said."""
    gathered: float | None = None
    """How much of what is needed there is, 0 to 1."""
    reasons: Mapping[str, float | str] = field(default_factory=dict)
    """Figures by name, for the sentence that says why."""
    confounders: tuple[str, ...] = ()
    """Codes of what could fool it: weekday, season, weather, offer, traffic, special_day, neighbour."""
    checks: Mapping[str, bool] = field(default_factory=dict)
    """Checks of the model and whether each held: placebo, pre_trend, residuals, fit, traffic, exposure and others."""
    held: tuple[str, ...] = ()
    """Codes of what the assignment kept: capacity, cold, tap, counter, not_movable, pair."""

    @property
    def key(self) -> str:
        """The same proposal keeps its key from round to round."""
        return ":".join((self.kind, self.subject, self.other or "", self.origin or "", self.target or ""))
