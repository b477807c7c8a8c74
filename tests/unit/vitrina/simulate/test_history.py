from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from contract.coverage import coverage
from vitrina.simulate.history import Rhythm, history
from vitrina.simulate.noise import Faults
from vitrina.simulate.pool import make_pool
from vitrina.simulate.samples import sample
from vitrina.simulate.truth import truth
from vitrina.simulate.watching import watch


@pytest.fixture
def crowd(store, start, rng):
    return store.visit(start + np.arange(60) * 15.0, rng)


@pytest.fixture
def pool(watched_shop, crowd, rng):
    return make_pool(watched_shop, coverage(watched_shop), crowd, Faults(0, 0, 0), rng)


def summed(windows, get):
    return sum(get(window) for window in windows)


def test_the_pool_adds_up_to_the_truth(watched_shop, crowd, pool):
    true = truth(watched_shop, crowd)
    sums = pool.total(np.ones(pool.shoppers))
    share = coverage(watched_shop).share
    assert share > 0.9
    assert sum(camera["heat_s"].sum() for camera in sums) == pytest.approx(true["presence_s"], rel=0.08)
    for i, zone in enumerate(pool.zone_ids):
        assert sum(camera["visits"][i] for camera in sums) == pytest.approx(
            true["zones"][zone]["visits"], rel=0.1, abs=3
        )
    entered = sum(camera["lines"][0, 0] for camera in sums)
    assert entered == pytest.approx(true["lines"]["entry"]["in"], rel=0.1)


def test_the_pool_tells_what_a_box_would_have_told(watched_shop, crowd, pool):
    windows = list(
        watch(
            watched_shop,
            coverage(watched_shop),
            sample(crowd.walks, 0.5),
            faults=Faults(0, 0, 0),
            rng=np.random.default_rng(1),
            window_s=86_400,
        )
    )
    sums = dict(zip(pool.cameras, pool.total(np.ones(pool.shoppers)), strict=True))
    for key in pool.cameras:
        mine = [window for window in windows if window.camera == key]
        assert sums[key]["heat_s"].sum() == pytest.approx(summed(mine, lambda w: w.presence_s), rel=0.05)
    for name, get in {
        "passes": lambda w: sum(w.heatmap.visits),
        "stood": lambda w: sum(w.heatmap.stops),
        "zone_presence_s": lambda w: sum(zone.presence_s for zone in w.zones.values()),
    }.items():
        assert sum(part[name].sum() for part in sums.values()) == pytest.approx(summed(windows, get), rel=0.12), name


def test_an_offer_makes_more_stop_there_and_changes_nobody_else(pool):
    zone = int(np.argmax(sum(sums["stops"] for sums in pool.total(np.ones(pool.shoppers)))))
    offered = pool.with_more_stops(pool.zone_ids[zone], again=2)

    def stops(of, weights):
        return sum(sums["stops"] for sums in of.total(weights))[zone]

    everyone = np.ones(offered.shoppers)
    everyone[: pool.shoppers] = 0
    assert stops(offered, everyone) == 2 * stops(pool, np.ones(pool.shoppers)) > 0
    first = np.zeros(offered.shoppers)
    first[: pool.shoppers] = 1
    for before, after in zip(pool.total(np.ones(pool.shoppers)), offered.total(first), strict=True):
        assert all(np.array_equal(before[name], after[name]) for name in before)


def weeks(shop, trade, pool, start, end, seed=1, rhythm=Rhythm()):  # noqa: B008 - frozen
    return list(
        history(shop, trade, lambda _: pool, start=start, end=end, rng=np.random.default_rng(seed), rhythm=rhythm)
    )


def test_every_open_hour_has_a_window_per_camera_also_when_the_clocks_change(watched_shop, trade, pool):
    start = datetime(2026, 3, 27, 23, tzinfo=UTC)  # midnight in Berlin; the clocks change in the second night
    hours = weeks(watched_shop, trade, pool, start, start + timedelta(days=2))
    assert [hour.start.hour for hour in hours] == [*range(7, 19), *range(6, 18)]
    for hour in hours:
        assert [window.camera for window in hour.windows] == ["a", "b", "c"]
        assert {(w.t_start, w.t_end - w.t_start, w.observed_s) for w in hour.windows} == {
            (hour.start, timedelta(hours=1), 3600.0)
        }


def test_hours_hold_as_many_as_came_and_what_they_did(watched_shop, trade, pool):
    start = datetime(2026, 3, 2, 7, tzinfo=UTC)
    hours = weeks(watched_shop, trade, pool, start, start + timedelta(days=7))
    came = sum(hour.shoppers for hour in hours)
    assert came == pytest.approx(60 * 12 * 7, rel=0.15)
    entered = sum(window.lines["entry"].in_ for hour in hours for window in hour.windows)
    assert entered == pytest.approx(came, rel=0.1)
    most = max(window.occupancy_max for hour in hours for window in hour.windows)
    mean = max(window.presence_s / 3600 for hour in hours for window in hour.windows)
    assert mean < most < mean + 6 * mean**0.5 + 2


def test_the_same_seed_gives_the_same_weeks_and_another_others(watched_shop, trade, pool):
    span = datetime(2026, 3, 2, 7, tzinfo=UTC), datetime(2026, 3, 3, 7, tzinfo=UTC)
    first, again, other = (weeks(watched_shop, trade, pool, *span, seed=seed) for seed in (1, 1, 2))
    assert first == again != other


def test_a_special_day_is_busy(watched_shop, trade, pool):
    start = datetime(2026, 3, 2, 7, tzinfo=UTC)
    rhythm = Rhythm(trend=0, day_noise=0, hour_noise=0, special={start.date() + timedelta(days=1): 2.0})
    hours = weeks(watched_shop, trade, pool, start, start + timedelta(days=3), rhythm=rhythm)
    by_day = [sum(hour.shoppers for hour in hours if hour.start.day == day) for day in (2, 3, 4)]
    assert by_day[1] == pytest.approx(2 * by_day[0], rel=0.15)
    assert by_day[2] == pytest.approx(by_day[0], rel=0.15)
