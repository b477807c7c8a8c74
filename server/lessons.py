"""What was learned of a site's creatives: attention per play, by screen and time of the week, kept up to date."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from server.domain.decide import Learned

NOTHING: Learned = {}


@dataclass(frozen=True, slots=True)
class Lessons:
    """Beliefs by screen and part of the week."""

    beliefs: Mapping[tuple[str, str], Learned] = field(default_factory=dict)

    def at(self, screen: str, *, weekday: int, minute: int) -> Learned:
        """On a screen at a time of the site's week."""
        return self.beliefs.get((screen, part_of_week(weekday, minute)), NOTHING)


def part_of_week(weekday: int, minute: int) -> str:
    """Working day or weekend, morning until noon, afternoon until five, evening."""
    day = "weekend" if weekday >= 5 else "weekday"
    hour = minute // 60
    return f"{day}-{'morning' if hour < 12 else 'afternoon' if hour < 17 else 'evening'}"
