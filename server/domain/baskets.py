"""What was bought together, as counts: apart from what is worked out of it, so that who only reads it starts fast."""

from dataclasses import dataclass

from server.domain.store_days import Ints, Strings


@dataclass(frozen=True, slots=True)
class Baskets:
    """How often each set of categories was bought together. Arrays (m,); no row is one receipt."""

    week: Ints
    """Ordinal of its Monday."""
    part: Ints
    """Of the day."""
    n: Ints
    """Receipts with just these categories."""
    sets: tuple[Strings, ...]
    """The categories of each, none twice."""

    def __post_init__(self) -> None:
        if not len(self.week) == len(self.part) == len(self.n) == len(self.sets):
            raise ValueError(f"{len(self.sets)} sets need as many weeks, parts and counts")

    @property
    def receipts(self) -> int:
        """All of them."""
        return int(self.n.sum())
