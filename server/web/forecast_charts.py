"""The days and hours to come as bands, with what came so far, and the tables behind them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from server.domain.usual import Band
from server.web.figures.bars import Bar, bar_chart
from server.web.forecast_day import DayAhead
from server.web.language import Words
from server.web.parts import Table

DAYS_WIDE, HOURS_WIDE, NARROW = (1192.0, 248.0), (584.0, 248.0), (358.0, 248.0)
"""Width and height of a drawing."""
FEW = 100
"""Up to so many are told to the last one; more are rounded to what the interval supports."""


@dataclass(frozen=True, slots=True)
class BandChart:
    """A chart for wide and narrow screens, and its table."""

    title: str
    wide: Markup
    narrow: Markup
    table: Table


def days_chart(words: Words, days: Sequence[DayAhead], came: float | None) -> BandChart:
    """14 days; the first has begun, `came` so far."""
    title = words.gettext("People who will come in, per day")
    bars = [_day_bar(words, day, came if i == 0 else None) for i, day in enumerate(days)]
    rows = [[words.day(day.date), *_cells(words, day.band, came if i == 0 else None)] for i, day in enumerate(days)]
    return _chart(bars, "", DAYS_WIDE, Table(title, [words.gettext("Day"), *_head(words)], rows))


def hours_chart(
    words: Words, day: DayAhead, came: Mapping[int, float], *, title: str, until: float | None, digits: int = 0
) -> BandChart:
    """One day by hour; `until` is the hour that has been counted up to, None of a day to come."""
    hours = _shown(day, came)
    running = None if until is None else int(until)
    bars = [
        _hour_bar(words, hour, day.hours.get(hour), came.get(hour), running=hour == running, digits=digits)
        for hour in hours
    ]
    rows = [[f"{hour}:00", *_cells(words, day.hours.get(hour), came.get(hour), digits)] for hour in hours]
    return _chart(bars, str(hours.stop), HOURS_WIDE, Table(title, [words.gettext("Hour"), *_head(words)], rows))


def band_written(words: Words, band: Band, digits: int = 0) -> str:
    """880 to 1,160."""
    low, high = (value if digits else rounded(value) for value in (band.low, band.high))
    figures = {"low": words.number(low, digits), "high": words.number(high, digits)}
    return words.gettext("%(low)s to %(high)s") % figures


def rounded(value: float) -> int:
    """Two to three figures: 87, 440, 1020."""
    if value < FEW:
        return round(value)
    size = 10 if value < 100 * FEW else 100
    return round(value / size) * size


def _chart(bars: list[Bar], end: str, wide: tuple[float, float], table: Table) -> BandChart:
    large, small = (bar_chart(bars, label=table.caption, end_label=end, width=w, height=h) for w, h in (wide, NARROW))
    return BandChart(table.caption, large, small, table)


def _shown(day: DayAhead, came: Mapping[int, float]) -> range:
    busy = [hour for hour, band in day.hours.items() if band.high > 0] + [hour for hour, n in came.items() if n]
    return range(min(busy, default=8), max(busy, default=19) + 1)


def _day_bar(words: Words, day: DayAhead, came: float | None) -> Bar:
    tip = [words.day(day.date), *_tip(words, day.band, came)]
    return Bar(
        label=words.weekday_and_day(day.date),
        value=came,
        written=words.number(came or 0),
        tip="\n".join(tip),
        running=came is not None,
        band=day.band,
        ahead=words.number(rounded(day.band.mid)) if day.band else "",
    )


def _hour_bar(words: Words, hour: int, band: Band | None, came: float | None, *, running: bool, digits: int) -> Bar:
    return Bar(
        label=str(hour),
        value=came,
        written=words.number(came or 0, digits),
        tip="\n".join([f"{hour}:00–{hour + 1}:00", *_tip(words, band, came, digits)]),
        running=running,
        band=band,
        ahead=words.number(band.mid, digits) if band else "",
    )


def _tip(words: Words, band: Band | None, came: float | None, digits: int = 0) -> list[str]:
    lines = []
    if came is not None:
        lines.append(words.gettext("%(n)s so far") % {"n": words.number(came, digits)})
    if band is None:
        return [*lines, words.gettext("no forecast")]
    figures = {name: words.number(getattr(band, name), digits) for name in ("low", "mid", "high")}
    return [*lines, words.gettext("%(mid)s expected, 8 of 10 times %(low)s to %(high)s") % figures]


def _head(words: Words) -> list[str]:
    return [words.gettext("Expected"), words.gettext("8 of 10 times"), words.gettext("So far")]


def _cells(words: Words, band: Band | None, came: float | None, digits: int = 0) -> list[str]:
    number: Callable[[float], str] = lambda value: words.number(value, digits)  # noqa: E731 - three cells, one format
    told = [number(band.mid), band_written(words, band, digits)] if band else ["–", "–"]
    return [*told, "–" if came is None else number(came)]
