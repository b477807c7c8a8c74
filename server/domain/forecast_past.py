"""What a forecast is made from: hourly figures of past days, and what is known of days past and to come."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

AHEAD = 14
"""Days that are forecast."""
HOURS = 24
SHUT = 0.05
"""Of what is usual: a day with less was no day of trade."""


@dataclass(frozen=True, slots=True)
class Past:
    """Hourly figures of d days in a row, and what is known of these and of the AHEAD days after them."""

    counts: Floats
    """(d, 24) by local day and hour of the day; nan where it was not measured, never 0."""
    weekday: Ints
    """(d + AHEAD,) 0 is Monday."""
    names: tuple[str, ...]
    """(d + AHEAD,) what makes the day special, a holiday or what the store says; empty on ordinary days."""
    closed: Bools
    """(d + AHEAD,) the store says that it does not open."""
    temperature_c: Floats
    """(d + AHEAD,) nan where not known."""
    rain_mm: Floats
    """(d + AHEAD,)"""

    def __post_init__(self) -> None:
        """Check the shapes.

        Raises:
            ValueError: names the array that does not fit.
        """
        days = len(self.counts) + AHEAD
        if self.counts.shape != (len(self.counts), HOURS):
            raise ValueError(f"counts is {self.counts.shape}, expected (days, {HOURS})")
        for name in ("weekday", "names", "closed", "temperature_c", "rain_mm"):
            if len(getattr(self, name)) != days:
                raise ValueError(f"{name} holds {len(getattr(self, name))} days, expected {days}")

    @property
    def special(self) -> Bools:
        """(d + AHEAD,) days that are not like their weekday."""
        return np.array([bool(name) for name in self.names], np.bool_) | self.closed


def plain_past(counts: Floats, first_weekday: int = 0) -> Past:
    """A past of which nothing but the figures is known."""
    days = len(counts) + AHEAD
    unknown = np.full(days, np.nan)
    weekday = (np.arange(days) + first_weekday) % 7
    return Past(counts, weekday, ("",) * days, np.zeros(days, np.bool_), unknown, unknown)
