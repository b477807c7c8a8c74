"""A simulated store before the code that runs on a box: places in, windows out."""

from collections.abc import Iterator

import numpy as np

from contract.arrays import I64, Bool
from contract.coverage import Coverage
from contract.messages import Window
from contract.site import Site
from contract.view import View, camera_view
from edge.arrays import PlanePoints
from edge.handover import Board
from edge.layout import Layout, site_layout
from edge.plane import EDGE_SHARE
from edge.report import window_part
from edge.watch import Watch
from vitrina.simulate.cameras import boxes
from vitrina.simulate.noise import Faults, spoil
from vitrina.simulate.recordings import in_sight
from vitrina.simulate.samples import Samples, instants


class _Eye:
    """One camera: its own misses, breaks and errors, and the watch that counts what is left."""

    def __init__(self, key: str, found: Samples, view: View, layout: Layout, watch: Watch) -> None:
        self.key, self.layout, self._found = key, layout, found
        self._at_edge = _at_edge(found, view)
        self._rows = dict(instants(found))
        self._watch = watch
        self._ending: I64 = np.empty(0, np.int64)

    def look(self, tick: int) -> Iterator[Window]:
        """Take in the instant; windows that closed."""
        rows = self._rows.pop(tick, np.empty(0, np.int64))
        track = self._found.track[rows]
        points = PlanePoints(track, self._found.xy[rows], self._at_edge[rows], self._ending)
        self._ending = track[self._found.finishes[rows]]
        for stats in self._watch.observe(tick * self._found.period_s, points):
            yield window_part(stats, self.layout, self.key)

    def finish(self) -> Iterator[Window]:
        """The last windows."""
        for stats in self._watch.finish():
            yield window_part(stats, self.layout, self.key)


def watch(
    site: Site, covered: Coverage, samples: Samples, *, faults: Faults, rng: np.random.Generator, window_s: float = 60.0
) -> Iterator[Window]:
    """Windows of all calibrated cameras of `site`, as one box makes them of what its cameras see of `samples`."""
    board, eyes = Board(), []
    for key in covered.cameras:
        view = camera_view(site.cameras[key])
        found = spoil(in_sight(samples, covered, key), faults, rng)
        layout = site_layout(site, key, view.size_px)
        eyes.append(_Eye(key, found, view, layout, Watch(layout, board=board, window_s=window_s)))
    for tick in range(int(samples.tick.min()), int(samples.tick.max()) + 1) if len(samples) else ():
        for eye in eyes:
            yield from eye.look(tick)
    for eye in eyes:
        yield from eye.finish()


def _at_edge(found: Samples, view: View) -> Bool:
    """Who stands where the picture ends, by the same measure as on a box (n,)."""
    box, _ = boxes(view, found.xy)
    width, height = view.size_px
    margin = EDGE_SHARE * width
    near = (box[:, :2] <= margin).any(axis=1) | (box[:, 2:] >= (width - margin, height - margin)).any(axis=1)
    return np.asarray(near)
