"""Offers, interrupted series and control stores where the truth is known: a simulated chain with effects planted.

The market is that of the demo store. Each figure is held against the expected margin with and without the effect, of
the same weather, moods and chance.
"""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
import yaml
from scipy.signal import lfilter

from server.domain.autoregression import regress
from server.domain.control import compared
from server.domain.interrupted import factors, interrupted
from server.domain.offers import Offer, advise_offers, ranked
from vitrina.simulate.goods import Assortment
from vitrina.simulate.market import Market
from vitrina.simulate.market_days import past
from vitrina.simulate.planted import Confounder, Discount, Moved, UselessDiscount
from vitrina.simulate.trade import Trade

pytestmark = pytest.mark.quality

DEMO = Path(__file__).parents[2] / "config" / "demo"
FIRST, DAYS = date(2026, 1, 5), 182
CHANGE = FIRST + timedelta(days=126)
SEEDS = 10
STORES = (("main", 1.0), ("north", 0.8), ("south", 1.3), ("east", 0.6))


def document(name):
    return yaml.safe_load((DEMO / name).read_text(encoding="utf-8"))


GOODS = Assortment.model_validate(document("goods.yaml") | {"offers": {}})
TRADE = Trade.model_validate(document("shoppers.yaml"))


def market(seed, *effects, site="main", size=1.0):
    return Market(GOODS, TRADE, FIRST, DAYS, seed, site=site, size=size, effects=effects)


def runs(*starts, days=14):
    """Spans of days, from so many days after the first on."""
    return [(FIRST + timedelta(days=start), FIRST + timedelta(days=start + days - 1)) for start in starts]


PLANTED = (
    UselessDiscount("bread", runs(35, 105), 0.15, offer="bread-off"),
    Discount("pastry", runs(28, 91, 140), 0.2, elasticity=4.0, offer="pastry-off"),
    Discount("coffee", runs(42, 77, 126), 0.25, elasticity=0.9, reach=0.62, offer="coffee-card"),
)
NOISE = tuple(
    Discount(goods, runs(*starts), 0.0, elasticity=0.0, offer=f"noise-{goods}")
    for goods, starts in (("cheese", (50, 120)), ("wine", (60, 140)), ("meat", (20, 160)))
)
SHARE_OFF = {"bread-off": 0.15, "pastry-off": 0.2, "coffee-card": 0.25}


def told(days):
    return [Offer(key, int(days.day[0]), int(days.day[-1]), share_off=SHARE_OFF.get(key)) for key in days.offers]


def truth(store, effect):
    """Margin a week of the effect's own goods while it held, with the effect less without it."""
    others = [other for other in store.effects if other is not effect]
    with_it, without = (past(each) for each in (store, store.with_effects(*others)))
    days, goods = with_it.days, with_it.days.categories.index(effect.category)
    on = days.offered[:, goods, days.offers.index(effect.offer)]
    return (with_it.expected_margin - without.expected_margin)[:, goods].sum() / on.sum() * 7


class TestOffers:
    """Offers that lose, that pay, and that do nothing, all at once."""

    @pytest.mark.parametrize("seed", range(SEEDS))
    def test_the_useless_one_comes_first_and_the_paying_one_is_left_alone(self, seed):
        days = past(market(seed, *PLANTED, *NOISE)).days
        advice = {each.subject: each for each in advise_offers(days, told(days))}
        assert next(iter(advice)) == "bread-off" and advice["bread-off"].kind == "drop_offer"
        assert set(advice) <= {"bread-off", "coffee-card"}

    def test_coffee_goes_to_those_who_do_not_buy_at_the_full_price(self):
        """Where its days leave open whether it drew anybody, the advice is to drop it."""
        kinds = []
        for seed in range(SEEDS):
            days = past(market(seed, *PLANTED, *NOISE)).days
            kinds += [each.kind for each in advise_offers(days, told(days)) if each.subject == "coffee-card"]
        assert len(kinds) >= 9 and kinds.count("retarget_offer") >= 6

    def test_offers_that_do_nothing_are_no_advice(self):
        days = [past(market(seed, *NOISE)).days for seed in range(SEEDS)]
        assert [advise_offers(each, told(each)) for each in days] == [[]] * SEEDS

    def test_the_intervals_cover(self):
        held = []
        for seed in range(SEEDS):
            store = market(seed, *PLANTED, *NOISE)
            days = past(store).days
            judged = {each.offer: each.net for each in ranked(days, told(days))}
            true = {effect.offer: truth(store, effect) for effect in (*PLANTED, *NOISE)}
            held += [judged[key].low <= true[key] <= judged[key].high for key in true]
        assert len(held) == 60 and 0.9 <= np.mean(held) <= 1.0


