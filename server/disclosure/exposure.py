"""Exposure: what each campaign showed on each screen on a day, and how many could see it and looked."""

from collections import Counter, defaultdict

from contract.disclosed import ExposureRow
from server.db.attention import Attention, attention
from server.db.campaigns import CampaignRecord, list_campaigns
from server.db.play_log import PlayFilter, PlayTotals, totals_by
from server.disclosure.floor import FloorDay
from server.disclosure.question import Question, row
from server.domain.suppression import SMALLEST, tells_nobody


def by_day(asked: Question, floor: FloorDay) -> list[ExposureRow]:
    """Campaigns that players proved plays of. Plays are deeds of screens and told as they are.

    Cameras know the creative, not the campaign: of a campaign that shares a creative with another one nobody can say
    who saw which, and two sums that overlap would give their difference away.
    """
    played = totals_by(asked.conn, PlayFilter(asked.site.site, asked.day.start, asked.day.end), "campaign", "screen")
    campaigns = {record.id: record for record in list_campaigns(asked.conn, asked.site.site)}
    of = {key: plays for key, plays in played.items() if key[0] in campaigns}
    seen = _seen(asked, [campaigns[campaign] for campaign in sorted({campaign for campaign, _ in of})])
    return [_row(asked, key, plays, seen.get(key), few=floor.few) for key, plays in sorted(of.items())]


def _seen(asked: Question, campaigns: list[CampaignRecord]) -> dict[tuple[str, str], tuple[int, int]]:
    """Opportunities and viewers by campaign and screen, of campaigns whose creatives are theirs alone."""
    shared = Counter(creative for record in campaigns for creative in set(record.document.creatives))
    owner = {
        creative: record.id
        for record in campaigns
        if all(shared[creative] == 1 for creative in record.document.creatives)
        for creative in record.document.creatives
    }
    start, end = asked.day.start, asked.day.end
    found = attention(asked.conn, site=asked.site.site, creatives=list(owner), start=start, end=end)
    parts: defaultdict[tuple[str, str], list[Attention]] = defaultdict(list)
    for (creative, screen), watched in found.items():
        parts[owner[creative], screen].append(watched)
    return {key: (sum(part.ots for part in each), sum(part.viewers for part in each)) for key, each in parts.items()}


def _row(
    asked: Question, key: tuple[str, str], plays: PlayTotals, seen: tuple[int, int] | None, *, few: bool
) -> ExposureRow:
    ots, viewers = seen or (None, None)
    held = {"ots", "viewers"} if few or (ots or 0) < SMALLEST else set()
    if ots is None or viewers is None or not tells_nobody(viewers, ots):
        held.add("viewers")
    more = {"campaign": key[0], "screen": key[1], "plays": plays.shown, "played_s": round(plays.seconds, 1)}
    return row(ExposureRow, asked.day, asked.day.start, {"ots": ots, "viewers": viewers}, held, **more)
