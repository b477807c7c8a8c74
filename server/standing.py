"""How far each campaign of a site is: kept in memory from turn to turn, put right from the database now and then."""

from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection

from server.db.campaigns import Status, list_campaigns
from server.db.decisions import held_turns, turns
from server.db.plays import count_plays, outstanding
from server.domain.campaigns import Campaign
from server.domain.pacing import HOUR_S, Progress, settle

HEARD_WITHIN_S = 600.0
"""A decision of which no play was heard by then was not shown, or by a player that is offline and will tell later."""

UNWATCHED_S = 60.0
"""A longer time in which nothing was decided is nobody's."""

GOING: tuple[Status, ...] = ("draft", "waiting", "approved", "paused")
"""All but ended: who is resumed begins where it was."""

Key = tuple[str, str]
"""Screen and campaign."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What the database says, by campaign."""

    total: Mapping[str, int] = field(default_factory=dict)
    held: Mapping[str, int] = field(default_factory=dict)
    turns: tuple[tuple[str, str, float], ...] = ()
    """Screen, campaign and instant of the last hour's turns, seconds UTC."""


def count(conn: Connection, site: str, *, now: float, with_turns: bool = False) -> Counted:
    """Count what was played, and decided and not heard of yet, up to `now` seconds UTC.

    Only of campaigns that have so many plays and no more: years of plays of others tell a decision nothing.
    """
    limited = [each.id for each in list_campaigns(conn, site, *GOING) if each.document.plays_most is not None]
    total = defaultdict(int, count_plays(conn, site, limited))
    for campaign, n in outstanding(conn, site, since=now - HEARD_WITHIN_S).items():
        if campaign in limited:
            total[campaign] += n
    last_hour = turns(conn, site, since=now - HOUR_S) if with_turns else []
    return Counted(dict(total), held_turns(conn, site, limited), tuple(last_hour))


class Ledger:
    """One site's. A turn counts from the moment it is decided, so that no two screens spend the same money."""

    def __init__(self) -> None:
        self._total: defaultdict[str, int] = defaultdict(int)
        self._held: defaultdict[str, int] = defaultdict(int)
        self._turns: defaultdict[Key, deque[float]] = defaultdict(deque)
        self._voice_s: defaultdict[Key, float] = defaultdict(float)

    def restore(self, counted: Counted) -> None:
        """Begin with what the database says."""
        self.put_right(counted, since=[])
        for screen, campaign, t in counted.turns:
            self._turns[screen, campaign].append(t)

    def put_right(self, counted: Counted, *, since: Iterable[tuple[str, bool]]) -> None:
        """Take the database's count, and add what was decided after it was made: campaign, and whether held back."""
        self._total = defaultdict(int, counted.total)
        self._held = defaultdict(int, counted.held)
        for campaign, held in since:
            self._add(campaign, 1, held=held)

    def standing(self, screen: str, campaigns: Iterable[Campaign], *, t: float) -> dict[str, Progress]:
        """As a decision for this screen takes it; who has not begun is left out."""
        found: dict[str, Progress] = {}
        for campaign in campaigns:
            key = (screen, campaign.id)
            begun, voice_s = self._turns.get(key), self._voice_s.get(key, 0.0)
            total, held = self._total.get(campaign.id, 0), self._held.get(campaign.id, 0)
            if not (begun or voice_s or total or held):
                continue
            while begun and begun[0] <= t - _kept_s(campaign):
                begun.popleft()
            found[campaign.id] = Progress(total, held, _within_hour(begun, t), _last(begun), round(voice_s, 3))
        return found

    def turn(self, screen: str, campaign: str, *, t: float, screens: int, held: bool) -> None:
        """The campaign has a turn from `t` seconds UTC, on so many screens."""
        self._turns[screen, campaign].append(t)
        self._add(campaign, screens, held=held)

    def settle(
        self,
        screen: str,
        campaigns: Mapping[str, Campaign],
        *,
        could: Collection[str],
        had: str | None,
        elapsed_s: float,
    ) -> None:
        """Settle shares of the screen's time: who could have been on for the last `elapsed_s`, and who had it."""
        if not 0 < elapsed_s <= UNWATCHED_S:
            return
        for campaign in could:
            share = campaigns[campaign].share_of_voice if campaign in campaigns else None
            if share is not None:
                key = (screen, campaign)
                self._voice_s[key] = settle(self._voice_s[key], share=share, elapsed_s=elapsed_s, had=campaign == had)

    def forget(self, campaigns: Collection[str]) -> None:
        """Keep only these; others have ended."""
        self._turns = defaultdict(deque, {key: of for key, of in self._turns.items() if key[1] in campaigns})
        self._voice_s = defaultdict(float, {key: s for key, s in self._voice_s.items() if key[1] in campaigns})

    def _add(self, campaign: str, n: int, *, held: bool) -> None:
        (self._held if held else self._total)[campaign] += n


def _within_hour(begun: deque[float] | None, t: float) -> int:
    if not begun:
        return 0
    return len(begun) if begun[0] > t - HOUR_S else sum(1 for start in begun if start > t - HOUR_S)


def _last(begun: deque[float] | None) -> float | None:
    return begun[-1] if begun else None


def _kept_s(campaign: Campaign) -> float:
    """For how long the start of a turn matters."""
    return max(HOUR_S, HOUR_S / campaign.plays_per_hour) if campaign.plays_per_hour else HOUR_S
