import itertools
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.bandit import FLOOR
from server.domain.campaigns import (
    Campaign,
    Creative,
    Crowd,
    Daypart,
    Flight,
    Goal,
    NearRule,
    SegmentRule,
    TriggerRule,
)
from server.domain.context import Airing, Context, Neighbour
from server.domain.decide import APART_S, LEAST_DEFAULT_S, LEAST_ON_S, creative_key, decide, rivals
from server.domain.holdout import SLOT_S, Shares, arm, slot_of
from server.domain.pacing import Progress

SLOT = 2_939_688
T = SLOT * SLOT_S + 120.0
"""Two minutes into a slot, a Saturday noon in UTC."""
FLIGHT = Flight(T - 86_400, T + 7 * 86_400)
ALL_SAME = Shares(same=True)
SEED = "seed"


def campaign(key, **changed):
    plain = {
        "creatives": (Creative(f"{key}-1", "image", 10.0),),
        "flights": (FLIGHT,),
        "goal": Goal("plays"),
        "pacing": "asap",
        "shares": ALL_SAME,
    }
    return Campaign(id=key, **(plain | changed))


def aimed(key, segment="cyclists", **changed):
    return campaign(key, rules=(SegmentRule(segment),), **changed)


MANY = Crowd(True, 12, {"cyclists": "5-9", "groups": "10-19"}, 40, {"cyclists": "20+", "groups": "10-19"})


def context(t=T, crowd=MANY, **changed):
    plain = {"site": "shop", "screen": "entry", "weekday": 5, "minute": 722, "crowd": crowd}
    return Context(t=t, **(plain | changed))


def taken(campaigns, of=None, *, standing=None, learned=None, seed=SEED):
    return decide(of or context(), campaigns, standing or {}, learned or {}, seed=seed)


def slots_of(drawn, key, *, shares, many=300):
    """Instants in slots in which the campaign's arm is the one asked for."""
    starts = (slot for slot in range(SLOT, SLOT + many))
    found = [
        slot
        for slot in starts
        if arm(SEED, site="shop", screen="entry", campaign=key, slot=slot, shares=shares) == drawn
    ]
    assert found
    return [slot * SLOT_S + 120.0 for slot in found]


def test_nothing_approved_is_the_default():
    decision = taken([])
    assert (decision.campaign, decision.creative, decision.arm, decision.reason.code) == (None, None, None, "nobody")


def test_the_only_one_is_taken_for_certain():
    decision = taken([campaign("tea")])
    assert (decision.campaign, decision.creative, decision.propensity) == ("tea", "tea-1", 1.0)
    assert (decision.seconds, decision.reason.code) == (10.0, "chosen")


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"flights": (Flight(T - 200, T - 100),)}, "flight"),
        ({"flights": (Flight(T + 100, T + 200),)}, "flight"),
        ({"dayparts": (Daypart(frozenset({5}), 723, 800),)}, "hours"),
        ({"dayparts": (Daypart(frozenset({4}), 600, 800),)}, "hours"),
        ({"screens": frozenset({"till"})}, "screen"),
        ({"creatives": (Creative("c", "image", 10, portrait=True),)}, "shape"),
        ({"creatives": ()}, "shape"),
        ({"creatives": (Creative("c", "video", 700.0),)}, "slot"),
        ({"flights": (Flight(T - 200, T + 5),)}, "slot"),
        ({"rules": (NearRule(13),)}, "near"),
        ({"rules": (NearRule(12, unless=True),)}, "near"),
        ({"rules": (TriggerRule("weather", "sun"),)}, "trigger"),
        ({"rules": (TriggerRule("weather", "rain", unless=True),)}, "trigger"),
        ({"rules": (SegmentRule("cyclists", 10),)}, "target"),
        ({"rules": (SegmentRule("cyclists", share=0.5),)}, "target"),
        ({"rules": (SegmentRule("groups", unless=True),)}, "target"),
        ({"rules": (SegmentRule("nobody-counts-them"),)}, "target"),
        ({"rules": (SegmentRule("nobody-counts-them", unless=True),)}, "target"),
        ({"rules": (SegmentRule("cyclists"),), "sensitive": True}, "tact"),
        ({"rules": (SegmentRule("minors"),)}, "tact"),
        ({"plays_most": 5}, "spent"),
        ({"plays_per_hour": 4, "pacing": "asap"}, "hourly"),
        ({"plays_per_hour": 30, "pacing": "even"}, "hourly"),
        ({"plays_most": 1000, "pacing": "even", "flights": (Flight(T - 100, T + 1e7),)}, "paced"),
        ({"share_of_voice": 0.5}, "voice"),
    ],
)
def test_why_a_campaign_is_passed_over(changed, why):
    crowd = replace(MANY, now=dict(MANY.now) | {"minors": "5-9"})
    around = context(triggers={"weather": "rain"}, barred=frozenset({"minors"}), crowd=crowd)
    progress = Progress(total=5, hour=4, last=T - 60, voice_s=-3.0)
    decision = taken([campaign("tea", **changed)], around, standing={"tea": progress})
    assert (decision.creative, decision.reason.passed_over) == (None, {why: 1})


