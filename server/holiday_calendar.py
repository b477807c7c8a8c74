"""Holidays of the country a store lies in, by its time zone or by what the settings say."""

import re
from collections.abc import Mapping
from datetime import date

import holidays
from babel.core import get_global

_ASIDE = re.compile(r" \(.*")
"""`Waitangi Day (observed)` is a Waitangi Day."""


def country_of(timezone: str) -> str | None:
    """The country, ISO 3166, that keeps a time zone; None for UTC and the like, which belong to none."""
    name = get_global("zone_aliases").get(timezone, timezone)
    found = get_global("zone_territories").get(name)
    return found if found in holidays.list_supported_countries() else None


def check_region(region: str) -> str:
    """`NZ` or `NZ-AUK`, as it is.

    Raises:
        ValueError: no holidays are known of it.
    """
    country, _, part = region.partition("-")
    try:
        holidays.country_holidays(country, subdiv=part or None)
    except NotImplementedError as error:
        raise ValueError(f"{error}; expected a country such as NZ, or its part such as NZ-AUK") from None
    return region


def holiday_names(region: str | None, first: date, last: date, *, language: str = "en_US") -> Mapping[date, str]:
    """Public holidays from `first` to `last`, both with, by what they are called; none where no region is known.

    In another language only where the country's are known in it, else in English.
    """
    if region is None:
        return {}
    country, _, part = region.partition("-")
    years = range(first.year, last.year + 1)
    known = holidays.country_holidays(country, subdiv=part or None, years=years, language=language)
    return {day: _ASIDE.sub("", name) for day, name in known.items() if first <= day <= last}
