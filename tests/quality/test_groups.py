"""Who walks together, against what people said of two real streets (groups.txt beside the trajectories)."""

from collections import Counter
from itertools import combinations

import numpy as np
import pytest

from edge.analytics.groups import GroupFinder
from edge.analytics.pace import Walk
from edge.analytics.slots import Slots
from edge.io.recorded import RecordedTracks

pytestmark = pytest.mark.quality

TOGETHER_S = 1.0
"""Found together for so long counts; less is a chance meeting."""


class Found:
    """For how long each two were a pair, and each person in groups of each size."""

    def __init__(self, path):
        self.pairs, self.sizes = Counter(), {}
        slots, walk, groups = Slots(), Walk(), GroupFinder()
        before = None
        for seen in RecordedTracks(path):
            points, step_s = seen.points, seen.t - before if before is not None else 0.0
            before = seen.t
            groups.end(slots.release(points.ended))
            rows, new = slots.take(points.track_id)
            metres = np.ones(len(rows))
            motion = walk.step(seen.t, rows, new, points.xy, metres)
            groups.step(seen.t, rows, points.xy, motion.velocity_m_s, metres)
            for person, size in zip(points.track_id.tolist(), groups.sizes(rows).tolist(), strict=True):
                self.sizes.setdefault(person, Counter())[size] += step_s
            for pair in self._pairs_now(points, rows, groups):
                self.pairs[pair] += step_s

    @staticmethod
    def _pairs_now(points, rows, groups):
        """Who is linked with whom: what sizes are counted from."""
        at = groups._at[rows]
        linked = groups._paired[np.ix_(at, at)]
        ids = points.track_id.tolist()
        return [(ids[i], ids[j]) for i, j in combinations(range(len(ids)), 2) if linked[i, j]]

    def size(self, person):
        return max((size for size, seconds in self.sizes[person].items() if seconds >= TOGETHER_S), default=1)


@pytest.mark.parametrize(
    ("name", "precision", "recall", "share_error", "right"),
    [("ucy_zara01", 0.85, 0.80, 0.07, 0.83), ("eth_hotel", 0.73, 0.83, 0.06, 0.87)],
)
def test_groups_are_who_people_say_walk_together(data, name, precision, recall, share_error, right):
    groups = [
        set(map(int, line.split())) for line in (data / name / "groups.txt").read_text().splitlines() if line.split()
    ]
    found = Found(data / name / "tracks.csv")
    true_pairs = {tuple(sorted(pair)) for group in groups for pair in combinations(group, 2)}
    pairs = {tuple(sorted(pair)) for pair, seconds in found.pairs.items() if seconds >= TOGETHER_S}
    size_of = {person: len(group) for group in groups for person in group}
    people = list(found.sizes)
    true_sizes = np.array([min(size_of.get(person, 1), 4) for person in people])
    sizes = np.array([min(found.size(person), 4) for person in people])
    shares = [(float((true_sizes == k).mean()), float((sizes == k).mean())) for k in (1, 2, 3, 4)]
    hit = len(pairs & true_pairs)
    print(
        f"\n{name}: {len(true_pairs)} pairs, found {len(pairs)}: precision {hit / len(pairs):.2f}, "
        f"recall {hit / len(true_pairs):.2f}; size right for {(sizes == true_sizes).mean():.2f} of {len(people)}, "
        f"alone or not for {((sizes > 1) == (true_sizes > 1)).mean():.2f}; "
        f"shares of 1, 2, 3, 4+ true and found: {[(round(a, 2), round(b, 2)) for a, b in shares]}"
    )
    assert hit / len(pairs) >= precision
    assert hit / len(true_pairs) >= recall
    assert max(abs(a - b) for a, b in shares) <= share_error
    assert (sizes == true_sizes).mean() >= right
