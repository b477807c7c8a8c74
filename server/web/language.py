"""The reader's language: texts, numbers, units, dates and durations as that language writes them.

English is the language of the sources; `locale/<code>/LC_MESSAGES/vitrina.po` holds the others and is
compiled in memory when first used, so that there is no build step and nothing compiled to keep in step.
"""

import io
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files

from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import NumberPattern, parse_pattern

NAMES = {"en": "English", "ru": "Русский"}
_LOCALES = {"en": "en_GB", "ru": "ru"}
_DAY = {"en": "EEE d MMM", "ru": "EEE, d MMMM"}
_NARROW = "\u202f"
_NO_BREAK = "\u00a0"


@cache
def translations(code: str) -> NullTranslations:
    """The catalogue of a language; English needs none."""
    source = files("server.web") / "locale" / code / "LC_MESSAGES" / "vitrina.po"
    if not source.is_file():
        return NullTranslations()
    compiled = io.BytesIO()
    write_mo(compiled, read_po(io.BytesIO(source.read_bytes()), locale=code))
    compiled.seek(0)
    return GNUTranslations(compiled)


def negotiate(chosen: str | None, accept_language: str | None) -> str:
    """The cookie's language if we have it, else the first of `Accept-Language` that we have, else English."""
    if chosen in NAMES:
        return chosen
    wishes = [wish.partition(";")[0].strip().lower()[:2] for wish in (accept_language or "").split(",")]
    return next((wish for wish in wishes if wish in NAMES), "en")


@cache
def _pattern(shape: str) -> NumberPattern:
    return parse_pattern(shape)


@dataclass(frozen=True, slots=True)
class Words:
    """Everything that depends on the language and on the site's time zone."""

    code: str
    timezone: tzinfo

    def gettext(self, message: str) -> str:
        """The text in this language."""
        return translations(self.code).gettext(message)

    def ngettext(self, one: str, many: str, n: float) -> str:
        """The text in the form that goes with `n`; fractions take the form of many."""
        whole = int(n) if float(n).is_integer() else 5 if self.code == "ru" else 2
        return translations(self.code).ngettext(one, many, whole)

    def number(self, value: float, digits: int = 0) -> str:
        """1,284 or 1 284; minus is −; exactly `digits` decimals."""
        shape = "#,##0" + ("." + "0" * digits if digits else "")
        rounded = round(value, digits) + 0.0
        return str(_pattern(shape).apply(rounded, _LOCALES[self.code])).replace("-", "−")

    def percent(self, share: float | None, digits: int = 0) -> str:
        """A share as per cent after a narrow no-break space; – when unknown."""
        return "–" if share is None else f"{self.number(share * 100, digits)}{_NARROW}%"

    def quantity(self, value: float, unit: str, digits: int = 0) -> str:
        """A number and its unit, never torn apart."""
        return f"{self.number(value, digits)}{_NO_BREAK}{unit}"

    def seconds(self, value: float | None) -> str:
        """41 s, 7:50 min, 3.2 h: as exact as one needs; – when unknown."""
        if value is None:
            return "–"
        if value < 120:
            return self.quantity(value, self.gettext("s"), 0 if value >= 10 else 1)
        if value < 5400:
            whole, unit = round(value), self.gettext("min")
            return f"{whole // 60}:{whole % 60:02d}{_NO_BREAK}{unit}"
        return self.quantity(value / 3600, self.gettext("h"), 1 if value < 360_000 else 0)

    def ago(self, age_s: float) -> str:
        """8 s ago, 18 min ago, 3 h ago, 2 d ago."""
        for size, unit in ((86_400, self.gettext("d")), (3600, self.gettext("h")), (60, self.gettext("min"))):
            if age_s >= 2 * size or (size == 86_400 and age_s >= size):
                return self.gettext("%(time)s ago") % {"time": self.quantity(age_s // size, unit)}
        return self.gettext("%(time)s ago") % {"time": self.quantity(max(round(age_s), 0), self.gettext("s"))}

    def size(self, count_bytes: float) -> str:
        """Bytes as kB, MB or GB."""
        for size, unit in ((1e9, self.gettext("GB")), (1e6, self.gettext("MB")), (1e3, self.gettext("kB"))):
            if count_bytes >= size:
                return self.quantity(count_bytes / size, unit, 1)
        return self.quantity(count_bytes, self.gettext("bytes"))

    def local(self, moment: datetime) -> datetime:
        """The moment in the site's time zone."""
        return moment.astimezone(self.timezone)

    def clock(self, moment: datetime, *, with_seconds: bool = False) -> str:
        """14:20 or 14:20:08, in the site's time zone."""
        return self.local(moment).strftime("%H:%M:%S" if with_seconds else "%H:%M")

    def day(self, day: date) -> str:
        """Sat 21 Nov, сб, 21 ноября."""
        return str(format_date(day, _DAY[self.code], locale=_LOCALES[self.code]))

    def dates(self, first: date, last: date) -> str:
        """14 Nov, 8–14 Nov, 26 Oct – 8 Nov: short, for a column's head."""
        end = str(format_date(last, "d MMM", locale=_LOCALES[self.code]))
        if first == last:
            return end
        if (first.year, first.month) == (last.year, last.month):
            return f"{first.day}–{end}"
        return f"{format_date(first, 'd MMM', locale=_LOCALES[self.code])} – {end}"

    def moment(self, moment: datetime) -> str:
        """Day and clock, in the site's time zone."""
        return f"{self.day(self.local(moment).date())} {self.clock(moment)}"

    def weekday_and_day(self, day: date) -> str:
        """Mon 16, пн 16."""
        return f"{format_date(day, 'EEE', locale=_LOCALES[self.code])} {day.day}"

    def month(self, day: date) -> str:
        """Nov 26, нояб. 26: for an axis."""
        return str(format_date(day, "LLL yy", locale=_LOCALES[self.code]))

    def weekday(self, day: date) -> str:
        """Saturday, суббота."""
        return str(format_date(day, "EEEE", locale=_LOCALES[self.code]))

    @staticmethod
    def sentence(text: str) -> str:
        """The text as the beginning of a sentence."""
        return text[:1].upper() + text[1:]
