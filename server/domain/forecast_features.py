"""What an hour to come is judged by: the usual of its weekday, how days went lately, last year, holidays, weather.

All are logarithms of ratios to the usual, so that a busy and a quiet store, hour or category speak one language and a
model of a few coefficients fits them all. Of day D, foretold with a lead of k days (0: the first day that is not
known), nothing later than day D - k - 1 is used.
"""

from collections.abc import Callable, Iterator

import numpy as np

from server.domain.forecast_past import HOURS, SHUT, Bools, Floats, Ints, Past

YEAR = 364
"""Days to the same weekday of last year."""
WEEKS = 4
"""The usual: the mean of so many same weekdays, special days left out."""
LIMIT = 1.5
"""Of a log ratio: beyond, it is no more telling."""
EPS = 1.0
"""Added to counts in ratios, so that nothing is divided by nothing."""
_SHAPE_DAYS = 56
_LATELY = (1, 3, 14)
_WEEK, _FEAST = 0, 1
"""Columns of which something is assumed before anything is learnt."""


class Features:
    """The features of a past; arrays are (days, 24), days past and to come."""

    def __init__(self, past: Past) -> None:
        self._past, self._days = past, len(past.names)
        self.counts = np.full((self._days, HOURS), np.nan)
        self.counts[: len(past.counts)] = past.counts
        self._special = past.special
        self._clean = np.where(self._special[:, None], np.nan, self.counts)
        self.usual = _by_lead(lambda weeks: _mean(_weeks_back(self._clean, weeks, WEEKS)))
        """(2, days, 24): with a lead under a week, and under two."""
        self._longer = {
            many: _by_lead(lambda weeks, many=many: _mean(_weeks_back(self._clean, weeks, many)))  # type: ignore[misc]
            for many in (8, 12)
        }
        self._middle = _by_lead(lambda weeks: _median(_weeks_back(self._clean, weeks, WEEKS)))
        self._known = ~np.isnan(self._clean) & ~np.isnan(self.usual[0])
        self._against_usual()
        self._shapes()
        self._last_year()
        self._alike()

    def rows(self, day: Ints, lead: Ints) -> Floats:
        """(m * 24, f) features of m days at these leads, hour by hour."""
        columns = [np.broadcast_to(column, (len(day), HOURS)).ravel() for column in self._columns(day, lead)]
        return np.column_stack(columns)

    def assumed(self, features: int) -> Floats:
        """(f,) coefficients to begin with: a week that was off says as much of the next, a feast comes back alike."""
        result = np.zeros(features)
        result[_WEEK], result[_FEAST] = 0.4, 0.6
        return result

    def shut(self, day: Ints) -> Bools:
        """(m,) whether the store says it is closed, or was shut when a day had this name before."""
        return self._past.closed[day] | self._shut_before[day]

    def _against_usual(self) -> None:
        seen, usual = (np.where(self._known, x, 0.0) for x in (self._clean, self.usual[0]))
        by_day = seen.sum(axis=1), usual.sum(axis=1)
        self._lately = {n: _log(_last(by_day[0], n), _last(by_day[1], n)) for n in (7, *_LATELY)}
        self._lately_by_hour = _log(_neighbours(_last(seen, 7)), _neighbours(_last(usual, 7)))

    def _shapes(self) -> None:
        """How like days spread over their hours: workdays together, each weekend day for itself."""
        self._kind = np.maximum(self._past.weekday - 4, 0)
        self._shape = np.full((self._days, 3, HOURS), np.nan)
        for kind in range(3):
            mine = self._known & (self._kind == kind)[:, None]
            n = _last(mine.astype(np.float64), _SHAPE_DAYS)
            total = _last(np.where(mine, self._clean, 0.0), _SHAPE_DAYS)
            self._shape[:, kind] = np.divide(total, n, out=np.full(n.shape, np.nan), where=n > 0)

    def _last_year(self) -> None:
        self._year_hour = np.zeros((2, self._days, HOURS))
        self._year_week = np.zeros((2, self._days))
        for late in (0, 1):
            known = ~np.isnan(self._clean) & ~np.isnan(self.usual[late])
            seen, usual = (np.where(known, x, 0.0) for x in (self._clean, self.usual[late]))
            by_day = (np.convolve(x.sum(axis=1), np.ones(5), "same") for x in (seen, usual))
            self._year_hour[late, YEAR:] = _log(_neighbours(seen), _neighbours(usual))[:-YEAR]
            self._year_week[late, YEAR:] = _log(*by_day)[:-YEAR]

    def _alike(self) -> None:
        """What days of the same name were like before: log ratio to the usual, the mean of the years."""
        self._before_alike = np.zeros((self._days, HOURS))
        self._first_of_name = np.zeros(self._days, np.bool_)
        self._shut_before = np.zeros(self._days, np.bool_)
        seen, usual = np.nan_to_num(self.counts), np.nan_to_num(self.usual[0])
        ratio = _log(_neighbours(seen), _neighbours(usual))
        whole = seen.sum(axis=1) < SHUT * usual.sum(axis=1)
        told = ~np.isnan(self.counts).all(axis=1) & (usual.sum(axis=1) > 0)
        years: dict[str, list[int]] = {}
        for day in np.flatnonzero(self._special):
            # Lately is not known yet where it is asked for: the same name within two weeks is one feast.
            alike = [d for d in years.get(self._past.names[day], []) if d < day - 2 * 7]
            if alike:
                self._before_alike[day] = ratio[alike].mean(axis=0)
                self._shut_before[day] = bool(whole[alike[-1]])
            self._first_of_name[day] = not alike
            if told[day]:
                years.setdefault(self._past.names[day], []).append(int(day))

    def _columns(self, day: Ints, lead: Ints) -> Iterator[Floats]:
        origin, late = day - lead, lead // 7
        usual, special = self.usual[late, day], self._special[day][:, None]
        week = self._lately[7][origin][:, None]
        yield week  # _WEEK
        yield np.where(special, self._before_alike[day], 0.0)  # _FEAST
        yield from (self._lately[n][origin][:, None] for n in _LATELY)
        yield week * lead[:, None] / 13
        yield self._lately_by_hour[origin]
        yield from self._weeks(day, origin, late, usual)
        yield np.where(special, 0.0, self._year_hour[late, day])
        yield self._year_week[late, day][:, None]
        yield from self._feasts(day, special)
        yield from self._weather(day, late)

    def _weeks(self, day: Ints, origin: Ints, late: Ints, usual: Floats) -> Iterator[Floats]:
        """The weeks of the usual weighed otherwise: the last, more of them, their median, the shape of like days."""
        last = self._clean[np.maximum(day - 7 * (late + 1), 0)]
        yield _log(last, usual)
        yield _log(np.nansum(last, axis=1), np.where(np.isnan(last), 0.0, np.nan_to_num(usual)).sum(axis=1))[:, None]
        for longer in self._longer.values():
            whole = _log(np.nansum(longer[late, day], axis=1), np.nansum(usual, axis=1))[:, None]
            yield whole
            yield _log(longer[late, day], usual) - whole
        shape = np.nan_to_num(self._shape[origin, self._kind[day]])
        share = shape / np.maximum(shape.sum(axis=1, keepdims=True), EPS)
        yield _log(share * np.nansum(usual, axis=1, keepdims=True), usual)
        yield _log(self._middle[late, day], usual)

    def _feasts(self, day: Ints, special: Bools) -> Iterator[Floats]:
        quarter = np.arange(HOURS)[None] // 6
        yield from ((special & (quarter == part)).astype(np.float64) for part in range(4))
        yield (special[:, 0] & self._first_of_name[day]).astype(np.float64)[:, None]
        before, after = self._special[np.maximum(day - 1, 0)], self._special[np.minimum(day + 1, self._days - 1)]
        yield from (x.astype(np.float64)[:, None] for x in (after, before, before & after))

    def _weather(self, day: Ints, late: Ints) -> Iterator[Floats]:
        """How much warmer and wetter than the days of the usual; 0 where it is not known."""
        for values, scale in ((self._past.temperature_c, 10.0), (self._past.rain_mm, 5.0)):
            then = np.stack([values[np.maximum(day - 7 * (late + 1 + week), 0)] for week in range(WEEKS)])
            off = (values[day] - _mean(then)) / scale
            yield np.nan_to_num(np.clip(off, -2.0, 2.0))[:, None]


