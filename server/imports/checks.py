"""Receipts out of lines: taken whole or not at all, each at a time that can be true."""

from collections.abc import Iterable, Iterator, Sequence

from server.imports.goods import Goods
from server.imports.ledger import Sold, bin_of
from server.imports.limits import Limits, wrong_time
from server.imports.receipts import Fault, Line

Group = Sequence[Line | Fault]
UNKNOWN_ARTICLE = "is not in the catalogue, and the line names no category; send the catalogue first"


def grouped(rows: Iterable[Line | Fault]) -> Iterator[Group]:
    """The rows of each receipt, which stand together; a fault of none is by itself."""
    group, receipt = list[Line | Fault](), ""
    for row in rows:
        if group and (row.receipt != receipt or not receipt):
            yield group
            group = []
        group.append(row)
        receipt = row.receipt
    if group:
        yield group


def entries(group: Sequence[Line | Fault]) -> int:
    """How many lines of a file it is; of a message, how many receipts."""
    return len({row.place for row in group})


def checked(group: Group, goods: Goods, limits: Limits) -> Sold | list[Fault]:
    """The receipt that `group` is, or what is wrong with it."""
    faults = [row for row in group if isinstance(row, Fault)]
    lines = [row for row in group if isinstance(row, Line)]
    if not faults:
        wrong = wrong_time(lines[0].t, limits)
        if wrong is not None:
            faults = [Fault(lines[0].place, "t", wrong)]
        else:
            lines = [_with_category(line, goods) for line in lines]
            faults = [Fault(line.place, "sku", UNKNOWN_ARTICLE) for line in lines if not line.category]
    return _with_the_others(faults, entries(group)) if faults else Sold(bin_of(lines[0].t), lines[0].has_card, lines)


def _with_category(line: Line, goods: Goods) -> Line:
    return line if line.category else line._replace(category=goods.category_of(line.sku) or "")


def _with_the_others(faults: Sequence[Fault], size: int) -> list[Fault]:
    others = size - len({fault.place for fault in faults})
    if not others:
        return [*faults]
    told = f"{faults[0].fault}; with it the other {others} lines of its receipt are left out"
    return [faults[0]._replace(fault=told), *faults[1:]]
