"""Which of the eligible creatives to play: Thompson sampling, with what similar screens have learned as a prior.

A creative's reward is attention (viewer-seconds per play) or conversions (events per play). What is known is sums over
logged plays, so it can be added up from the log at any time and cannot drift. A context is a screen in a daypart;
contexts whose screens are similar are fitted together: reward = level of the context × factor of the creative × what is
peculiar to the two. The other contexts' factor is the prior here, as surely as contexts were found to agree (empirical
Bayes: Morris 1983), then the context's own plays count. A creative without plays starts as the usual one.

Each creative is taken as often as it is the best of draws from what is believed (Thompson 1933; Russo et al. 2018), yet
never less than a floor, so that all keep being tried and the log can answer "what if" (see `off_policy`).
"""

from dataclasses import dataclass
from typing import NamedTuple, Protocol, Self

import numpy as np
import numpy.typing as npt

FLOOR = 0.05
DRAWS = 128
HALF_LIFE_S = 14 * 86400.0
CREATIVES_DIFFER = 0.3
"""Standard deviation of creatives' factors before any is known: most are within 30 % of the usual one."""
CONTEXTS_DIFFER = 0.2
"""The same of what is peculiar to a creative in one context."""
WORTH_CELLS = 10
"""How many creatives in contexts that last assumption is worth."""
LEAST_DIFFERENCE = 0.05
"""However much contexts agree, a context's own plays decide in the end."""
WORTH_PLAYS = 8
"""How many plays the usual spread is worth against a creative's own."""
SWEEPS = 4

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Learned:
    """Sums over plays, each (contexts, arms); of other contexts or times they add up."""

    plays: Floats
    total: Floats
    """Of the rewards."""
    squares: Floats
    """Of the rewards squared."""

    def __add__(self, other: Self) -> "Learned":
        return Learned(self.plays + other.plays, self.total + other.total, self.squares + other.squares)

    def aged(self, by_s: float, *, half_life_s: float = HALF_LIFE_S) -> "Learned":
        """Worth half after each half-life; to age each part of a sum is to age the sum."""
        worth = 0.5 ** (by_s / half_life_s)
        return Learned(self.plays * worth, self.total * worth, self.squares * worth)


def learned(
    context: Ints,
    arm: Ints,
    reward: Floats,
    *,
    shape: tuple[int, int],
    age_s: Floats | float = 0.0,
    half_life_s: float = HALF_LIFE_S,
) -> Learned:
    """Add up logged plays.

    Args:
        context: (n,) row of each play's context.
        arm: (n,) column of its creative.
        reward: (n,) viewer-seconds or events.
        shape: (contexts, arms).
        age_s: (n,) how long ago, in seconds, or one for all.
        half_life_s: after which a play is worth half.
    """
    cell = np.ravel_multi_index((context, arm), shape)
    worth = np.broadcast_to(0.5 ** (np.asarray(age_s) / half_life_s), reward.shape)

    def summed(values: Floats) -> Floats:
        sums = np.bincount(cell, worth * values, minlength=shape[0] * shape[1]).reshape(shape)
        return np.asarray(sums, dtype=np.float64)

    return Learned(summed(np.ones_like(reward)), summed(reward), summed(reward**2))


class Beliefs(Protocol):
    """What is believed of the mean reward of each arm in one context."""

    def draw(self, rng: np.random.Generator, n: int) -> Floats:
        """Of the belief, (n, arms)."""


@dataclass(frozen=True, slots=True)
class Attention:
    """Belief about a mean of viewer-seconds: Student's t. Arrays (contexts, arms), or (arms,) of one context."""

    mean: Floats
    scale: Floats
    freedom: Floats

    def at(self, context: int, arms: Ints) -> "Attention":
        """Of some arms in one context, (arms,)."""
        return Attention(self.mean[context, arms], self.scale[context, arms], self.freedom[context, arms])

    def draw(self, rng: np.random.Generator, n: int) -> Floats:
        """Of the belief, (n, arms)."""
        return self.mean + self.scale * rng.standard_t(self.freedom, (n, *self.mean.shape))


@dataclass(frozen=True, slots=True)
class Conversions:
    """Belief about a rate of events per play: Gamma. Arrays (contexts, arms), or (arms,) of one context."""

    shape: Floats
    plays: Floats
    """The inverse scale: mean = shape / plays."""

    def at(self, context: int, arms: Ints) -> "Conversions":
        """Of some arms in one context, (arms,)."""
        return Conversions(self.shape[context, arms], self.plays[context, arms])

    def draw(self, rng: np.random.Generator, n: int) -> Floats:
        """Of the belief, (n, arms)."""
        return np.asarray(rng.standard_gamma(self.shape, (n, *self.shape.shape)) / self.plays)


class Choice(NamedTuple):
    """The index of the arm taken, and the chance of each arm to be taken (arms,)."""

    taken: int
    propensities: Floats


