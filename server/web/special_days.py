"""Days that are not like their weekday: holidays that are known, and what a merchandiser says."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated

from fastapi import Depends, Request
from pydantic import ValidationError

from contract.loyalty import SpecialDay
from server.db import days_known
from server.forecasting import region_of
from server.holiday_calendar import holiday_names
from server.settings import Settings
from server.web.view import View

SHOWN_DAYS = 60


@dataclass(frozen=True, slots=True)
class SpecialRow:
    """One day to come."""

    day: date
    when: str
    name: str
    closed: bool
    own: bool
    """Said by the store, and may be taken back; else a public holiday."""


def special_rows(view: View, settings: Settings, first: date) -> list[SpecialRow]:
    """Those of the next SHOWN_DAYS days from `first` on; what the store says goes before the holiday."""
    last = first + timedelta(days=SHOWN_DAYS)
    region = region_of(settings, view.site.document)
    language = "ru" if view.words.code == "ru" else "en_US"
    rows = {
        day: SpecialRow(day, view.words.day(day), name, closed=False, own=False)
        for day, name in holiday_names(region, first, last, language=language).items()
    }
    for each in days_known.special(view.conn, view.site.site, first, last):
        rows[each.day] = SpecialRow(each.day, view.words.day(each.day), each.name, each.closed, own=True)
    return [rows[day] for day in sorted(rows)]


async def form_fields(request: Request) -> dict[str, str]:
    """What was sent, as texts."""
    return {key: value.strip() for key, value in (await request.form()).items() if isinstance(value, str)}


Sent = Annotated[dict[str, str], Depends(form_fields)]


def read_special(sent: Mapping[str, str]) -> SpecialDay | None:
    """The day of a form; None where it is none."""
    try:
        return SpecialDay.model_validate({"day": sent.get("day"), "name": sent.get("name"), "closed": "closed" in sent})
    except ValidationError:
        return None