def _by_lead(make: Callable[[int], Floats]) -> Floats:
    return np.stack([make(1), make(2)])


def _weeks_back(values: Floats, first: int, many: int) -> Floats:
    """(many, days, 24) values of the same weekday `first` weeks before, and of so many weeks from there on."""
    stack = np.full((many, *values.shape), np.nan)
    for i in range(many):
        shift = 7 * (first + i)
        stack[i, shift:] = values[: max(len(values) - shift, 0)]
    return stack


def _mean(stack: Floats) -> Floats:
    n = (~np.isnan(stack)).sum(axis=0)
    mean: Floats = np.full(n.shape, np.nan)
    np.divide(np.nansum(stack, axis=0), n, out=mean, where=n > 0)
    return mean


def _median(stack: Floats) -> Floats:
    known = ~np.isnan(stack).all(axis=0)
    result = np.full(known.shape, np.nan)
    result[known] = np.nanmedian(stack[:, known], axis=0)
    return result


def _last(values: Floats, days: int) -> Floats:
    """Sum of the `days` days before each day."""
    total = np.concatenate([np.zeros((1, *values.shape[1:])), values.cumsum(axis=0)])
    day = np.arange(len(values))
    return np.asarray(total[day] - total[np.maximum(day - days, 0)])


def _neighbours(hours: Floats) -> Floats:
    """Each hour with the one before and after it."""
    return np.asarray(hours + np.roll(hours, 1, axis=1) + np.roll(hours, -1, axis=1))


def _log(seen: Floats, usual: Floats) -> Floats:
    """Log ratio within the limits; 0, as usual, where one of both is not known."""
    ratio = np.log((seen + EPS) / (usual + EPS))
    return np.asarray(np.nan_to_num(np.clip(ratio, -LIMIT, LIMIT)))
