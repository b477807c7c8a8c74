"""Predicates as code."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.segments import AGES, GENDERS, TRANSPORT, Segment
from edge.analytics.audience import Facts, LocalTime, Senses, compile_segments
from edge.analytics.pace import PASSING, STANDING, STROLLING, UNKNOWN

ZONES = ("bakery", "toys")
ALL = Senses(frozenset(TRANSPORT), faces=True)


def facts(n=1, **known):
    """Of n people of whom nothing is known but what is given, for all the same."""
    default = {
        "time": LocalTime(0, 12 * 60),
        "transport": np.zeros(n, np.uint16),
        "group": np.ones(n, np.int64),
        "pace": np.full(n, UNKNOWN, np.int8),
        "been_s": np.zeros((n, 2)),
        "stopped": np.zeros((n, 2), bool),
        "gender": np.full(n, GENDERS.index("unknown"), np.int8),
        "age": np.full(n, AGES.index("unknown"), np.int8),
    }
    return replace(Facts(**default), **known)


def segments(when, senses=ALL, zones=ZONES):
    return compile_segments({"it": Segment.model_validate({"when": when})}, zones, senses)


def means(when, **known):
    return bool(segments(when).of(facts(**known))[0, 0])


def bits(*names):
    return np.array([sum(1 << TRANSPORT.index(name) for name in names)], np.uint16)


@pytest.mark.parametrize(
    ("when", "known", "holds"),
    [
        ({"transport": ["bicycle", "car"]}, {"transport": bits("car", "dog")}, True),
        ({"transport": ["bicycle", "car"]}, {"transport": bits("dog")}, False),
        ({"group": {"at_least": 2}}, {"group": np.array([1])}, False),
        ({"group": {"at_least": 2}}, {"group": np.array([9])}, True),
        ({"group": {"at_least": 2, "at_most": 3}}, {"group": np.array([4])}, False),
        ({"pace": ["strolling", "standing"]}, {"pace": np.array([STROLLING], np.int8)}, True),
        ({"pace": ["strolling", "standing"]}, {"pace": np.array([PASSING], np.int8)}, False),
        ({"pace": ["passing", "strolling", "standing"]}, {"pace": np.array([UNKNOWN], np.int8)}, False),
        ({"visited": {"zone": "toys"}}, {}, False),
        ({"visited": {"zone": "toys"}}, {"been_s": np.array([[0, 0.1]])}, True),
        ({"visited": {"zone": "toys", "at_least_s": 5}}, {"been_s": np.array([[9, 4.9]])}, False),
        ({"visited": {"zone": "toys", "at_least_s": 5}}, {"been_s": np.array([[0, 5.0]])}, True),
        ({"stopped": {"zone": "toys"}}, {"stopped": np.array([[True, False]])}, False),
        ({"stopped": {"zone": "toys"}}, {"stopped": np.array([[False, True]])}, True),
        ({"stopped": {"zone": "toys", "at_least_s": 5}}, {"stopped": np.array([[False, True]]), "been_s": np.array([[0, 4.0]])}, False),
        ({"hours": ["07:00-10:30"]}, {"time": LocalTime(0, 7 * 60)}, True),
        ({"hours": ["07:00-10:30"]}, {"time": LocalTime(0, 10.5 * 60)}, False),
        ({"hours": ["22:00-06:00"]}, {"time": LocalTime(0, 5 * 60)}, True),
        ({"hours": ["22:00-06:00"]}, {"time": LocalTime(0, 12 * 60)}, False),
        ({"hours": ["22:00-24:00"]}, {"time": LocalTime(0, 24 * 60 - 0.1)}, True),
        ({"weekdays": ["sat", "sun"]}, {"time": LocalTime(6, 0)}, True),
        ({"weekdays": ["sat", "sun"]}, {"time": LocalTime(0, 0)}, False),
        ({"gender": ["female"]}, {"gender": np.array([0], np.int8)}, True),
        ({"gender": ["unknown"]}, {}, True),
        ({"age": ["18-34", "35-54"]}, {"age": np.array([2], np.int8)}, True),
        ({"age": ["18-34", "35-54"]}, {}, False),
        ({"group": {"at_least": 2}, "pace": ["standing"]}, {"group": np.array([2])}, False),
        ({"group": {"at_least": 2}, "unless": {"pace": ["standing"]}}, {"group": np.array([2])}, True),
        ({"any": [{"group": {"at_least": 2}}, {"pace": ["standing"]}]}, {"pace": np.array([STANDING], np.int8)}, True),
        ({"any": [{"group": {"at_least": 2}}, {"pace": ["standing"]}]}, {}, False),
    ],
)  # fmt: skip
def test_what_a_predicate_means(when, known, holds):
    assert means(when, **known) is holds


@pytest.mark.parametrize(
    ("when", "senses", "known"),
    [
        ({"transport": ["stroller"]}, Senses(frozenset({"bicycle"})), False),
        ({"transport": ["stroller", "bicycle"]}, Senses(frozenset({"bicycle"})), True),
        ({"unless": {"transport": ["stroller"]}}, Senses(), False),
        ({"gender": ["female"]}, Senses(frozenset(TRANSPORT)), False),
        ({"gender": ["female"]}, Senses(faces=True), True),
        ({"any": [{"age": ["55+"]}, {"pace": ["standing"]}]}, Senses(), True),
        ({"any": [{"age": ["55+"]}]}, Senses(), False),
        ({"group": {"at_least": 2}, "age": ["55+"]}, Senses(), False),
        ({"visited": {"zone": "elsewhere"}}, ALL, False),
        ({"hours": ["07:00-08:00"]}, Senses(), True),
    ],
)
def test_what_cannot_be_known_is_left_out_and_named(when, senses, known):
    compiled = segments(when, senses)
    assert (compiled.ids, compiled.unknown) == ((("it",), ()) if known else ((), ("it",)))
    assert len(compiled.digests) == len(compiled) == known


def test_it_is_said_what_segments_ask_for():
    asks = [segments({"unless": {"any": [{"group": {"at_least": 2}}]}}), segments({"stopped": {"zone": "toys"}})]
    assert [one.groups for one in asks] == [True, False]


predicates = st.recursive(
    st.sampled_from(
        [
            {"transport": ["dog"]},
            {"group": {"at_least": 2}},
            {"pace": ["standing"]},
            {"visited": {"zone": "toys", "at_least_s": 3}},
            {"age": ["18-34"]},
        ]
    ),
    lambda inner: st.one_of(
        st.fixed_dictionaries({"any": st.lists(inner, min_size=1, max_size=2)}),
        st.fixed_dictionaries({"unless": inner}),
    ),
    max_leaves=3,
)


@given(st.lists(predicates, min_size=1, max_size=4), st.integers(0, 2**31))
def test_each_person_is_judged_alone(whens, seed):
    rng, n = np.random.default_rng(seed), 12
    known = facts(
        n,
        transport=rng.choice([0, bits("dog")[0]], n).astype(np.uint16),
        group=rng.integers(1, 4, n),
        pace=rng.integers(-1, 3, n).astype(np.int8),
        been_s=rng.uniform(0, 6, (n, 2)),
        age=rng.integers(0, 5, n).astype(np.int8),
    )
    named = {f"s{k}": Segment.model_validate({"when": when}) for k, when in enumerate(whens) if _depth(when) <= 4}
    compiled = compile_segments(named, ZONES, ALL)
    together = compiled.of(known)
    assert together.shape == (len(named), n)
    for k in range(n):
        one = {name: getattr(known, name)[k : k + 1] for name in Facts.__slots__ if name != "time"}
        assert (compiled.of(replace(known, **one))[:, 0] == together[:, k]).all()


def _depth(when):
    inner = [*when.get("any", []), *([when["unless"]] if "unless" in when else [])]
    return 1 + max(map(_depth, inner), default=0)
