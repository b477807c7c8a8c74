"""Forecasts: what was expected, on the morning after the day, of the hours to come. They tell of nobody who was in."""

from collections.abc import Iterator

import numpy as np

from contract.disclosed import ForecastRow
from server.db.forecasts import Made, made_since, series_of
from server.disclosure.question import Question, row


def by_hour(asked: Question) -> list[ForecastRow]:
    """Of each series, the forecast that begins where the day ends."""
    return [each for series in series_of(asked.conn, asked.site.site) for each in _of_series(asked, series)]


def _of_series(asked: Question, series: str) -> Iterator[ForecastRow]:
    after = made_since(asked.conn, asked.site.site, series, asked.day.end)
    made = next((made for made in after if made.day_ms[0] == asked.day.end_ms), None)
    return iter(()) if made is None else _rows(asked, made)


def _rows(asked: Question, made: Made) -> Iterator[ForecastRow]:
    for t_ms, cells in zip(made.hour_ms, made.hours, strict=True):
        if np.isfinite(cells[:3]).all():
            middle, low, high = (round(float(value), 1) for value in np.maximum(cells[:3], 0.0))
            figures = {"value": middle, "low": low, "high": high}
            yield row(ForecastRow, asked.day, t_ms / 1000, figures, (), series=made.series)
