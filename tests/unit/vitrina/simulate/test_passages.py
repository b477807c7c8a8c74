import numpy as np
import pytest

from contract.geometry import points_in_polygon
from vitrina.simulate.noise import Faults, WeakPlace, spoil
from vitrina.simulate.passages import (
    DOOR,
    LOST,
    arrivals_in_cells,
    crossings,
    inside_zones,
    moves,
    stop_rows,
    visits,
)
from vitrina.simulate.samples import instants, sample, split

LEFT = np.array([(0, 0), (4, 0), (4, 4), (0, 4)], float)
RIGHT = np.array([(6, 0), (10, 0), (10, 4), (6, 4)], float)


@pytest.fixture
def crossing(walk):
    """From the left to the right zone at 1 m/s, with 10 s of standing in the middle of the right one."""
    return walk((100, 1, 2), (107, 8, 2), (117, 8, 2), (125, 16, 2))


def found(samples, gap_s=1.0):
    return visits(samples, inside_zones(samples, [LEFT, RIGHT]), gap_s=gap_s)


def test_visits_have_their_length_and_say_how_they_were_seen(crossing):
    seen = found(sample([crossing], 0.1))
    assert seen.zone.tolist() == [0, 1]
    np.testing.assert_allclose(seen.stay_s, [3, 14], atol=0.21)
    assert seen.late.tolist() == [True, False]
    assert seen.broken.tolist() == [False, False]
    assert seen.stopped.tolist() == [False, True]


def test_a_broken_track_is_two_visits_of_which_the_second_is_late(crossing):
    samples = sample([crossing], 0.1)
    seen = found(split(samples, samples.tick == 1120))
    assert seen.zone.tolist() == [0, 1, 1]
    assert seen.late.tolist() == [True, False, True]
    assert seen.broken.tolist() == [False, True, False]
    assert seen.stay_s[1:].sum() == pytest.approx(14, abs=0.21)


@pytest.mark.parametrize(("gap_s", "count"), [(1.0, 2), (3.0, 1)])
def test_a_short_way_out_is_no_leaving(walk, gap_s, count):
    out = walk((0, 2, 2), (10, 2, 2), (10.1, 5, 2), (12, 5, 2), (12.1, 2, 2), (20, 2, 2))
    seen = found(sample([out], 0.1), gap_s)
    assert len(seen) == count
    assert seen.again.tolist() == [False, True][:count]


def test_who_is_hidden_inside_is_still_there(walk):
    samples = sample([walk((0, 2, 2), (20, 2, 2))], 0.1)
    seen = found(samples[(samples.tick < 50) | (samples.tick > 75)])
    assert len(seen) == 1
    assert seen.stay_s[0] == pytest.approx(20.1)


def test_a_stop_is_told_once_and_walking_is_none(walk, crossing):
    samples = sample([crossing, walk((0, 0, 0), (30, 18, 0)), walk((0, 1, 1), (9, 1, 1), (12, 4, 1), (20, 4, 1))], 0.1)
    rows = stop_rows(samples)
    assert samples.person[rows].tolist() == [0, 2, 2]
    assert samples.t[rows[0]] == pytest.approx(110, abs=1)


def test_ways_lead_from_zone_to_zone_from_door_to_door_or_are_lost(crossing):
    samples = sample([crossing], 0.1)
    samples = split(samples, samples.tick == 1120)
    seen, everyone, nobody = found(samples), np.ones(2, bool), np.zeros(2, bool)

    def told(came, left):
        went = moves(samples, seen, np.ones(2, bool), came, left)
        return sorted(zip(went.source.tolist(), went.target.tolist(), strict=True))

    assert told(everyone, everyone) == sorted([(DOOR, 0), (0, 1), (1, DOOR), (DOOR, 1), (1, DOOR)])
    assert told(np.array([True, False]), np.array([False, True])) == sorted(
        [(DOOR, 0), (0, 1), (1, LOST), (LOST, 1), (1, DOOR)]
    )
    assert told(nobody, nobody).count((1, LOST)) == 2


