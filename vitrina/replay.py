"""Replay: a recording through the same code as a camera, to the messages a box would have published."""

import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TextIO

from contract.grid import floor_grid
from contract.messages import Audience, Data, Window, encode, wrap
from contract.segments import SMALLEST_CELL, Transport
from contract.site import Site
from edge.analytics.dwell import Visits
from edge.analytics.window import WindowStats
from edge.arrays import U8, Detections, Frame, Tracks
from edge.compose import camera_pipeline
from edge.errors import ConfigError
from edge.gate.holdback import Holdback
from edge.handover import Board
from edge.layout import Layout
from edge.ports import Detector, Observation
from edge.report import audience_part, empty_heatmap, window_part
from edge.tracking.tracker import TrackerSettings
from edge.vision.still import Still
from edge.wire import AudienceCounts
from vitrina.motchallenge import mot_rows
from vitrina.stopwatch import Stopwatch
from vitrina.summary import Summary, summarise

WINDOWS, AUDIENCE, SUMMARY, REPORT, TRACKS = (
    "windows.jsonl",
    "audience.jsonl",
    "summary.json",
    "report.html",
    "tracks.txt",
)

BOX = "replay"
"""What a replay calls itself on the wire; its boot_id too, so that the same input gives the same bytes."""


@dataclass(frozen=True, slots=True)
class Recording:
    """What is replayed: the observations, and what is known about them. `start` seconds UTC, `duration_s` if known.

    `companions`: class ids that the detector finds beside people.
    """

    name: str
    camera: str
    observations: Iterable[Observation]
    layout: Layout
    site: Site
    detector: Detector | None
    tracking: TrackerSettings
    companions: Mapping[int, Transport] = field(default_factory=dict)
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


class _File:
    """Messages of one kind, one a line."""

    def __init__(self, path: Path, site: str, boot_id: str) -> None:
        self._path, self._site, self._boot_id, self._seq = path, site, boot_id, 0
        path.write_bytes(b"")

    def write(self, data: Data, time: datetime) -> None:
        self._seq += 1
        message = wrap(data, site=self._site, box=BOX, boot_id=self._boot_id, seq=self._seq, time=time)
        with self._path.open("ab") as file:
            file.write(encode(message) + b"\n")


class _Publisher:
    """What a box would have published of every camera, in the order the windows close.

    windows.jsonl, and where the site has segments audience.jsonl, with the cells that grew large enough.
    """

    def __init__(self, out: Path, site: Site) -> None:
        self._windows = _File(out / WINDOWS, site.site, BOX)
        self._audience = _File(out / AUDIENCE, site.site, f"{BOX}-audience") if site.segments else None
        self._holdback = Holdback.of_site(site, smallest=SMALLEST_CELL)

    def publish(self, window: Window, counts: AudienceCounts | None) -> None:
        self._windows.write(window, window.t_end)
        cells = self._holdback.add(counts) if counts is not None else []
        if self._audience is not None and cells:
            told = Audience(camera=window.camera, t=window.t_end, smallest_cell=SMALLEST_CELL, cells=cells)
            self._audience.write(told, window.t_end)


class _DebugTracks:
    """tracks.txt in MOTChallenge form: the one file that holds boxes, written only when asked for."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self.frame = 0

    def write(self, _t: float, tracks: Tracks) -> None:
        self._file.writelines(mot_rows(self.frame, tracks))


class _Player:
    """One recording on its way through its camera's pipeline, and what is kept of it for its summary."""

    def __init__(
        self,
        recording: Recording,
        publisher: _Publisher,
        board: Board,
        *,
        window_s: float,
        debug: _DebugTracks | None,
    ) -> None:
        self.recording, self.watch = recording, Stopwatch()
        self.windows: list[Window] = []
        self.dwell_s: dict[str, list[float]] = {zone: [] for zone in recording.layout.zone_ids}
        self.seconds: dict[int, _Second] = {}
        self.last_t = recording.start
        self.still = Still()
        self._publisher, self._debug, self._number = publisher, debug, 0
        self._pipeline = camera_pipeline(
            recording.camera,
            recording.layout,
            detector=recording.detector,
            tracking=recording.tracking,
            companions=recording.companions,
            board=board,
            window_s=window_s,
            stopwatch=self.watch,
            on_visits=self._visits,
            on_picture=self._picture,
            on_tracks=debug.write if debug else _ignore,
        )

    def observations(self) -> Iterator[tuple["_Player", Observation]]:
        upcoming = iter(self.recording.observations)
        while True:
            with self.watch("read"):
                observation = next(upcoming, None)
            if observation is None:
                return
            yield self, observation

    def step(self, observation: Observation) -> None:
        self._number += 1
        if self._debug:
            self._debug.frame = 1 + observation.index if isinstance(observation, Frame) else self._number
        self._publish(self._pipeline.step(observation))
        live = self._pipeline.live()
        if live is not None:
            self.seconds.setdefault(int(observation.t - self.recording.start), _Second()).add(live.occupancy)
        self.last_t = observation.t

    def finish(self) -> None:
        self._publish(self._pipeline.finish())

    def result(self) -> Replayed:
        layout = self.recording.layout
        summary = summarise(
            self.windows,
            source=self.recording.name,
            camera=self.recording.camera,
            duration_s=self.duration_s,
            zone_ids=layout.zone_ids,
            line_ids=layout.line_ids,
            heatmap=empty_heatmap(layout.grid),
            dwell_s=self.dwell_s,
            timing_ms=self.watch.summary(),
        )
        occupancy = {second: (seen.people / seen.observations, seen.most) for second, seen in self.seconds.items()}
        return Replayed(self.windows, summary, occupancy, self.still.median())

    @property
    def duration_s(self) -> float:
        return self.recording.duration_s or self.last_t - self.recording.start

    def _publish(self, closed: Iterable[WindowStats]) -> None:
        layout, camera = self.recording.layout, self.recording.camera
        for stats in closed:
            self.windows.append(window_part(stats, layout, camera))
            self._publisher.publish(self.windows[-1], audience_part(stats, layout, camera))

    def _visits(self, visits: Visits) -> None:
        for zone, seconds in zip(visits.zone.tolist(), visits.dwell_s.tolist(), strict=True):
            self.dwell_s[self.recording.layout.zone_ids[zone]].append(seconds)

    def _picture(self, frame: Frame, found: Detections) -> None:
        self.still.offer(frame.image, found[found.confidence >= self.recording.tracking.low])


