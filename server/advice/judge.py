"""What came of a change, once its days are over: by an interrupted time series, and against other stores."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from contract.loyalty import Placing
from server.change_document import ChangeDocument, ChangeResult, Fact, Verdict
from server.domain.control import compared
from server.domain.interrupted import factors, interrupted
from server.domain.intervals import Estimate
from server.domain.store_days import Bools, Floats, StoreDays
from server.domain.trial import margin_of

OFFERS = {"drop_offer", "retarget_offer"}
MOVES = {"move", "swap", "feature", "pair"}
WEEK = 7
TOLD_ONLY = "residuals"
"""Memory that is left over widens an interval a little; it is told, and does not take the verdict back."""


@dataclass(frozen=True, slots=True)
class Grounds:
    """What a change is judged from."""

    own: StoreDays
    others: Mapping[str, StoreDays]
    """By site; those that are compared with are among them."""
    placings: Sequence[Placing]
    alone: bool
    """No other change touched the same goods or places within its days."""


def judge(document: ChangeDocument, grounds: Grounds) -> ChangeResult:
    """The effect with its interval and checks, and what to make of it."""
    own, facts = grounds.own, facts_of(document, grounds.placings)
    known = [category for category in document.categories if category in own.categories]
    stores = [grounds.others[store] for store in document.stores if store in grounds.others]
    found = None
    if known:
        found = _against_stores(document, own, stores, known) if stores else _before_after(document, own, known)
    if found is None:
        return ChangeResult(verdict="unclear", days=_usable(document, own, known), facts=facts)
    made = all(fact.code != "not_moved" for fact in facts)
    checks = dict(found.checks) | {"alone": grounds.alone}
    return ChangeResult(
        verdict=_verdict(found.effect, sound=made and all(held for name, held in checks.items() if name != TOLD_ONLY)),
        effect=_times(found.effect, WEEK),
        relative=_times(found.effect, 1 / found.without) if found.without > 0 else None,
        stops=_stops(document, own),
        days=found.days,
        checks=checks,
        facts=facts,
    )


def over(document: ChangeDocument, today: date) -> bool:
    """Its days are over, and the last one has had a night to come in."""
    return today > document.after.last + timedelta(days=1)


def facts_of(document: ChangeDocument, placings: Sequence[Placing]) -> list[Fact]:
    """Whether the planogram tells of the move, and when it says it was made."""
    if document.kind not in MOVES or document.target is None:
        return []
    goals: list[tuple[str | None, str | None]] = [(document.subject, document.target)]
    if document.kind == "swap":
        goals.append((document.other, document.origin))
    return [_fact(category, zone, document, placings) for category, zone in goals if category and zone]


def _fact(category: str, zone: str, document: ChangeDocument, placings: Sequence[Placing]) -> Fact:
    mine = [placing for placing in placings if placing.category == category]
    arrivals = [
        placing.since
        for placing in mine
        if placing.zone == zone and document.before.last < placing.since <= document.after.last
    ]
    early = [placing for placing in mine if placing.zone == zone and placing.since <= document.before.last]
    if not mine:
        return Fact(code="not_told", category=category)
    if arrivals:
        on_time = abs((min(arrivals) - document.day).days) <= 1
        return Fact(code="moved" if on_time else "moved_on_other_day", category=category, day=min(arrivals))
    if early and _stands(mine, document.after.first) == zone:
        return Fact(code="moved_on_other_day", category=category, day=max(placing.since for placing in early))
    return Fact(code="not_moved", category=category)


def _stands(placings: Sequence[Placing], day: date) -> str | None:
    held = [placing for placing in placings if placing.since <= day]
    return max(held, key=lambda placing: placing.since).zone if held else None


@dataclass(frozen=True, slots=True)
class _Found:
    """What a method says of a day's margin."""

    effect: Estimate
    without: float
    """A day's margin, had there been no change."""
    days: int
    checks: Mapping[str, bool]


def _before_after(document: ChangeDocument, own: StoreDays, known: Sequence[str]) -> _Found | None:
    """Offers on the goods are in the model, so that they are not taken for the effect."""
    columns = np.column_stack([factors(own, traffic=document.kind not in OFFERS), _offered(document, own, known)])
    on = _on(document, own)
    values = margin_of(own, known)
    found = interrupted(values, on, columns, day=own.day, told=_told(document, own))
    if found is None:
        return None
    return _Found(found.effect, float(np.nanmean(found.without[on])), found.days_on, found.checks)


def _against_stores(
    document: ChangeDocument, own: StoreDays, stores: Sequence[StoreDays], known: Sequence[str]
) -> _Found | None:
    """Beyond what happened to the same goods in the other stores."""
    on, others = _on(document, own), np.column_stack([_along(own, store, known) for store in stores])
    found = compared(margin_of(own, known), others, on, day=own.day, told=_told(document, own))
    if found is None:
        return None
    return _Found(found.effect, float(np.nanmean(found.without[on])), found.days_after, found.checks)


def _stops(document: ChangeDocument, own: StoreDays) -> Estimate | None:
    """Stops a day in the zones, as an interrupted time series tells it too."""
    zones = [own.zones.index(zone) for zone in document.zones if zone in own.zones]
    if not zones:
        return None
    values = np.asarray(own.stops[:, zones].sum(axis=1), np.float64)
    found = interrupted(values, _on(document, own), factors(own), day=own.day, told=_told(document, own))
    return found.effect if found else None


def _told(document: ChangeDocument, own: StoreDays) -> Bools:
    before = (own.day >= document.before.first.toordinal()) & (own.day <= document.before.last.toordinal())
    return np.asarray(~own.closed & (_on(document, own) | before), np.bool_)


def _on(document: ChangeDocument, own: StoreDays) -> Bools:
    return np.asarray(
        (own.day >= document.after.first.toordinal()) & (own.day <= document.after.last.toordinal()), np.bool_
    )


def _offered(document: ChangeDocument, own: StoreDays, known: Sequence[str]) -> Floats:
    """(d, 1) whether another offer held for the goods."""
    goods = [own.categories.index(category) for category in known]
    offers = [i for i, offer in enumerate(own.offers) if offer != document.subject]
    held = np.asarray(own.offered[:, goods][:, :, offers].any(axis=(1, 2)), np.float64)
    return held[:, None]


def _along(own: StoreDays, other: StoreDays, known: Sequence[str]) -> Floats:
    """(d,) margin of the same goods in another store on this store's days; nan where it does not sell all of them."""
    if not set(known) <= set(other.categories):
        return np.full(len(own), np.nan)
    found = dict(zip(other.day.tolist(), margin_of(other, known).tolist(), strict=True))
    return np.array([found.get(day, np.nan) for day in own.day.tolist()])


def _usable(document: ChangeDocument, own: StoreDays, known: Sequence[str]) -> int:
    if not known:
        return 0
    return int((_on(document, own) & ~own.closed & np.isfinite(margin_of(own, known))).sum())


def _verdict(effect: Estimate, *, sound: bool) -> Verdict:
    if not sound:
        return "unclear"
    if effect.high < 0:
        return "wrong"
    return "worked" if effect.low > 0 else "no_effect"


def _times(effect: Estimate, by: float) -> Estimate:
    return Estimate(effect.value * by, effect.low * by, effect.high * by)
