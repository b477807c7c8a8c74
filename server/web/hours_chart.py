"""People per hour of a day: bars, the usual band, the running hour, and the table behind them."""

from dataclasses import dataclass

from markupsafe import Markup

from server.web.day import Day
from server.web.figures.bars import Bar, bar_chart
from server.web.language import Words
from server.web.parts import Table

FEWEST_HOURS = 8
EARLY = 1 / 6
"""Of the running hour: before that, its rate says little about where it is heading."""


@dataclass(frozen=True, slots=True)
class CountsChart:
    """The chart for wide and narrow screens, its words and its table."""

    title: str
    note: str
    usual: bool
    wide: Markup
    narrow: Markup
    table: Table


def draw(words: Words, day: Day, day_word: str) -> CountsChart:
    """The day's chart."""
    hours = shown_hours(day)
    bars = [_bar(words, day, hour) for hour in hours]
    title = (
        words.gettext("People who came in, per hour") if day.lines else words.gettext("People inside, average per hour")
    )
    label = f"{title}, {day_word}"
    wide, narrow = (bar_chart(bars, label=label, end_label=str(hours.stop), width=width) for width in (780.0, 358.0))
    usual = bool(day.lines) and not day.usual.missing
    return CountsChart(title, _note(words, day), usual, wide, narrow, _table(words, day, hours, label))


def shown_hours(day: Day) -> range:
    """From the first hour of today or of a usual day to the last, at least eight."""
    busy = [*day.counts, *day.steps]
    span = day.usual.span()
    first = min([*busy, *(span[:1] if span else ())], default=0)
    last = max([*(hour + 1 for hour in busy), *(span[1:] if span else ())], default=24)
    last = min(max(last, first + FEWEST_HOURS), 25 if last > 24 else 24)
    return range(max(0, min(first, last - FEWEST_HOURS)), last)


def value_of(day: Day, hour: int) -> float | None:
    """Who came in, or who was inside on average; None where nothing was observed."""
    if day.lines:
        count = day.counts.get(hour)
        return float(count.entered) if count else None
    step = day.steps.get(hour)
    return step.mean if step else None


def _bar(words: Words, day: Day, hour: int) -> Bar:
    value = value_of(day, hour)
    running = day.today and hour == int(day.until)
    band = day.usual.band(hour) if day.lines else None
    return Bar(
        label=str(hour),
        value=value,
        written=words.number(value or 0, 0 if day.lines else 1),
        tip=tip(words, day, hour),
        expected=_heading(day, hour, value) if running else None,
        running=running,
        band=band,
    )


def _heading(day: Day, hour: int, value: float | None) -> float | None:
    """Where the running hour is heading: the usual hour scaled by the day so far, else its own rate."""
    gone = day.until - hour
    if value is None or not day.lines:
        return None
    band = day.usual.band(hour)
    if band and day.change is not None:
        return max(value, value + band.mid * (1 - gone) * min(max(1 + day.change, 0.25), 4.0))
    return value / gone if gone >= EARLY else None


def tip(words: Words, day: Day, hour: int) -> str:
    """What stands behind a bar, line by line."""
    return "\n".join(_tip(words, day, hour, value_of(day, hour)))


def _tip(words: Words, day: Day, hour: int, value: float | None) -> list[str]:
    span = f"{hour}:00–{hour + 1}:00"
    if value is None:
        ahead = day.today and hour > day.until
        return [span, words.gettext("still to come") if ahead else words.gettext("not observed")]
    band = day.usual.band(hour) if day.lines else None
    if day.lines:
        n = round(value)
        first = words.ngettext("%(n)s person came in", "%(n)s people came in", n) % {"n": words.number(n)}
    else:
        first = words.gettext("%(n)s inside on average") % {"n": words.number(value, 1)}
    usual = words.gettext("usual %(mid)s, middle 80 %% %(low)s to %(high)s")
    return [
        first,
        span,
        *(
            [usual % {"mid": words.number(band.mid), "low": words.number(band.low), "high": words.number(band.high)}]
            if band
            else []
        ),
        words.gettext("observed %(time)s") % {"time": words.seconds(observed_s(day, hour))},
    ]


def observed_s(day: Day, hour: int) -> float:
    """Seconds of the hour that were watched."""
    seen = day.counts.get(hour) or day.steps.get(hour)
    return min(seen.observed_s, 3600.0) if seen else 0.0


def _note(words: Words, day: Day) -> str:
    if not day.lines:
        return words.gettext("no entrance line is drawn, so nobody is counted coming in")
    n = day.usual.missing
    return (
        words.ngettext("no usual day yet: %(n)s more week", "no usual day yet: %(n)s more weeks", n) % {"n": n}
        if n
        else ""
    )


def _table(words: Words, day: Day, hours: range, caption: str) -> Table:
    head = [
        words.gettext("Hour"),
        words.gettext("Came in"),
        words.gettext("Went out"),
        words.gettext("Inside, average"),
        words.gettext("Usual"),
        words.gettext("Observed"),
    ]
    rows = []
    for hour in hours:
        count, step, band = day.counts.get(hour), day.steps.get(hour), day.usual.band(hour)
        rows.append(
            [
                f"{hour}:00",
                words.number(count.entered) if count else "–",
                words.number(count.left) if count else "–",
                words.number(step.mean, 1) if step and step.mean is not None else "–",
                f"{words.number(band.low)}–{words.number(band.high)}" if band and day.lines else "–",
                words.seconds(observed_s(day, hour) or None),
            ]
        )
    return Table(caption, head, rows)
