"""People among everything that a model was asked for."""

from collections.abc import Collection
from typing import Protocol

import numpy as np

from edge.arrays import U8, Bool, Detections


class _Finder(Protocol):
    def detect(self, image: U8) -> Detections: ...


def is_other(found: Detections, others: Collection[int]) -> Bool:
    """Which of n detections are of the classes `others`, and no people (n,)."""
    result: Bool = np.isin(found.class_id, list(others))
    return result


class PeopleOnly:
    """A detector without what it finds of other classes; implements `edge.ports.Detector`."""

    def __init__(self, detector: _Finder, others: Collection[int]) -> None:
        """`others`: class ids that are not people."""
        self._detector, self._others = detector, others

    def detect(self, image: U8) -> Detections:
        """People in `image` u8 (h, w, 3) BGR."""
        found = self._detector.detect(image)
        return found[~is_other(found, self._others)]
