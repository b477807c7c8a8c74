import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

from server.domain.bandit import (
    FLOOR,
    HALF_LIFE_S,
    Attention,
    Conversions,
    Learned,
    attention,
    choose,
    conversions,
    learned,
)

means = st.lists(st.floats(0.01, 100), min_size=1, max_size=30)


def gamma_plays(rng, true, n):
    """n plays in each context of each creative at random, with rewards that spread as attention does."""
    context, arm = rng.integers(true.shape[0], size=n), rng.integers(true.shape[1], size=n)
    return context, arm, rng.gamma(1.0, true[context, arm])


def in_the_shops(rng, contexts=12, arms=6, peculiar=0.1):
    """Mean rewards: busy and quiet screens, good and bad creatives, and a little of both together."""
    level = rng.lognormal(1, 0.5, contexts)[:, None]
    return level * np.exp(0.3 * rng.normal(size=arms)) * np.exp(peculiar * rng.normal(size=(contexts, arms)))


def no_plays(contexts, arms):
    return Learned(*np.zeros((3, contexts, arms)))


@given(mean=means, scale=st.floats(0.01, 10), seed=st.integers(0, 2**32), floor=st.floats(0.001, 0.2))
def test_chances_add_up_to_one_and_never_fall_below_the_floor(mean, scale, seed, floor):
    arms = np.array(mean)
    beliefs = Attention(arms, np.full_like(arms, scale), np.full_like(arms, 8))
    taken, chances = choose(beliefs, rng=np.random.default_rng(seed), floor=floor)
    assert chances.sum() == pytest.approx(1)
    assert chances.min() >= min(floor, 1 / len(mean)) - 1e-12
    assert 0 <= taken < len(mean)


@given(mean=means, seed=st.integers(0, 2**32))
def test_the_same_seed_chooses_the_same(mean, seed):
    arms = np.array(mean)
    once, again = (choose(Conversions(arms, arms + 1), rng=np.random.default_rng(seed)) for _ in range(2))
    assert once.taken == again.taken and (once.propensities == again.propensities).all()


def test_arms_are_taken_as_often_as_their_propensities_say():
    rng = np.random.default_rng(4)
    beliefs = Attention(np.array([3.0, 3.4, 2.0, 3.3]), np.array([0.3, 0.2, 0.1, 0.5]), np.full(4, 20.0))
    choices = [choose(beliefs, rng=rng) for _ in range(6000)]
    said = np.sum([choice.propensities for choice in choices], axis=0)
    found = np.bincount([choice.taken for choice in choices], minlength=4)
    assert chisquare(found, said).pvalue > 0.001
    # 2.0 is never the best, and is tried all the same.
    assert found[2] / 6000 == pytest.approx(FLOOR, abs=0.012)


def test_more_arms_than_the_floor_has_room_for_are_taken_alike():
    arms = np.arange(40.0)
    assert (
        choose(Attention(arms, arms + 1, arms + 3), rng=np.random.default_rng(1)).propensities.tolist() == [1 / 40] * 40
    )


@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3), st.floats(0, 60)), min_size=1, max_size=50),
    st.integers(0, 50),
)
def test_what_is_learned_adds_up_from_any_parts_of_the_log(plays, cut):
    context, arm, reward = (np.array(column) for column in zip(*plays, strict=True))
    whole = learned(context, arm, reward, shape=(3, 4))
    parts = [
        learned(context[part], arm[part], reward[part], shape=(3, 4)) for part in (slice(0, cut), slice(cut, None))
    ]
    both = parts[0] + parts[1]
    for name in ("plays", "total", "squares"):
        np.testing.assert_allclose(getattr(both, name), getattr(whole, name), atol=1e-9)
    assert whole.total[context[0], arm[0]] == pytest.approx(
        sum(r for c, a, r in plays if (c, a) == (context[0], arm[0])), abs=1e-9
    )


def test_ageing_a_sum_is_ageing_its_plays():
    rng = np.random.default_rng(2)
    context, arm, reward = gamma_plays(rng, np.ones((2, 3)), 100)
    age_s = rng.uniform(0, 1e6, 100)
    at_once = learned(context, arm, reward, shape=(2, 3), age_s=age_s + 86400)
    later = learned(context, arm, reward, shape=(2, 3), age_s=age_s).aged(86400)
    np.testing.assert_allclose(at_once.total, later.total)
    one = np.zeros(1, np.int64)
    assert learned(one, one, np.ones(1), shape=(1, 1), age_s=HALF_LIFE_S).plays[0, 0] == pytest.approx(0.5)


@pytest.mark.parametrize("fit", [attention, conversions])
def test_nothing_known_is_every_arm_alike(fit):
    believed = fit(no_plays(3, 4)).at(1, np.arange(4))
    chances = np.mean([choose(believed, rng=np.random.default_rng(i)).propensities for i in range(200)], axis=0)
    np.testing.assert_allclose(chances, 0.25, atol=0.02)


