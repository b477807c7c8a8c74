"""A small shop: two aisles between three shelves, a till, a door."""

import numpy as np
import pytest

from contract.site import Site
from vitrina.simulate.cameras import Pose, calibrated
from vitrina.simulate.shoppers import Store
from vitrina.simulate.trade import Trade
from vitrina.simulate.trip import Walk

T = 1_772_442_000.0
"""Monday 2 March 2026, 10:00 in Berlin."""


def rectangle(x0, y0, x1, y1):
    return [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]


SHOP = {
    "site": "corner",
    "timezone": "Europe/Berlin",
    "floor": {
        "bounds_m": [[0, 0], [12, 9]],
        "fixtures": [{"polygon_m": rectangle(x, 1.5, x + 1, 5.5)} for x in (1.5, 5, 8.5)],
    },
    "zones": {
        "tea": {"kind": "category", "polygon_m": rectangle(2.5, 1.5, 5, 5.5)},
        "jam": {"kind": "category", "polygon_m": rectangle(6, 1.5, 8.5, 5.5)},
        "till": {"kind": "queue", "polygon_m": rectangle(8, 6.2, 11.8, 7.4)},
        "door": {"kind": "entrance", "polygon_m": rectangle(2, 7.5, 5, 9)},
    },
    "lines": {"entry": {"entrance": True, "ends_m": [[5, 8.2], [2, 8.2]]}},
}
TRADE = {
    "opens": 8,
    "closes": 20,
    "shoppers_per_hour": 60,
    "companions": 0,
    "goals": {"tea": {"popularity": 0.6, "stay_s": 20}, "jam": {"popularity": 0.5, "stay_s": 20}},
    "doors": {"door": {"at_m": [3.5, 8.7]}},
    "tills": {"till": {"servers_m": [[11, 6.8]], "queue_m": [[10, 6.8], [9.2, 6.8]], "service_s": 30}},
}


@pytest.fixture
def shop():
    return Site.model_validate(SHOP)


@pytest.fixture
def trade():
    return Trade.model_validate(TRADE)


@pytest.fixture
def rng():
    return np.random.default_rng(5)


@pytest.fixture
def start():
    return T


@pytest.fixture
def store(shop, trade, rng):
    return Store(shop, trade, rng)


@pytest.fixture
def walk():
    """`walk((t, x, y), ...)`: straight from place to place."""

    def make(*places):
        t, x, y = np.array(places, float).T
        return Walk(t, np.stack([x, y], axis=1))

    return make


POSES = {
    "a": Pose((0.3, 8.7), 3.5, 315, 42, 105),
    "b": Pose((11.7, 8.7), 3.5, 225, 42, 105),
    "c": Pose((6, 0.3), 3.5, 90, 45, 105),
}


@pytest.fixture
def watched_shop(shop):
    """Under three cameras whose views overlap, with shelves one can look over."""
    cameras = {key: calibrated(pose, shop.floor, name=key, size_px=(1280, 720)) for key, pose in POSES.items()}
    low = [fixture.model_copy(update={"height_m": 0.8}) for fixture in shop.floor.fixtures]
    floor = shop.floor.model_copy(update={"fixtures": low})
    return Site.model_validate(shop.model_copy(update={"cameras": cameras, "floor": floor}).model_dump())
