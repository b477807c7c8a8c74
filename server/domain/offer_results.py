"""Every offer with what it brought and what it cost, the best first, and a verdict in one word.

An offer brings margin beyond what would have been earned anyway, reckoned at the usual price; it costs what it takes
off prices, whoever gets it, and what its print, points and fees come to. ROI = (incremental margin - cost) / cost, so
that the discount on what would have been sold at the full price counts as cost without anything brought for it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from server.domain.advice import Advice, Evidence
from server.domain.intervals import Estimate
from server.domain.offers import Judged, Offer, advised, lately
from server.domain.programme import roi
from server.domain.store_days import StoreDays

Method = Literal["groups", "days"]
"""An experiment with a group held out; an interrupted time series of the goods' days."""

Verdict = Literal["pays", "loses", "others", "unclear", "waits"]
"""`loses` beyond chance; `others`: give it to those only who do not buy at the full price; `unclear`: what it brings
less what it costs cannot be told from nothing; `waits`: too few days.
"""


@dataclass(frozen=True, slots=True)
class OfferResult:
    """What one offer did; amounts a week while it held, in the currency's unit."""

    offer: str
    verdict: Verdict
    method: Method | None = None
    evidence: Evidence | None = None
    net: Estimate | None = None
    """What it brought less what it cost: the change of margin on what was paid, less its own cost."""
    brought: Estimate | None = None
    """Incremental margin, before discounts and cost."""
    discount: float | None = None
    """Taken off prices."""
    cost: float | None = None
    """Besides."""
    roi: Estimate | None = None
    """(incremental margin - cost) / cost, discounts among the cost; None where nothing was given away."""
    sold_anyway: Estimate | None = None
    """Share of what was sold under it that would have been sold at the full price."""
    echo: Estimate | None = None
    """What the days after it were off, a week."""
    saves: Estimate | None = None
    """What following the verdict brings, a week; None where there is nothing to do."""
    needs_days: int | None = None
    gathered: float | None = None
    confounders: tuple[str, ...] = ()
    checks: Mapping[str, bool] = field(default_factory=dict)


def offer_results(days: StoreDays, offers: Sequence[Offer], judged: Sequence[Judged]) -> list[OfferResult]:
    """Each of `judged` with its verdict, what brings most first; those of which nothing can be said last.

    Those that hold now or did lately are one family of questions, as in the advice; older ones are another.
    """
    told = {offer.offer: offer for offer in offers}
    recent = {key for key, offer in told.items() if lately(days, offer)}
    families = [[each for each in judged if (each.offer in recent) is now] for now in (True, False)]
    advice = {each.subject: each for family in families for each in advised(family)}
    found = [_result(each, told[each.offer], advice.get(each.offer)) for each in judged]
    return sorted(found, key=lambda each: (each.net is None, -each.net.value if each.net else 0.0, each.offer))


def _result(judged: Judged, offer: Offer, advice: Advice | None) -> OfferResult:
    if judged.evidence is None or judged.net is None:
        return OfferResult(offer.offer, "waits", needs_days=judged.needs_days, gathered=judged.gathered)
    cost = offer.cost / offer.weeks
    outlay = None if judged.discount is None else judged.discount + cost
    brought = None if outlay is None else _more(judged.net, outlay)
    return OfferResult(
        offer.offer,
        _verdict(judged.net, advice),
        method="groups" if judged.evidence == "tested" else "days",
        evidence=judged.evidence,
        net=judged.net,
        brought=brought,
        discount=judged.discount,
        cost=cost,
        roi=None if brought is None or outlay is None else roi(brought, outlay),
        sold_anyway=judged.sold_anyway,
        echo=judged.echo,
        saves=advice.effect if advice else None,
        confounders=judged.confounders,
        checks=judged.checks,
    )


def _verdict(net: Estimate, advice: Advice | None) -> Verdict:
    if advice is not None:
        return "others" if advice.kind == "retarget_offer" else "loses"
    return "pays" if net.low > 0 else "unclear"


def _more(estimate: Estimate, by: float) -> Estimate:
    return Estimate(estimate.value + by, estimate.low + by, estimate.high + by)