@pytest.mark.parametrize("fit", [attention, conversions])
def test_nothing_ever_earned_is_no_fault(fit):
    plays = np.array([[10.0, 500.0], [0.0, 3.0]])
    drawn = fit(Learned(plays, 0 * plays, 0 * plays)).at(0, np.arange(2)).draw(np.random.default_rng(1), 1000)
    assert np.isfinite(drawn).all()
    # Little tried is little known: it may still be the better one.
    assert drawn[:, 0].mean() > drawn[:, 1].mean()


@pytest.mark.parametrize("fit", [attention, conversions])
def test_a_screen_without_plays_believes_what_similar_screens_learned(fit):
    rng = np.random.default_rng(3)
    true = np.tile([1.0, 1.0, 1.6, 1.0], (6, 1)) * np.array([1, 2, 5, 1, 3, 1])[:, None]
    context, arm, reward = gamma_plays(rng, true, 6000)
    known = learned(context[context > 0] - 1, arm[context > 0], reward[context > 0], shape=(5, 4))
    with_new = Learned(*(np.vstack([getattr(known, name), np.zeros(4)]) for name in ("plays", "total", "squares")))
    believed = fit(with_new).at(5, np.arange(4))
    assert choose(believed, rng=rng).propensities.argmax() == 2


@pytest.mark.parametrize("fit", [attention, conversions])
def test_a_screens_own_plays_decide_in_the_end(fit):
    """Elsewhere the first is the best, here the second."""
    rng = np.random.default_rng(5)
    true = np.tile([2.0, 1.0], (8, 1))
    true[0] = [1.0, 2.0]
    context, arm, reward = gamma_plays(rng, true, 16_000)
    believed = fit(learned(context, arm, reward, shape=(8, 2)))
    assert choose(believed.at(0, np.arange(2)), rng=rng).propensities.argmax() == 1
    assert choose(believed.at(1, np.arange(2)), rng=rng).propensities.argmax() == 0


def test_a_creative_without_plays_is_tried_beside_one_that_does_badly():
    known = Learned(np.array([[400.0, 400.0, 0.0]]), np.array([[800.0, 400.0, 0.0]]), np.array([[3200.0, 800.0, 0.0]]))
    believed = attention(known).at(0, np.arange(3))
    chances = np.mean([choose(believed, rng=np.random.default_rng(i)).propensities for i in range(50)], axis=0)
    assert chances[1] == pytest.approx(FLOOR, abs=0.005)
    assert chances[2] > 2 * FLOOR


def errors_in_scales(true, believed, scale):
    """How far beliefs about one context's creatives are off, against each other, in what they say of themselves."""
    off = believed - true
    return float(((off - off.mean(axis=1, keepdims=True)) / scale).std())


def test_beliefs_are_as_far_off_as_they_say():
    off_attention, off_conversions = [], []
    for seed in range(15):
        rng = np.random.default_rng(seed)
        true = in_the_shops(rng)
        context, arm, reward = gamma_plays(rng, true, 4000)
        seconds = attention(learned(context, arm, reward, shape=true.shape))
        off_attention.append(errors_in_scales(true, seconds.mean, seconds.scale))
        events = rng.poisson(true[context, arm] / 30).astype(float)
        rates = conversions(learned(context, arm, events, shape=true.shape))
        off_conversions.append(
            errors_in_scales(np.log(true / 30), np.log(rates.shape / rates.plays), 1 / np.sqrt(rates.shape))
        )
    assert 0.85 < np.mean(off_attention) < 1.15
    assert 0.75 < np.mean(off_conversions) < 1.15


def test_what_similar_screens_learned_brings_beliefs_nearer_to_the_truth():
    rng = np.random.default_rng(8)
    true = in_the_shops(rng, contexts=20, arms=8, peculiar=0.05)
    known = learned(*gamma_plays(rng, true, 3000), shape=true.shape)
    alone = [
        attention(Learned(*(getattr(known, name)[[i]] for name in ("plays", "total", "squares")))) for i in range(20)
    ]
    off = [
        np.std((mean - true) / true.mean(axis=1, keepdims=True))
        for mean in (attention(known).mean, np.vstack([each.mean for each in alone]))
    ]
    assert off[0] < 0.75 * off[1]


@settings(max_examples=50)
@given(
    seed=st.integers(0, 2**32),
    contexts=st.integers(1, 5),
    arms=st.integers(1, 6),
    plays=st.integers(0, 300),
    scale=st.floats(1e-3, 1e3),
)
def test_beliefs_are_finite_whatever_was_logged(seed, contexts, arms, plays, scale):
    rng = np.random.default_rng(seed)
    context, arm = rng.integers(contexts, size=plays), rng.integers(arms, size=plays)
    known = learned(context, arm, scale * rng.gamma(0.2, 1, plays), shape=(contexts, arms))
    for fit in (attention, conversions):
        drawn = fit(known).at(0, np.arange(arms)).draw(rng, 20)
        assert drawn.shape == (20, arms) and np.isfinite(drawn).all()
