"""From those who passed to those who used the coupon: how many were left at each step."""

from dataclasses import dataclass

from markupsafe import Markup

from server.campaign_report import CampaignReport
from server.web.figures import strokes
from server.web.view import View


@dataclass(frozen=True, slots=True)
class Step:
    """One step. `share` is of the step before."""

    key: str
    name: str
    n: str
    share: str
    bar: Markup


def funnel(view: View, found: CampaignReport) -> list[Step]:
    """The steps; those of which nothing is known are left out."""
    words, whole = view.words, found.whole
    text = words.gettext
    counts = [
        ("ots", text("Could see it"), whole.ots),
        ("impressions", text("Looked"), whole.impressions),
        ("scans", text("Scanned the code"), whole.scans),
        ("scans", text("Used the coupon"), whole.redeemed),
        ("coupon_receipts", text("Receipts with its code"), found.coupons.receipts if found.coupons else None),
    ]
    known = [(key, name, n) for key, name, n in counts if n is not None]
    top = max([n for _, _, n in known] + [1])
    steps = []
    for i, (key, name, n) in enumerate(known):
        before = known[i - 1][2] if i else 0
        share = _share(view, n, before) if i else ""
        bar = strokes.share_bar(n / top, label=f"{name}: {words.number(n)}", width=160.0)
        steps.append(Step(key, name, words.number(n), share, bar))
    return steps


def _share(view: View, n: int, before: int) -> str:
    """With a decimal where it is small."""
    if not before:
        return "–"
    share = n / before
    return view.words.percent(share, 0 if share >= 0.1 else 1 if share >= 0.01 else 2)
