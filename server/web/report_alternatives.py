"""What if one of the creatives had always been taken?"""

from dataclasses import dataclass

from server.campaign_report import CampaignReport
from server.domain.intervals import Estimate
from server.web import effect_words
from server.web.language import Words
from server.web.view import View
from server.what_if import Alternative, what_if_report


@dataclass(frozen=True, slots=True)
class WhatIfRow:
    """One creative: how often it was taken, and what it would have brought."""

    name: str
    decisions: str
    always: str
    interval: str
    gain: str


def what_if_rows(view: View, found: CampaignReport) -> tuple[list[WhatIfRow], str]:
    """A row per creative, and what was brought as it was; no rows with one creative, which has no alternative."""
    words, creatives = view.words, found.document.creatives
    if len(creatives) < 2:
        return [], ""
    report = what_if_report(
        view.conn,
        site=view.site.site,
        campaign=found.record.id,
        creatives=creatives,
        start=found.start,
        end=found.end,
    )
    if report.logged is None:
        return [], words.gettext("Not enough watched decisions yet.")
    as_it_was = words.gettext("as it was: %(value)s seconds of attention a minute, %(n)s decisions") % {
        "value": words.number(report.logged.value, 2),
        "n": words.number(report.decisions),
    }
    return [_row(words, one, found.creatives) for one in report.alternatives], as_it_was


def _row(words: Words, one: Alternative, names: dict[str, str]) -> WhatIfRow:
    lack = words.gettext("not enough data")
    return WhatIfRow(
        name=names.get(one.creative, one.creative),
        decisions=words.number(one.decisions),
        always=words.number(one.always.value, 2) if one.always else "–",
        interval=_reach(words, one.always) if one.always else lack,
        gain=effect_words.signed(one.gain.value, words, 2) if one.gain else "–",
    )


def _reach(words: Words, found: Estimate) -> str:
    low, high = (words.number(end, 2) for end in (found.low, found.high))
    return words.gettext("%(low)s to %(high)s") % {"low": low, "high": high}
