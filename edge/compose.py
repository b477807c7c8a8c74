"""Puts one camera's parts together: the only place that knows which tracker counts for which layout."""

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from types import MappingProxyType

from contract.segments import TRANSPORT, Profile, Transport
from contract.site import Site
from edge.analytics.audience import Senses
from edge.analytics.dwell import Visits
from edge.arrays import Detections, Frame, Tracks
from edge.handover import Board
from edge.layout import Layout
from edge.models import ModelEntry, Thresholds
from edge.pipeline import Pipeline, Stopwatch
from edge.ports import Detector, FaceReading
from edge.tracking.tracker import Tracker, TrackerSettings
from edge.vision.transport import TransportFinder
from edge.watch import Watch

NO_COMPANIONS: Mapping[int, Transport] = MappingProxyType({})


def tracking_settings(scores: Thresholds) -> TrackerSettings:
    """How to track what a model of these `scores` finds."""
    return TrackerSettings(faint=scores.floor, low=scores.low, high=scores.high, new=scores.new)


def companion_classes(entry: ModelEntry, site: Site, profile: Profile) -> dict[int, Transport]:
    """The model's class ids of what to look for beside people: what segments ask for, and the profile and model allow.

    A detector is asked for `("person", *classes.values())` then, and a layout is made with `senses(classes, ...)`.
    """
    if profile == "counting":
        return {}
    parts = (part for segment in site.segments.values() for part in segment.when.walk())
    asked = {name for part in parts for name in part.transport or []}
    return {entry.classes[name]: name for name in TRANSPORT if name in asked and name in entry.classes}


def senses(classes: Mapping[int, Transport], *, faces: bool) -> Senses:
    """What can be known of people by looking for these `classes`, and at faces or not."""
    return Senses(frozenset(classes.values()), faces)


def camera_pipeline(
    camera_id: str,
    layout: Layout,
    *,
    detector: Detector | None,
    tracking: TrackerSettings,
    companions: Mapping[int, Transport] = NO_COMPANIONS,
    faces: FaceReading | None = None,
    board: Board | None = None,
    window_s: float = 60.0,
    stopwatch: Stopwatch = lambda _: nullcontext(),
    on_visits: Callable[[Visits], None] = lambda _: None,
    on_picture: Callable[[Frame, Detections], None] = lambda _frame, _found: None,
    on_tracks: Callable[[float, Tracks], None] = lambda _t, _tracks: None,
) -> Pipeline:
    """The pipeline of one camera; `detector` None for recordings that hold detections or trajectories.

    `companions`: class ids that the detector finds beside people, see `companion_classes`. `board` passes people on
    between the cameras of one floor that share it.
    """
    return Pipeline(
        camera_id=camera_id,
        layout=layout,
        watch=Watch(layout, board=board, window_s=window_s, on_visits=on_visits),
        detector=detector,
        tracker=Tracker(tracking),
        companions=TransportFinder(companions, least_score=tracking.low) if companions else None,
        faces=faces,
        stopwatch=stopwatch,
        on_picture=on_picture,
        on_tracks=on_tracks,
    )
