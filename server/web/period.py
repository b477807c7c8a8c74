"""The span of time a page shows, as the URL says it and as people say it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from server.web.language import Words

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
NAMED = ("hour", "today", "yesterday", "7d", "28d", "week", "lastweek", "month", "lastmonth")


@dataclass(frozen=True, slots=True)
class Period:
    """[start, end) in UTC; `key` is one of NAMED, or `custom`."""

    key: str
    start: datetime
    end: datetime
    timezone: tzinfo

    @property
    def first_day(self) -> date:
        """The first local day it touches."""
        return self.start.astimezone(self.timezone).date()

    @property
    def days(self) -> list[date]:
        """The local days it touches."""
        return [self.first_day + i * DAY for i in range((self.last_day - self.first_day).days + 1)]

    @property
    def last_day(self) -> date:
        """The last local day it touches."""
        return (self.end - timedelta(microseconds=1)).astimezone(self.timezone).date()

    def query(self) -> dict[str, str]:
        """What the URL needs to say this period again."""
        if self.key != "custom":
            return {"period": self.key}
        return {"from": self.written(self.start), "to": self.written(self.end)}

    def written(self, moment: datetime) -> str:
        """Local wall time as a form writes it, 2026-11-21T07:00."""
        return moment.astimezone(self.timezone).strftime("%Y-%m-%dT%H:%M")


def midnight(day: date, timezone: tzinfo) -> datetime:
    """The day's first instant in the site's time zone, as UTC."""
    return datetime.combine(day, time(), timezone).astimezone(UTC)


def day_span(day: date, timezone: tzinfo) -> tuple[datetime, datetime]:
    """A local day, [midnight, next midnight) in UTC."""
    return midnight(day, timezone), midnight(day + timedelta(days=1), timezone)


def days_span(first: date, last: date, timezone: tzinfo) -> tuple[datetime, datetime]:
    """Local days, [first's midnight, the midnight after last) in UTC."""
    return midnight(first, timezone), midnight(last + DAY, timezone)


def read(key: str | None, start: str | None, end: str | None, *, now: datetime, timezone: tzinfo) -> Period:
    """The period a URL asks for; what cannot be read is today, so that an old link still opens."""
    own = custom(start, end, timezone)
    if own is not None:
        return Period("custom", *own, timezone)
    if key == "hour":
        return Period(key, now - HOUR, now, timezone)
    days = _named_days(key, now.astimezone(timezone).date())
    return Period(key if key in NAMED else "today", *days_span(*days, timezone), timezone)


def _named_days(key: str | None, today: date) -> tuple[date, date]:
    """First and last day of a named period; weeks begin on Monday."""
    monday, first = today - timedelta(days=today.weekday()), today.replace(day=1)
    return {
        "yesterday": (today - DAY, today - DAY),
        "7d": (today - 6 * DAY, today),
        "28d": (today - 27 * DAY, today),
        "week": (monday, monday + 6 * DAY),
        "lastweek": (monday - 7 * DAY, monday - DAY),
        "month": (first, _next_month(first) - DAY),
        "lastmonth": ((first - DAY).replace(day=1), first - DAY),
    }.get(key or "", (today, today))


def _next_month(first: date) -> date:
    return (first + timedelta(days=32)).replace(day=1)


def custom(start: str | None, end: str | None, timezone: tzinfo) -> tuple[datetime, datetime] | None:
    """A span written in local time, in UTC; None of what cannot be read, is empty or longer than 400 days."""
    try:
        first, last = (_moment(value or "", timezone) for value in (start, end))
    except (ValueError, OverflowError):
        return None
    return (first, last) if timedelta() < last - first <= timedelta(days=400) else None


def _moment(value: str, timezone: tzinfo) -> datetime:
    moment = datetime.fromisoformat(value)
    return (moment if moment.tzinfo else moment.replace(tzinfo=timezone)).astimezone(UTC)


def title(period: Period, words: Words) -> str:
    """What the picker shows: Today, Last 7 days, This month, or the span itself."""
    named = {
        "hour": words.gettext("Last hour"),
        "today": words.gettext("Today"),
        "yesterday": words.gettext("Yesterday"),
        "7d": words.gettext("Last 7 days"),
        "28d": words.gettext("Last 28 days"),
        "week": words.gettext("This week"),
        "lastweek": words.gettext("Last week"),
        "month": words.gettext("This month"),
        "lastmonth": words.gettext("Last month"),
    }
    return named.get(period.key) or span(period, words)


def days(period: Period, words: Words) -> str:
    """Sat 21 Nov, or Sun 15 Nov – Sat 21 Nov; without the time of day."""
    first, last = period.first_day, period.last_day
    return words.day(first) if first == last else f"{words.day(first)} – {words.day(last)}"


def span(period: Period, words: Words) -> str:
    """Sat 21 Nov 7:00 to 14:20, or day to day; never with the year while it is within one."""
    first, last = period.first_day, period.last_day
    whole = period.start == midnight(first, period.timezone) and period.end == midnight(
        last + timedelta(days=1), period.timezone
    )
    if whole:
        return days(period, words)
    if first == last:
        end = "24:00" if words.clock(period.end) == "00:00" else words.clock(period.end)
        return f"{words.day(first)} {words.clock(period.start)}–{end}"
    return f"{words.moment(period.start)} – {words.moment(period.end)}"


def utc(moment: datetime) -> str:
    """As the REST API takes it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
