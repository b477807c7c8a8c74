"""Weather, and moods that nobody can name: functions of the day alone, so that any hour told in any order agrees."""

from typing import NamedTuple

import numpy as np
from scipy.signal import lfilter

from contract.arrays import F64, I64

_SETTLE = 40
"""Days after which a wandering value has forgotten where it began."""

_WEATHER = 1_000_003
"""Whose draws the weather's are: those of no store."""


class Weather(NamedTuple):
    """Of days in a row, both (d,)."""

    temperature_c: F64
    rain_mm: F64


def weather(seed: int, first: int, days: int) -> Weather:
    """From ordinal `first` on: warm in July, wet one day in three, one day like the one before."""
    noise = _wandering(seed, _WEATHER, first, days, width=1, memory=0.7)[:, 0]
    day: I64 = np.arange(first, first + days)
    temperature: F64 = 10.5 - 9.0 * np.cos(2 * np.pi * (day - 15) / 365.25) + 3.0 * noise
    chance = np.array([np.random.default_rng([seed, _WEATHER, 1, d]).random(2) for d in day.tolist()]).reshape(-1, 2)
    rain: F64 = np.where(chance[:, 0] < 0.35, -6.0 * np.log1p(-chance[:, 1]), 0.0)
    return Weather(np.round(temperature, 1), np.round(rain, 1))


def moods(seed: int, who: int, first: int, days: int, *, width: int, memory: float) -> F64:
    """(days, width) values of mean 0 and spread 1 that wander: AR(1) with `memory` from day to day."""
    return _wandering(seed, who, first, days, width=width, memory=memory)


def _wandering(seed: int, who: int, first: int, days: int, *, width: int, memory: float) -> F64:
    span = range(first - _SETTLE, first + days)
    steps = np.array([np.random.default_rng([seed, who, day]).normal(size=width) for day in span])
    values = lfilter([np.sqrt(1 - memory**2)], [1.0, -memory], steps, axis=0)
    return np.asarray(values[_SETTLE:], dtype=np.float64)
