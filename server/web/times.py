"""Which hours of the day and which weekdays a page counts, as the URL says it and as people say it.

In the URL as in the API: `hours=9-12,17`, both ends included, and `weekdays=mon-fri`.
"""

from collections.abc import Iterable

from babel.dates import get_day_names

from server.db.local_time import WEEKDAYS, Hours, read_hours
from server.web.language import Words

ALL_DAY, WEEK = frozenset(range(24)), frozenset(range(7))


def read(hours: str | None, weekdays: str | None) -> Hours | None:
    """The choice a URL makes; None for everything, which is also meant by what cannot be read."""
    try:
        found = read_hours(hours, weekdays)
    except ValueError:
        return None
    return None if found is None or (found.hours_of_day, found.weekdays) == (ALL_DAY, WEEK) else found


def hours_written(hours: Iterable[int]) -> str | None:
    """As the URL says it; None for the whole day."""
    chosen = sorted(hours)
    return None if len(chosen) in {0, 24} else ",".join(_range(run) for run in runs(chosen))


def weekdays_written(weekdays: Iterable[int]) -> str | None:
    """As the URL says it; None for the whole week."""
    chosen = sorted(weekdays)
    return None if len(chosen) in {0, 7} else ",".join(WEEKDAYS[day] for day in chosen)


def toggled(times: Hours | None, weekday: int) -> str | None:
    """The weekdays of the URL after pressing one of them: the first press chooses it alone."""
    chosen = times.weekdays if times else WEEK
    return weekdays_written({weekday} if chosen == WEEK else chosen ^ {weekday})


def _range(run: range) -> str:
    return str(run.start) if len(run) == 1 else f"{run.start}-{run.stop - 1}"


def runs(numbers: Iterable[int]) -> list[range]:
    """Whole numbers as ranges without gaps, in order."""
    found: list[range] = []
    for number in sorted(numbers):
        if found and found[-1].stop == number:
            found[-1] = range(found[-1].start, number + 1)
        else:
            found.append(range(number, number + 1))
    return found


def title(times: Hours | None, words: Words) -> str:
    """All hours; 9:00–12:00; Sat, Sun 9:00–12:00."""
    if times is None:
        return words.gettext("All hours")
    hours = ", ".join(f"{run.start}:00–{run.stop}:00" for run in runs(times.hours_of_day))
    days = ", ".join(weekday(number, words) for number in sorted(times.weekdays))
    kept = [days] if times.weekdays != WEEK else []
    return " ".join([*kept, *([hours] if times.hours_of_day != ALL_DAY else [])])


def weekdays(numbers: Iterable[int], words: Words) -> str:
    """Mon–Fri; Sat, Sun; 0 is Monday."""
    named = [(weekday(run[0], words), weekday(run[-1], words), len(run)) for run in runs(numbers)]
    return ", ".join(
        first if n == 1 else f"{first}, {last}" if n == 2 else f"{first}–{last}" for first, last, n in named
    )


def weekday(number: int, words: Words) -> str:
    """Mon, пн; 0 is Monday."""
    return str(get_day_names("abbreviated", locale=words.code)[number])
