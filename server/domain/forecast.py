"""How much will come: each hour of the next 14 days with 80 % and 95 % intervals.

The usual of an hour, the mean of its last four weekdays, times what a robust linear model of log ratios makes of how
days went lately, last year, holidays and weather (`forecast_features`). Least absolute deviations by iteratively
reweighted ridge regression (Holland & Welsch 1977): a lockdown or a fair among the past does not carry the rest away,
and with little past the coefficients stay near what is assumed of any store.

The intervals are split conformal (Vovk, Gammerman & Shafer 2005; Lei et al. 2018): what the same model, fitted to the
days before only, missed in each of the past weeks, in units of an expected spread.
"""

from dataclasses import dataclass

import numpy as np

from server.domain.forecast_features import EPS, Features
from server.domain.forecast_past import AHEAD, HOURS, Floats, Ints, Past
from server.domain.forecast_spread import Spread, spread_of

DAYS_NEEDED = 14
"""Fewer days with figures are not enough."""
LEARNS_FROM = 42
"""With fewer days the usual and what is assumed are the forecast: there are too few to learn from."""
LONGEST = 800
"""Days learnt from; those before are only remembered for last year and for holidays."""
TESTED_FROM = 400
"""Days that the tests behind the intervals learn from; half as many take half the time."""
_TESTS, _TEST_DAYS = 8, 21
"""The intervals come from so many past spans of so many days, each foretold from what came before."""
_RIDGE, _ROUNDS, _NEAREST = 150.0, 6, 0.05
_FARTHEST = 2.0


@dataclass(frozen=True, slots=True)
class Forecast:
    """Of the 14 days after the past. Last axis: middle, low and high of 80 %, low and high of 95 %."""

    hours: Floats
    """(14, 24, 5) nan in hours that were never measured."""
    days: Floats
    """(14, 5) sums of a day, whose errors are not those of its hours added up."""


@dataclass(frozen=True, slots=True)
class NotEnough:
    """Too little past to say anything."""

    days: int
    """With figures so far."""
    missing: int


def forecast(past: Past) -> Forecast | NotEnough:
    """Foretell the AHEAD days after a past; the same past always gives the same forecast."""
    days = int((~np.isnan(past.counts)).any(axis=1).sum())
    known = len(past.counts)
    if days < DAYS_NEEDED or known < DAYS_NEEDED:
        return NotEnough(days, max(DAYS_NEEDED - days, 1))
    features = Features(past)
    spread = _tested(features, known)
    model = _Model(features, until=known)
    target, lead = known + np.arange(AHEAD), np.arange(AHEAD)
    hours = model.predict(target, lead)
    closed = features.shut(target)
    return Forecast(spread.hours(hours, lead, closed), spread.days(hours, lead, closed))


class _Model:
    """Fitted to the `longest` days before `until`."""

    def __init__(self, features: Features, *, until: int, longest: int = LONGEST) -> None:
        self._features = features
        days = np.arange(max(DAYS_NEEDED, until - longest), until)
        # One lead a day; weekdays go through the leads week by week.
        lead = (days + 3 * (days // 7)) % AHEAD
        self._weights = _fitted(features, days, lead) if until >= LEARNS_FROM else None

    def predict(self, day: Ints, lead: Ints) -> Floats:
        """(m, 24) of these days at these leads."""
        usual = self._features.usual[lead // 7, day]
        rows = self._features.rows(day, lead)
        weights = self._features.assumed(rows.shape[1]) if self._weights is None else self._weights
        ratio = np.exp(rows @ weights).reshape(usual.shape)
        # Hours in which nobody ever comes stay so.
        return np.where(usual > 0, np.maximum(ratio * (usual + EPS) - EPS, 0.0), usual)


def _fitted(features: Features, day: Ints, lead: Ints) -> Floats:
    """(f,) coefficients, drawn towards what is assumed."""
    usual, seen = features.usual[lead // 7, day].ravel(), features.counts[day].ravel()
    known = ~np.isnan(usual) & ~np.isnan(seen) & (usual + seen > 0)
    known &= ~np.repeat(features.shut(day), HOURS)
    from sklearn.linear_model import Ridge  # noqa: PLC0415 - takes most of a second, which a server's start need not

    model = Ridge(alpha=_RIDGE, fit_intercept=False)
    rows = features.rows(day, lead)[known]
    assumed = features.assumed(rows.shape[1])
    if not len(rows):
        return assumed
    usual, seen = usual[known], seen[known]
    told = np.clip(np.log((seen + EPS) / (usual + EPS)), -_FARTHEST, _FARTHEST) - rows @ assumed
    busy = (usual + EPS) / (usual + EPS).mean()
    weight = busy
    for _ in range(_ROUNDS):
        model.fit(rows, told, sample_weight=weight)
        off = np.abs(told - model.predict(rows))
        weight = busy * 3 * _NEAREST / np.maximum(off, _NEAREST)
    return np.asarray(assumed + model.coef_)


def _tested(features: Features, known: int) -> Spread:
    """What models of earlier days missed."""
    seen, told, leads, days = [], [], [], []
    for test in range(_TESTS):
        until = known - (test + 1) * _TEST_DAYS
        if until < DAYS_NEEDED:
            break
        model = _Model(features, until=until, longest=TESTED_FROM)
        for lead in range(AHEAD):
            day = np.arange(until, until + _TEST_DAYS)
            day = day[(day - lead >= DAYS_NEEDED) & ~features.shut(day)]
            told.append(model.predict(day, np.full(len(day), lead)))
            seen.append(features.counts[day])
            leads.append(np.full(len(day), lead))
            days.append(day)
    if not seen:
        return spread_of(np.zeros((0, HOURS)), np.zeros((0, HOURS)), np.zeros(0, np.int64), np.zeros(0, np.int64))
    return spread_of(*(np.concatenate(x) for x in (seen, told, leads, days)))
