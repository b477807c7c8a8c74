"""One round for one site: tests that are over are judged, advice is worked out anew, and news are looked for."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import structlog
from sqlalchemy import Connection, Engine

from contract import loyalty
from server.advice.doing import today_at
from server.advice.gather import Gathered, gather
from server.advice.judge import Grounds, judge, over
from server.advice.news import look_round
from server.advice.plan import clashes, concerned
from server.advice.standing import promises
from server.db.advice import Basis, Proposal, entries_taken, put_round
from server.db.changes import ChangeRecord, conclude, list_changes, start_due
from server.db.news import put_bulletin
from server.db.offer_results import put_offer_results
from server.db.sites import SiteRecord, get_site
from server.domain.advice import Advice
from server.domain.offer_results import offer_results
from server.domain.offers import Group, Judged, Offer, advised, lately, ranked
from server.domain.placement import advise
from server.domain.promises import Kept, corrected, correction
from server.domain.trial import plan_trial

LATE_DAYS = 14
"""Figures that come late change the judgement of a test for so long."""
OFFERS_MOST = 100
"""The newest are judged; each is told apart from all others, which takes longer the more there are."""

log = structlog.get_logger()


def work_out(engine: Engine, site: str, *, now: float, rng: np.random.Generator) -> None:
    """The whole round; long reading and arithmetic happen outside of transactions that write.

    Raises:
        ValueError: there is no such site.
    """
    with engine.begin() as conn:
        record = get_site(conn, site)
        if record is None:
            raise ValueError(f"there is no site {site!r}")
        start_due(conn, site, today=today_at(record, now), now=now)
    with engine.connect() as conn:
        taken = entries_taken(conn, site)
        found = _gathered(conn, record, now)
        judged = [(change, judge(change.document, _grounds(conn, found, change))) for change in _due(conn, record, now)]
        changed = look_round(conn, record.document, today=today_at(record, now), now=now)
    told = [_offer(each) for each in found.offers[:OFFERS_MOST]]
    on_offer = ranked(found.own, told)
    with engine.begin() as conn:
        for change, result in judged:
            conclude(conn, site, change.id, result, now=now)
            log.info("a test is over", site=site, change=change.name, verdict=result.verdict)
        tests = promises(conn, site)
    kept = {change.advice: tested for change, tested in reversed(tests) if change.advice is not None}
    recent = {offer.offer for offer in told if lately(found.own, offer)}
    proposals = proposals_of(found, kept, [each for each in on_offer if each.offer in recent], rng=rng)
    with engine.begin() as conn:
        put_bulletin(conn, site, changed)
        put_offer_results(conn, site, offer_results(found.own, told, on_offer), now=now)
        put_round(conn, site, proposals, _basis(found, [tested for _, tested in tests], taken), now=now)


def proposals_of(
    found: Gathered, kept: Mapping[str, Kept], on_offer: Sequence[Judged], *, rng: np.random.Generator
) -> list[Proposal]:
    """What to do, first things first, each with the test it would take.

    Args:
        found: what is known.
        kept: what came of earlier tests, by the key of their advice.
        on_offer: offers that hold or did lately.
        rng: draws the sample of baskets.
    """
    advice = advise(
        found.own,
        found.baskets,
        found.places,
        found.adjacency,
        goods=found.goods,
        screens=found.screens,
        peers=list(found.others.values()),
        results=kept,
        rng=rng,
    )
    factor = correction(list(kept.values()))
    everything = [*advice, *(_less(each, factor) for each in advised(on_offer))]
    return [_proposal(found, each) for each in sorted(everything, key=_order)]


def _less(advice: Advice, factor: float) -> Advice:
    """What is reckoned is corrected as past promises show; what an experiment measured stands."""
    if advice.effect is None or advice.evidence == "tested":
        return advice
    return replace(advice, effect=corrected(advice.effect, factor))


def _order(advice: Advice) -> tuple[int, float]:
    """What surely brings something, by how much at least; what may; what has no figure; what waits for data."""
    if advice.evidence is None:
        return 3, 0.0
    if advice.effect is None:
        return 2, 0.0
    return (0, -advice.effect.low) if advice.effect.low > 0 else (1, -advice.effect.value)


def _offer(told: loyalty.Offer) -> Offer:
    groups = {
        group.held_out: Group(group.members, group.receipts, float(group.margin), group.margin_spread)
        for group in told.groups
    }
    return Offer(
        offer=told.offer,
        first=told.start.toordinal(),
        last=told.end.toordinal(),
        cost=float(told.cost),
        share_off=told.share_off,
        given=groups.get(False),
        held_out=groups.get(True),
    )


def _proposal(found: Gathered, advice: Advice) -> Proposal:
    if advice.evidence is None:
        return Proposal(advice)
    of_offers = {offer.offer: offer.categories for offer in found.offers}
    categories = concerned(advice, of_offers, found.own.categories)
    zone = advice.target or advice.origin
    trial = plan_trial(
        found.own,
        list(found.others.values()),
        categories=categories,
        zones=[zone] if zone in found.own.zones else [],
        promised=advice.effect.value if advice.effect else None,
    )
    return Proposal(advice, trial)


def _gathered(conn: Connection, record: SiteRecord, now: float) -> Gathered:
    running = list_changes(conn, record.site, "planned", "running")
    needed = {store for change in running for store in change.document.stores}
    return gather(conn, record, today=today_at(record, now), needed=needed)


def _due(conn: Connection, record: SiteRecord, now: float) -> list[ChangeRecord]:
    """Running ones whose days are over, those that were over lately, and those whose figures had not come yet."""
    today = today_at(record, now)
    late = today - timedelta(days=LATE_DAYS)
    known = list_changes(conn, record.site, "running", "done")
    return [
        change
        for change in known
        if over(change.document, today)
        and (change.result is None or change.result.effect is None or change.document.after.last >= late)
    ]


def _grounds(conn: Connection, found: Gathered, change: ChangeRecord) -> Grounds:
    others = clashes(conn, found.own.site, change.document, but=change.id)
    alone = not any(clash.what == "change" for clash in others)
    return Grounds(found.own, found.others, found.placings, alone=alone)


def _basis(found: Gathered, tests: Sequence[Kept], taken: int) -> Basis:
    own = found.own
    told = np.isfinite(own.receipts) & (own.receipts > 0)
    days = own.day[told] if told.any() else own.day[-1:]
    return Basis(
        first=date.fromordinal(int(days[0])),
        last=date.fromordinal(int(days[-1])),
        days=int(told.sum()),
        receipts=int(np.nansum(own.receipts)),
        stores=len(found.others),
        factor=correction(tests),
        tested=len(tests),
        taken=taken,
    )
