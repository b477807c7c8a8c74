"""How the box is: its cameras as their eyes last said, its outbox, its disk."""

from collections.abc import Iterable
from datetime import UTC, datetime

from contract.messages import CameraHealth, Health
from edge.gate.outbox import Waiting


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
