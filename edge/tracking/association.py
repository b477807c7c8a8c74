"""Who is who: costs between tracks and detections, and the cheapest pairing under a gate."""

import numpy as np
from scipy.optimize import linear_sum_assignment

from edge.arrays import F64, Bool, I64

NEVER = 1e6
"""Cost of a pair that cannot be; far above any sum of possible costs."""


def iou(a: F64, b: F64) -> F64:
    """Intersection over union of corners `a` (n, 4) and `b` (m, 4) -> (n, m)."""
    width = np.minimum(a[:, None, 2], b[:, 2]) - np.maximum(a[:, None, 0], b[:, 0])
    height = np.minimum(a[:, None, 3], b[:, 3]) - np.maximum(a[:, None, 1], b[:, 1])
    both = np.maximum(width, 0) * np.maximum(height, 0)
    area_a = (a[:, 2] - a[:, 0]) * (a[:, 3] - a[:, 1])
    area_b = (b[:, 2] - b[:, 0]) * (b[:, 3] - b[:, 1])
    return both / (area_a[:, None] + area_b - both)


def contained(boxes: F64, share: float) -> Bool:
    """Which of `boxes` (n, 4), best first, lie with `share` of their area inside a better one."""
    width = np.minimum(boxes[:, None, 2], boxes[:, 2]) - np.maximum(boxes[:, None, 0], boxes[:, 0])
    height = np.minimum(boxes[:, None, 3], boxes[:, 3]) - np.maximum(boxes[:, None, 1], boxes[:, 1])
    both = np.maximum(width, 0) * np.maximum(height, 0)
    area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    return np.tril(both > share * area[:, None], -1).any(axis=1)


def pair(cost: F64, possible: Bool, NEVER=1e6) -> tuple[I64, I64]:
    """The pairing of rows and columns with the most possible pairs and, among those, the least cost.

    `cost` (n, m), `possible` (n, m) -> row indices (k,), column indices (k,).
    """
    rows, cols = linear_sum_assignment(np.where(possible, cost, NEVER))
    real = possible[rows, cols]
    return rows[real], cols[real]
