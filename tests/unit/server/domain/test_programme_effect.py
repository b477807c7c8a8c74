"""Programme or something else: what falls on all receipts alike is not the programme's."""

import numpy as np
import pytest

from server.domain.programme_effect import FEWEST, programme_effect

FIRST, DAYS = 739_900, 56
SINCE = FIRST + 28


def days(*, both=1.0, card_only=1.0, noise=0.06, memory=0.0, seed=0):
    rng = np.random.default_rng(seed)
    day = np.arange(FIRST, FIRST + DAYS)
    rise = np.where(day >= SINCE, both, 1.0) * (1 + 0.3 * (day % 7 == 5))
    shocks = rng.normal(0, noise * np.sqrt(1 - memory**2), (2, DAYS))
    for i in range(1, DAYS):
        shocks[:, i] += memory * shocks[:, i - 1]
    card = 300 * rise * np.where(day >= SINCE, card_only, 1.0) * np.exp(shocks[0])
    return {"day": day, "card": card, "other": 200 * rise * np.exp(shocks[1]), "left_out": np.zeros(DAYS, np.bool_)}


def test_what_falls_on_all_alike_is_not_the_programmes():
    found = programme_effect(**days(both=1.2), since=SINCE)
    assert found.with_card.low > 0.1
    assert found.without.low > 0.1
    assert found.difference.low < 0 < found.difference.high


def test_what_only_card_holders_do_is():
    found = programme_effect(**days(both=0.9, card_only=1.25), since=SINCE)
    assert found.difference.low > 0.1
    assert found.difference.value == pytest.approx(0.25, abs=0.06)


@pytest.mark.parametrize("memory", [0.0, 0.5])
def test_intervals_cover(memory):
    """95 % stated; 90 to 99 of 100 over 400 runs, since autocorrelation is estimated from 28 days."""
    held = 0
    for seed in range(400):
        found = programme_effect(**days(card_only=1.1, memory=memory, seed=seed), since=SINCE).difference
        held += found.low <= 0.1 <= found.high
    assert 0.90 <= held / 400 <= 0.99


def test_days_that_tell_nothing_are_left_out():
    known = days(card_only=1.1)
    known["card"][3], known["left_out"][40] = np.nan, True
    assert programme_effect(**known, since=SINCE).days == 26


def test_too_few_days_tell_nothing():
    known = days()
    known["left_out"][: DAYS - FEWEST + 1] = True
    assert programme_effect(**known, since=SINCE) is None
