"""Small cells held back, and enough of the others that sums do not give them away.

Whoever knows a total and all of its cells but one knows that one too, so a cell that is held back alone is told all the
same: others are held back with it (complementary suppression; Hundepool et al., Statistical Disclosure Control, 2012,
chapter 4). Which others is drawn, not chosen by size: who knows these rules could otherwise turn "the smallest that
was left" into a bound. Zero is held back as 1 to 9 are: that nobody was somewhere clears whoever was in the store.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

SMALLEST = 10
"""What is told counts at least so many, and what is held back could be any of at least so many numbers."""

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Table:
    """Counts, such as those of a day's hours, and what is told of all together."""

    cells: Ints
    """(n,)"""
    total: int

    def __len__(self) -> int:
        return len(self.cells)

    def missing(self, held: Bools) -> int:
        """What anybody finds by subtracting the told cells from the total."""
        return self.total - int(self.cells[~held].sum())


@dataclass(frozen=True, slots=True)
class Held:
    """Which of n cells are held back, and whether their total is."""

    cells: Bools
    """(n,)"""
    total: bool

    @classmethod
    def all(cls, n: int) -> "Held":
        """Nothing is told."""
        return cls(np.ones(n, np.bool_), total=True)


def hold_back(table: Table, withheld: Bools, rng: np.random.Generator, smallest: int = SMALLEST) -> Held:
    """Of counts whose total is told too, such as the hours of a day.

    Held back are cells under `smallest`, and more, drawn evenly, until those held back are two at least and come to
    `smallest` together. Then each of them may be anything from 0 to that sum: also for who knows this rule, since any
    other one of them may be the large one that was drawn.

    Args:
        table: the counts.
        withheld: (n,) cells that must be held back for other reasons.
        rng: draws; the same for the same table, so that asking again tells nothing more.
        smallest: `k`.
    """
    if table.total < smallest:
        return Held.all(len(table))
    held = withheld | (table.cells < smallest)
    if not held.any():
        return Held(held, total=False)
    for more in _growing(held, rng):
        if more.sum() >= 2 and table.missing(more) >= smallest:
            return Held(more, total=False)
    return Held.all(len(table))


def hold_back_part(
    part: Table, whole: Table, of_whole: Held, rng: np.random.Generator, smallest: int = SMALLEST
) -> Held:
    """Of a part of other counts and of what is left of them, such as engaged visits by hour beside all visits.

    Where a cell of the whole is held back, its part is. Where the part or the rest is under `smallest`, the part is.
    More are drawn until neither a part nor a rest can be bounded to a range narrower than `smallest` from all that is
    told: the totals, the whole, and the parts that are left. Totals under `smallest` tell nothing of the part at all.

    Args:
        part: counts, each at most the whole's.
        whole: what they are parts of.
        of_whole: what is held back of it, as `hold_back` says.
        rng: as there.
        smallest: `k`.
    """
    if of_whole.total or not tells_nobody(part.total, whole.total, smallest):
        return Held.all(len(part))
    held = of_whole.cells | (part.cells < smallest) | (whole.cells - part.cells < smallest)
    if not held.any():
        return Held(held, total=False)
    for more in _growing(held, rng):
        if _wide(more, part, whole, of_whole.cells, smallest):
            return Held(more, total=False)
    return Held.all(len(part))


def tells_nobody(part: int, whole: int, smallest: int = SMALLEST) -> bool:
    """Whether neither a part nor the rest of its whole is small; a rest of none says something of everybody."""
    return part >= smallest and whole - part >= smallest


def _growing(held: Bools, rng: np.random.Generator) -> Iterator[Bools]:
    """The cells held back, then one more each time."""
    yield held
    for i in rng.permutation(np.flatnonzero(~held)).tolist():
        held = held.copy()
        held[i] = True
        yield held


def _wide(held: Bools, part: Table, whole: Table, hidden: Bools, smallest: int) -> bool:
    """Whether every held part can be anything over a range of `smallest`, by all sums that are told.

    What is `hidden` of the whole is known as one sum: its cells can take from each other, if they are two.
    """
    caps, pool, left = whole.cells[held & ~hidden], whole.missing(hidden), part.missing(held)
    lows = np.maximum(0, left - (caps.sum() - caps) - pool)
    if (np.minimum(caps, left) - lows < smallest).any():
        return False
    if not hidden.any():
        return True
    most, least = min(pool, left), max(0, left - int(caps.sum()))
    return bool(hidden.sum() >= 2 and most >= smallest and pool - least >= smallest)


def in_tens(count: int, rng: np.random.Generator, smallest: int = SMALLEST) -> int | None:
    """A count to a multiple of `smallest`, up or down by chance so that sums stay right; None where it is held back.

    For counts that overlap in ways nobody looks through, such as segments inside each other: each difference of two
    is then uncertain by more than it could tell (random rounding, Hundepool et al., chapter 5).
    """
    if count < smallest:
        return None
    whole, over = divmod(count, smallest)
    return smallest * (whole + int(rng.random() < over / smallest))
