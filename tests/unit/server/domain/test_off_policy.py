from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.off_policy import FOLDS, LEAST_CLUSTERS, LogError, Logged, always, what_if

TRUE = np.array([[1.0, 2.0, 3.0], [4.0, 1.0, 2.0]])
"""Mean reward by context and action."""


def log(seed, n=4000, *, true=TRUE, logging=None, crowd=1):
    """Decisions by a fixed policy; `crowd` of them in a row share how busy it is."""
    rng = np.random.default_rng(seed)
    contexts, actions = true.shape
    logging = np.full(true.shape, 1 / actions) if logging is None else logging
    cluster = np.arange(n) // crowd
    context = rng.integers(contexts, size=n // crowd + 1)[cluster]
    action = (rng.random(n)[:, None] > np.cumsum(logging[context], axis=1)).sum(axis=1)
    busy = rng.gamma(3, 1 / 3, n // crowd + 1)[cluster]
    reward = rng.gamma(1.0, true[context, action]) * busy
    return Logged(context, action, logging[context, action], reward, cluster)


def tiny(n=120, **change):
    """Two actions in turn, which bring 1 and 3."""
    fields = {
        "context": np.zeros(n, np.int64),
        "action": np.arange(n) % 2,
        "propensity": np.full(n, 0.5),
        "reward": np.where(np.arange(n) % 2, 3.0, 1.0),
        "cluster": np.arange(n),
    }
    return Logged(**(fields | change))


def test_weights_by_hand():
    found = what_if(tiny(), always(1, contexts=1, actions=2))
    assert found.effective == pytest.approx(60)
    assert (found.ips.value, found.normalised.value) == pytest.approx((3, 3))
    assert found.logged.value == 2
    # Two of three decisions for the second action: (1 x 1 + 2 x 3) / 3.
    found = what_if(tiny(), np.array([[1, 2]]) / 3)
    assert (found.ips.value, found.normalised.value) == pytest.approx((7 / 3, 7 / 3))
    assert found.effective == pytest.approx(108)


def test_few_decisions_that_count_tell_nothing():
    found = what_if(tiny(40), always(1, contexts=1, actions=2))
    assert found.effective == pytest.approx(20) and found.ips is None and found.gain is None


@given(seed=st.integers(0, 1000))
def test_the_policy_that_was_followed_brings_what_was_logged(seed):
    logging = np.array([[0.2, 0.5, 0.3], [0.6, 0.2, 0.2]])
    logged = log(seed, 400, logging=logging)
    found = what_if(logged, logging)
    assert found.ips.value == pytest.approx(found.logged.value) == pytest.approx(logged.reward.mean())
    assert found.normalised == found.ips
    assert found.effective == pytest.approx(len(logged))
    assert found.gain.low <= 0 <= found.gain.high or abs(found.gain.value) < 0.2


def test_a_better_policy_is_found_better_by_as_much_as_it_is():
    best = np.eye(3)[TRUE.argmax(axis=1)]
    found = what_if(log(1), best)
    for estimate in (found.ips, found.normalised, found.doubly_robust):
        assert estimate.low < 3.5 < estimate.high
    assert found.gain.low > 0 and found.gain.low < 3.5 - TRUE.mean() < found.gain.high


def test_doubly_robust_is_the_surest():
    wide = {"ips": [], "normalised": [], "doubly_robust": []}
    for seed in range(10):
        logged = log(seed, 1000)
        told = 20 + TRUE[logged.context, logged.action] + np.random.default_rng(seed).normal(0, 1, 1000)
        found = what_if(replace(logged, reward=told), always(0, contexts=2, actions=3))
        for name, widths in wide.items():
            widths.append(getattr(found, name).high - getattr(found, name).low)
    ips, normalised, robust = (np.mean(widths) for widths in wide.values())
    assert robust < 0.8 * normalised < 0.2 * ips


def test_a_wrong_prediction_is_put_right_by_the_weights():
    """Rewards hang on something the context does not tell, and so did the choice: the prediction alone would be off."""
    rng = np.random.default_rng(4)
    n = 8000
    hidden = rng.random(n) < 0.5
    chance = np.where(hidden, 0.8, 0.2)
    action = (rng.random(n) < chance).astype(np.int64)
    reward = 1.0 * action + 3.0 * hidden + rng.normal(0, 0.5, n)
    logged = Logged(np.zeros(n, np.int64), action, np.where(action, chance, 1 - chance), reward, np.arange(n))
    naive = reward[action == 1].mean()
    found = what_if(logged, always(1, contexts=1, actions=2))
    assert found.doubly_robust.low < 2.5 < found.doubly_robust.high < naive


def test_chance_is_not_taken_for_knowledge():
    """Many contexts that tell nothing: what a prediction owes to the decision it corrects must not narrow the interval."""
    rng = np.random.default_rng(2)
    context, action = rng.integers(100, size=1000), rng.integers(2, size=1000)
    logged = Logged(context, action, np.full(1000, 0.5), rng.normal(5, 1, 1000), np.arange(1000))
    found = what_if(logged, always(1, contexts=100, actions=2))
    width = [each.high - each.low for each in (found.doubly_robust, found.normalised)]
    assert width[0] > 0.95 * width[1]


def test_decisions_about_the_same_people_count_as_fewer():
    crowds = log(3, 3000, crowd=10)
    apart = Logged(crowds.context, crowds.action, crowds.propensity, crowds.reward, np.arange(3000))
    together, single = (what_if(each, always(2, contexts=2, actions=3)).normalised for each in (crowds, apart))
    assert together.value == pytest.approx(single.value)
    assert together.high - together.low > 1.1 * (single.high - single.low)


def test_what_was_never_tried_cannot_be_judged():
    logging = np.array([[0.5, 0.5, 0.0], [0.3, 0.3, 0.4]])
    found = what_if(log(1, logging=logging), always(2, contexts=2, actions=3))
    assert found.unseen == pytest.approx(0.5, abs=0.05)
    assert (found.ips, found.normalised, found.doubly_robust, found.gain) == (None, None, None, None)
    assert found.logged is not None


def test_an_empty_log_tells_nothing():
    nothing = np.empty(0)
    found = what_if(
        Logged(*(nothing.astype(np.int64),) * 2, nothing, nothing, nothing.astype(np.int64)), np.ones((1, 1))
    )
    assert (found.logged, found.ips, found.effective, found.unseen) == (None, None, 0.0, 1.0)


def test_few_clusters_tell_no_interval():
    found = what_if(tiny(cluster=np.arange(120) % (LEAST_CLUSTERS - 1)), np.full((1, 2), 0.5))
    assert found.effective == 120 and found.ips is None and found.logged is None


@pytest.mark.parametrize("clusters", range(1, FOLDS + 1))
def test_as_few_clusters_as_folds_are_no_fault(clusters):
    assert what_if(tiny(cluster=np.arange(120) % clusters), np.full((1, 2), 0.5)).doubly_robust is None


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"propensity": np.zeros(120)}, "propensity must be over 0"),
        ({"propensity": np.full(120, np.nan)}, "propensity must be over 0"),
        ({"reward": np.zeros(3)}, "lengths are"),
    ],
)
def test_a_log_that_cannot_be_weighed_is_refused(change, says):
    with pytest.raises(LogError, match=says):
        tiny(**change)


@pytest.mark.parametrize(
    ("policy", "says"),
    [
        ([[0.5, 0.6]], "add up to 1"),
        ([[1.5, -0.5]], "at least 0"),
        ([[1.0]], "the log names action 1, and the other policy knows 1"),
    ],
)
def test_a_policy_that_is_none_is_refused(policy, says):
    with pytest.raises(LogError, match=says):
        what_if(tiny(), np.array(policy))
