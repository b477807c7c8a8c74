"""The span of time a page shows, as the URL says it and as people say it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from server.web.language import Words

HOUR = timedelta(hours=1)
NAMED = ("today", "yesterday", "hour", "week")


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

    def hours(self) -> list[tuple[datetime, datetime]]:
        """The local hours of its days, cut where the local clock is; a day with a clock change has 23 or 25."""
        start = midnight(self.first_day, self.timezone)
        end = midnight(self.last_day + timedelta(days=1), self.timezone)
        count = round((end - start) / timedelta(hours=1))
        return [(start + timedelta(hours=i), start + timedelta(hours=i + 1)) for i in range(count)]


def midnight(day: date, timezone: tzinfo) -> datetime:
    """The day's first instant in the site's time zone, as UTC."""
    return datetime.combine(day, time(), timezone).astimezone(UTC)


def day_span(day: date, timezone: tzinfo) -> tuple[datetime, datetime]:
    """A local day, [midnight, next midnight) in UTC."""
    return midnight(day, timezone), midnight(day + timedelta(days=1), timezone)


def read(key: str | None, start: str | None, end: str | None, *, now: datetime, timezone: tzinfo) -> Period:
    """The period a URL asks for; what cannot be read is today, so that an old link still opens."""
    custom = _custom(start, end, timezone)
    if custom is not None:
        return Period("custom", *custom, timezone)
    today = now.astimezone(timezone).date()
    if key == "yesterday":
        return Period(key, *day_span(today - timedelta(days=1), timezone), timezone)
    if key == "hour":
        return Period(key, now - timedelta(hours=1), now, timezone)
    if key == "week":
        return Period(
            key, midnight(today - timedelta(days=6), timezone), midnight(today + timedelta(days=1), timezone), timezone
        )
    return Period("today", *day_span(today, timezone), timezone)


def _custom(start: str | None, end: str | None, timezone: tzinfo) -> tuple[datetime, datetime] | None:
    try:
        first, last = (_moment(value or "", timezone) for value in (start, end))
    except (ValueError, OverflowError):
        return None
    return (first, last) if timedelta() < last - first <= timedelta(days=400) else None


def _moment(value: str, timezone: tzinfo) -> datetime:
    moment = datetime.fromisoformat(value)
    return (moment if moment.tzinfo else moment.replace(tzinfo=timezone)).astimezone(UTC)


def title(period: Period, words: Words) -> str:
    """What the picker shows: Today, Yesterday, Last hour, Last 7 days, or the span itself."""
    named = {
        "today": words.gettext("Today"),
        "yesterday": words.gettext("Yesterday"),
        "hour": words.gettext("Last hour"),
        "week": words.gettext("Last 7 days"),
    }
    return named.get(period.key) or span(period, words)


def span(period: Period, words: Words) -> str:
    """Sat 21 Nov 7:00 to 14:20, or day to day; never with the year while it is within one."""
    first, last = period.first_day, period.last_day
    whole = period.start == midnight(first, period.timezone) and period.end == midnight(
        last + timedelta(days=1), period.timezone
    )
    if whole:
        return words.day(first) if first == last else f"{words.day(first)} – {words.day(last)}"
    if first == last:
        end = "24:00" if words.clock(period.end) == "00:00" else words.clock(period.end)
        return f"{words.day(first)} {words.clock(period.start)}–{end}"
    return f"{words.moment(period.start)} – {words.moment(period.end)}"


def utc(moment: datetime) -> str:
    """As the REST API takes it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
