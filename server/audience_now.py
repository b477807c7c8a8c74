"""Who is before each screen of a site now: what its cameras last said, each for as long as it said it would hold."""

from collections.abc import Iterable
from dataclasses import dataclass

from contract.messages import Live, Message, ScreenAudience
from contract.segments import BAND_STARTS, Band, band
from server.domain.campaigns import Crowd

CAMERAS_MOST = 2000
"""Of one site; what others say is passed over."""
LASTS_MOST_S = 60.0
"""However long a box says that its figures hold."""

Camera = tuple[str, str]
"""Box and camera."""


@dataclass(frozen=True, slots=True)
class _Said:
    """The newest statement of one camera."""

    boot_id: str
    seq: int
    until: float
    """Seconds UTC by this server's clock: that of the box may be wrong."""
    screens: dict[str, ScreenAudience]


class AudienceNow:
    """One site's. Cameras share out the floor between them, so what they say of one screen adds up.

    `crowd` may be asked by any thread.
    """

    def __init__(self) -> None:
        self._said: dict[Camera, _Said] = {}
        self._seen: dict[str, set[Camera]] = {}

    def hear(self, message: Message, live: Live, *, now: float) -> set[str]:
        """Take in what a camera says at `now`, seconds UTC; the screens that it says something else of than before."""
        camera = (message.box, live.camera)
        before = self._said.get(camera)
        if before is None and len(self._said) >= CAMERAS_MOST:
            return set()
        if before is not None and before.boot_id == message.boot_id and before.seq >= message.seq:
            return set()
        lasts_s = (live.expires_at - live.t).total_seconds()
        said = _Said(message.boot_id, message.seq, now + min(lasts_s, LASTS_MOST_S), dict(live.screens))
        self._said[camera] = said
        for screen in said.screens:
            self._seen.setdefault(screen, set()).add(camera)
        known = before.screens if before is not None and before.until > now else {}
        return {screen for screen in known.keys() | said.screens if known.get(screen) != said.screens.get(screen)}

    def forget(self, *, now: float) -> None:
        """Let go of what does not hold any more."""
        self._said = {camera: said for camera, said in self._said.items() if said.until > now}
        seen: dict[str, set[Camera]] = {}
        for camera, said in self._said.items():
            for screen in said.screens:
                seen.setdefault(screen, set()).add(camera)
        self._seen = seen

    def crowd(self, screens: Iterable[str], *, now: float) -> Crowd:
        """Who is before any of `screens`: people add up, and of bands the lower ends, which are sure."""
        parts = [part for screen in screens for part in self._parts(screen, now)]
        if not parts:
            return Crowd()
        return Crowd(
            known=True,
            near=sum(part.near for part in parts),
            now=_together([part.now for part in parts]),
            lately_n=sum(part.lately_n for part in parts),
            lately=_together([part.lately for part in parts]),
        )

    def _parts(self, screen: str, now: float) -> list[ScreenAudience]:
        said = (self._said.get(camera) for camera in tuple(self._seen.get(screen, ())))
        return [each.screens[screen] for each in said if each and each.until > now and screen in each.screens]


def _together(parts: list[dict[str, Band]]) -> dict[str, Band]:
    if len(parts) == 1:
        return dict(parts[0])
    surely: dict[str, int] = {}
    for part in parts:
        for segment, of in part.items():
            surely[segment] = surely.get(segment, 0) + BAND_STARTS[of]
    return {segment: band(n) for segment, n in surely.items()}
