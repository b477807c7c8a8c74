"""Regressions of counts: what other software finds, errors that hold when days go together, days left out."""

import numpy as np
import pytest
from sklearn.linear_model import PoissonRegressor

from server.domain.counts import fit_counts


def drawn(seed, n=150, *, memory=0.0, spread=0.0, slope=0.3):
    rng = np.random.default_rng(seed)
    mood = np.zeros(n)
    for d in range(1, n):
        mood[d] = memory * mood[d - 1] + np.sqrt(1 - memory**2) * rng.normal(0, spread)
    step = (np.arange(n) >= n // 2).astype(float)
    design = np.column_stack([np.ones(n), rng.normal(size=n), step])
    offset = rng.normal(0, 0.2, n)
    return design, offset, rng.poisson(np.exp(offset + design @ [5.0, 0.1, slope] + mood)).astype(float)[:, None]


def test_finds_what_another_library_finds():
    design, offset, counts = drawn(0)
    fitted = fit_counts(counts, design, offset=offset, counted=np.ones_like(counts))
    other = PoissonRegressor(alpha=0, tol=1e-10, max_iter=1000)
    other.fit(design[:, 1:], counts[:, 0] / np.exp(offset), sample_weight=np.exp(offset))
    assert fitted.value[0] == pytest.approx([other.intercept_, *other.coef_], abs=1e-5)


@pytest.mark.parametrize(("memory", "spread", "least"), [(0.0, 0.0, 268), (0.0, 0.1, 268), (0.6, 0.2, 252)])
def test_intervals_cover_though_days_go_together(memory, spread, least):
    """Of 300 intervals 285 should hold the truth; where days go together strongly, 17 of 20 are near enough in so short
    a series, and two in three are what comes of taking each day for itself.
    """
    inside = 0
    for seed in range(300):
        design, offset, counts = drawn(seed, memory=memory, spread=spread)
        fitted = fit_counts(counts, design, offset=offset, counted=np.ones_like(counts))
        inside += abs(fitted.value[0, 2] - 0.3) <= 1.96 * fitted.error[0, 2]
    assert least <= inside <= 299


def test_days_that_do_not_count_change_nothing():
    design, offset, counts = drawn(1)
    left_out = np.arange(len(counts)) % 5 == 0
    spoilt = np.where(left_out[:, None], 1e6, counts)
    known = np.where(left_out, 0.0, 1.0)[:, None]
    kept = ~left_out
    spoilt_fit = fit_counts(spoilt, design, offset=offset, counted=known)
    short = fit_counts(counts[kept], design[kept], offset=offset[kept], counted=known[kept])
    assert spoilt_fit.value == pytest.approx(short.value, abs=1e-8)
    assert (spoilt_fit.residuals[left_out] == 0).all()


def test_series_are_fitted_each_for_itself():
    pairs = [drawn(2, slope=slope) for slope in (0.0, 0.5)]
    design, offset, _ = pairs[0]
    both = np.column_stack([counts for _, _, counts in pairs])
    together = fit_counts(both, design, offset=offset, counted=np.ones_like(both))
    alone = fit_counts(both[:, 1:], design, offset=offset, counted=np.ones((len(both), 1)))
    assert together.value[1] == pytest.approx(alone.value[0], abs=1e-9)
    assert together.error[1] == pytest.approx(alone.error[0])


def test_nothing_counted_or_too_few_days_is_not_known():
    design, offset, counts = drawn(3)
    few = np.zeros_like(counts)
    few[:3] = 1
    for series, known in ((counts * 0, few * 0 + 1), (counts, few)):
        fitted = fit_counts(series, design, offset=offset, counted=known)
        assert np.isnan(fitted.value).all()
        assert np.isnan(fitted.error).all()
