from datetime import UTC, datetime
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.screens import Media, Show
from vitrina.simulate.players import Player

T = 1_763_812_800.0


def show(decision, *, at=T, lasts_s=60.0, switch="now", seconds=10.0):
    media = Media(kind="image", sha256="0" * 64, type="image/webp", seconds=seconds)
    return Show(
        screen="till",
        decision=f"decision-{decision}",
        campaign="tea",
        creative="tea-1",
        media=media,
        at=datetime.fromtimestamp(at, UTC),
        until=datetime.fromtimestamp(at + lasts_s, UTC),
        switch=switch,
        reason="test",
    )


@pytest.fixture
def player():
    return Player("shop", "till", np.random.default_rng(1))


def told(messages):
    return [(m.data.decision, m.data.started_at.timestamp() - T, m.data.seconds, m.data.outcome) for m in messages]


def test_a_play_to_its_end_is_proved_and_played_again_while_it_holds(player):
    player.hear(show(1, lasts_s=25), T)
    assert told(player.tick(T + 40)) == [("decision-1", 10 * i, 10, "whole") for i in range(3)]
    assert told(player.tick(T + 90)) == []


def test_at_once_cuts_what_is_on(player):
    player.hear(show(1), T)
    assert told(player.hear(show(2), T + 4)) == [("decision-1", 0, 4, "cut")]


def test_next_waits_for_the_end(player):
    player.hear(show(1), T)
    assert told(player.hear(show(2, switch="next"), T + 4)) == []
    assert told(player.tick(T + 21)) == [("decision-1", 0, 10, "whole"), ("decision-2", 10, 10, "whole")]


def test_a_late_decision_is_not_shown(player):
    assert told(player.hear(show(1, lasts_s=5), T + 6)) == []
    assert told(player.tick(T + 30)) == []


def test_the_same_decision_again_changes_nothing(player):
    player.hear(show(1), T)
    assert told(player.hear(show(1), T + 4)) == []


@given(st.lists(st.tuples(st.floats(0.1, 30), st.sampled_from(["now", "next"])), min_size=1, max_size=20))
def test_plays_neither_overlap_nor_leave_gaps(steps):
    player, now, plays = Player("shop", "till", np.random.default_rng(1)), T, []
    for i, (pause_s, switch) in enumerate(steps):
        plays += player.hear(show(i, at=now, lasts_s=1e6, switch=switch), now)
        now += pause_s
        plays += player.tick(now)
    spans = [(m.data.started_at.timestamp(), m.data.seconds) for m in plays]
    for (start, seconds), (following, _) in pairwise(spans):
        assert following == pytest.approx(start + seconds, abs=0.002)
