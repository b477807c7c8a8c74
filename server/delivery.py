"""What a campaign delivered: plays, who could see them, who looked, what was scanned, and what it cost."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from sqlalchemy import Connection

from server.campaign_document import Budget, CampaignDocument
from server.db.attention import Attention, attention
from server.db.play_log import PlayFilter, PlayTotals, totals_by
from server.db.scans import deeds

Number = TypeVar("Number", int, float)


@dataclass(frozen=True, slots=True)
class Delivered:
    """Of one creative on one screen, or of several together. `ots` and the like are None where no camera tells."""

    plays: int = 0
    """Painted, whole or cut short."""
    failed: int = 0
    cached: int = 0
    seconds: float = 0.0
    ots: int | None = None
    impressions: int | None = None
    """People who turned towards the screen for a second or more while the creative was on."""
    attention_s: float | None = None
    scans: int = 0
    redeemed: int = 0

    def __add__(self, other: "Delivered") -> "Delivered":
        """Both together; unknown with unknown stays unknown."""
        return Delivered(
            plays=self.plays + other.plays,
            failed=self.failed + other.failed,
            cached=self.cached + other.cached,
            seconds=self.seconds + other.seconds,
            ots=_plus(self.ots, other.ots),
            impressions=_plus(self.impressions, other.impressions),
            attention_s=_plus(self.attention_s, other.attention_s),
            scans=self.scans + other.scans,
            redeemed=self.redeemed + other.redeemed,
        )


@dataclass(frozen=True, slots=True)
class Row:
    """One creative on one screen."""

    creative: str
    screen: str
    delivered: Delivered


@dataclass(frozen=True, slots=True)
class Cost:
    """What was spent, in the budget's currency."""

    spent: float
    budget: Budget
    per_thousand: float | None
    """Impressions; None without any."""


def delivered(
    conn: Connection, *, campaign: str, document: CampaignDocument, of: PlayFilter, screens: Collection[str]
) -> list[Row]:
    """By creative and screen over the filter's period.

    Cameras know which creative was on, not for which campaign: one that two campaigns show at once counts in both.
    """
    played = totals_by(conn, replace(of, campaign=campaign), "creative", "screen")
    seen = attention(conn, site=of.site, creatives=document.creatives, start=of.start, end=of.end)
    done = _done(conn, campaign, of)
    keys = {key for key in seen if key[1] in screens} | set(done) | {(key[0] or "", key[1]) for key in played}
    none = PlayTotals()
    return [Row(a, b, _one(played.get((a, b), none), seen.get((a, b)), done.get((a, b), {}))) for a, b in sorted(keys)]


def _done(conn: Connection, campaign: str, of: PlayFilter) -> dict[tuple[str, str], dict[str, int]]:
    """What visitors of landing pages did, by creative and screen."""
    found: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for deed in deeds(conn, site=of.site, start=of.start, end=of.end):
        if deed.campaign == campaign:
            found[deed.creative, deed.screen][deed.what] += deed.n
    return {key: dict(done) for key, done in found.items()}


def together(rows: Iterable[Row]) -> Delivered:
    """All rows added up."""
    return sum((row.delivered for row in rows), Delivered())


def cost_of(document: CampaignDocument, of: Delivered) -> Cost | None:
    """What the plays cost, never more than the budget; None without a budget."""
    if document.budget is None:
        return None
    spent = min(of.plays * document.budget.per_play, document.budget.amount)
    return Cost(spent, document.budget, spent / of.impressions * 1000 if of.impressions else None)


def _one(plays: PlayTotals, seen: Attention | None, done: Mapping[str, int]) -> Delivered:
    return Delivered(
        plays=plays.shown,
        failed=plays.failed,
        cached=plays.cached,
        seconds=plays.seconds,
        ots=seen.ots if seen else None,
        impressions=seen.viewers if seen else None,
        attention_s=seen.attention_s if seen else None,
        scans=done.get("scan", 0),
        redeemed=done.get("redeem", 0),
    )


def _plus(a: Number | None, b: Number | None) -> Number | None:
    return b if a is None else a if b is None else a + b