def series(seed, *effects, everywhere=()):
    """The main store's days, its margin of nuts, the days from CHANGE on, and the truth a day."""
    found = past(market(seed, *everywhere, *effects))
    nuts, on = found.days.categories.index("nuts"), found.days.day >= CHANGE.toordinal()
    usual = past(market(seed, *everywhere)).expected_margin if effects else found.expected_margin
    true = (found.expected_margin - usual)[on, nuts].mean()
    return found.days, found.days.category_margin[:, nuts], on, true


def elsewhere(seed, *everywhere):
    """(d, 3) the same margin of the chain's other stores."""
    days = [past(market(seed, *everywhere, site=site, size=size)).days for site, size in STORES[1:]]
    return np.column_stack([each.category_margin[:, each.categories.index("nuts")] for each in days])


def believed(seed, *everywhere):
    """Whether nuts are said to have changed, and no check fails."""
    days, values, on, _ = series(seed, everywhere=everywhere)
    found = interrupted(values, on, factors(days), day=days.day)
    return found.p < 0.05 and all(found.checks.values())


class TestMoves:
    """A category that moved, with a season that rises at the same time and without."""

    @pytest.mark.parametrize("effect", [None, Moved("nuts", CHANGE, "promotion"), Moved("nuts", CHANGE, None)])
    def test_the_intervals_of_an_interrupted_series_cover(self, effect):
        held = []
        for seed in range(80):
            days, values, on, true = series(seed, *[effect] if effect else [])
            found = interrupted(values, on, factors(days), day=days.day).effect
            held.append(found.low <= true <= found.high)
        assert 0.9 <= np.mean(held) <= 0.99

    @pytest.mark.parametrize("effect", [None, Moved("nuts", CHANGE, "promotion")])
    def test_the_intervals_against_other_stores_cover(self, effect):
        held = []
        for seed in range(60):
            days, values, on, true = series(seed, *[effect] if effect else [])
            found = compared(values, elsewhere(seed), on, day=days.day).effect
            held.append(found.low <= true <= found.high)
        assert 0.88 <= np.mean(held) <= 1.0

    def test_a_season_that_starts_on_the_day_fools_before_and_after_but_not_the_other_stores(self):
        season = Confounder(CHANGE, 1.5, "nuts")
        naive, fooled, against = [], [], []
        for seed in range(20):
            days, values, on, _ = series(seed, everywhere=[season])
            naive.append(values[on].mean() > 1.2 * values[~on].mean())
            fooled.append(interrupted(values, on, factors(days), day=days.day).p < 0.01)
            against.append(compared(values, elsewhere(seed, season), on, day=days.day).p < 0.05)
        assert all(naive) and np.mean(fooled) > 0.9 and np.mean(against) <= 0.2

    def test_a_season_that_rises_slowly_is_mostly_doubted(self):
        """It looks like an effect nearly always; the rest is for other stores to tell."""
        season = Confounder(CHANGE - timedelta(days=35), 1.6, "nuts", ramp_days=60)
        assert np.mean([believed(seed, season) for seed in range(30)]) < 0.5

    def test_more_people_are_not_taken_for_an_effect(self):
        assert np.mean([believed(seed, Confounder(CHANGE, 1.4)) for seed in range(40)]) <= 0.125


@pytest.mark.parametrize(("days", "after"), [(182, 30), (91, 21), (182, 90), (120, 14)])
@pytest.mark.parametrize("memory", [0.0, 0.4, 0.7])
@pytest.mark.parametrize("uneven", [0.0, 1.5])
def test_the_intervals_of_days_that_hang_together_cover(days, after, memory, uneven):
    rng, day, held = np.random.default_rng(1), np.arange(days), []
    week = (day[:, None] % 7 == np.arange(1, 7)).astype(float)
    columns = np.column_stack([day >= days - after, np.ones(days), week, day / days])
    for _ in range(400):
        errors = lfilter([np.sqrt(1 - memory**2)], [1, -memory], rng.normal(size=days + 50))[50:]
        values = 5 * columns[:, 0] + 30 * week[:, 4] + 10 * errors * (1 + uneven * (day % 7 >= 5))
        effect = regress(values, columns, day).estimate(0)
        held.append(effect.low <= 5 <= effect.high)
    assert 0.925 <= np.mean(held) <= 0.99
