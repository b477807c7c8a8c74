"""One camera as its eye keeps it: opened, watched at its rate, and reported on."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import Literal, NamedTuple, Protocol

from contract.messages import CameraHealth, Event, Live, Still, Window
from contract.segments import SMALLEST_CELL
from edge.analytics.window import WindowStats, window_start
from edge.arrays import Frame
from edge.errors import ConfigError, EdgeError, SourceError
from edge.eye.meter import Meter
from edge.eye.scene import Scene
from edge.layout import Layout
from edge.pipeline import Pipeline
from edge.ports import Clock, Observation, SourceCounts, StreamRestarted
from edge.report import audience_part, live_part, window_part
from edge.wire import AudienceCounts, NoStill, Showing

State = Literal["starting", "watching", "reconnecting", "dead"]

_STALE_S = 5.0
"""Without a picture for so long, a camera counts as lost."""

_POLL_S = 0.02
_REOPEN_S = 10.0
_LIVE_LASTS_S = 5.0
_LIVE_APART_S = 0.1
"""Live figures that change are told at once, but no more often."""

log = logging.getLogger(__name__)


class LiveSource(Protocol):
    """A source that is read by a thread of its own; `edge.io.playback.Newest`."""

    @property
    def size_px(self) -> tuple[int, int] | None:
        """Width and height, None for trajectories in metres or before the first picture."""

    @property
    def counts(self) -> SourceCounts:
        """What was skipped or failed so far."""

    @property
    def trouble(self) -> str | None:
        """Why there is nothing new, None while all is well."""

    def take(self, timeout_s: float | None = None) -> Observation | None:
        """The newest observation that nobody took yet."""

    def close(self) -> None:
        """Let go of the camera."""


@dataclass(frozen=True, slots=True)
class Post:
    """Where a lookout stands.

    `build` makes the pipeline for pictures of a size, None for trajectories in metres; `scene` is shown its pictures.
    Live figures by segment tell of no fewer than the `smallest` cell.
    """

    camera: str
    fps: float
    window_s: float
    open: Callable[[], LiveSource]
    build: Callable[[tuple[int, int] | None], Pipeline]
    scene: Scene
    smallest: int = SMALLEST_CELL


class Report(NamedTuple):
    """A window that closed, and who came in it by segment."""

    window: Window
    audience: AudienceCounts | None


class Lookout:
    """Takes one observation at a time, so that one worker can serve many cameras in turn.

    `due`: seconds of `time.monotonic` at which it wants to look again.
    """

    def __init__(self, post: Post, *, clock: Clock, restarts: int) -> None:
        self._post, self._clock, self._restarts = post, clock, restarts
        self._source: LiveSource | None = None
        self._pipeline: Pipeline | None = None
        self._size_px: tuple[int, int] | None = None
        self._meter = Meter(hold_s=_STALE_S)
        self._fault: str | None = None
        self._seen_at: float | None = None
        self._seen_t = 0.0
        self._was_lost = False
        self._showings: dict[str, Showing] = {}
        self._told: Live | None = None
        self._told_at = -_LIVE_APART_S
        self._looked = False
        self.due = monotonic()

    def look(self) -> list[Report]:
        """Take in the newest observation, if there is one; the windows that closed."""
        now = monotonic()
        try:
            self._source = self._source or self._post.open()
            observation = self._source.take(0)
            if observation is None:
                self.due = now + _POLL_S
                return self._close_what_ended()
            self.due = max(self.due + 1 / self._post.fps, now)
            return self._take_in(observation)
        except (SourceError, ConfigError) as error:
            self._lose(error)
            self.due = now + _REOPEN_S
            return self._close_what_ended()

    def finish(self) -> list[Report]:
        """Close the windows that are open, and the camera."""
        if self._source is not None:
            self._source.close()
        return self._end()

    def live(self) -> Live | None:
        """Who is there now; None where nothing is seen."""
        counts = self._pipeline.live() if self._pipeline is not None and self._state == "watching" else None
        if counts is None or self._pipeline is None:
            return None
        self._told = live_part(
            counts, self._pipeline.layout, self._post.camera, lasts_s=_LIVE_LASTS_S, smallest=self._post.smallest
        )
        self._told_at, self._looked = monotonic(), False
        return self._told

    def live_news(self) -> Live | None:
        """Who is there now, if zones or screens have others before them than was told last; not just after that."""
        if not self._looked or monotonic() < self._told_at + _LIVE_APART_S:
            return None
        before, told_at = self._told, self._told_at
        now = self.live()
        if now is None or before is None or _who(now) != _who(before):
            return now
        self._told_at = told_at
        return None

    def health(self) -> CameraHealth:
        """How the camera is."""
        counts = self._source.counts if self._source is not None else SourceCounts()
        fps, share = self._meter.measure(self._clock.now())
        error = self._trouble
        return CameraHealth(
            state=self._state,
            fps=round(fps, 2),
            observed_share=round(share, 3),
            dropped=counts.dropped,
            bad_frames=counts.bad_frames,
            restarts=self._restarts,
            view=self._post.scene.view,
            error=error[:300] if error else None,
        )

    def show(self, showing: Showing) -> None:
        """What a screen shows, so that attention has a creative."""
        self._showings[showing.screen] = showing
        if self._pipeline is not None:
            _tell(self._pipeline, showing)

    def take_still(self) -> None:
        """Begin a still for set-up."""
        self._post.scene.take_still()

    def still(self) -> Still | NoStill | None:
        """The still that is finished now, or why there is none."""
        return self._post.scene.still()

    def changes(self) -> list[Event]:
        """What happened to the camera since the last call: lost or back, moved, blind or in its place again."""
        return [event for event in (self.change(), self._post.scene.change()) if event is not None]

    def change(self) -> Event | None:
        """The camera was lost or is back since the last call."""
        is_lost = self._state in ("reconnecting", "dead")
        if is_lost == self._was_lost:
            return None
        self._was_lost = is_lost
        text = f"{self._trouble}" if is_lost else "the camera is back"
        return Event(
            t=datetime.fromtimestamp(self._clock.now(), UTC),
            kind="camera_lost" if is_lost else "camera_back",
            level="warning" if is_lost else "info",
            camera=self._post.camera,
            text=text[:500],
        )

    @property
    def _state(self) -> State:
        if self._fault is not None:
            return "dead"
        if self._seen_at is None:
            return "reconnecting" if self._trouble else "starting"
        return "reconnecting" if monotonic() - self._seen_at > _STALE_S else "watching"

    @property
    def _trouble(self) -> str | None:
        if self._fault is not None:
            return self._fault
        trouble = self._source.trouble if self._source is not None else None
        silent_s = monotonic() - self._seen_at if self._seen_at is not None else 0.0
        return trouble or (f"no picture for {silent_s:.0f} s" if silent_s > _STALE_S else None)

    def _lose(self, error: EdgeError) -> None:
        if str(error) != self._fault:
            log.error("camera %s: %s; trying again", self._post.camera, error)
        self._fault = str(error)
        if self._source is not None:
            self._source.close()
            self._source = None

    def _take_in(self, observation: Observation) -> list[Report]:
        closed: list[Report] = []
        if self._pipeline is None and isinstance(observation, StreamRestarted):
            return closed
        size_px = observation.size_px if isinstance(observation, Frame) else self._size_px
        if self._pipeline is None or size_px != self._size_px:
            closed = self._end()
            size_px = size_px or (self._source.size_px if self._source is not None else None)
            self._pipeline, self._size_px = self._post.build(size_px), size_px
            for showing in self._showings.values():
                _tell(self._pipeline, showing)
        if not isinstance(observation, StreamRestarted):
            self._meter.saw(observation.t)
            self._seen_at, self._seen_t, self._fault = monotonic(), observation.t, None
        self._looked = True
        return closed + self._report(self._pipeline, self._pipeline.step(observation))

    def _close_what_ended(self) -> list[Report]:
        """A window does not wait for a camera that is gone: when its time is over, it closes."""
        window_s = self._post.window_s
        over = window_start(self._seen_t, window_s) + window_s + _STALE_S
        return self._end() if self._state != "watching" and self._clock.now() > over else []

    def _end(self) -> list[Report]:
        pipeline, self._pipeline = self._pipeline, None
        return [] if pipeline is None else self._report(pipeline, pipeline.finish())

    def _report(self, pipeline: Pipeline, closed: list[WindowStats]) -> list[Report]:
        return [self._window(stats, pipeline.layout) for stats in closed]

    def _window(self, stats: WindowStats, layout: Layout) -> Report:
        """What a camera that was moved counted has its time in the window; who came is not to be told from it."""
        camera, moved = self._post.camera, self._post.scene.moved
        window = window_part(stats, layout, camera).model_copy(update={"moved": moved})
        return Report(window, None if moved else audience_part(stats, layout, camera))


def _who(live: Live) -> object:
    """What is worth telling at once."""
    return live.zones, {screen: (crowd.near, crowd.now) for screen, crowd in live.screens.items()}


def _tell(pipeline: Pipeline, showing: Showing) -> None:
    pipeline.showing(showing.screen, showing.creative, showing.at.timestamp(), showing.until.timestamp())
