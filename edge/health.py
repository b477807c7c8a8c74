"""How the box is: its cameras as their eyes last said, its outbox, its disk."""

from collections import deque
from collections.abc import Iterable
from datetime import UTC, datetime

from contract.messages import CameraHealth, Health
from edge.outbox import Waiting

_LOOK_BACK_S = 60.0


class Meter:
    """How much of the last minute one camera was watched. Times are seconds of the frames; they only go forward."""

    def __init__(self, *, hold_s: float, look_back_s: float = _LOOK_BACK_S) -> None:
        self._hold_s, self._look_back_s = hold_s, look_back_s
        self._seen: deque[float] = deque()
        self._since: float | None = None

    def saw(self, t: float) -> None:
        """A frame of `t` was analysed."""
        self._since = t if self._since is None else self._since
        self._seen.append(t)
        while self._seen and self._seen[0] < t - self._look_back_s:
            self._seen.popleft()

    def measure(self, now: float) -> tuple[float, float]:
        """Frames per second, and the share 0..1 of the last minute for which frames stand, at most `hold_s` each."""
        if self._since is None or now <= self._since:
            return 0.0, 0.0
        begin = max(now - self._look_back_s, self._since)
        seen = [t for t in self._seen if t >= begin]
        stands_s = sum(
            min(later - t, self._hold_s) for t, later in zip(seen, [*seen[1:], now], strict=True) if later > t
        )
        return len(seen) / (now - begin), min(1.0, stands_s / (now - begin))


class CameraRoll:
    """What the eyes said about their cameras; whoever says nothing for `patience_s` is dead."""

    def __init__(self, cameras: Iterable[str], *, now: float, patience_s: float = 30.0) -> None:
        self._patience_s = patience_s
        starting = CameraHealth(state="starting", fps=0.0, observed_share=0.0, dropped=0, bad_frames=0)
        self._said = dict.fromkeys(cameras, (now, starting))

    def hear(self, cameras: dict[str, CameraHealth], *, now: float) -> None:
        """An eye has reported."""
        self._said |= {camera: (now, health) for camera, health in cameras.items() if camera in self._said}

    def view(self, *, now: float) -> dict[str, CameraHealth]:
        """Every camera of the box."""
        return {camera: self._judge(health, now - at) for camera, (at, health) in self._said.items()}

    def _judge(self, health: CameraHealth, silent_s: float) -> CameraHealth:
        if silent_s <= self._patience_s:
            return health
        gone = {
            "state": "dead",
            "fps": 0.0,
            "observed_share": 0.0,
            "error": f"no word from its eye for {silent_s:.0f} s",
        }
        return health.model_copy(update=gone)


def box_health(
    *, now: float, cameras: dict[str, CameraHealth], waiting: Waiting, dropped: int, disk_free_bytes: int
) -> Health:
    """The report of the box. `now` seconds UTC; `dropped` messages given up since start."""
    return Health(
        t=datetime.fromtimestamp(now, UTC),
        cameras=cameras,
        outbox_depth=waiting.depth,
        outbox_bytes=waiting.size_bytes,
        outbox_oldest_s=max(0.0, now - waiting.oldest) if waiting.oldest is not None else 0.0,
        outbox_dropped=dropped,
        disk_free_bytes=disk_free_bytes,
    )
