"""Net promoter score from counts of grades: those who give 9 or 10 less those who give 0 to 6, in points of 100."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

from server.domain.intervals import Z95, Estimate

Answers = dict[str, int]


@dataclass(frozen=True, slots=True)
class Score:
    """`points` -100 to 100 with the interval of a difference of two shares of one sample (multinomial)."""

    points: Estimate
    promoters: int
    passives: int
    detractors: int

    @property
    def n(self) -> int:
        """Answers."""
        return self.promoters + self.passives + self.detractors


def score(counts: Mapping[str, int]) -> Score | None:
    """Of how often each grade, `0` to `10`, was given; None of nothing.

    The interval takes three quarters of an answer to each side, so that few alike answers are not told as sure (as
    Agresti & Min 2005 do for differences of shares).
    """
    by_grade = {int(grade): n for grade, n in counts.items()}
    promoters = sum(n for grade, n in by_grade.items() if grade >= 9)
    detractors = sum(n for grade, n in by_grade.items() if grade <= 6)
    n = sum(by_grade.values())
    if not n:
        return None
    up, down, of = promoters + 0.75, detractors + 0.75, n + 2.25
    middle = (up - down) / of
    half = Z95 * sqrt(((up + down) / of - middle**2) / of)
    points = Estimate((promoters - detractors) / n * 100, max(-1, middle - half) * 100, min(1, middle + half) * 100)
    return Score(points, promoters, n - promoters - detractors, detractors)
