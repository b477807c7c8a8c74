"""`vitrina track`: the tracker alone, detections in and tracks out, both as MOTChallenge writes them."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import click

from edge.arrays import Tracks
from edge.io.recorded import RecordedDetections
from edge.ports import SeenDetections
from edge.tracking.tracker import Tracker, TrackerSettings
from vitrina.motchallenge import mot_rows
from vitrina.options import Number
from vitrina.results import writing

DEFAULTS = TrackerSettings()


@click.command()
@click.argument("detections", type=click.Path(path_type=Path))
@click.option("--fps", type=Number(0, min_open=True), help="Frames per second; else seqinfo.ini's.")
@click.option("--out", required=True, type=click.Path(path_type=Path, dir_okay=False), help="File for the tracks.")
@click.option("--low", type=Number(), default=DEFAULTS.low, show_default=True, help="Weaker detections are ignored.")
@click.option("--high", type=Number(), default=DEFAULTS.high, show_default=True, help="Score that calls back the lost.")
@click.option("--new", type=Number(), default=DEFAULTS.new, show_default=True, help="Score that begins a track.")
def track(detections: Path, *, fps: float | None, out: Path, low: float, high: float, new: float) -> None:
    """Track the people of DETECTIONS (`frame,id,left,top,width,height,conf`, frames from 1).

    The output holds a row per person and frame in the same form, predictions over short gaps included.
    """
    source = RecordedDetections(detections, fps=fps)
    tracker = Tracker(replace(DEFAULTS, low=low, high=high, new=new))
    rows = [row for frame, tracks in _tracked(source, tracker) for row in mot_rows(frame, tracks)]
    with writing(out):
        out.write_text("".join(rows))
    click.echo(f"{out}: {len(rows)} boxes of {len({row.split(',')[1] for row in rows})} tracks")


def _tracked(source: RecordedDetections, tracker: Tracker) -> Iterator[tuple[int, Tracks]]:
    for frame, observation in enumerate(source, 1):
        if isinstance(observation, SeenDetections):
            yield frame, tracker.update(observation.t, observation.detections)