def test_brushing_a_zone_is_no_station(walk):
    samples = sample([walk((0, 3.5, 2), (0.6, 4.1, 2), (10, 9, 2))], 0.1)
    went = moves(samples, found(samples), np.ones(2, bool), np.ones(1, bool), np.ones(1, bool))
    assert list(zip(went.source.tolist(), went.target.tolist(), strict=True)) == [(DOOR, 1), (1, DOOR)]


def test_lines_know_the_way_they_are_crossed(walk):
    there_and_back = sample([walk((0, 5, -3), (6, 5, 3), (12, 5, -3)), walk((0, 20, -3), (6, 20, 3))], 0.1)
    crossed = crossings(there_and_back, np.array([(0, 0.05), (10, 0.05)], float))
    assert crossed.sign.tolist() == [1, -1]  # the first from the line's left to its right as y grows
    assert there_and_back.person[crossed.row].tolist() == [0, 0]


def test_cells_are_come_into_once(walk):
    samples = sample([walk((0, 0.5, 0.5), (5, 5.4, 0.5), (10, 0.5, 0.5))], 0.1)
    rows = arrivals_in_cells(samples, np.floor(samples.xy[:, 0]).astype(int), gap_s=1.0)
    came = np.bincount(np.floor(samples.xy[rows, 0]).astype(int))
    assert came.tolist() == [2, 2, 2, 2, 1, 1]  # away from the last but one for less than a second


def test_instants_are_told_also_when_nobody_is_there(walk):
    samples = sample([walk((0, 0, 0), (1, 1, 0)), walk((3, 0, 0), (4, 1, 0)), walk((3.5, 5, 5), (4, 5, 5))], 0.5)
    told = [(tick, samples.person[rows].tolist()) for tick, rows in instants(samples)]
    assert told == [(0, [0]), (1, [0]), (2, [0]), (3, []), (4, []), (5, []), (6, [1]), (7, [1, 2]), (8, [1, 2])]


def test_faults_are_as_many_and_as_large_as_ordered(walk, rng):
    samples = sample([walk((0, 1, 1), (2000, 1, 1)) for _ in range(20)], 0.5)
    spoilt = spoil(samples, Faults(0.1, 200, 0.1), rng)
    assert len(spoilt) / len(samples) == pytest.approx(0.9, abs=0.01)
    assert int(spoilt.track.max()) + 1 == pytest.approx(20 + 40_000 / 200, rel=0.15)
    error = spoilt.xy - (1, 1)
    assert error.std() == pytest.approx(0.1, rel=0.1)
    assert np.corrcoef(error[:-1, 0], error[1:, 0])[0, 1] == pytest.approx(np.exp(-0.5), abs=0.08)
    assert np.unique(spoilt.track).tolist() == list(range(int(spoilt.track.max()) + 1))


def test_without_faults_everything_is_as_it_was(walk, rng):
    samples = sample([walk((0, 1, 1), (20, 9, 1))], 0.5)
    same = spoil(samples, Faults(0, 0, 0), rng)
    np.testing.assert_array_equal(same.xy, samples.xy)
    np.testing.assert_array_equal(same.track, samples.track)


def test_tracks_break_in_a_weak_place(walk, rng):
    samples = sample([walk((0, 1, 2), (500, 1, 2)), walk((0, 8, 2), (500, 8, 2))], 0.5)
    spoilt = spoil(samples, Faults(0, 0, 0, (WeakPlace(RIGHT, 10.0),)), rng)
    tracks = [len(np.unique(spoilt.track[points_in_polygon(spoilt.xy, zone)])) for zone in (LEFT, RIGHT)]
    assert tracks[0] == 1
    assert tracks[1] == pytest.approx(51, abs=20)
