"""What goes wrong between a person and a track: nobody detects them, the track breaks, the place is off."""

from dataclasses import dataclass

import numpy as np
from scipy.signal import lfilter

from contract.arrays import F64
from contract.geometry import points_in_polygon
from vitrina.simulate.samples import Samples, split

_MEMORY_S = 1.0
"""A tracker's error changes about so slowly."""


@dataclass(frozen=True, slots=True)
class WeakPlace:
    """A polygon (k, 2) in metres where tracks break, on average once in `break_every_s`."""

    polygon: F64
    break_every_s: float


@dataclass(frozen=True, slots=True)
class Faults:
    """What to spoil.

    `miss`: share of detections that are missing, each by itself. A track breaks on average every `break_every_s` (never
    if 0) and goes on under another number. Places are off by `noise_m` in x and in y, standard deviation.
    """

    miss: float = 0.1
    break_every_s: float = 200.0
    noise_m: float = 0.1
    weak: tuple[WeakPlace, ...] = ()


def spoil(samples: Samples, faults: Faults, rng: np.random.Generator) -> Samples:
    """What a tracker with these faults says of what truly was; tracks get new numbers."""
    missed = rng.random(len(samples)) < faults.miss
    tracks = split(samples, rng.random(len(samples)) < _hazard(samples, faults))
    xy = samples.xy + _drift(samples, faults.noise_m, rng)
    found = Samples(tracks.track, tracks.person, tracks.tick, xy, tracks.period_s)[~missed]
    return split(found, found.begins)


def _hazard(samples: Samples, faults: Faults) -> F64:
    hazard = np.full(len(samples), samples.period_s / faults.break_every_s if faults.break_every_s else 0.0)
    for weak in faults.weak:
        hazard[points_in_polygon(samples.xy, weak.polygon)] += samples.period_s / weak.break_every_s
    return hazard


def _drift(samples: Samples, noise_m: float, rng: np.random.Generator) -> F64:
    """First-order autoregressive error. It runs on from one track to the next, which nobody can see."""
    keep = float(np.exp(-samples.period_s / _MEMORY_S))
    white = rng.normal(0, noise_m * np.sqrt(1 - keep**2), (len(samples), 2))
    result: F64 = lfilter([1.0], [1.0, -keep], white, axis=0)
    return result