@pytest.mark.parametrize(
    "changed",
    [
        {"dayparts": (Daypart(frozenset({4}), 1200, 723),)},
        {"dayparts": (Daypart(frozenset({5}), 700, 723),)},
        {"rules": (NearRule(12),)},
        {"rules": (TriggerRule("weather", "rain"), TriggerRule("weather", "sun", unless=True))},
        {"rules": (SegmentRule("groups", 10),)},
        {"rules": (SegmentRule("groups", share=0.8),)},
        {"rules": (SegmentRule("cyclists", 20, over="lately"),)},
        {"rules": (SegmentRule("cyclists", 10, unless=True),)},
        {"plays_most": 6},
        {"plays_per_hour": 5, "pacing": "asap"},
        {"plays_per_hour": 60, "pacing": "even"},
        {"share_of_voice": 0.5},
    ],
)
def test_when_it_may_be_on(changed):
    around = context(triggers={"weather": "rain"})
    progress = Progress(total=5, hour=4, last=T - 60, voice_s=0.0)
    assert taken([campaign("tea", **changed)], around, standing={"tea": progress}).campaign == "tea"


bands = st.sampled_from(["few", "5-9", "10-19", "20+"])
segments = st.dictionaries(st.sampled_from(["cyclists", "groups", "minors"]), bands)
few = st.builds(
    Crowd, known=st.just(True), near=st.integers(0, 1), now=segments, lately_n=st.integers(0, 99), lately=segments
)
unknown = st.builds(Crowd, known=st.just(False), near=st.integers(0, 99), now=segments, lately=segments)
rule = st.builds(
    SegmentRule,
    segment=st.sampled_from(["cyclists", "groups", "minors"]),
    at_least=st.sampled_from([5, 10, 20]),
    share=st.none() | st.floats(0.01, 1),
    over=st.sampled_from(["now", "lately"]),
    unless=st.booleans(),
)
attribute_rules = st.lists(rule, min_size=1, max_size=3).map(tuple)


@given(crowd=few | unknown, rules=attribute_rules, slot=st.integers(0, 500), seed=st.text(max_size=4))
def test_before_a_lone_viewer_nobody_is_aimed_at(crowd, rules, slot, seed):
    """Whatever is known of who is there: only slots in which everybody is shown the same may show it."""
    around = context(T + slot * SLOT_S, crowd=crowd)
    shares = Shares(0.5, 0.3, 0.2)
    decision = taken([campaign("tea", rules=rules, shares=shares)], around, seed=seed)
    if decision.creative is not None:
        assert (decision.arm, decision.reason.code) == ("everyone", "everyone")
    assert decision.reason.segments == {}


@given(crowd=few | unknown, rules=attribute_rules, slot=st.integers(0, 500))
def test_to_everyone_means_whoever_is_there(crowd, rules, slot):
    """What is shown in such a slot does not depend on who is there."""
    of = campaign("tea", rules=rules, shares=Shares(0.5, 0.3, 0.2))
    t = T + slot * SLOT_S
    drawn = arm(SEED, site="shop", screen="entry", campaign="tea", slot=slot_of(t), shares=of.shares)
    if drawn == "everyone":
        assert taken([of], context(t, crowd=crowd)).creative == "tea-1"


@given(near=st.integers(0, 50), now=segments, slot=st.integers(0, 500))
def test_nobody_is_ever_aimed_at_by_what_may_be_children(near, now, slot):
    around = context(T + slot * SLOT_S, crowd=Crowd(True, near, now), barred=frozenset({"minors"}))
    of = aimed("tea", "minors", shares=Shares(0.5, 0.3, 0.2))
    assert taken([of], around).campaign is None


def test_in_a_slot_of_nothing_the_default_plays_in_its_place():
    of = campaign("tea", shares=Shares())
    for t in slots_of("nothing", "tea", shares=of.shares)[:20]:
        decision = taken([of], context(t))
        assert (decision.campaign, decision.creative, decision.arm) == ("tea", None, "nothing")
        assert (decision.reason.code, decision.seconds) == ("held", 10.0)


def test_the_holdout_keeps_its_shares_and_frees_of_segments_only():
    of = campaign("tea", shares=Shares(0.5, 0.25, 0.25), rules=(SegmentRule("cyclists"), NearRule(3)))
    alone, three = Crowd(True, 1, {"cyclists": "few"}), Crowd(True, 3, {"cyclists": "few"})
    arms = Counter(taken([of], context(T + n * SLOT_S, crowd=three)).arm for n in range(1000))
    assert arms["everyone"] == pytest.approx(250, abs=40)
    assert set(arms) == {"everyone", None}
    assert {taken([of], context(T + n * SLOT_S, crowd=alone)).campaign for n in range(200)} == {None}


