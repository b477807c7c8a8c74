from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.domain.holdout import ARMS, BLOCK, Shares, arm
from server.domain.intervals import Estimate
from server.domain.uplift import (
    LEAST_BLOCKS,
    Effect,
    Path,
    SampleRatio,
    Slots,
    alike,
    effect,
    more_slots,
    sample_ratio,
    verdict,
)

FIRST_SLOT = 2_950_000
USUAL = Shares()
FAIR = SampleRatio((6, 2, 2), 1.0)
TARGETED, EVERYONE, NOTHING = range(3)


def drawn(seed, n, *, screens=1):
    """Screens, slots and arms of n slots in order of time."""
    slot = np.repeat(FIRST_SLOT + np.arange(n), screens)
    screen = np.tile(np.arange(screens), n)
    rows = zip(screen.tolist(), slot.tolist(), strict=True)
    arms = [arm(str(seed), site="s", screen=str(i), campaign="c", slot=j, shares=USUAL) for i, j in rows]
    return screen, slot, np.array([ARMS.index(one) for one in arms])


def trial(seed, n=1000, *, lift=0.0, screens=1, foretold=0.0, noise=1.0):
    """Means per slot whose level wanders, with a lift for the targeted; a week before foretells part of the noise."""
    rng = np.random.default_rng(seed)
    screen, slot, arms = drawn(seed, n, screens=screens)
    level = 40 + np.cumsum(rng.normal(0, 0.3, len(slot)))
    known = rng.normal(0, foretold, len(slot)) if foretold else np.full(len(slot), np.nan)
    value = level + rng.normal(0, noise, len(slot)) + np.nan_to_num(known) + lift * (arms == TARGETED)
    return Slots(screen, slot, arms, value, np.ones(len(slot)), known)


