"""People per day, week or month: bars, the usual band of each weekday, and the table behind them."""

from server.web.days import Days, StepOfDays
from server.web.figures.bars import Bar, bar_chart
from server.web.hours_chart import CountsChart
from server.web.language import Words
from server.web.parts import Table

FEW = 14
"""Up to so many days are named with their weekday."""


def draw(words: Words, days: Days, when: str) -> CountsChart:
    """The chart; `when` is what the period is called."""
    title = _title(words, days)
    label = f"{title}, {when}"
    bars = [_bar(words, days, step) for step in days.steps]
    wide, narrow = (bar_chart(bars, label=label, end_label="", width=width) for width in (780.0, 358.0))
    usual = bool(days.lines) and any(step.usual for step in days.steps)
    note = "" if days.lines else words.gettext("no entrance line is drawn, so nobody is counted coming in")
    return CountsChart(title, note, usual, wide, narrow, _table(words, days, label))


def _title(words: Words, days: Days) -> str:
    if not days.lines:
        return words.gettext("People inside, average per day")
    return {
        "week": words.gettext("People who came in, per week"),
        "month": words.gettext("People who came in, per month"),
    }.get(days.step, words.gettext("People who came in, per day"))


def _bar(words: Words, days: Days, step: StepOfDays) -> Bar:
    value = float(step.entered) if step.entered is not None else None
    if not days.lines:
        value = step.inside
    return Bar(
        label=name_of(words, days, step),
        value=value,
        written=words.number(value or 0, 0 if days.lines else 1),
        tip=_tip(words, days, step, value),
        expected=_heading(step, value) if days.lines else None,
        running=step.running,
        band=step.usual if days.lines else None,
    )


def name_of(words: Words, days: Days, step: StepOfDays) -> str:
    """Mon 16, 16, 16 Nov for a week, Nov for a month."""
    if days.step == "month":
        return words.month(step.date)
    if days.step == "week":
        return words.dates(step.date, step.date)
    return words.weekday_and_day(step.date) if len(days.steps) <= FEW else str(step.date.day)


def _heading(step: StepOfDays, value: float | None) -> float | None:
    """Where the running day is heading: the usual day, scaled by how it went so far."""
    if not step.running or value is None or step.usual is None or not step.usual_so_far:
        return None
    rest = max(step.usual.mid - step.usual_so_far, 0.0)
    return value + rest * min(max(value / step.usual_so_far, 0.25), 4.0)


def _tip(words: Words, days: Days, step: StepOfDays, value: float | None) -> str:
    day = name_of(words, days, step) if days.step == "month" else words.day(step.date)
    if value is None:
        return "\n".join([day, words.gettext("still to come") if step.ahead else words.gettext("not observed")])
    first = words.gettext("%(n)s inside on average") % {"n": words.number(value, 1)}
    if days.lines:
        n = round(value)
        first = words.ngettext("%(n)s person came in", "%(n)s people came in", n) % {"n": words.number(n)}
    lines = [first, day]
    if step.usual and days.lines:
        band = {key: words.number(getattr(step.usual, key)) for key in ("low", "mid", "high")}
        lines.append(words.gettext("usual %(mid)s, middle 80 %% %(low)s to %(high)s") % band)
    lines.append(words.gettext("observed %(time)s") % {"time": words.seconds(step.observed_s)})
    return "\n".join(lines)


def _table(words: Words, days: Days, caption: str) -> Table:
    head = [
        words.gettext("Day") if days.step == "day" else words.gettext("From"),
        words.gettext("Came in"),
        words.gettext("Went out"),
        words.gettext("Inside, average"),
        words.gettext("Usual"),
        words.gettext("Observed"),
    ]
    rows = [
        [
            words.day(step.date),
            words.number(step.entered) if step.entered is not None else "–",
            words.number(step.left) if step.entered is not None else "–",
            words.number(step.inside, 1) if step.inside is not None and days.step == "day" else "–",
            f"{words.number(step.usual.low)}–{words.number(step.usual.high)}" if step.usual and days.lines else "–",
            words.seconds(step.observed_s or None),
        ]
        for step in days.steps
        if not step.ahead
    ]
    return Table(caption, head, rows)
