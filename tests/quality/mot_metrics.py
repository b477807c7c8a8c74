"""HOTA and IDF1 of one sequence: how well tracks tell who was where, against truth.

Both are computed as TrackEval does (github JonathonLuiten/TrackEval): HOTA after Luiten et al., IJCV 2021
(19 thresholds, matching that first favours pairs who are often together); IDF1 after Ristani et al., 2016.
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from scipy.optimize import linear_sum_assignment

ALPHAS = np.arange(0.05, 0.99, 0.05)
EPS = np.finfo(float).eps


@dataclass(frozen=True)
class Boxes:
    """Rows of a MOTChallenge file: `frame` (n,), `who` (n,), `ltwh` (n, 4)."""

    frame: np.ndarray
    who: np.ndarray
    ltwh: np.ndarray

    @classmethod
    def from_rows(cls, rows: np.ndarray) -> "Boxes":
        rows = rows.reshape(-1, rows.shape[-1] if rows.ndim > 1 else 6)
        return cls(rows[:, 0].astype(int), np.unique(rows[:, 1], return_inverse=True)[1].ravel(), rows[:, 2:6])

    @classmethod
    def truth(cls, path: Path, *, people_only: bool) -> "Boxes":
        """Rows that count: confidence 1 and, where `people_only`, class 1 (MOT16 and later name a class)."""
        rows = np.loadtxt(path, delimiter=",", ndmin=2)
        keep = rows[:, 6] != 0
        if people_only:
            keep &= rows[:, 7] == 1
        return cls.from_rows(rows[keep])

    def by_frame(self, frames: np.ndarray) -> list[np.ndarray]:
        order = np.argsort(self.frame, kind="stable")
        return np.split(order, np.searchsorted(self.frame[order], frames[1:]))


def iou(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """`a` (n, 4), `b` (m, 4) as left, top, width, height -> (n, m)."""
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum((a[:, :2] + a[:, 2:])[:, None], (b[:, :2] + b[:, 2:])[None])
    both = (high - low).clip(0).prod(-1)
    return both / np.maximum(a[:, 2:].prod(-1)[:, None] + b[:, 2:].prod(-1)[None] - both, EPS)


@dataclass(frozen=True)
class Comparison:
    """Truth and tracks of one sequence; every figure is in per cent."""

    truth: Boxes
    tracks: Boxes

    @cached_property
    def pairs(self) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Per frame: truth ids (n,), track ids (m,), overlap (n, m)."""
        frames = np.union1d(self.truth.frame, self.tracks.frame)
        rows = zip(self.truth.by_frame(frames), self.tracks.by_frame(frames), strict=True)
        return [(self.truth.who[i], self.tracks.who[j], iou(self.truth.ltwh[i], self.tracks.ltwh[j])) for i, j in rows]

    @cached_property
    def sizes(self) -> tuple[np.ndarray, np.ndarray]:
        """Boxes per truth id and per track id."""
        return np.bincount(self.truth.who), np.bincount(self.tracks.who)

    def idf1(self, threshold: float = 0.5) -> float:
        real, told = self.sizes
        together = np.zeros((len(real), len(told)))
        for g, t, similarity in self.pairs:
            together[np.ix_(g, t)] += similarity >= threshold
        rows, cols = linear_sum_assignment(-together)
        return float(200 * together[rows, cols].sum() / max(real.sum() + told.sum(), 1))

    @cached_property
    def matches(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Truth id, track id and overlap of every matched pair of boxes."""
        real, told = self.sizes
        potential = np.zeros((len(real), len(told)))
        for g, t, similarity in self.pairs:
            union = similarity.sum(0)[None] + similarity.sum(1)[:, None] - similarity
            potential[np.ix_(g, t)] += np.where(union > EPS, similarity / np.maximum(union, EPS), 0)
        alignment = potential / np.maximum(real[:, None] + told[None] - potential, EPS)
        found = []
        for g, t, similarity in self.pairs:
            i, j = linear_sum_assignment(-alignment[np.ix_(g, t)] * similarity)
            found.append((g[i], t[j], similarity[i, j]))
        return tuple(np.concatenate(part) if part else np.empty(0, int) for part in zip(*found, strict=True))

    @cached_property
    def parts(self) -> tuple[float, float, float]:
        """HOTA, DetA, AssA, each the mean over the thresholds."""
        real, told = self.sizes
        scores = []
        for alpha in ALPHAS:
            g, t, similarity = self.matches
            hit = similarity >= alpha - EPS
            count = np.zeros((len(real), len(told)))
            np.add.at(count, (g[hit], t[hit]), 1)
            right = hit.sum()
            detection = right / max(real.sum() + told.sum() - right, 1)
            jaccard = count / np.maximum(real[:, None] + told[None] - count, 1)
            association = (count * jaccard).sum() / max(right, 1)
            scores.append((np.sqrt(detection * association), detection, association))
        return tuple(float(100 * s) for s in np.mean(scores, axis=0))

    @property
    def hota(self) -> float:
        return self.parts[0]

    def switches(self, threshold: float = 0.5) -> int:
        """Times that a person's track id changes between two frames in which the person was found."""
        g, t, similarity = self.matches
        hit = similarity >= threshold
        g, t = g[hit], t[hit]
        order = np.argsort(g, kind="stable")
        return int(((np.diff(g[order]) == 0) & (np.diff(t[order]) != 0)).sum())
