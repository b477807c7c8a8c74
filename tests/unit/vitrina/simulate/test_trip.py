import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.coverage import walkable
from contract.site import Floor
from vitrina.simulate.floor import Walkway
from vitrina.simulate.trip import Trip

FLOOR = Floor.model_validate(
    {"bounds_m": [[0, 0], [10, 8]], "fixtures": [{"polygon_m": [(3, 2), (7, 2), (7, 5), (3, 5)]}]}
)
WALKWAY = Walkway(FLOOR)
FREE = np.flatnonzero(WALKWAY.free).tolist()


@settings(max_examples=40, deadline=None)
@given(
    stops=st.lists(st.tuples(st.sampled_from(FREE), st.floats(0, 60)), min_size=1, max_size=5),
    speed=st.floats(0.4, 1.5),
    people=st.integers(1, 6),
    seed=st.integers(0, 99),
)
def test_everyone_stays_on_the_floor_within_their_speed_and_together(stops, speed, people, seed):
    trip = Trip(WALKWAY, FREE[0], 100.0, speed_m_s=speed, rng=np.random.default_rng(seed))
    for cell, stay_s in stops:
        trip.walk(cell)
        trip.stand(trip.t + stay_s)
    walks = trip.walks(people)
    assert len(walks) == people
    for walk in walks:
        assert (np.diff(walk.t) > 0).all()
        assert (walk.t[0], walk.t[-1]) == (100.0, trip.t)
        t = np.arange(100, trip.t, 0.25)
        assert walkable(FLOOR, walk.at(t)).all()
        # Swaying on the spot, and closing up to the others, add a little.
        assert np.linalg.norm(np.diff(walk.at(t), axis=0), axis=1).max(initial=0) <= 0.25 * (1.9 * speed + 0.3)
        assert np.linalg.norm(walk.at(t) - walks[0].at(t), axis=1).max(initial=0) < 0.7 * 5 * 1.2 + 0.5


def test_walking_takes_as_long_as_it_should_and_standing_too():
    trip = Trip(WALKWAY, WALKWAY.nearest(np.array([1, 1])), 0.0, speed_m_s=1.0, rng=np.random.default_rng(1))
    trip.walk(WALKWAY.nearest(np.array([9, 1])))
    assert trip.t == pytest.approx(8 + 1, abs=0.5)  # a second is lost in getting up to speed and slowing down
    trip.stand(trip.t + 30)
    (walk,) = trip.walks(1)
    still = walk.at(np.arange(trip.t - 30, trip.t))
    assert np.linalg.norm(still - still[0], axis=1).max() < 0.45
