"""This store beside others where the truth is known: simulated chains in which all stores rise at once, or one does."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
import yaml

from server.domain.elsewhere import beside_others
from vitrina.simulate.goods import Assortment
from vitrina.simulate.market import Market
from vitrina.simulate.market_days import past
from vitrina.simulate.planted import Confounder
from vitrina.simulate.trade import Trade

pytestmark = pytest.mark.quality

DEMO = Path(__file__).parents[2] / "config" / "demo"
FIRST, DAYS, SEEDS = date(2026, 1, 5), 182, 40
SINCE = FIRST + timedelta(days=DAYS - 28)
STORES = (("main", 1.0), ("north", 0.8), ("south", 1.3), ("east", 0.6))
RISE = Confounder(SINCE, 1.3)


def document(name):
    return yaml.safe_load((DEMO / name).read_text(encoding="utf-8"))


GOODS = Assortment.model_validate(document("goods.yaml") | {"offers": {}})
TRADE = Trade.model_validate(document("shoppers.yaml"))


def found(seed, *, stores, since=SINCE, own=(RISE,), others=(RISE,)):
    effects = (own, *[others] * stores)
    days = [
        past(Market(GOODS, TRADE, FIRST, DAYS, seed, site=site, size=size, effects=effect)).days
        for (site, size), effect in zip(STORES, effects, strict=False)
    ]
    return beside_others(
        days[0].receipts,
        np.column_stack([each.receipts for each in days[1:]]),
        days[0].day >= since.toordinal(),
        day=days[0].day,
        told=~days[0].closed,
        rng=np.random.default_rng(seed),
    )


def sure(one):
    return one.evidence == "estimated" and (one.beyond.low > 0 or one.beyond.high < 0)


@pytest.mark.parametrize("stores", [1, 3])
def test_what_all_stores_did_is_not_this_ones(stores):
    chains = [found(seed, stores=stores) for seed in range(SEEDS)]
    assert all(one.here > 0.1 for one in chains)
    assert sum(sure(one) for one in chains) <= 4
    assert sum(one.evidence == "estimated" for one in chains) >= 32


@pytest.mark.parametrize("stores", [1, 3])
def test_what_one_store_did_alone_is_found(stores):
    chains = [found(seed, stores=stores, others=()) for seed in range(SEEDS)]
    assert sum(sure(one) for one in chains) >= 32


def test_a_step_is_not_given_to_a_later_day():
    late = SINCE + timedelta(days=18)
    chains = [found(seed, stores=3, since=late, own=(Confounder(SINCE, 1.6),), others=()) for seed in range(SEEDS)]
    assert sum(sure(one) for one in chains) <= 2
