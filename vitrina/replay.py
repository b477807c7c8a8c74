"""Replay: a recording through the same code as a camera, to the messages a box would have published."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from contract.messages import Window, encode, wrap
from contract.site import Site
from edge.analytics.dwell import Visits
from edge.analytics.window import WindowStats
from edge.arrays import U8, Detections, Frame, Tracks
from edge.compose import camera_pipeline
from edge.layout import Layout
from edge.pipeline import Pipeline
from edge.ports import Detector, Observation
from edge.report import empty_heatmap, window_part
from edge.tracking.tracker import TrackerSettings
from edge.vision.still import Still
from vitrina.motchallenge import mot_rows
from vitrina.stopwatch import Stopwatch
from vitrina.summary import Summary, summarise

WINDOWS, SUMMARY, REPORT, TRACKS = "windows.jsonl", "summary.json", "report.html", "tracks.txt"

BOX = "replay"
"""What a replay calls itself on the wire; its boot_id too, so that the same input gives the same bytes."""


@dataclass(frozen=True, slots=True)
class Recording:
    """What is replayed: the observations, and what is known about them. `start` seconds UTC, `duration_s` if known."""

    name: str
    camera: str
    observations: Iterable[Observation]
    layout: Layout
    site: Site
    detector: Detector | None
    tracking: TrackerSettings
    start: float = 0.0
    duration_s: float | None = None


@dataclass(frozen=True, slots=True)
class Replayed:
    """What came out. `occupancy`: people in view per second since the start, mean and most; `still` without people."""

    windows: list[Window]
    summary: Summary
    occupancy: dict[int, tuple[float, int]]
    still: U8 | None


@dataclass(slots=True)
class _Second:
    observations: int = 0
    people: int = 0
    most: int = 0

    def add(self, people: int) -> None:
        self.observations += 1
        self.people += people
        self.most = max(self.most, people)


class _Records:
    """Everything one replay keeps on its way: messages to disk, the rest to its summary."""

    def __init__(self, recording: Recording, windows: Path) -> None:
        self._recording, self._path = recording, windows
        self.windows: list[Window] = []
        self.dwell_s: dict[str, list[float]] = {zone: [] for zone in recording.layout.zone_ids}
        self.seconds: dict[int, _Second] = {}
        self.last_t = recording.start

    def publish(self, closed: Iterable[WindowStats]) -> None:
        with self._path.open("ab") as file:
            for stats in closed:
                self.windows.append(window_part(stats, self._recording.layout, self._recording.camera))
                file.write(_message(self._recording, self.windows[-1], len(self.windows)) + b"\n")

    def visits(self, visits: Visits) -> None:
        for zone, seconds in zip(visits.zone.tolist(), visits.dwell_s.tolist(), strict=True):
            self.dwell_s[self._recording.layout.zone_ids[zone]].append(seconds)

    def look(self, t: float, pipeline: Pipeline) -> None:
        live = pipeline.live()
        if live is not None:
            self.seconds.setdefault(int(t - self._recording.start), _Second()).add(live.occupancy)
        self.last_t = t


class _DebugTracks:
    """tracks.txt in MOTChallenge form: the one file that holds boxes, written only when asked for."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self.frame = 0

    def write(self, _t: float, tracks: Tracks) -> None:
        self._file.writelines(mot_rows(self.frame, tracks))


def replay(
    recording: Recording,
    out: Path,
    *,
    debug_tracks: bool = False,
    window_s: float = 60.0,
    on_progress: Callable[[float], None] = lambda _s: None,
) -> Replayed:
    """Run `recording`; windows.jsonl (and tracks.txt if asked for) go into `out`, seconds done to `on_progress`."""
    watch, still = Stopwatch(), Still()

    def on_picture(frame: Frame, found: Detections) -> None:
        still.offer(frame.image, found[found.confidence >= recording.tracking.low])

    (out / WINDOWS).write_bytes(b"")
    records = _Records(recording, out / WINDOWS)
    with ExitStack() as files:
        debug = _DebugTracks(files.enter_context((out / TRACKS).open("w"))) if debug_tracks else None
        pipeline = camera_pipeline(
            recording.camera,
            recording.layout,
            detector=recording.detector,
            tracking=recording.tracking,
            window_s=window_s,
            stopwatch=watch,
            on_visits=records.visits,
            on_picture=on_picture,
            on_tracks=debug.write if debug else _ignore,
        )
        for number, observation in enumerate(_timed(recording.observations, watch)):
            if debug:
                debug.frame = 1 + (observation.index if isinstance(observation, Frame) else number)
            records.publish(pipeline.step(observation))
            records.look(observation.t, pipeline)
            on_progress(observation.t - recording.start)
        records.publish(pipeline.finish())
    return _result(recording, records, still, watch)


def _ignore(_t: float, _tracks: Tracks) -> None:
    return


def _timed(observations: Iterable[Observation], watch: Stopwatch) -> Iterator[Observation]:
    upcoming = iter(observations)
    while True:
        with watch("read"):
            observation = next(upcoming, None)
        if observation is None:
            return
        yield observation


def _message(recording: Recording, window: Window, seq: int) -> bytes:
    return encode(wrap(window, site=recording.site.site, box=BOX, boot_id=BOX, seq=seq, time=window.t_end))


def _result(recording: Recording, records: _Records, still: Still, watch: Stopwatch) -> Replayed:
    layout = recording.layout
    summary = summarise(
        records.windows,
        source=recording.name,
        camera=recording.camera,
        duration_s=recording.duration_s or records.last_t - recording.start,
        zone_ids=layout.zone_ids,
        line_ids=layout.line_ids,
        heatmap=empty_heatmap(layout.grid),
        dwell_s=records.dwell_s,
        timing_ms=watch.summary(),
    )
    occupancy = {second: (seen.people / seen.observations, seen.most) for second, seen in records.seconds.items()}
    return Replayed(records.windows, summary, occupancy, still.median())
