from itertools import pairwise

import numpy as np
import pytest

from contract.coverage import walkable
from contract.errors import DocumentError
from contract.site import Site
from vitrina.errors import SimulationError
from vitrina.simulate.shoppers import Store, arrivals
from vitrina.simulate.trade import MoreStops, read_trade, usual_trade


def test_a_queue_serves_one_after_the_other_in_the_order_of_joining(store, start, rng):
    services = store.visit(start + np.arange(40) * 20.0, rng).services
    in_order = sorted(services, key=lambda service: service.joined)
    assert len(services) > 25
    assert all(before.done <= after.served + 1e-6 for before, after in pairwise(in_order))
    assert all(service.joined <= service.served < service.done for service in services)
    waits = np.array([service.served - service.joined for service in in_order])
    assert (waits == 0).any() and waits.max() > 60  # 30 s each, one every 20 s: the queue grows
    assert waits[-10:].mean() > waits[:10].mean() + 30


def test_two_servers_halve_the_wait(shop, trade, start, rng):
    def mean_wait(servers):
        till = trade.tills["till"].model_copy(update={"servers_m": servers})
        store = Store(shop, trade.model_copy(update={"tills": {"till": till}}), np.random.default_rng(1))
        services = store.visit(start + np.arange(60) * 22.0, np.random.default_rng(2)).services
        return np.mean([service.served - service.joined for service in services])

    assert mean_wait([(11, 6.8), (11, 7.2)]) < 0.4 * mean_wait([(11, 6.8)])


def test_shoppers_walk_on_the_floor_from_door_to_door(shop, store, start, rng):
    crowd = store.visit(start + np.arange(30) * 60.0, rng)
    door = np.array([3.5, 8.7])
    for walk in crowd.walks:
        assert walkable(shop.floor, walk.xy).all()
        assert np.linalg.norm(walk.xy[[0, -1]] - door, axis=1).max() < 0.4
    assert crowd.ends == max(walk.t[-1] for walk in crowd.walks)


def test_the_same_seed_gives_the_same_walks(shop, trade, start):
    def crowd():
        rng = np.random.default_rng(3)
        return Store(shop, trade, rng).visit(arrivals(trade, shop.timezone, start, start + 1800, rng), rng)

    first, second = crowd(), crowd()
    assert len(first.walks) == len(second.walks) > 10
    assert all(
        a.t.tobytes() + a.xy.tobytes() == b.t.tobytes() + b.xy.tobytes()
        for a, b in zip(first.walks, second.walks, strict=True)
    )
    assert first.services == second.services


def test_people_come_when_the_shop_is_open_and_busy(trade, start):
    busy = trade.model_copy(update={"hours": {10: 3.0}, "shoppers_per_hour": 300.0})
    t = arrivals(busy, "Europe/Berlin", start - 10 * 3600, start + 14 * 3600, np.random.default_rng(1))
    hours = ((t - start) // 3600 + 10).astype(int)
    counts = np.bincount(hours, minlength=24)
    assert counts[:8].sum() == counts[20:].sum() == 0
    assert counts.sum() == pytest.approx(300 * 12, rel=0.1)
    assert counts[10] == pytest.approx(3 * counts[12], rel=0.25)


def test_hours_follow_the_clock_of_the_place_through_the_change_to_summer_time(trade):
    saturday_midnight, day = 1_774_652_400.0, 86_400.0  # 28 March 2026 in Berlin; the clocks change on the 29th
    t = arrivals(trade, "Europe/Berlin", saturday_midnight, saturday_midnight + 2 * day, np.random.default_rng(1))
    since = (t - saturday_midnight) / 3600
    assert since[since < 24].min() >= 8 and since[since < 24].max() < 20
    assert since[since >= 24].min() - 24 >= 7 and since[since >= 24].max() - 24 < 19


def test_an_effect_raises_stops_while_it_lasts_and_only_there(shop, trade, start):
    effect = MoreStops("tea", 1.6, ((start, start + 7200),))

    def stops(at, *effects):
        rng = np.random.default_rng(1)
        crowd = Store(shop, trade, rng).visit(at + np.arange(300) * 20.0, rng, effects)
        xy = [walk.xy[np.concatenate([[False], np.diff(walk.t) > 2])] for walk in crowd.walks]
        tea = sum(bool(((p[:, 0] > 2.5) & (p[:, 0] < 5) & (p[:, 1] < 5.5)).any()) for p in xy)
        jam = sum(bool(((p[:, 0] > 6) & (p[:, 0] < 8.5) & (p[:, 1] < 5.5)).any()) for p in xy)
        return tea, jam

    tea, jam = stops(start)
    more_tea, same_jam = stops(start, effect)
    assert more_tea / tea == pytest.approx(1.5, abs=0.2)
    assert same_jam == pytest.approx(jam, rel=0.15)
    assert stops(start + 86_400, effect)[0] == pytest.approx(tea, rel=0.15)


def test_a_site_by_itself_suggests_how_people_shop(shop):
    trade = usual_trade(shop)
    assert set(trade.goals) == {"tea", "jam"}
    assert set(trade.tills) == {"till"}
    assert set(trade.doors) == {"door"}
    assert set(usual_trade(shop.model_copy(update={"zones": {"tea": shop.zones["tea"]}})).doors) == {"entry"}


@pytest.mark.parametrize(
    ("site", "words"),
    [
        ({"site": "a"}, "no floor"),
        ({"site": "a", "floor": {"bounds_m": [[0, 0], [9, 9]]}}, "at least one zone of kind area or category"),
    ],
)
def test_what_cannot_be_simulated_is_told(site, words):
    with pytest.raises(SimulationError, match=words):
        usual_trade(Site.model_validate(site))


def test_a_zone_without_room_is_told(shop, trade, rng):
    filled = {"tea": shop.zones["tea"].model_copy(update={"polygon_m": [(1.6, 2), (2.4, 2), (2.4, 5), (1.6, 5)]})}
    with pytest.raises(SimulationError, match="zone 'tea' has no floor to stand on"):
        Store(shop.model_copy(update={"zones": {**shop.zones, **filled}}), trade, rng)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("goals: {}", "goals"),
        ("goals: {tee: {popularity: 0.2}}\ndoors: {door: {at_m: [1, 1]}}", "'tee', which is no zone"),
        ("goals: {tea: {popularity: 2}}\ndoors: {door: {at_m: [1, 1]}}", "goals.tea.popularity"),
        ("goal: {}", "unknown key"),
    ],
)
def test_a_wrong_document_of_behaviour_names_what_is_wrong(shop, tmp_path, text, words):
    (tmp_path / "shoppers.yaml").write_text(text)
    with pytest.raises(DocumentError, match=words):
        read_trade(tmp_path / "shoppers.yaml", shop)