def replay(
    recording: Recording,
    out: Path,
    *,
    debug_tracks: bool = False,
    window_s: float = 60.0,
    on_progress: Callable[[float], None] = lambda _s: None,
) -> Replayed:
    """Run `recording`; windows.jsonl (and tracks.txt if asked for) go into `out`, seconds done to `on_progress`."""
    folders = {recording.camera: out} if debug_tracks else {}
    (player,) = _run([recording], out, folders, window_s, on_progress)
    return player.result()


def replay_floor(
    recordings: Sequence[Recording],
    out: Path,
    *,
    debug_tracks: bool = False,
    window_s: float = 60.0,
    on_progress: Callable[[float], None] = lambda _s: None,
) -> tuple[list[Replayed], Replayed]:
    """Run recordings of several cameras of one floor together, as one box sees them; each, and the floor as a whole.

    windows.jsonl of all cameras goes into `out`; tracks.txt, if asked for, into a folder of the camera's name in it.
    """
    folders = {recording.camera: out / recording.camera for recording in recordings} if debug_tracks else {}
    players = _run(recordings, out, folders, window_s, on_progress)
    return [player.result() for player in players], _whole_floor(players)


def _run(
    recordings: Sequence[Recording],
    out: Path,
    folders: Mapping[str, Path],
    window_s: float,
    on_progress: Callable[[float], None],
) -> list[_Player]:
    """Play observations in the order of their times; `folders` for the debug tracks of cameras."""
    publisher, board = _Publisher(out, recordings[0].site), Board()
    with ExitStack() as files:
        players = []
        for recording in recordings:
            folder = folders.get(recording.camera)
            debug = _DebugTracks(files.enter_context((folder / TRACKS).open("w"))) if folder else None
            players.append(_Player(recording, publisher, board, window_s=window_s, debug=debug))
        streams = [player.observations() for player in players]
        for player, observation in heapq.merge(*streams, key=lambda item: item[1].t):
            player.step(observation)
            on_progress(observation.t - player.recording.start)
        for player in players:
            player.finish()
    return players


def _ignore(_t: float, _tracks: Tracks) -> None:
    return


def _whole_floor(players: Sequence[_Player]) -> Replayed:
    site = players[0].recording.site
    if site.floor is None:
        raise ConfigError(f"site {site.site!r} has no floor to add cameras up on; give floor.bounds_m")
    windows = [window for player in players for window in player.windows]
    dwell_s: dict[str, list[float]] = {}
    seconds: dict[int, tuple[float, int]] = {}
    for player in players:
        for zone, visits in player.dwell_s.items():
            dwell_s.setdefault(zone, []).extend(visits)
        for second, seen in player.seconds.items():
            mean, most = seconds.get(second, (0.0, 0))
            seconds[second] = (mean + seen.people / seen.observations, most + seen.most)
    summary = summarise(
        windows,
        source=", ".join(player.recording.name for player in players),
        camera=None,
        duration_s=max(player.duration_s for player in players),
        zone_ids=list(dwell_s),
        line_ids=list(dict.fromkeys(line for player in players for line in player.recording.layout.line_ids)),
        heatmap=empty_heatmap(floor_grid(site.floor)),
        dwell_s=dwell_s,
        timing_ms=Stopwatch.of_all(player.watch for player in players).summary(),
    )
    return Replayed(windows, summary, dict(sorted(seconds.items())), None)
