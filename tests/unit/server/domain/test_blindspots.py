from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.domain.blindspots import find_blind_spots
from server.domain.ground import Counts, Ground, Unseen
from server.domain.smoothing import smooth

SHAPE = (48, 60)
CELL_M = 0.5
EVERYWHERE = np.ones(SHAPE, dtype=bool)
DOOR = np.array([SHAPE[0] - 1, 4])


def rectangle(rows, columns):
    mask = np.zeros(SHAPE, dtype=bool)
    mask[slice(*rows), slice(*columns)] = True
    return mask


FIXTURES = {
    f"shelf {c}{part}": rectangle(rows, (c, c + 3))
    for c in range(8, 56, 8)
    for part, rows in (("a", (8, 20)), ("b", (28, 40)))
}
WALKABLE = ~np.logical_or.reduce(list(FIXTURES.values()))
ZONES = {
    f"aisle {c}{part}": rectangle(rows, (c, c + 5))
    for c in range(11, 48, 8)
    for part, rows in (("a", (8, 20)), ("b", (28, 40)))
}
GROUND = Ground(
    cell_m=CELL_M,
    walkable=WALKABLE,
    unseen=np.zeros(SHAPE, dtype=np.int8),
    exit_m=np.hypot(*(np.indices(SHAPE) - DOOR[:, None, None])) * CELL_M,
    zones=ZONES,
    fixtures=FIXTURES,
)
COLD = rectangle((42, 48), (48, 58))
WEAK = rectangle((8, 20), (27, 32))
PASSED = ZONES["aisle 35b"]


def uneven(rng, sigma_cells, factor):
    field = smooth(rng.normal(size=SHAPE), EVERYWHERE, sigma_cells=sigma_cells)
    return np.exp(np.clip(field / field.std(), -1.5, 1.5) / 3 * np.log(factor))


def shop(rng, *, days=14, visits_per_cell=30.0, visited=1.0, stopped=1.0, lost=1.0):
    """Days in a shop whose places differ smoothly by a factor of two, with people counted in several cells each."""
    rate = visits_per_cell * uneven(rng, 6, 2) * visited * WALKABLE
    stop_share, hazard = 0.05 * uneven(rng, 6, 2) * stopped, uneven(rng, 6, 1.5) * lost / 200
    layers = []
    for _ in range(days):
        walks = rng.poisson(rate * uneven(rng, 5, 1.15) * rng.gamma(44, 1 / 44) / 3)
        visits = sum(np.roll(walks, step, (0, 1)) for step in ((0, 0), (0, 1), (1, 0))) * WALKABLE
        stops = rng.binomial(visits, np.minimum(stop_share, 1))
        person_s = rng.gamma(np.maximum(visits, 1e-9), 0.5) * (visits > 0) + rng.gamma(np.maximum(stops, 1e-9), 15)
        layers.append((person_s * WALKABLE, visits, stops, rng.poisson(person_s * hazard)))
    person_s, visits, stops, losses = (np.array(layer, dtype=float) for layer in zip(*layers, strict=True))
    return Counts(person_s, visits, stops, losses, np.full(days, 12 * 3600.0))


def planted(rng, **options):
    return shop(
        rng,
        visited=np.where(COLD, 0.2, 1),
        lost=np.where(WEAK, 6, 1),
        stopped=np.where(PASSED, 0.15, 1),
        **options,
    )


def named(found):
    return [patch for patch in found.patches if patch.kind != "unknown"]


def covered(found, kind):
    return np.logical_or.reduce([np.zeros(SHAPE, dtype=bool), *(p.mask for p in found.patches if p.kind == kind)])


def test_none_is_invented_on_a_floor_without_any():
    for seed in range(12):
        assert named(find_blind_spots(GROUND, shop(np.random.default_rng(seed)))) == []


@pytest.mark.parametrize("seed", range(4))
def test_each_planted_kind_is_found_and_nothing_else(seed):
    found = find_blind_spots(GROUND, planted(np.random.default_rng(seed)))
    for kind, place in (("cold", COLD), ("weakly_tracked", WEAK), ("passed_by", PASSED)):
        mask = covered(found, kind)
        assert (mask & place).sum() > 0.5 * (place & WALKABLE).sum(), kind
        assert (mask & ~place).sum() < 0.3 * mask.sum(), kind
    assert {patch.kind for patch in named(found)} == {"cold", "weakly_tracked", "passed_by"}