def test_an_a_a_test_shows_the_same_in_every_arm():
    of = aimed("tea", shares=Shares(same=True))
    decisions = [taken([of], context(T + n * SLOT_S)) for n in range(200)]
    assert {decision.creative for decision in decisions} == {"tea-1"}
    assert {decision.arm for decision in decisions} == {"targeted", "everyone", "nothing"}


def test_the_higher_priority_goes_first_and_makes_room_when_it_is_not_due():
    first, last = campaign("first", priority=5, plays_per_hour=6), campaign("last", priority=1)
    assert taken([last, first]).campaign == "first"
    assert taken([last, first], standing={"first": Progress(hour=6, last=T - 10)}).campaign == "last"


def test_who_is_owed_goes_before_who_is_free():
    assert taken([campaign("free"), campaign("owed", share_of_voice=0.1)]).campaign == "owed"


def beliefs(**means):
    return {key.replace("__", "/").replace("_", "-"): (mean, 0.1, 20.0) for key, mean in means.items()}


def test_every_arm_keeps_its_floor_and_what_was_drawn_is_what_was_told():
    """The share of draws is the propensity that is logged; the worst arm never falls under the floor."""
    creatives = tuple(Creative(f"tea-{n}", "image", 10) for n in range(4))
    of = campaign("tea", creatives=creatives)
    learned = {creative_key("tea", f"tea-{n}"): (float(n), 0.2, 30.0) for n in range(4)}
    decisions = [taken([of], context(T + n), learned=learned) for n in range(400)]
    assert min(decision.propensity for decision in decisions) >= FLOOR
    counts = Counter(decision.creative for decision in decisions)
    assert set(counts) == {creative.id for creative in creatives}
    assert counts["tea-3"] / 400 == pytest.approx(1 - 3 * FLOOR, abs=0.06)


@given(
    means=st.lists(st.floats(0.1, 50), min_size=2, max_size=8),
    scale=st.floats(0.01, 20),
    second=st.integers(0, 100_000),
)
def test_no_eligible_campaign_is_starved(means, scale, second):
    all_of = [campaign(f"c{n}") for n in range(len(means))]
    learned = {f"c{n}": (mean, scale, 10.0) for n, mean in enumerate(means)}
    decision = taken(all_of, context(T + second), learned=learned)
    assert decision.campaign is not None
    assert FLOOR - 1e-9 <= decision.propensity <= 1


def test_creatives_may_be_told_apart_by_what_they_brought():
    """Shape and plays of a rate: the one that brings more is on most of the time, the other keeps its floor."""
    of = campaign("tea", creatives=(Creative("tea-1", "image", 10), Creative("tea-2", "image", 10)))
    learned = {creative_key("tea", "tea-1"): (4.0, 400.0), creative_key("tea", "tea-2"): (40.0, 400.0)}
    decisions = [taken([of], context(T + n), learned=learned) for n in range(300)]
    counts = Counter(decision.creative for decision in decisions)
    assert counts["tea-2"] / 300 == pytest.approx(1 - FLOOR, abs=0.05)
    assert min(decision.propensity for decision in decisions) == pytest.approx(FLOOR)
    mixed = learned | {creative_key("tea", "tea-1"): (4.0, 1.0, 9.0)}
    assert taken([of], learned=mixed).propensity == 0.5


def test_what_was_learned_of_only_some_favours_none():
    all_of = [campaign("a"), campaign("b")]
    decisions = [taken(all_of, context(T + n), learned=beliefs(a=50)) for n in range(400)]
    assert {decision.propensity for decision in decisions} == {0.5}
    assert Counter(decision.campaign for decision in decisions)["a"] == pytest.approx(200, abs=40)


RIVALS = (
    campaign("cola", category="cola", rivals=frozenset({"kvass"})),
    campaign("kvass", category="kvass"),
)


def test_rivalry_holds_both_ways_and_never_within_a_campaign():
    cola, kvass = RIVALS
    assert rivals(cola, kvass)
    assert rivals(kvass, cola)
    own = replace(cola, rivals=frozenset({"cola"}))
    assert not rivals(own, own)
    assert not rivals(cola, campaign("water"))


@pytest.mark.parametrize("over", [0.0, 10.0, APART_S - 1])
def test_rivals_are_never_next_to_each_other_also_over_the_default(over):
    cola, kvass = RIVALS
    for one, other in ((cola, kvass), (kvass, cola)):
        last = Neighbour(one.id, one.category, one.rivals, T - over)
        decision = taken([other], context(last=last))
        assert (decision.campaign, decision.reason.passed_over) == (None, {"rival": 1})
        assert taken([one], context(last=last)).campaign == one.id
        assert taken([other], context(last=replace(last, until=T - APART_S))).campaign == other.id


