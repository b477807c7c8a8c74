"""The period that a page holds its own against, as the URL says it and as people say it."""

from datetime import UTC, datetime, timedelta

from server.web import period as periods
from server.web.language import Words
from server.web.period import DAY, Period

NAMED = ("week", "before", "none")


def read(key: str | None, start: str | None, end: str | None, *, period: Period, until: datetime) -> Period | None:
    """What `period` is held against; None when the URL wants no comparison.

    A period under way is held against as much of the other, so that a morning meets a morning.

    Args:
        key: `week`, the same weekdays before, which is also meant by anything unknown; `before`, just before; `none`.
        start: with `end` a span of its own, in local time.
        end: see `start`.
        period: what the page shows.
        until: how far it has come.
    """
    own = periods.custom(start, end, period.timezone)
    if own is not None:
        return Period("custom", *own, period.timezone)
    if key == "none":
        return None
    if key == "before":
        return _before(period, until)
    weeks = -(-len(period.days) // 7)
    return _moved("week", period, until, 7 * weeks * DAY)


def _before(period: Period, until: datetime) -> Period:
    if period.end - period.start < DAY:
        return Period("before", period.start - (until - period.start), period.start, period.timezone)
    if period.key in {"month", "lastmonth"}:
        first = (period.first_day - DAY).replace(day=1)
        start = periods.midnight(first, period.timezone)
        return Period("before", start, min(start + (until - period.start), period.start), period.timezone)
    return _moved("before", period, until, len(period.days) * DAY)


def _moved(key: str, period: Period, until: datetime, by: timedelta) -> Period:
    """Earlier by whole days of the local calendar, so that a change of the clocks moves nothing."""
    start, end = (
        (moment.astimezone(period.timezone).replace(tzinfo=None) - by).replace(tzinfo=period.timezone).astimezone(UTC)
        for moment in (period.start, until)
    )
    return Period(key, start, max(end, start + periods.HOUR), period.timezone)


def choices(words: Words) -> dict[str, str]:
    """What can be chosen by name."""
    return {
        "week": words.gettext("Same days, week before"),
        "before": words.gettext("The time just before"),
        "none": words.gettext("Nothing"),
    }


def title(against: Period | None, words: Words) -> str:
    """What the picker shows."""
    return words.gettext("nothing") if against is None else periods.days(against, words)