def test_patches_tell_where_what_and_how_sure():
    found = {patch.kind: patch for patch in named(find_blind_spots(GROUND, planted(np.random.default_rng(0))))}
    weak, cold, passed = found["weakly_tracked"], found["cold"], found["passed_by"]
    assert (weak.zone, weak.whole_zone, weak.advice) == ("aisle 27a", True, "turn_camera")
    assert weak.evidence.ratio.low > 2
    assert weak.evidence.rate == pytest.approx(6 / 200, rel=0.5)
    assert weak.exit_m == pytest.approx(np.median(GROUND.exit_m[weak.mask]))
    assert cold.evidence.ratio.high < 0.5
    assert cold.evidence.ratio.value == pytest.approx(0.2, abs=0.12)
    assert (passed.zone, passed.fixtures, passed.advice) == ("aisle 35b", ("shelf 32b", "shelf 40b"), "swap_goods")
    assert passed.evidence.rate < 0.5 * passed.evidence.usual
    for patch in (weak, cold, passed):
        assert patch.q <= 0.05
        assert (patch.certainty == "very_sure") == (patch.q <= 0.01)
        assert patch.area_m2 == pytest.approx(patch.mask.sum() * 0.25)


@pytest.mark.parametrize(
    ("reason", "advice"),
    [
        (Unseen.NO_CAMERA, "add_camera"),
        (Unseen.SHADOWED, "move_fixture_or_camera"),
        (Unseen.MASKED, "shrink_mask"),
        (Unseen.TOO_SMALL, "raise_resolution"),
    ],
)
def test_what_no_camera_sees_is_certain_and_never_cold(reason, advice):
    hidden = np.where(COLD, reason, Unseen.SEEN)
    rng = np.random.default_rng(1)
    found = find_blind_spots(replace(GROUND, unseen=hidden), shop(rng, visited=np.where(COLD, 0, 1)))
    (patch,) = named(found)
    assert (patch.kind, patch.certainty, patch.reason, patch.advice) == ("uncovered", "certain", reason, advice)
    assert np.array_equal(patch.mask, COLD & WALKABLE)
    assert found.uncovered_m2 == pytest.approx((COLD & WALKABLE).sum() * 0.25)


def test_tracks_that_end_at_the_door_or_out_of_sight_are_not_lost():
    hidden = np.where(rectangle((0, 6), (20, 40)), Unseen.SHADOWED, Unseen.SEEN)
    out_of_sight = rectangle((6, 8), (20, 40))
    door = GROUND.exit_m <= 2
    counts = shop(np.random.default_rng(2), lost=np.where(out_of_sight | door, 30, 1))
    found = find_blind_spots(replace(GROUND, unseen=hidden), counts)
    assert [patch.kind for patch in named(found)] == ["uncovered"]


def test_a_place_where_tracks_are_lost_is_not_called_cold():
    counts = shop(np.random.default_rng(3), visited=np.where(WEAK, 0.2, 1), lost=np.where(WEAK, 10, 1))
    found = find_blind_spots(GROUND, counts)
    assert (covered(found, "weakly_tracked") & WEAK).sum() > 0.8 * WEAK.sum()
    assert not (covered(found, "cold") & WEAK).any()


def test_a_corridor_where_nobody_stops_is_not_passed_by():
    far = np.min([GROUND.distance_m(mask) for mask in FIXTURES.values()], axis=0) > 1.5
    halls = replace(GROUND, zones={"hall": rectangle((20, 28), (0, 60)), "front": rectangle((40, 48), (0, 60))})
    for ground in (halls, replace(GROUND, zones={})):
        assert named(find_blind_spots(ground, shop(np.random.default_rng(4), stopped=np.where(far, 0.05, 1)))) == []


def test_the_lively_end_of_a_cold_zone_is_not_named():
    zone, lively = rectangle((24, 42), (0, 8)), rectangle((24, 30), (0, 8))
    ground = replace(GROUND, zones={"side": zone})
    counts = shop(np.random.default_rng(10), visited=np.where(lively, 0.9, np.where(zone, 0.02, 1)))
    found = find_blind_spots(ground, counts)
    assert (covered(found, "cold") & zone & ~lively).sum() > 0.9 * (zone & ~lively & WALKABLE).sum()
    assert not (covered(found, "cold") & lively).any()


