"""Boxes on arrays: overlap and suppression of duplicates."""

import numpy as np

from edge.arrays import F32, I64, Bool, Detections

_MAX_CANDIDATES = 1000


def iou(a: F32, b: F32) -> F32:
    """Intersection over union of every box in `a` (n, 4) with every box in `b` (m, 4), corners; (n, m) in 0..1."""
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    overlap = np.clip(high - low, 0, None).prod(axis=2)
    union = _area(a)[:, None] + _area(b)[None, :] - overlap
    result: F32 = overlap / np.maximum(union, np.float32(1e-9))
    return result


def _area(xyxy: F32) -> F32:
    result: F32 = np.clip(xyxy[:, 2:] - xyxy[:, :2], 0, None).prod(axis=1)
    return result


def non_maximum_suppression(found: Detections, max_iou: float) -> Detections:
    """Without the boxes that overlap a surer one of their own class by more than `max_iou`; surest first.

    Greedy (Felzenszwalb et al. 2010). The thousand surest candidates are looked at, more than people fit in a picture.
    """
    found = found[surest_first(found)]
    rivals = iou(found.xyxy_px, found.xyxy_px) > max_iou
    rivals &= found.class_id[:, None] == found.class_id[None, :]
    return found[without_rivals(rivals)]


def surest_first(found: Detections) -> I64:
    """The order of the surest thousand."""
    return np.argsort(-found.confidence, kind="stable")[:_MAX_CANDIDATES]


def without_rivals(rivals: Bool) -> Bool:
    """Which of n, surest first, are kept, if whoever is kept lets all its later `rivals` (n, n) go (n,)."""
    keep = np.ones(len(rivals), np.bool_)
    for i in range(len(rivals)):
        if keep[i]:
            keep[i + 1 :] &= ~rivals[i, i + 1 :]
    return keep
