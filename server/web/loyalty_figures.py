"""The programme's ratios as figures: each with what stands behind it, its course, and the period before."""

from collections.abc import Callable
from dataclasses import dataclass

from server.domain.intervals import Share
from server.domain.programme import Figures
from server.programme_report import Period
from server.web.figures import strokes
from server.web.language import Words
from server.web.money import Money
from server.web.parts import Figure


@dataclass(frozen=True, slots=True)
class _Kind:
    key: str
    label: str
    read: Callable[[Figures], float | Share | None]
    write: Callable[[float], str]


def figures(words: Words, told: list[Period], money: Money) -> list[Figure]:
    """Those that are known, in the order of a customer's life."""
    text, percent = words.gettext, words.percent

    def times(value: float) -> str:
        return words.number(value, 1)

    kinds = [
        _Kind("penetration", text("Receipts with a card"), lambda of: of.penetration, percent),
        _Kind("card_basket", text("Takings of a receipt"), lambda of: of.basket, money.price),
        _Kind("frequency", text("Receipts in 30 days"), lambda of: of.frequency, times),
        _Kind("active_share", text("Active members"), lambda of: of.active, percent),
        _Kind("retention", text("Came back"), lambda of: of.retention, percent),
        _Kind("churn", text("Stayed away"), lambda of: of.churn, percent),
        _Kind("redemption", text("Points redeemed"), lambda of: of.redemption, percent),
        _Kind("customer_value", text("Worth of a member"), lambda of: of.value, money.price),
    ]
    return [figure for kind in kinds if (figure := _figure(words, told, kind)) is not None]


def _figure(words: Words, told: list[Period], kind: _Kind) -> Figure | None:
    values = [_value(kind.read(each.figures)) for each in told]
    if not values or values[-1] is None:
        return None
    written = kind.write(values[-1])
    before = next((value for value in reversed(values[:-1]) if value is not None), None)
    note = words.gettext("%(value)s the period before") % {"value": kind.write(before)} if before is not None else ""
    tip = _tip(words, kind.read(told[-1].figures), note)
    spark = strokes.sparkline(values, label=f"{kind.label}: {written}")
    return Figure(kind.key, kind.label, written, note=note, tip=tip, spark=spark)


def _tip(words: Words, found: float | Share | None, note: str) -> str:
    if not isinstance(found, Share):
        return note
    reach = {"low": words.percent(found.low), "high": words.percent(found.high), "n": words.number(found.n)}
    return words.gettext("95 %% interval %(low)s to %(high)s, of %(n)s") % reach


def _value(found: float | Share | None) -> float | None:
    return found.value if isinstance(found, Share) else found