@pytest.mark.parametrize("seed", range(6))
def test_what_one_place_alone_would_show_is_not_enough_among_many(seed):
    """With little data many places have an interval beyond the limit; named is only what outweighs their number."""
    found = find_blind_spots(GROUND, planted(np.random.default_rng(seed), days=4, visits_per_cell=0.8))
    assert all(patch.q <= 0.05 for patch in named(found))


def test_outside_of_zones_nobody_is_meant_to_stop():
    ways = ~np.logical_or.reduce(list(ZONES.values()))
    assert named(find_blind_spots(GROUND, shop(np.random.default_rng(4), stopped=np.where(ways, 0.05, 1)))) == []


def test_without_zones_any_place_beside_a_fixture_can_be_passed_by():
    found = find_blind_spots(
        replace(GROUND, zones={}), shop(np.random.default_rng(4), stopped=np.where(PASSED, 0.1, 1))
    )
    assert (covered(found, "passed_by") & PASSED).sum() >= 0.5 * PASSED.sum()
    assert all(patch.zone is None for patch in found.patches)


def test_a_patch_ends_where_its_zone_ends():
    wide = rectangle((8, 28), (10, 33))
    found = find_blind_spots(GROUND, shop(np.random.default_rng(9), visited=np.where(wide, 0.1, 1)))
    cold = [patch for patch in named(found) if patch.kind == "cold"]
    assert {patch.zone for patch in cold} == {None, "aisle 11a", "aisle 19a", "aisle 27a"}
    for patch in cold:
        assert len({name for name, zone in ZONES.items() if (zone & patch.mask).any()}) <= 1


def test_three_days_are_not_enough():
    found = find_blind_spots(GROUND, planted(np.random.default_rng(5), days=3))
    assert (found.patches, found.days_missing) == ([], 1)


def test_too_little_data_is_an_answer():
    found = find_blind_spots(GROUND, planted(np.random.default_rng(6), days=4, visits_per_cell=1))
    assert not covered(found, "cold").any()
    unknown = [patch for patch in found.patches if patch.kind == "unknown" and (patch.mask & COLD).any()]
    assert unknown
    assert all(patch.more.days >= 1 and patch.more.visits >= 0 for patch in unknown)
    assert {(patch.certainty, patch.advice) for patch in unknown} == {("not_enough_data", "wait")}


def test_what_is_missing_is_what_it_takes():
    few = planted(np.random.default_rng(7), days=4, visits_per_cell=1)
    missing = [
        p.more.days for p in find_blind_spots(GROUND, few).patches if p.kind == "unknown" and (p.mask & COLD).any()
    ]
    later = planted(np.random.default_rng(7), days=4 + 2 * max(missing), visits_per_cell=1)
    assert covered(find_blind_spots(GROUND, later), "cold")[COLD].any()


def test_a_place_seldom_watched_is_not_cold():
    counts = shop(np.random.default_rng(8))
    share = np.where(COLD, 0.1, 1)
    watched = np.broadcast_to(counts.observed_s[:, None, None] * share, counts.visits.shape)
    less = Counts(
        *(np.floor(layer * share) for layer in (counts.person_s, counts.visits, counts.stops, counts.lost)), watched
    )
    assert named(find_blind_spots(GROUND, less)) == []


def test_nobody_came_at_all():
    nothing = np.zeros((7, *SHAPE))
    assert find_blind_spots(GROUND, Counts(nothing, nothing, nothing, nothing, np.zeros(7))).patches == []


@settings(max_examples=25)
@given(st.integers(0, 2**32 - 1))
def test_kinds_never_overlap(seed):
    rng = np.random.default_rng(seed)
    ground = replace(GROUND, unseen=np.where(uneven(rng, 4, 2) > 1.35, rng.integers(1, 5), 0))
    wild = planted(rng, days=4, visits_per_cell=3)
    found = find_blind_spots(ground, wild)
    times = sum(patch.mask.astype(int) for patch in found.patches)
    assert np.max(times, initial=0) <= 1
    assert not (np.asarray(times, dtype=bool) & ~WALKABLE).any()
    order = ["uncovered", "weakly_tracked", "cold", "passed_by", "unknown"]
    kinds = [order.index(patch.kind) for patch in found.patches]
    assert kinds == sorted(kinds)
    assert all((patch.kind == "uncovered") == (not (patch.mask & ground.seen).any()) for patch in found.patches)
