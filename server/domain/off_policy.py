"""What if we had chosen otherwise: another policy's mean reward per decision, from decisions logged with propensities.

A decision counts by its weight, the chance that the other policy would have taken the logged action over the chance
with which it was taken (Horvitz & Thompson 1952). Three estimates with their strengths: `ips` is unbiased; `normalised`
divides by the sum of weights and is steadier (Hájek 1971; Swaminathan & Joachims 2015); `doubly_robust` first predicts
each action's reward from the log and corrects the prediction by weight (Dudík, Langford & Li 2011), predicted from
other parts of the log than it corrects (Chernozhukov et al. 2018).

Decisions near each other see the same people, so the spread is taken over clusters, for example a screen's hours
(Liang & Zeger 1986).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import t as student

from server.domain.intervals import Estimate

FOLDS = 5
LEAST_CLUSTERS = 10
LEAST_EFFECTIVE = 30.0
"""Decisions that an answer must rest on."""
MOST_UNSEEN = 0.01
"""Of the other policy's decisions: it may take what was never tried this often before nothing is claimed."""
WORTH_PLAYS = 10.0
"""How many decisions a looser prediction (the action's anywhere, the mean of all) is worth against a closer one."""

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


class LogError(ValueError):
    """A log that cannot be judged: what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Logged:
    """Decisions, arrays (n,).

    Raises:
        LogError: lengths differ, or propensities are not chances.
    """

    context: Ints
    """Row of the context the policy knew (screen, daypart, ...)."""
    action: Ints
    """Column of what was taken."""
    propensity: Floats
    """The logged chance of taking it; over 0."""
    reward: Floats
    cluster: Ints
    """Any number; what is alike may be dependent, what differs is not."""

    def __post_init__(self) -> None:
        sizes = {len(each) for each in (self.context, self.action, self.propensity, self.reward, self.cluster)}
        if len(sizes) != 1:
            raise LogError(f"every decision needs context, action, propensity, reward and cluster; lengths are {sizes}")
        if not ((self.propensity > 0) & (self.propensity <= 1)).all():
            raise LogError("a logged propensity must be over 0 and at most 1; decisions without one cannot be used")

    def __len__(self) -> int:
        return len(self.action)


@dataclass(frozen=True, slots=True)
class WhatIf:
    """Mean reward per decision under the other policy; None where the log cannot tell."""

    logged: Estimate | None
    """What the decisions as they were brought."""
    ips: Estimate | None
    normalised: Estimate | None
    doubly_robust: Estimate | None
    gain: Estimate | None
    """`doubly_robust` minus `logged`, its interval with what the two have in common taken out."""
    effective: float
    """How many decisions of equal weight these are worth (Kish 1965); 0 of none."""
    unseen: float
    """Share of the other policy's decisions that would have taken what was never tried in such a context."""


def what_if(logged: Logged, policy: Floats) -> WhatIf:
    """Judge another policy.

    Args:
        logged: the decisions; propensities that depend on what came before (a bandit's) are welcome.
        policy: (contexts, actions) chances of the other policy; rows add up to 1. What was not eligible in a context
            must be 0 there: split contexts so that one has one set of eligible actions.

    Raises:
        LogError: the policy's rows are no chances, or the log names contexts or actions it does not have.
    """
    _check(logged, policy)
    weight = policy[logged.context, logged.action] / logged.propensity
    effective = float(weight.sum() ** 2 / (weight**2).sum()) if weight.any() else 0.0
    tried = np.zeros(policy.shape, np.bool_)
    tried[logged.context, logged.action] = True
    unseen = float((policy * ~tried).sum(axis=1)[logged.context].mean()) if len(logged) else 1.0
    as_it_was = _mean(logged.reward, logged)
    if effective < LEAST_EFFECTIVE or unseen > MOST_UNSEEN:
        return WhatIf(as_it_was, None, None, None, None, effective, unseen)
    predicted = _predicted(logged, policy.shape)
    expected = (predicted * policy[logged.context]).sum(axis=1)
    corrected = expected + weight * (logged.reward - predicted[np.arange(len(logged)), logged.action])
    return WhatIf(
        logged=as_it_was,
        ips=_mean(weight * logged.reward, logged),
        normalised=_ratio(weight * logged.reward, weight, logged),
        doubly_robust=_mean(corrected, logged),
        gain=_mean(corrected - logged.reward, logged),
        effective=effective,
        unseen=unseen,
    )


def always(action: int, *, contexts: int, actions: int) -> Floats:
    """The policy that takes one action whatever the context."""
    return np.tile(np.eye(actions)[action], (contexts, 1))


def _check(logged: Logged, policy: Floats) -> None:
    if (policy < 0).any() or not np.allclose(policy.sum(axis=1), 1):
        raise LogError("each context's chances under the other policy must be at least 0 and add up to 1")
    for name, given, size in zip(("context", "action"), (logged.context, logged.action), policy.shape, strict=True):
        if len(given) and not 0 <= given.min() <= given.max() < size:
            raise LogError(f"the log names {name} {given.max()}, and the other policy knows {size} of them from 0")


def _predicted(logged: Logged, shape: tuple[int, int]) -> Floats:
    """(n, actions) rewards as the other folds let expect them; a cluster lies whole in one fold."""
    fold = np.unique(logged.cluster, return_inverse=True)[1] % FOLDS
    result = np.zeros((len(logged), shape[1]))
    for left_out in range(FOLDS):
        within = fold == left_out
        result[within] = _fitted(logged, ~within, shape)[logged.context[within]]
    return result


def _fitted(logged: Logged, rows: npt.NDArray[np.bool_], shape: tuple[int, int]) -> Floats:
    """(contexts, actions) mean rewards, drawn to the action's mean anywhere, and that to the mean of all."""
    cell = np.ravel_multi_index((logged.context[rows], logged.action[rows]), shape)
    size = np.prod(shape)
    plays = np.bincount(cell, minlength=int(size)).reshape(shape).astype(np.float64)
    total = np.bincount(cell, logged.reward[rows], minlength=int(size)).reshape(shape)
    usual = total.sum() / max(plays.sum(), 1)
    of_action = (total.sum(axis=0) + WORTH_PLAYS * usual) / (plays.sum(axis=0) + WORTH_PLAYS)
    return np.asarray((total + WORTH_PLAYS * of_action) / (plays + WORTH_PLAYS))


def _mean(values: Floats, logged: Logged) -> Estimate | None:
    return _ratio(values, np.ones(len(logged)), logged)


def _ratio(above: Floats, below: Floats, logged: Logged) -> Estimate | None:
    """Sum over sum, with its interval over clusters (delta method); None with too few of them."""
    clusters, of = np.unique(logged.cluster, return_inverse=True)
    n = len(clusters)
    if n < LEAST_CLUSTERS:
        return None
    value = float(above.sum() / below.sum())
    spread = np.bincount(of, above - value * below)
    error = float(np.sqrt((spread**2).sum() * n / (n - 1)) / below.sum())
    half = error * float(student.isf(0.025, n - 1))
    return Estimate(value, value - half, value + half)