def choose(beliefs: Beliefs, *, rng: np.random.Generator, floor: float = FLOOR, draws: int = DRAWS) -> Choice:
    """Take one of the arms.

    The propensities are exact: they are what the arm is drawn by, after the belief was sampled.

    Args:
        beliefs: of the eligible arms, at least one.
        rng: the same generator in the same state takes the same arm.
        floor: least chance of each arm; of more than 1 / floor arms all have the same.
        draws: of the belief; more tell the chances finer and take longer.
    """
    sampled = beliefs.draw(rng, draws)
    arms = sampled.shape[1]
    least = min(floor, 1 / arms)
    best = np.bincount(sampled.argmax(axis=1), minlength=arms) / draws
    chances = least + (1 - arms * least) * best
    taken = int(np.searchsorted(np.cumsum(chances), rng.random(), side="right"))
    return Choice(min(taken, arms - 1), chances)


def attention(of: Learned) -> Attention:
    """Beliefs about viewer-seconds per play, of similar contexts together: normal-inverse-gamma (Murphy 2007).

    Rewards need not be normal: their mean soon is. Their spread is taken as a multiple of the context's level.
    """
    within = np.maximum(of.squares - of.total**2 / np.maximum(of.plays, 1e-12), 0.0)
    level, _ = _levels(of, np.ones_like(of.plays))
    freedom = np.maximum(of.plays - 1, 0)
    # As long as little is known the spread is the mean itself, as of waiting times.
    noise = (WORTH_PLAYS + (within / level[:, None] ** 2).sum()) / (WORTH_PLAYS + freedom.sum())
    level, factor, variance = _prior(of, np.full_like(of.plays, noise))
    mean, worth = level[:, None] * factor, noise / (variance * factor**2)
    plays = worth + of.plays
    surprise = worth * of.plays / plays * (of.total / np.maximum(of.plays, 1e-12) - mean) ** 2
    shape = (WORTH_PLAYS + of.plays) / 2
    spread = (WORTH_PLAYS * noise * level[:, None] ** 2 + within + surprise) / 2
    return Attention((worth * mean + of.total) / plays, np.sqrt(spread / shape / plays), 2 * shape)


def conversions(of: Learned) -> Conversions:
    """Beliefs about events per play, of similar contexts together: Gamma and Poisson."""
    level, _ = _levels(of, np.ones_like(of.plays))
    level, factor, variance = _prior(of, np.broadcast_to(1 / level[:, None], of.plays.shape))
    return Conversions(1 / variance + of.total, 1 / (variance * level[:, None] * factor) + of.plays)


def _prior(of: Learned, noise: Floats) -> tuple[Floats, Floats, Floats]:
    """What is believed before a context's own plays: level (contexts,), factor and its relative variance.

    Args:
        of: the sums.
        noise: (contexts, arms) variance of one play's reward over the squared level.
    """
    level, factor = _levels(of, noise)
    plays, expected = of.plays, of.plays * level[:, None]
    peculiar = _peculiar(of.total, expected * factor, plays * noise * level[:, None] ** 2)
    weight = np.where(plays > 0, 1 / (peculiar + noise / np.maximum(plays, 1e-12)), 0.0)
    ratio = of.total / np.maximum(expected, 1e-12)
    others = weight.sum(axis=0) - weight + 1 / CREATIVES_DIFFER**2
    known = (weight * ratio).sum(axis=0) - weight * ratio + 1 / CREATIVES_DIFFER**2
    return level, np.maximum(known / others, LEAST_DIFFERENCE), peculiar + 1 / others


def _levels(of: Learned, noise: Floats) -> tuple[Floats, Floats]:
    """Level of each context (contexts,) and factor of each creative (arms,), in turn until they agree.

    A context's level starts as the usual one, which is worth one event, or one second.
    """
    usual = (of.total.sum() + 0.5) / (of.plays.sum() + 1)
    factor = np.ones(of.plays.shape[1])
    level = np.full(len(of.plays), usual)
    for _ in range(SWEEPS):
        level = (of.total.sum(axis=1) + 1) / (of.plays @ factor + 1 / usual)
        weight = of.plays / noise
        ratio = of.total / noise / level[:, None]
        factor = (ratio.sum(axis=0) + 1 / CREATIVES_DIFFER**2) / (weight.sum(axis=0) + 1 / CREATIVES_DIFFER**2)
        factor = np.maximum(factor, LEAST_DIFFERENCE)
    return level, factor


def _peculiar(total: Floats, expected: Floats, chance: Floats) -> float:
    """Squared relative deviation of totals from what was expected, beyond chance, drawn to CONTEXTS_DIFFER."""
    size = float((expected**2).sum())
    cells = float(size**2 / (expected**4).sum()) if size else 0.0
    found = max(float(((total - expected) ** 2 - chance).sum()) / size, 0.0) if size else 0.0
    drawn = (cells * found + WORTH_CELLS * CONTEXTS_DIFFER**2) / (cells + WORTH_CELLS)
    return max(drawn, LEAST_DIFFERENCE**2)
