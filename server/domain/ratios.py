"""Counts over what was to be expected, place by place, as epidemiology compares districts (standardised ratios).

Counts of people vary more than Poisson's law says: one person is counted in several cells, and some days differ from
others in where people go. How much more is taken from the days, place by place, and drawn towards what is usual on the
floor because few days tell it badly. Divided by it a count is taken as Poisson's (quasi-Poisson), whose exact interval
holds for small counts and none at all (Garwood 1936).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import gammainc, gammaincc, gammaincinv

WORTH_DAYS = 8
"""How many days' evidence the floor's usual dispersion is worth in one place."""
FEWEST_EVENTS = 5
"""Places with fewer tell nothing of the dispersion."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Ratios:
    """Of each place (k,): what happened over what was expected, its 95 % interval, and how counts spread."""

    events: Floats
    expected: Floats
    dispersion: Floats
    """Variance over mean of the counts of one day; at least 1."""

    @property
    def value(self) -> Floats:
        """The ratio; nan where nothing was expected."""
        return np.divide(self.events, self.expected, out=np.full_like(self.events, np.nan), where=self.expected > 0)

    @property
    def low(self) -> Floats:
        """Lower bound; 0 where nothing was expected."""
        count = np.where(self.expected > 0, self.events / self.dispersion, 0)
        bound = np.where(count > 0, gammaincinv(np.maximum(count, 1e-9), 0.025), 0) * self.dispersion
        return np.divide(bound, self.expected, out=np.zeros_like(bound), where=self.expected > 0)

    @property
    def high(self) -> Floats:
        """Upper bound; inf where nothing was expected."""
        bound = gammaincinv(self.events / self.dispersion + 1, 0.975) * self.dispersion
        return np.divide(bound, self.expected, out=np.full_like(bound, np.inf), where=self.expected > 0)

    def p_under(self, limit: float) -> Floats:
        """Chance of so few or fewer if the true ratio were `limit`: small where it is surely under it."""
        return np.asarray(gammaincc(self.events / self.dispersion + 1, limit * self.expected / self.dispersion))

    def p_over(self, limit: float) -> Floats:
        """Chance of so many or more if the true ratio were `limit`: small where it is surely over it."""
        count = self.events / self.dispersion
        chance = gammainc(np.maximum(count, 1e-9), limit * self.expected / self.dispersion)
        return np.asarray(np.where(count > 0, chance, 1.0))

    @classmethod
    def joined(cls, parts: "Sequence[Ratios]") -> "Ratios":
        """One after the other."""
        return cls(
            *(np.concatenate([getattr(p, name) for p in parts]) for name in ("events", "expected", "dispersion"))
        )

    def grown(self, times: float) -> "Ratios":
        """What they would be after `times` the observation, if all went on alike."""
        return Ratios(self.events * times, self.expected * times, self.dispersion)


def ratios(events: Floats, expected: Floats, *, usual_dispersion: float | None = None) -> Ratios:
    """Compare places over days.

    Args:
        events: (days, k) counts.
        expected: (days, k) what was to be expected.
        usual_dispersion: of places of this kind; None to take the median of these.
    """
    sums, hoped = events.sum(axis=0, dtype=np.float64), expected.sum(axis=0)
    ratio = np.divide(sums, hoped, out=np.zeros_like(sums), where=hoped > 0)
    mean = ratio * expected
    squares = np.divide((events - mean) ** 2, mean, out=np.zeros_like(mean), where=mean > 0).sum(axis=0)
    freedom = np.maximum((mean > 0).sum(axis=0) - 1, 0)
    own = squares / np.maximum(freedom, 1)
    telling = (sums >= FEWEST_EVENTS) & (freedom > 0)
    if usual_dispersion is None:
        usual_dispersion = float(np.median(own[telling])) if telling.any() else 1.0
    weight = np.where(telling, freedom, 0)
    drawn = (weight * own + WORTH_DAYS * usual_dispersion) / (weight + WORTH_DAYS)
    return Ratios(sums, hoped, np.maximum(drawn, 1.0))
