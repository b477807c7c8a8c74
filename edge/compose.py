"""Puts one camera's parts together: the only place that knows which tracker counts for which layout."""

from collections.abc import Callable
from contextlib import nullcontext

from edge.analytics.dwell import Visits
from edge.arrays import Detections, Frame, Tracks
from edge.handover import Board
from edge.layout import Layout
from edge.models import Thresholds
from edge.pipeline import Pipeline, Stopwatch
from edge.ports import Detector
from edge.tracking.tracker import Tracker, TrackerSettings
from edge.watch import Watch


def tracking_settings(scores: Thresholds) -> TrackerSettings:
    """How to track what a model of these `scores` finds."""
    return TrackerSettings(faint=scores.floor, low=scores.low, high=scores.high, new=scores.new)


def camera_pipeline(
    camera_id: str,
    layout: Layout,
    *,
    detector: Detector | None,
    tracking: TrackerSettings,
    board: Board | None = None,
    window_s: float = 60.0,
    stopwatch: Stopwatch = lambda _: nullcontext(),
    on_visits: Callable[[Visits], None] = lambda _: None,
    on_picture: Callable[[Frame, Detections], None] = lambda _frame, _found: None,
    on_tracks: Callable[[float, Tracks], None] = lambda _t, _tracks: None,
) -> Pipeline:
    """The pipeline of one camera; `detector` None for recordings that hold detections or trajectories.

    `board` passes people on between the cameras of one floor that share it.
    """
    return Pipeline(
        camera_id=camera_id,
        layout=layout,
        watch=Watch(layout, board=board, window_s=window_s, on_visits=on_visits),
        detector=detector,
        tracker=Tracker(tracking),
        stopwatch=stopwatch,
        on_picture=on_picture,
        on_tracks=on_tracks,
    )
