"""What is known of a track, and what is left when it ends."""

from dataclasses import replace

import numpy as np

from contract.segments import AGES, GENDERS
from edge.analytics.audience import LocalTime
from edge.analytics.knowledge import Knowledge
from edge.analytics.pace import PASSING, STANDING, UNKNOWN
from edge.arrays import Traits

NOON = LocalTime(0, 720)
ROW = np.array([5])


def spend(knowledge, seconds, *, inside=(False, False), pace=PASSING, group=1, rows=ROW):
    knowledge.spend(rows, seconds, inside=np.array([inside]), pace=np.array([pace], np.int8), group=np.array([group]))


def begun():
    knowledge = Knowledge(2)
    knowledge.begin(ROW)
    return knowledge


def traits(**told):
    return replace(Traits.none(1), **told)


def test_nothing_is_known_at_first_nor_of_the_next_in_the_row():
    knowledge = begun()
    knowledge.learn(ROW, traits(transport=np.array([3], np.uint16), gender=np.array([0], np.int8)))
    spend(knowledge, 9, inside=(True, False), group=4)
    knowledge.stand(ROW, np.array([[True, False]]))
    knowledge.begin(ROW)
    facts = knowledge.of(ROW).facts(NOON)
    assert (facts.transport[0], facts.group[0], facts.pace[0]) == (0, 1, UNKNOWN)
    assert (GENDERS[facts.gender[0]], AGES[facts.age[0]]) == ("unknown", "unknown")
    assert not facts.been_s.any()
    assert not facts.stopped.any()


def test_what_was_seen_once_stays_known():
    knowledge = begun()
    knowledge.learn(ROW, traits(transport=np.array([2], np.uint16), age=np.array([1], np.int8)))
    knowledge.learn(ROW, traits(transport=np.array([4], np.uint16)))
    facts = knowledge.now(ROW, NOON, pace=np.array([STANDING], np.int8), group=np.array([1]))
    assert facts.transport[0] == 6
    assert AGES[facts.age[0]] == "18-34", "a look that says nothing takes nothing back"


def test_of_a_whole_stay_the_longest_pace_and_the_largest_lasting_group_count():
    knowledge = begun()
    spend(knowledge, 3, pace=PASSING, group=1)
    spend(knowledge, 2, pace=STANDING, group=2)
    spend(knowledge, 2, pace=STANDING, group=2)
    spend(knowledge, 0.5, pace=UNKNOWN, group=7)
    facts = knowledge.of(ROW).facts(NOON)
    assert (facts.pace[0], facts.group[0]) == (STANDING, 2)


def test_who_was_followed_elsewhere_brings_what_is_known():
    there, here = begun(), Knowledge(2)
    other = np.array([9])
    here.begin(other)
    spend(there, 8, inside=(True, False), group=3)
    there.stand(ROW, np.array([[True, False]]))
    there.learn(ROW, traits(transport=np.array([1], np.uint16), gender=np.array([1], np.int8)))
    spend(here, 2, inside=(True, True), rows=other)
    here.learn(other, traits(age=np.array([3], np.int8)))
    here.take_over(other, there.of(ROW))
    facts = here.of(other).facts(NOON)
    assert facts.been_s.tolist() == [[8, 2]], "both saw the last two seconds"
    assert facts.stopped.tolist() == [[True, False]]
    assert (facts.transport[0], facts.group[0], GENDERS[facts.gender[0]], AGES[facts.age[0]]) == (1, 3, "male", "55+")