def by_hand(slots, first, second):
    """Mantel and Haenszel's difference, block by block."""
    above = below = 0.0
    for screen in set(slots.screen.tolist()):
        for block in set((slots.slot // BLOCK).tolist()):
            within = (slots.screen == screen) & (slots.slot // BLOCK == block)
            (s1, n1), (s0, n0) = (
                (slots.value[within & (slots.arm == one)].sum(), slots.exposure[within & (slots.arm == one)].sum())
                for one in (first, second)
            )
            if n1 > 0 and n0 > 0:
                above += (s1 * n0 - s0 * n1) / (n1 + n0)
                below += n1 * n0 / (n1 + n0)
    return above / below


@settings(max_examples=30)
@given(seed=st.integers(0, 10**6), blocks=st.integers(12, 30), screens=st.integers(1, 3))
def test_the_difference_is_mantel_and_haenszels(seed, blocks, screens):
    rng = np.random.default_rng(seed)
    screen, slot, arms = drawn(seed, blocks * BLOCK, screens=screens)
    passed = rng.poisson(20, len(slot)).astype(float)
    stopped = rng.binomial(passed.astype(int), 0.2).astype(float)
    slots = Slots(screen, slot, arms, stopped, passed, np.full(len(slot), np.nan))
    found = effect(slots, "everyone", "nothing")
    assert found.once.value == pytest.approx(by_hand(slots, EVERYONE, NOTHING))
    assert found.once.low < found.once.value < found.once.high
    assert found.blocks == blocks * screens
    assert found.slots == ((arms == EVERYONE).sum(), (arms == NOTHING).sum())
    assert found.rates[0] == pytest.approx(stopped[arms == EVERYONE].sum() / passed[arms == EVERYONE].sum())


@given(seed=st.integers(0, 100), amounts=st.integers(0, 10**6))
def test_what_is_common_to_a_block_changes_nothing(seed, amounts):
    slots = trial(seed, 200)
    weather = np.random.default_rng(amounts).normal(0, 50, slots.slot.max() // BLOCK + 1)[slots.slot // BLOCK]
    one, other = (effect(of, "targeted", "nothing").once for of in (slots, replace(slots, value=slots.value + weather)))
    assert (other.value, other.low, other.high) == pytest.approx((one.value, one.low, one.high))


@given(st.permutations(range(200)))
def test_the_order_of_the_rows_does_not_matter(order):
    slots = trial(4, 200, foretold=1.0)
    fields = (slots.screen, slots.slot, slots.arm, slots.value, slots.exposure, slots.before)
    assert effect(Slots(*(each[list(order)] for each in fields)), "targeted", "nothing").once.value == pytest.approx(
        effect(slots, "targeted", "nothing").once.value
    )


def test_a_lift_is_found_and_its_size_told():
    found = effect(trial(1, 2000, lift=1.0), "targeted", "nothing")
    assert found.always.low < 1.0 < found.always.high and found.always.low > 0
    assert found.once.low < 1.0 < found.once.high
    assert verdict(found, FAIR, worth=0.1) == "stop_works"
    assert found.relative.value == pytest.approx(found.once.value / found.rates[1], rel=0.1)
    assert found.relative.low > 0


def test_the_sequence_is_wider_than_the_interval_to_be_read_once():
    found = effect(trial(1, 600), "targeted", "nothing")
    assert found.always.high - found.always.low > 1.2 * (found.once.high - found.once.low)


def test_the_path_ends_where_the_sequence_stands_and_narrows():
    found = effect(trial(3, 3000), "targeted", "nothing")
    assert (found.path.low[-1], found.path.high[-1]) == (found.always.low, found.always.high)
    assert np.isnan(found.path.low[0])
    width = (found.path.high - found.path.low)[~np.isnan(found.path.low)]
    assert width[-1] < 0.5 * width[0]
    assert (np.diff(found.path.slot) > 0).all() and found.path.slot[-1] == FIRST_SLOT + 2999


@given(cut=st.integers(300, 899))
def test_a_look_sees_what_the_path_later_shows_of_it(cut):
    """What comes later changes nothing of an earlier look."""
    whole = trial(5, 900, foretold=1.0)
    fields = (whole.screen, whole.slot, whole.arm, whole.value, whole.exposure, whole.before)
    early = effect(Slots(*(each[:cut] for each in fields)), "targeted", "nothing").path
    late = effect(whole, "targeted", "nothing").path
    np.testing.assert_allclose(early.low, late.low[: len(early.low)])
    assert len(early.low) == (FIRST_SLOT + cut) // BLOCK - FIRST_SLOT // BLOCK


def test_last_week_makes_the_interval_narrower_where_it_foretells():
    slots = trial(7, 2000, lift=0.5, foretold=2.0, noise=0.7)
    blind = replace(slots, before=np.full(len(slots), np.nan))
    with_week, without = (effect(of, "targeted", "nothing") for of in (slots, blind))
    assert with_week.error < 0.6 * without.error
    assert with_week.once.low < 0.5 < with_week.once.high


def test_a_last_week_that_foretells_nothing_does_no_harm():
    slots = trial(8, 2000, noise=2.0)
    noise = replace(slots, before=np.random.default_rng(1).normal(0, 5, len(slots)))
    assert effect(noise, "targeted", "nothing").error == pytest.approx(
        effect(slots, "targeted", "nothing").error, rel=0.05
    )


def test_a_last_week_known_of_some_slots_only_is_used_where_it_is():
    slots = trial(7, 2000, foretold=2.0, noise=0.7)
    half = replace(slots, before=np.where(np.arange(len(slots)) % 2, slots.before, np.nan))
    blind = replace(slots, before=np.full(len(slots), np.nan))
    errors = [effect(of, "targeted", "nothing").error for of in (slots, half, blind)]
    assert errors == sorted(errors) and errors[1] < 0.95 * errors[2]


def test_nothing_is_said_of_nothing():
    empty = Slots(*(np.empty(0, np.int64),) * 3, *(np.empty(0),) * 3)
    found = effect(empty, "targeted", "nothing")
    assert (found.once, found.always, found.relative, found.blocks, found.slots) == (None, None, None, 0, (0, 0))
    assert np.isnan(found.rates).all() and len(found.path.slot) == 0
    assert verdict(found, sample_ratio(empty.arm, USUAL), worth=1.0) == "keep_running"
    assert more_slots(found, worth=1.0) is None
    assert alike(empty) is None


def test_few_blocks_tell_no_interval():
    found = effect(trial(1, (LEAST_BLOCKS - 1) * BLOCK), "targeted", "nothing")
    assert found.blocks == LEAST_BLOCKS - 1 and found.once is None and found.always is None


def test_slots_without_anyone_passing_are_left_out():
    slots = trial(2, 400)
    nobody = np.where(np.arange(400) % 7 == 1, 0.0, 1.0)
    found = effect(replace(slots, exposure=nobody, value=slots.value * nobody), "targeted", "nothing")
    told = nobody > 0
    fields = (slots.screen, slots.slot, slots.arm, slots.value, slots.exposure, slots.before)
    assert found.once == effect(Slots(*(each[told] for each in fields)), "targeted", "nothing").once


def test_where_nothing_ever_happens_nothing_is_claimed():
    """Least of all that the campaign has no effect."""
    found = effect(replace(trial(2, 3000), value=np.zeros(3000)), "targeted", "nothing")
    assert (found.once, found.relative, found.always) == (None, None, None)
    assert verdict(found, FAIR, worth=1.0) == "keep_running" and more_slots(found, worth=1.0) is None


def test_rare_events_raise_no_false_alarms():
    rng = np.random.default_rng(3)
    paths = [
        effect(replace(trial(seed, 1500), value=rng.poisson(0.02, 1500).astype(float)), "targeted", "nothing").path
        for seed in range(100)
    ]
    assert sum(((path.low > 0) | (path.high < 0)).any() for path in paths) <= 3


def test_events_only_with_the_campaign_are_found():
    """As with scans of a code that only the campaign shows: there is no rate to compare with."""
    slots = trial(3, 2000)
    scans = np.random.default_rng(3).poisson(0.1, 2000) * (slots.arm == TARGETED)
    found = effect(replace(slots, value=scans.astype(float)), "targeted", "nothing")
    assert found.relative is None and found.always.low > 0


def stands_at(low, high):
    always = Estimate((low + high) / 2, low, high)
    path = Path(np.zeros(1, np.int64), *(np.zeros(1),) * 3)
    return Effect(("targeted", "nothing"), (60, 20), 10, (1.0, 1.0), always, None, always, path, 10.0, 0.1)


@pytest.mark.parametrize(
    ("low", "high", "says"),
    [
        (0.1, 2.0, "stop_works"),
        (-2.0, -0.1, "stop_harm"),
        (-0.4, 0.4, "stop_no_effect"),
        (-0.4, 0.6, "keep_running"),
        (-0.6, 0.4, "keep_running"),
    ],
)
def test_the_verdict_goes_by_the_sequence(low, high, says):
    assert verdict(stands_at(low, high), FAIR, worth=0.5) == says
    assert verdict(stands_at(low, high), FAIR, SampleRatio((9, 0, 1), 0.001), worth=0.5) == "sample_ratio_broken"


def test_smaller_effects_take_more_slots():
    found = effect(trial(9, 1000), "targeted", "nothing")
    needed = [more_slots(found, worth=worth) for worth in (5.0, 0.3, 0.15)]
    assert needed[0] == 0
    # Half the effect takes about four times the slots, less those there are.
    assert 3 < (needed[2] + 800) / (needed[1] + 800) < 5
    assert more_slots(found, worth=1e-9) is None


def test_so_many_more_slots_show_the_effect_four_times_in_five():
    worth = 0.35
    more = more_slots(effect(trial(11, 600), "targeted", "nothing"), worth=worth)
    slots = 600 + round(more * 600 / 480)
    ends = [effect(trial(100 + seed, slots, lift=worth), "targeted", "nothing").path.low[-1] for seed in range(60)]
    assert 0.6 < np.mean(np.array(ends) > 0) < 0.95


def test_arms_that_are_alike_are_found_alike_and_others_not():
    assert alike(trial(2, 2000)) is True
    assert alike(trial(2, 2000, lift=1.0)) is False


def test_looking_at_every_block_raises_few_false_alarms():
    wrong = 0
    for seed in range(150):
        path = effect(trial(seed, 1000), "targeted", "nothing").path
        wrong += bool(((path.low > 0) | (path.high < 0)).any())
    # 5 % of 150 is 7.5; the sequence keeps below it because a campaign ends.
    assert wrong <= 7


def test_intended_shares_are_never_called_broken():
    assert not any(sample_ratio(drawn(seed, 600)[2], USUAL).broken for seed in range(50))
    rng = np.random.default_rng(1)
    by_chance = [sample_ratio(rng.choice(3, 600, p=USUAL.each), USUAL).broken for _ in range(300)]
    assert np.mean(by_chance) <= 0.02


def test_an_arm_whose_outcomes_get_lost_is_found():
    arms = drawn(1, 2000)[2]
    lost = (arms == NOTHING) & (np.random.default_rng(1).random(2000) < 0.3)
    present, missing = (sample_ratio(arms[rows], USUAL) for rows in (~lost, lost))
    assert present.broken and missing.broken
    assert missing.counts == (0, 0, lost.sum())


def test_few_lost_slots_show_in_those_that_are_missing():
    arms = drawn(1, 1000)[2]
    lost = np.zeros(1000, bool)
    lost[np.flatnonzero(arms == NOTHING)[::16]] = True
    assert not sample_ratio(arms[~lost], USUAL).broken
    assert sample_ratio(arms[lost], USUAL).broken


def test_a_ratio_once_broken_stays_broken():
    bad_start = np.concatenate([np.full(60, NOTHING), drawn(1, 3000)[2]])
    assert sample_ratio(bad_start[:60], USUAL).broken and sample_ratio(bad_start, USUAL).broken
    assert sample_ratio(np.empty(0, np.int64), USUAL).p == 1.0


def test_an_arm_that_was_not_wanted_breaks_the_ratio_when_it_comes():
    two = Shares(0.8, 0.0, 0.2)
    arms = np.array([TARGETED, TARGETED, NOTHING, TARGETED, TARGETED] * 10)
    assert not sample_ratio(arms, two).broken
    assert sample_ratio(np.append(arms, EVERYONE), two).broken
