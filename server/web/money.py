"""Amounts of money as the reader's language writes them, no more exact than their interval allows."""

from dataclasses import dataclass
from math import floor, log10

from babel.numbers import format_currency, get_currency_symbol

from server.domain.intervals import Estimate
from server.web.language import Words

JOINER = "\u2060"
"""No line ends between a sign and its amount."""
_SHAPES = {"en": ("en_GB", "¤#,##0"), "ru": ("ru", "#,##0\u00a0¤")}


@dataclass(frozen=True, slots=True)
class Money:
    """A site's currency in a reader's language; `currency` is empty before the first document named one."""

    words: Words
    currency: str

    @property
    def symbol(self) -> str:
        """€; the code where the language has no sign for it."""
        locale, _ = _SHAPES[self.words.code]
        return str(get_currency_symbol(self.currency, locale=locale)) if self.currency else ""

    def amount(self, value: float) -> str:
        """€310, 310 ₽, −€20."""
        if not self.currency:
            return self.words.number(value)
        locale, shape = _SHAPES[self.words.code]
        told = format_currency(abs(round(value)), self.currency, shape, locale=locale, currency_digits=False)
        return f"−{JOINER}{told}" if round(value) < 0 else str(told)

    def price(self, value: float) -> str:
        """€23.40, 1 184,00 ₽: with its hundredths, for what one receipt or one visit comes to."""
        if not self.currency:
            return self.words.number(value, 2)
        locale, shape = _SHAPES[self.words.code]
        exact = shape.replace("#,##0", "#,##0.00")
        told = format_currency(abs(value), self.currency, exact, locale=locale, currency_digits=False)
        return f"−{JOINER}{told}" if round(value, 2) < 0 else str(told)

    def signed(self, value: float) -> str:
        """+€310, −€20; nothing has no sign."""
        told = self.amount(value)
        return f"+{JOINER}{told}" if round(value) > 0 else told

    def reach(self, effect: Estimate) -> str:
        """+€120 to +€500."""
        ends = {"from": self.signed(effect.low), "to": self.signed(effect.high)}
        return self.words.gettext("%(from)s to %(to)s") % ends


def rounded(effect: Estimate) -> Estimate:
    """To two places of half the interval: 312 (118 to 506) is 310 (120 to 510)."""
    half = (effect.high - effect.low) / 2
    step = 10.0 ** max(floor(log10(half)) - 1, 0) if half > 0 else 1.0
    value, low, high = (round(bound / step) * step for bound in (effect.value, effect.low, effect.high))
    return Estimate(value, low, high)


def tidy(amount: float) -> float:
    """To two figures: 1,234 is 1,200."""
    step = 10.0 ** max(len(str(int(abs(amount)))) - 2, 0)
    return round(amount / step) * step


def upwards(amount: float) -> float:
    """To two figures, never less: what a test sees is no less than what is said."""
    step = 10.0 ** max(len(str(int(amount))) - 2, 0)
    return -(-amount // step) * step


def plain_reach(effect: Estimate, words: Words) -> str:
    """+120 to +510."""
    return words.gettext("%(from)s to %(to)s") % {"from": plain(effect.low, words), "to": plain(effect.high, words)}


def plain(value: float, words: Words) -> str:
    """+310, −20: a number with its sign, for a column whose head says the unit."""
    written = words.number(value)
    return f"+{written}" if round(value) > 0 else written
