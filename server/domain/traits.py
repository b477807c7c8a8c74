"""Shares of gender and age among those of whom they are told, set right for how the networks err."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

import numpy as np
import numpy.typing as npt

from contract.confusion import corrected_shares
from contract.messages import Confusion, Trait, TraitClass
from contract.segments import AGES, GENDERS, Predicate, Segment
from server.domain.intervals import Z95

Floats = npt.NDArray[np.float64]

CLASSES: Mapping[Trait, Sequence[TraitClass]] = {"gender": GENDERS[:-1], "age": AGES[:-1]}
"""Without `unknown`."""
TRAITS: tuple[Trait, ...] = get_args(Trait)


@dataclass(frozen=True, slots=True)
class TraitShare:
    """One class of a trait. `counted`: share of those who were taken for any; `share`: the most likely true one.

    `low`, `high`: 95 % interval of `share` for visits taken as independent, as far as the networks err as they say.
    """

    of_class: TraitClass
    counted: float
    share: float
    low: float
    high: float


def trait_segments(segments: Mapping[str, Segment]) -> dict[Trait, list[str]]:
    """For each trait whose every class has a segment that means just it: those segments, in the order of `CLASSES`."""
    found = {trait: [_meaning(segments, trait, of_class) for of_class in CLASSES[trait]] for trait in TRAITS}
    return {trait: [key for key in keys if key is not None] for trait, keys in found.items() if None not in keys}


def _meaning(segments: Mapping[str, Segment], trait: Trait, of_class: TraitClass) -> str | None:
    meant = Predicate.model_validate({trait: [of_class]})
    return next((key for key, segment in segments.items() if segment.when == meant), None)


def trait_shares(trait: Trait, rates: Sequence[float], n: int, confusion: Confusion) -> list[TraitShare]:
    """Shares of a trait's classes among those who are taken for any; empty where nobody is.

    `rates`: which share of the visits is taken for each class, in the order of `CLASSES`; `n`: visits behind them all.
    """
    classes = CLASSES[trait]
    matrix = np.array([[confusion.taken_for[row].get(column, 0.0) for column in classes] for row in classes])
    told = np.asarray(rates, np.float64)
    shares = corrected_shares(told, matrix)
    if shares is None:
        return []
    told /= told.sum()
    reach = Z95 * _deviations(told, n, matrix)
    low, high = np.clip(shares - reach, 0, 1), np.clip(shares + reach, 0, 1)
    columns = (figures.tolist() for figures in (told, shares, low, high))
    return [TraitShare(*row) for row in zip(classes, *columns, strict=True)]


def _deviations(told: Floats, n: int, matrix: Floats) -> Floats:
    """Standard deviations of `told @ inverse(matrix)`, for `told` of a multinomial draw of `n` (the delta method)."""
    undo = np.linalg.pinv(matrix)
    covariance = (np.diag(told) - np.outer(told, told)) / n
    return np.asarray(np.sqrt(np.diag(undo.T @ covariance @ undo).clip(0)))
