"""Passing people on from camera to camera, by place and time only: an in-memory board of who may go and who came.

A camera that follows someone near its border or beyond it offers them, and goes on following until another claims them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from edge.analytics.dwell import Stay
from edge.onlookers import Acquaintance

NEAR_M = 0.75
"""So far apart two cameras may see one person."""

PACE_M_S = 1.5
"""So fast people walk on while no camera has them."""

PATIENCE_S = 2.0
"""So long may lie between leaving one area and coming into the next."""

WAIT_S = 6.0
"""So long who came is open to be claimed: a track that broke is known to have, once its tracker gave it up."""

UNSEEN_S = 0.5
"""Who was seen by one camera so shortly ago is still seen; so far may the clocks of two be apart, too."""

REACH_M = NEAR_M + PACE_M_S * PATIENCE_S

Place = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Journey:
    """What goes over with a person: no id, no path.

    `stays`: the visits under way, by zone; `been`: zones visited before; `station`: the zone last settled in, else
    ENTRY or LOST; `way`: which way an entrance was crossed last, 1 in, -1 out, 0 not at all; `acquaintance`: what is
    known of them as audience, where anything is asked.
    """

    stays: Mapping[str, Stay]
    been: frozenset[str]
    station: str
    way: int
    acquaintance: Acquaintance | None = None


@dataclass(frozen=True, slots=True)
class Leaving:
    """Someone was last seen at `t`, beyond `camera`'s area or near its border; `ended`: the track broke there."""

    camera: str
    t: float
    xy: Place
    journey: Journey
    ended: bool


@dataclass(frozen=True, slots=True)
class Coming:
    """Someone came into `camera`'s area at `t`; `row` is the camera's own sign for them."""

    camera: str
    t: float
    xy: Place
    row: int


@dataclass(frozen=True, slots=True)
class Match:
    """Who came in `row` is who left; `guessed`: others could have been; `returned`: to the camera they had left."""

    row: int
    journey: Journey
    guessed: bool
    returned: bool


@dataclass(frozen=True, slots=True)
class News:
    """For one camera: who was matched, whom another claimed (rows), who came from nowhere (rows), who left for good."""

    matched: list[Match] = field(default_factory=list)
    claimed: list[int] = field(default_factory=list)
    alone: list[int] = field(default_factory=list)
    missed: list[Leaving] = field(default_factory=list)


_NO_NEWS = News()


class Board:
    """Shared by the watches of one process. The nearest within reach is taken to be the one, and is then gone.

    A camera must ask for its news in every step; what it posted is forgotten WAIT_S later at most, so the board holds
    no more than who came and left in that time.
    """

    def __init__(self) -> None:
        self._leaving: list[Leaving] = []
        self._coming: list[Coming] = []
        self._matched: dict[str, list[Match]] = {}
        self._offered: dict[tuple[str, int], Leaving] = {}
        self._claimed: dict[str, list[int]] = {}

    def offer(self, leaving: Leaving, row: int) -> None:
        """Their camera follows them on, in `row`, until another claims them; again in each step."""
        self._offered[leaving.camera, row] = leaving

    def retract(self, camera: str, row: int) -> None:
        """They are not offered any more."""
        self._offered.pop((camera, row), None)

    def seeks(self, coming: Coming) -> bool:
        """Whether `coming` may be someone whom no camera sees at the moment."""
        unseen = (gone for gone in self._offers(coming) if gone.t < coming.t - UNSEEN_S)
        return any(_fits(leaving, coming) for leaving in (*self._leaving, *unseen))

    def leave(self, leaving: Leaving) -> None:
        """Someone is not followed any more; who came before them is looked at first."""
        found = [coming for coming in self._coming if _fits(leaving, coming)]
        if not found:
            self._leaving.append(leaving)
            return
        nearest = min(found, key=lambda coming: _apart_m(leaving, coming))
        self._coming.remove(nearest)
        self._match(leaving, nearest, guessed=len(found) > 1)

    def come(self, coming: Coming) -> None:
        """Someone came; may be matched later too."""
        found = [leaving for leaving in (*self._leaving, *self._offers(coming)) if _fits(leaving, coming)]
        if not found:
            self._coming.append(coming)
            return
        nearest = min(found, key=lambda leaving: _apart_m(leaving, coming))
        self._take(nearest)
        self._match(nearest, coming, guessed=len(found) > 1)

    def _offers(self, coming: Coming) -> list[Leaving]:
        return [leaving for leaving in self._offered.values() if leaving.camera != coming.camera]

    def _take(self, leaving: Leaving) -> None:
        if leaving in self._leaving:
            self._leaving.remove(leaving)
            return
        camera, row = next(key for key, offered in self._offered.items() if offered is leaving)
        self.retract(camera, row)
        self.withdraw(camera, row)
        self._claimed.setdefault(camera, []).append(row)

    def withdraw(self, camera: str, row: int) -> None:
        """Who came in `row` is gone again."""
        self._coming = [coming for coming in self._coming if (coming.camera, coming.row) != (camera, row)]

    def forget(self, camera: str) -> list[Leaving]:
        """The camera stops: whoever it waited for it does not any more; who left it and was not seen again."""
        missed = [gone for gone in self._leaving if gone.camera == camera]
        self._leaving = [gone for gone in self._leaving if gone.camera != camera]
        self._coming = [come for come in self._coming if come.camera != camera]
        self._offered = {key: gone for key, gone in self._offered.items() if gone.camera != camera}
        self._matched.pop(camera, None)
        self._claimed.pop(camera, None)
        return missed

    def news(self, camera: str, t: float) -> News:
        """What became of those `camera` posted, as of its time `t`."""
        if not (self._leaving or self._coming or self._matched or self._claimed):
            return _NO_NEWS
        missed = [gone for gone in self._leaving if gone.camera == camera and gone.t < t - PATIENCE_S]
        alone = [come for come in self._coming if come.camera == camera and come.t < t - WAIT_S]
        self._leaving = [gone for gone in self._leaving if gone not in missed]
        self._coming = [come for come in self._coming if come not in alone]
        matched, claimed = self._matched.pop(camera, []), self._claimed.pop(camera, [])
        return News(matched, claimed, [come.row for come in alone], missed)

    def _match(self, leaving: Leaving, coming: Coming, *, guessed: bool) -> None:
        self.retract(coming.camera, coming.row)
        match = Match(coming.row, leaving.journey, guessed, leaving.camera == coming.camera)
        self._matched.setdefault(coming.camera, []).append(match)


def _fits(leaving: Leaving, coming: Coming) -> bool:
    """Near enough in place and time; into the area just left only by turning back."""
    if leaving.camera == coming.camera and (leaving.ended or coming.t < leaving.t):
        return False
    between_s = coming.t - leaving.t
    return -UNSEEN_S <= between_s <= PATIENCE_S and _apart_m(leaving, coming) <= NEAR_M + PACE_M_S * abs(between_s)


def _apart_m(leaving: Leaving, coming: Coming) -> float:
    return float(((leaving.xy[0] - coming.xy[0]) ** 2 + (leaving.xy[1] - coming.xy[1]) ** 2) ** 0.5)