def played(campaigns, *, seconds):
    """A screen that is played one turn after the other: (instant, campaign or None, seconds) of each."""
    t, last, turns = T, None, []
    while t < T + seconds:
        decision = taken(campaigns, context(t, last=last))
        lasts = decision.seconds or 5.0
        turns.append((t, decision.campaign, lasts))
        if decision.campaign:
            of = next(each for each in campaigns if each.id == decision.campaign)
            last = Neighbour(of.id, of.category, of.rivals, t + lasts)
        t += lasts
    return turns


@given(
    category=st.lists(st.sampled_from(["cola", "kvass", "water", None]), min_size=2, max_size=5),
    rival_of=st.lists(st.sets(st.sampled_from(["cola", "kvass", "water"])), min_size=5, max_size=5),
)
def test_in_an_hour_of_play_no_rival_follows_a_rival(category, rival_of):
    all_of = [campaign(f"c{n}", category=of, rivals=frozenset(rival_of[n])) for n, of in enumerate(category)]
    by_id = {of.id: of for of in all_of}
    shown = [(t, by_id[key]) for t, key, _ in played(all_of, seconds=1500) if key]
    for (t0, one), (t1, other) in itertools.pairwise(shown):
        if rivals(one, other):
            assert t1 - (t0 + 10) >= APART_S


def test_neither_of_two_rivals_waits_for_ever():
    turns = Counter(key for _, key, _ in played(list(RIVALS), seconds=6 * 3600))
    assert turns["cola"] > 400
    assert turns["kvass"] > 400


def running(key, *, since=T - 5, until=T + 5, against=frozenset()):
    return Airing(key, since, until, frozenset(against))


def test_what_is_on_stays_until_it_ends():
    tea, now = campaign("tea"), campaign("now", switch="now")
    on = running("tea", against={"tea", "now"})
    assert taken([tea, now], context(on=on)).stays
    assert not taken([tea, now], context(on=replace(on, until=T))).stays


def test_at_once_cuts_in_and_next_waits():
    tea, eager, patient = campaign("tea"), aimed("eager", switch="now"), aimed("patient")
    on = running("tea", against={"tea"})
    cut = taken([tea, eager, patient], context(on=on))
    assert (cut.campaign, cut.switch) == ("eager", "now")
    assert taken([tea, patient], context(on=on)).stays


def test_who_could_have_had_the_turn_or_is_of_lower_priority_does_not_cut_in():
    tea, eager = campaign("tea", priority=4), aimed("eager", switch="now", priority=3)
    assert taken([tea, eager], context(on=running("tea"))).stays
    assert taken([campaign("tea"), eager], context(on=running("tea", against={"tea", "eager"}))).stays


@pytest.mark.parametrize(("on", "least_s"), [(None, LEAST_DEFAULT_S), ("tea", LEAST_ON_S)])
def test_nothing_flickers(on, least_s):
    """Not even the default is cut before it could be seen; and what gave way once is not given way to at once."""
    all_of = [campaign("tea"), aimed("eager", switch="now")]
    assert taken(all_of, context(on=running(on, since=T - least_s + 0.1))).stays
    assert taken(all_of, context(on=running(on, since=T - least_s))).campaign == ("eager" if on else "tea")


def test_the_default_gives_way_to_anyone():
    decision = taken([campaign("tea")], context(on=running(None, until=T + 3000)))
    assert (decision.campaign, decision.switch) == ("tea", "now")


def test_a_campaign_that_was_withdrawn_is_cut():
    decision = taken([campaign("tea")], context(on=running("gone")))
    assert (decision.campaign, decision.switch) == ("tea", "now")
    assert taken([], context(on=running("gone"))).reason.code == "nobody"


def test_screens_in_step_show_only_what_is_meant_for_all_of_them():
    around = context(in_step=frozenset({"till"}), portrait=None)
    assert taken([campaign("tea", screens=frozenset({"entry", "till"}))], around).campaign == "tea"
    assert taken([campaign("tea", screens=frozenset({"entry"}))], around).campaign is None
    upright = (Creative("c", "image", 10, portrait=False),)
    assert taken([campaign("tea", creatives=upright)], around).campaign is None


def test_order_and_time_within_the_second_change_nothing():
    all_of = [campaign(f"c{n}") for n in range(6)]
    assert taken(all_of) == taken(all_of[::-1])
    assert taken(all_of).campaign == taken(all_of, context(T + 0.4)).campaign
    others = {taken(all_of, context(T + n)).campaign for n in range(40)}
    assert others == {of.id for of in all_of}
    assert {taken(all_of, seed=f"{n}").campaign for n in range(40)} == others
