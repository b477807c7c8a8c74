"""Stories of who is where, played to a watch."""

import numpy as np
import pytest

from edge.arrays import PlanePoints
from edge.layout import site_layout
from edge.report import window_part
from edge.watch import Watch


@pytest.fixture
def points():
    """`points({id: (x, y)}, ended=, edge=)`: who is where now, who will not come back, who stands at the edge."""

    def make(here, ended=(), edge=()):
        ids = sorted(here)
        return PlanePoints(
            np.array(ids, np.int64),
            np.array([here[i] for i in ids], float).reshape(-1, 2),
            np.array([i in edge for i in ids], bool),
            np.array(ended, np.int64),
        )

    return make


@pytest.fixture
def play(points):
    """`play(site, story)`: the windows, as published, of a camera in metres that sees [(t, {id: place}, ended, edge)]."""

    def run(site, story, *, window_s=100_000.0):
        layout = site_layout(site, "c", None)
        watch = Watch(layout, window_s=window_s)
        closed = [window for t, *seen in story for window in watch.observe(t, points(*seen))]
        return [window_part(stats, layout, "c") for stats in closed + watch.finish()]

    return run
