"""What if one of a campaign's creatives had always been taken: told from what was taken, and with what chance."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import Connection

from server.db.choices import Choice, choices
from server.db.slots import creative_slots
from server.domain.holdout import slot_of
from server.domain.intervals import Estimate
from server.domain.off_policy import Logged, always, what_if

MOST_DECISIONS = 20_000
"""The newest are asked."""


@dataclass(frozen=True, slots=True)
class Alternative:
    """One creative. Rewards are person-seconds of attention per minute on a screen."""

    creative: str
    decisions: int
    """That took it."""
    effective: float
    """How many decisions of equal weight the estimate is worth."""
    always: Estimate | None
    """Had it been taken whenever it could be: by the inverse of its chance, normalised; None where too few tell."""
    doubly_robust: Estimate | None
    """The same from turns in which no other campaign could be on, predicted and corrected."""
    gain: Estimate | None
    """That minus what these turns brought."""


@dataclass(frozen=True, slots=True)
class WhatIfReport:
    """The creatives of a campaign, and what was brought as it was."""

    logged: Estimate | None
    decisions: int
    alternatives: tuple[Alternative, ...]


def what_if_report(
    conn: Connection, *, site: str, campaign: str, creatives: Sequence[str], start: float, end: float
) -> WhatIfReport:
    """Judge each creative from the decisions of [start, end) seconds UTC whose screens were watched."""
    seen = creative_slots(conn, site=site, creatives=creatives, start=start, end=end)
    rewards = {key: of.attention_s / of.observed_s * 60 for key, of in seen.items() if of.observed_s > 0}
    made = choices(conn, site=site, campaign=campaign, start=start, end=end, limit=MOST_DECISIONS)
    told = [one for one in made if _key(one) in rewards and one.creative in creatives]
    alone = [one for one in told if one.alone]
    every, lone = (_logged(rows, rewards, creatives) for rows in (told, alone))
    return WhatIfReport(
        logged=what_if(every, always(0, contexts=1, actions=len(creatives))).logged if told else None,
        decisions=len(told),
        alternatives=tuple(_alternative(i, creatives, every, lone) for i in range(len(creatives))),
    )


def _key(one: Choice) -> tuple[str, int, str]:
    return one.screen, slot_of(one.t), one.creative


def _logged(rows: Sequence[Choice], rewards: dict[tuple[str, int, str], float], creatives: Sequence[str]) -> Logged:
    """Screens see different people, but who is chosen for is told by the chance; an hour of a screen is a cluster."""
    hours = {place: i for i, place in enumerate(sorted({(one.screen, one.t // 3600) for one in rows}))}
    return Logged(
        context=np.zeros(len(rows), dtype=np.int64),
        action=np.array([creatives.index(one.creative) for one in rows], dtype=np.int64),
        propensity=np.array([one.propensity for one in rows], dtype=np.float64),
        reward=np.array([rewards[_key(one)] for one in rows], dtype=np.float64),
        cluster=np.array([hours[one.screen, one.t // 3600] for one in rows], dtype=np.int64),
    )


def _alternative(i: int, creatives: Sequence[str], every: Logged, lone: Logged) -> Alternative:
    policy = always(i, contexts=1, actions=len(creatives))
    of_all = what_if(every, policy)
    of_lone = what_if(lone, policy)
    return Alternative(
        creative=creatives[i],
        decisions=int((every.action == i).sum()),
        effective=of_all.effective,
        always=of_all.normalised,
        doubly_robust=of_lone.doubly_robust,
        gain=of_lone.gain,
    )
