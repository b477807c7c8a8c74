"""One screen on the wall: what plays, why, and who is there."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from contract.segments import BANDS
from contract.site import Screen
from server.api.players import SEEN_S
from server.control_room import OnScreen
from server.db.creatives import CreativeRecord
from server.db.last_plays import LastPlay
from server.db.players import PlayerRecord
from server.web.creative_tiles import preview_of
from server.web.language import Words
from server.web.reason_words import Names, band_words, sentence
from server.web.state import State

SEGMENTS_SHOWN = 3
HEARD_S = 180.0
"""A player of another make proves what it played; silent for longer, nobody knows what it shows."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the server knows of one screen."""

    key: str
    screen: Screen
    player: PlayerRecord | None
    last: LastPlay | None
    on: OnScreen | None

    def seen(self) -> float | None:
        """When it was last heard of, seconds UTC."""
        heard = [self.player.seen if self.player else None, self.last.heard if self.last else None]
        return max((t for t in heard if t is not None), default=None)

    def plays(self, at: float) -> bool:
        """Whether it is heard of as often as it should be."""
        seen = self.seen()
        return seen is not None and at - seen <= (SEEN_S if self.player is not None else HEARD_S)


@dataclass(frozen=True, slots=True)
class SegmentRow:
    """How many of a segment are near, as far as is told."""

    name: str
    words: str
    filled: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class ScreenTile:
    """One tile of the wall."""

    key: str
    name: str
    state: State
    portrait: bool
    picture: str
    """Address of the creative's preview; empty: the player's own house picture, or one without a preview."""
    title: str
    left: str
    why: str
    near: str
    segments: list[SegmentRow]
    open: str
    """Address of the player's page."""


def tile(
    known: Known,
    *,
    site: str,
    names: Names,
    segments: list[str],
    creatives: Mapping[str, CreativeRecord],
    at: float,
    words: Words,
) -> ScreenTile:
    """The tile at `at`, seconds UTC; `segments` are those to tell."""
    plays = known.plays(at)
    creative = creatives.get(_on(known, plays=plays) or "")
    return ScreenTile(
        key=known.key,
        name=known.screen.name or known.key,
        state=_state(known, at, words),
        portrait=known.screen.portrait,
        picture=preview_of(site, creative) if creative else "",
        title=creative.name if creative else words.gettext("House picture"),
        left=_left(known, at, words) if plays else "",
        why=_why(known, names, words, plays=plays),
        near=words.number(known.on.crowd.near) if known.on and known.on.crowd.known else words.gettext("unknown"),
        segments=[_segment(key, known.on, names, words) for key in segments],
        open=f"/screens/{known.key}?site={site}",
    )


def _on(known: Known, *, plays: bool) -> str | None:
    """The creative: as the player says, as was decided, or as it was last heard to play."""
    health = known.player.health if known.player else None
    if health is not None:
        return str(health["creative"]) if health.get("creative") else None
    if plays and known.on is not None:
        return known.on.show.creative
    return known.last.creative if known.last else None


def _state(known: Known, at: float, words: Words) -> State:
    seen = known.seen()
    if known.plays(at):
        failed = known.player and known.player.health and known.player.health.get("last_error")
        return State("warn", words.gettext("Playing, faulty")) if failed else State("fine", words.gettext("Playing"))
    if seen is None:
        return State("stale", words.gettext("Never heard of") if known.player else words.gettext("No player"))
    return State("stale", words.gettext("Stale, %(time)s") % {"time": words.seconds(at - seen)})


def _left(known: Known, at: float, words: Words) -> str:
    if known.on is None or known.on.show.campaign is None or known.on.show.media is None:
        return ""
    left_s = max(0, round(known.on.show.until.timestamp() - at))
    return words.gettext("%(time)s left") % {"time": f"{left_s // 60}:{left_s % 60:02d}"}


def _why(known: Known, names: Names, words: Words, *, plays: bool) -> str:
    if not plays:
        if known.player is not None and known.player.seen is not None:
            told = words.gettext("From its own cache, in turn. No server since %(time)s.")
            return told % {"time": words.clock(datetime.fromtimestamp(known.player.seen, UTC))}
        return words.gettext("Nobody knows what it shows.")
    health = known.player.health if known.player else None
    if health is not None and not health.get("decision"):
        return words.gettext("From its own cache, in turn.")
    return sentence(known.on.reason, names, words) if known.on else words.gettext("Nothing decided yet.")


def _segment(key: str, on: OnScreen | None, names: Names, words: Words) -> SegmentRow:
    name = names.segments.get(key) or key
    band = on.crowd.now.get(key) if on and on.crowd.known else None
    if band is None:
        return SegmentRow(name, words.gettext("unknown"), ())
    return SegmentRow(name, band_words(band, words), tuple(BANDS.index(band) > i for i in range(len(BANDS) - 1)))
