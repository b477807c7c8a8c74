"""What is bought together more often than chance would have it.

Rules are found by the apriori algorithm (Agrawal & Srikant 1994). Lift is the receipts with both over those that chance
would give in the same four weeks and part of the day: what sells in the morning would else seem to belong together. Its
interval is that of log lift by the delta method under multinomial counts.

Large baskets lift every pair. So a rule is only named if it is also more than chance among receipts of the same
number of categories. There the pairs that chance gives are those of a table with the same sums by category
(quasi-independence: Goodman 1968), fitted by scaling (Deming & Stephan 1940). Of all rules named at most 5 % are chance
(Benjamini & Hochberg 1995).
"""

from dataclasses import dataclass

import numpy as np
from efficient_apriori import apriori
from scipy.sparse import csr_array
from scipy.stats import norm

from server.domain.baskets import Baskets
from server.domain.fdr import FDR, q_values
from server.domain.intervals import Z95, Estimate
from server.domain.store_days import Floats, Ints

MOST_RECEIPTS = 40_000
"""Rules are looked for in a sample of so many receipts, and counted in all of them."""
FEWEST_TOGETHER = 10
"""Pairs bought together less often in the sample are no candidates: the interval does not hold for them."""
SEASON_WEEKS = 4
LARGE = 8
"""Receipts of so many categories and more are taken as alike."""
SCALINGS = 60

Pairs = csr_array


@dataclass(frozen=True, slots=True)
class Rule:
    """Who buys `given` buys `then` too."""

    given: str
    then: str
    together: int
    """Receipts with both."""
    support: float
    """Share of all receipts."""
    confidence: float
    """Share of the receipts with `given`."""
    lift: Estimate
    """How many times as often together as by chance at such times."""
    excess: float
    """Receipts with both beyond what chance gives among receipts as large, at such times."""
    q: float
    """Chance that a rule like this or stronger is none, all rules looked at considered."""


def rules(baskets: Baskets, *, rng: np.random.Generator) -> list[Rule]:
    """The rules of one category each side that are more than chance, strongest first.

    Args:
        baskets: of any span; some weeks at least.
        rng: draws the sample where there are more than MOST_RECEIPTS.
    """
    at = {name: i for i, name in enumerate(sorted({name for of in baskets.sets for name in of}))}
    pairs = _candidates(baskets, rng)
    if not pairs:
        return []
    first, second = np.array([(at[a], at[b]) for a, b in pairs]).T
    table = _table(baskets, at)
    counts = _together(table, baskets.n)
    both, of_first, of_second = counts[first, second], counts[first, first], counts[second, second]
    size, time = _strata(baskets)
    log_lift = np.log(both / _by_chance(_counts(table, time, baskets.n), first, second))
    alike = _scaled(_counts(table, size, baskets.n * (_sizes(baskets) - 1))[0])
    expected = np.maximum((alike[:, first] * alike[:, second]).sum(axis=0), 1e-12)
    error = _log_error(both, of_first, of_second, baskets.receipts)
    q = q_values(norm.sf(np.log(both / expected) / error))
    found = []
    for i in np.flatnonzero((q <= FDR) & (log_lift > Z95 * error)).tolist():
        lift = Estimate(*(float(np.exp(log_lift[i] + side * Z95 * error[i])) for side in (0, -1, 1)))
        together, excess = int(both[i]), float(both[i] - expected[i])
        for given, then, n in ((*pairs[i], of_first[i]), (*pairs[i][::-1], of_second[i])):
            support, confidence = together / baskets.receipts, together / float(n)
            found.append(Rule(given, then, together, support, confidence, lift, excess, float(q[i])))
    return sorted(found, key=lambda rule: (-rule.lift.low, -rule.confidence, rule.given, rule.then))


def _candidates(baskets: Baskets, rng: np.random.Generator) -> list[tuple[str, str]]:
    """Pairs that are bought together often enough, in order; a pair is one test, though it makes a rule each way."""
    drawn = baskets.n
    if baskets.receipts > MOST_RECEIPTS:
        drawn = rng.multivariate_hypergeometric(baskets.n, MOST_RECEIPTS, method="marginals")
    receipts = [of for of, n in zip(baskets.sets, drawn.tolist(), strict=True) for _ in range(n)]
    least = min(1.0, FEWEST_TOGETHER / max(len(receipts), 1))
    _, found = apriori(receipts, min_support=least, min_confidence=0.0, max_length=2)
    return sorted((rule.lhs[0], rule.rhs[0]) for rule in found if rule.lhs < rule.rhs)


def _table(baskets: Baskets, at: dict[str, int]) -> Pairs:
    """(m, c) which set holds which category."""
    sizes = [len(of) for of in baskets.sets]
    columns = [at[name] for of in baskets.sets for name in of]
    starts = np.concatenate([[0], np.cumsum(sizes)])
    return csr_array((np.ones(len(columns)), columns, starts), shape=(len(sizes), len(at)))


def _together(table: Pairs, n: Ints) -> Floats:
    """(c, c) receipts with both; with one on the diagonal."""
    return np.asarray((table.T @ (table * n[:, None].astype(np.float64))).toarray(), dtype=np.float64)


def _strata(baskets: Baskets) -> tuple[Ints, Ints]:
    """(m,) twice: the stratum of each set, 0 and up, by season, part of the day and size, and without the size."""
    season = baskets.week // (7 * SEASON_WEEKS)
    times = np.stack([season, baskets.part])
    alike = np.stack([*times, np.minimum(_sizes(baskets), LARGE)])
    size, time = (np.unique(of, axis=1, return_inverse=True)[1].astype(np.int64) for of in (alike, times))
    return size, time


def _sizes(baskets: Baskets) -> Ints:
    return np.array([len(of) for of in baskets.sets], dtype=np.int64)


def _counts(table: Pairs, stratum: Ints, n: Ints) -> tuple[Floats, Floats]:
    """(s, c) `n` of each stratum's sets summed by category, and (s, 1) of all its sets."""
    rows = csr_array(
        (n.astype(np.float64), (stratum, np.arange(len(stratum)))), shape=(stratum.max() + 1, len(stratum))
    )
    return np.asarray((rows @ table).toarray(), dtype=np.float64), np.asarray(rows.sum(axis=1))[:, None]


def _by_chance(counts: tuple[Floats, Floats], first: Ints, second: Ints) -> Floats:
    """(k,) receipts with both if within each stratum the one said nothing of the other."""
    of, whole = counts
    return np.asarray((of[:, first] * of[:, second] / whole).sum(axis=0))


def _scaled(sums: Floats) -> Floats:
    """(s, c) factors u with u_a (sum of the others' u) = sums_a: chance pairs a and b u_a u_b times."""
    factors: Floats = sums / np.sqrt(np.maximum(sums.sum(axis=1, keepdims=True), 1e-12))
    for _ in range(SCALINGS):
        others = np.maximum(factors.sum(axis=1, keepdims=True) - factors, 1e-12)
        factors = np.sqrt(factors * sums / others)
    return factors


def _log_error(both: Floats, first: Floats, second: Floats, n: int) -> Floats:
    """(k,) standard error of log lift (multinomial counts, delta method)."""
    variance: Floats = 1 / both - 1 / first - 1 / second + 2 * both / (first * second) - 1 / n
    return np.asarray(np.sqrt(np.maximum(variance, 1e-12)), dtype=np.float64)
