"""What has been read of a message or a file and is to be taken: plain rows, fast enough for millions.

Whoever reads a file hands an iterable of these to `server.imports.intake`, in the order of the file:

    take_receipts(engine, site, rows, currency="EUR", source=source, limits=limits) -> Taken    of Line | Fault
    take_items(engine, site, "offers", rows, currency="EUR", source=source, limits=limits) -> Taken  of Item | Fault

`source` is a `server.db.imports.Source`; `limits` is made by `server.imports.limits.limits(retention, now)`.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple


class Line(NamedTuple):
    """One line of a receipt, in the shapes of `contract.loyalty`: ids and codes have been held against their patterns.

    The lines of a receipt stand together. It is taken whole or not at all: a `Fault` that names it refuses all of it.
    """

    place: int
    """Line of the file, from 1; of a message, the number of its receipt, from 1."""
    receipt: str
    """The sender's id: hashed at once, and kept nowhere."""
    t: float
    """Seconds since 1970 UTC."""
    has_card: bool
    returned: bool
    category: str
    """Empty: looked up by `sku`."""
    sku: str
    quantity: float
    """Above zero, also of what is brought back; as all amounts."""
    gross_c: int
    margin_c: int | None
    discount_c: int
    offer: str
    coupon: str


class Item(NamedTuple):
    """One entry of a document that is not of receipts, as it stands in its JSON; it is checked on the way in."""

    place: int
    """Line of the file, from 1; of a message, the number of the entry, from 1, counted over all its parts."""
    part: str
    """The list it belongs to, such as `articles`."""
    told: dict[str, Any]


class Fault(NamedTuple):
    """Something that was not taken, or is to be known of; never the value itself."""

    place: int
    """0: the whole."""
    column: str
    fault: str
    """What was wrong and what is expected, English."""
    receipt: str = ""
    """The receipt it belongs to, which is refused with all its lines; empty where it could not be read."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a message or a file."""

    import_id: int
    lines: int
    """Rows or entries that were read; those of `taken`, `known` and `refused` add up to it."""
    taken: int
    known: int
    """Had been taken before, and changed nothing."""
    refused: int
    faults: tuple[Fault, ...]
    """The first of them; also notes on what was taken and cannot be put to full use."""
