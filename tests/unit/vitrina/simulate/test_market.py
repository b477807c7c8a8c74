"""What people buy: the same process as days and as receipts, and what is planted in it."""

import re
from datetime import UTC, date, datetime, timedelta
from itertools import islice

import numpy as np
import pytest
import yaml

from contract.coverage import coverage
from contract.errors import DocumentError
from contract.loyalty import Receipts
from vitrina.errors import SimulationError
from vitrina.simulate.goods import Assortment, read_goods
from vitrina.simulate.history import history
from vitrina.simulate.market import Market
from vitrina.simulate.market_days import past, worth
from vitrina.simulate.noise import Faults
from vitrina.simulate.planted import Confounder, CrossSell, Discount, Moved, UselessDiscount, nothing
from vitrina.simulate.pool import make_pool
from vitrina.simulate.purchases import lines, told_lines, walked_lines
from vitrina.simulate.receipts import COLUMNS, documents, write_receipts

MONDAY = date(2026, 3, 2)
GOODS = {
    "returns": 0.01,
    "places": {"tea": {"passing": 0.7, "holding": 0.5}, "jam": {"passing": 0.2, "holding": 0.5}},
    "categories": {
        "tea": {"name": "Tea", "zone": "tea", "price": 5, "margin": 0.4, "sought": 0.2, "impulse": 0.2},
        "cake": {"name": "Cake", "zone": "tea", "price": 3, "margin": 0.6, "sought": 0.1, "impulse": 0.1},
        "jam": {"name": "Jam", "zone": "jam", "price": 4, "margin": 0.5, "sought": 0.05, "impulse": 0.4},
        "salt": {"name": "Salt", "zone": "jam", "price": 1, "margin": 0.2, "sought": 0.1},
    },
}


@pytest.fixture
def goods():
    return Assortment.model_validate(GOODS)


@pytest.fixture
def market(goods, trade):
    return Market(goods, trade, MONDAY, 28, seed=4, site="corner")


def column(market, category):
    return market.terms.categories.index(category)


def day(n):
    return MONDAY + timedelta(days=n)


def weekly_margin(market, category=None):
    expected = past(market).expected_margin
    return expected.sum() / 4 if category is None else expected[:, column(market, category)].sum() / 4


def test_days_are_complete_and_add_up(market):
    days = past(market).days
    assert len(days) == 28 and days.weekday[0] == 0 and not days.closed.any()
    assert days.entrants.mean() == pytest.approx(60 * 12, rel=0.1)
    assert days.gross == pytest.approx(days.category_gross.sum(axis=1))
    assert days.margin == pytest.approx(days.category_margin.sum(axis=1))
    assert (days.engaged <= days.stops).all() and (days.stops <= days.visits).all()
    assert (days.visits <= days.entrants[:, None]).all()
    assert np.isfinite(days.category_margin).all() and (days.discount == 0).all()


def test_what_is_drawn_lies_about_what_is_expected(market):
    told = past(market)
    off = told.days.category_margin.sum(axis=0) / told.expected_margin.sum(axis=0) - 1
    assert np.abs(off).max() < 0.06
    each = market.of("price") * market.of("pieces") * market.of("margin") * (1 - market.goods.returns)
    expected = told.expected_margin / each
    z = (told.days.sold - expected) / np.sqrt(expected)
    assert abs(z.mean()) < 0.3 and z.std() == pytest.approx(1, abs=0.15)


def test_the_same_seed_gives_the_same_days_and_stores_of_a_chain_share_the_weather_only(goods, trade):
    first, again = (past(Market(goods, trade, MONDAY, 7, seed=4)).days for _ in range(2))
    other = past(Market(goods, trade, MONDAY, 7, seed=4, site="harbour")).days
    assert np.array_equal(first.category_margin, again.category_margin)
    assert np.array_equal(first.temperature_c, other.temperature_c)
    assert not np.array_equal(first.entrants, other.entrants)


def test_weather_and_terms_of_a_day_do_not_depend_on_when_the_telling_began(goods, trade, market):
    late = Market(goods, trade, day(14), 7, seed=4, site="corner")
    assert np.array_equal(late.weather.temperature_c, market.weather.temperature_c[14:21])
    assert late.terms.charm == pytest.approx(market.terms.charm[14 * 24 : 21 * 24], rel=1e-4)


def test_a_closed_day_sells_nothing_and_is_said_to_be_closed(goods, trade):
    closed = trade.model_copy(update={"weekdays": [1, 1, 1, 1, 1, 1, 0]})
    days = past(Market(goods, closed, MONDAY, 14, seed=1)).days
    assert days.closed.tolist() == ([False] * 6 + [True]) * 2
    assert days.entrants[days.closed].sum() == days.category_gross[days.closed].sum() == 0


def test_nothing_planted_changes_nothing(market):
    assert worth(market, nothing) == 0
    assert np.array_equal(past(market.with_effects(nothing)).days.category_margin, past(market).days.category_margin)


def test_what_moves_to_where_more_people_stay_sells_more_from_that_day_on(market):
    moved = market.with_effects(Moved("jam", day(14), "tea"))
    before, after = past(market), past(moved)
    jam = column(market, "jam")
    assert np.array_equal(before.days.category_margin[:14], after.days.category_margin[:14])
    assert (after.expected_margin[14:, jam] > 1.5 * before.expected_margin[14:, jam]).all()
    assert after.days.place[:14, jam].tolist() == [1] * 14 and after.days.place[14:, jam].tolist() == [0] * 14
    assert worth(market, Moved("jam", day(14), "tea")) == pytest.approx(weekly_margin(moved) - weekly_margin(market))


def test_what_left_the_floor_is_not_sold(market):
    days = past(market.with_effects(Moved("tea", day(7), None))).days
    assert days.sold[7:, column(market, "tea")].sum() == 0 < days.sold[:7, column(market, "tea")].sum()


def test_a_pair_is_bought_together_as_often_as_said_and_more_side_by_side(market):
    lifted = market.with_effects(CrossSell("tea", "salt", 3.0, beside=1.5))
    a, b = column(market, "tea"), column(market, "salt")

    def lift(of):
        told = past(of)
        return told.together[a, b] * told.days.receipts.sum() / told.together[a, a] / told.together[b, b]

    assert lift(market) == pytest.approx(1.0, abs=0.1)
    assert 1.6 < lift(lifted) < 3.0
    beside = lifted.with_effects(*lifted.effects, Moved("salt", MONDAY, "tea"))
    assert lift(beside) > lift(lifted) + 0.15
    assert worth(lifted, Moved("salt", MONDAY, "tea")) > worth(market, Moved("salt", MONDAY, "tea"))


def test_a_discount_nobody_needed_costs_what_it_gives_away(market):
    useless = UselessDiscount("tea", [(day(7), day(20))], 0.2)
    told = past(market.with_effects(useless))
    tea = column(market, "tea")
    assert np.array_equal(told.days.sold, past(market).days.sold)
    assert told.days.offered[:, tea, 0].nonzero()[0].tolist() == list(range(7, 21))
    assert told.days.discount[:, tea].sum() == pytest.approx(-worth(market, useless) * 4, rel=0.05)


def test_a_discount_that_draws_pays_where_the_margin_is_wide_and_less_where_it_is_borrowed(market):
    spans = [(day(0), day(6))]
    draws = worth(market, Discount("cake", spans, 0.2, elasticity=5))
    assert draws > 10
    assert worth(market, Discount("cake", spans, 0.2, elasticity=5, borrowed=0.8)) < draws - 10


def test_a_discount_for_some_is_taken_by_some(market):
    half = past(market.with_effects(Discount("tea", [(day(0), day(27))], 0.2, elasticity=0, reach=0.5))).days
    tea = column(market, "tea")
    usual = half.category_gross[:, tea].sum() + half.discount[:, tea].sum()
    assert half.discount[:, tea].sum() / usual == pytest.approx(0.1, abs=0.001)


def test_a_confounder_rises_within_its_days_and_stays(market):
    whole = past(market.with_effects(Confounder(day(7), 1.5, "jam", ramp_days=7))).expected_margin
    ratio = (whole / past(market).expected_margin)[:, column(market, "jam")]
    assert ratio[:7] == pytest.approx(1) and ratio[14:] == pytest.approx(1.5)
    assert 1 < ratio[7] < ratio[10] < 1.5
    busy = past(market.with_effects(Confounder(day(7), 1.5))).days
    assert busy.entrants[7:].sum() / past(market).days.entrants[7:].sum() == pytest.approx(1.5, rel=0.03)


def test_offers_of_the_document_come_back_each_time_as_an_offer_of_its_own(goods, trade):
    offer = {"name": "Tea", "categories": ["tea"], "share_off": 0.2, "every_weeks": 2, "weeks": [0], "from_hour": 12}
    on_offer = Assortment.model_validate(GOODS | {"offers": {"tea-week": offer}})
    market = Market(on_offer, trade, MONDAY, 28, seed=4)
    days = past(market).days
    tea = column(market, "tea")
    assert len(days.offers) == 2 and all(re.fullmatch(r"tea-week-2603\d\d", key) for key in days.offers)
    assert days.offered[:, tea].sum(axis=0).tolist() == [7, 7] and not days.offered[:, tea].all(axis=1).any()
    on = days.offered[:, tea].any(axis=1)
    assert 0 < days.discount[on, tea].sum() < 0.2 * days.category_gross[on, tea].sum()
    assert days.discount[~on].sum() == 0
    for key, at in zip(days.offers, range(2), strict=True):
        first = date.fromordinal(int(days.day[days.offered[:, tea, at]][0]))
        assert key == f"tea-week-{first:%y%m%d}" and first.weekday() == 0


def test_an_offer_that_never_ends_keeps_its_name(goods, trade):
    always = Assortment.model_validate(
        GOODS | {"offers": {"tea-card": {"name": "Tea", "categories": ["tea"], "share_off": 0.2, "card_only": True}}}
    )
    market = Market(always, trade, MONDAY, 14, seed=4)
    assert market.terms.offers == ("tea-card",)
    told = [
        receipt
        for hour in lines(market, "Europe/Berlin", np.random.default_rng(3))
        for receipt in documents(market, hour)
    ]
    teas = [(receipt.has_card, line.offer) for receipt in told for line in receipt.lines if line.category == "tea"]
    assert {offer for card, offer in teas if not card} == {None}
    assert np.mean([offer == "tea-card" for card, offer in teas if card]) > 0.95


def summed(hours, name):
    return sum(float((getattr(told, name) * np.where(told.back, -1, 1)).sum()) for told in hours)


def test_receipts_and_days_are_the_same_process(market):
    planted = market.with_effects(
        CrossSell("tea", "jam", 2.0), UselessDiscount("tea", [(day(7), day(13))], 0.2), Moved("salt", day(5), "tea")
    )
    days = past(planted).days
    hours = list(lines(planted, "Europe/Berlin", np.random.default_rng(1)))
    assert len(hours) == 28 * 12
    for name, whole in (("gross_c", days.gross), ("margin_c", days.margin), ("discount_c", days.discount)):
        assert summed(hours, name) / 100 == pytest.approx(whole.sum(), rel=0.05), name
    sold = np.bincount(np.concatenate([told.category[~told.back] for told in hours]))
    assert sold == pytest.approx(days.sold.sum(axis=0), rel=0.08)
    assert all((np.diff(told.receipt) >= 0).all() for told in hours)
    cards = np.concatenate([told.has_card for told in hours]).mean()
    assert cards == pytest.approx(0.6, abs=0.03)


def test_receipts_follow_what_the_windows_tell(watched_shop, crowd_of_hours, market):
    rng = np.random.default_rng(2)
    quiet, busy = crowd_of_hours[0], crowd_of_hours[0]._replace(shoppers=3 * crowd_of_hours[0].shoppers)
    drawn = [[len(told_lines(market, watched_shop, hour, rng)) for _ in range(20)] for hour in (quiet, busy)]
    assert np.mean(drawn[1]) > 1.5 * np.mean(drawn[0]) > 0
    empty = quiet._replace(windows=[])
    impulsive = column(market, "jam")
    with_stays = [(told_lines(market, watched_shop, quiet, rng).category == impulsive).sum() for _ in range(40)]
    without = [(told_lines(market, watched_shop, empty, rng).category == impulsive).sum() for _ in range(40)]
    assert np.mean(with_stays) > 1.5 * np.mean(without)


def test_receipts_of_a_crowd_are_paid_as_people_leave(shop, store, market, start, rng):
    crowd = store.visit(start + 3000 + np.arange(80) * 15.0, rng)
    hours = list(walked_lines(market, shop, crowd, rng))
    assert [hour.start for hour in hours] == [datetime(2026, 3, 2, hour, tzinfo=UTC) for hour in (9, 10)]
    ends = {int(walk.t[-1]) for walk in crowd.walks}
    paid = [int(hour.start.timestamp()) + second for hour in hours for second in hour.second.tolist()]
    assert paid and set(paid) <= ends
    receipts = len({(hour.start, each) for hour in hours for each in hour.receipt[~hour.back].tolist()})
    assert 20 < receipts <= 80


@pytest.fixture
def crowd_of_hours(store, watched_shop, trade, start, rng):
    crowd = store.visit(start + np.arange(60) * 15.0, rng)
    pool = make_pool(watched_shop, coverage(watched_shop), crowd, Faults(0, 0, 0), rng)
    first = datetime.fromtimestamp(start, UTC)
    return list(history(watched_shop, trade, lambda _: pool, start=first, end=first + timedelta(hours=2), rng=rng))


def test_hours_outside_the_market_are_refused(watched_shop, crowd_of_hours, goods, trade):
    with pytest.raises(IndexError, match="2026-03-02 is none of the 7 days from 2026-04-06"):
        told_lines(Market(goods, trade, day(35), 7, seed=1), watched_shop, crowd_of_hours[0], np.random.default_rng(1))


def test_receipts_are_as_the_contract_wants_them(market):
    offered = market.with_effects(UselessDiscount("tea", [(day(0), day(6))], 0.2))
    hours = list(islice(lines(offered, "Europe/Berlin", np.random.default_rng(1)), 24))
    told = [receipt for hour in hours for receipt in documents(offered, hour)]
    assert Receipts(currency="EUR", receipts=told[:1000]).receipts == told[:1000]
    assert len({receipt.id for receipt in told}) == len(told)
    assert {receipt.kind for receipt in told} == {"sale", "return"}
    assert min(r.t for r in told) >= datetime(2026, 3, 2, 7, tzinfo=UTC) and max(r.t for r in told) < datetime(
        2026, 3, 3, 19, tzinfo=UTC
    )
    tea = [line for receipt in told for line in receipt.lines if line.category == "tea"]
    assert all(
        line.offer == "useless" and float(line.discount) == pytest.approx(0.25 * float(line.gross), abs=0.02)
        for line in tea
    )
    assert sum(len(receipt.lines) for receipt in told) == sum(map(len, hours))


def test_the_file_says_the_same(market, tmp_path):
    hours = list(islice(lines(market, "Europe/Berlin", np.random.default_rng(1)), 12))
    assert write_receipts(market, hours, tmp_path / "receipts.csv") == sum(map(len, hours))
    rows = [row.split(",") for row in (tmp_path / "receipts.csv").read_text().splitlines()]
    assert tuple(rows[0]) == COLUMNS
    assert rows[1][1] == "2026-03-02T07:" + rows[1][1][14:] and rows[1][2] in {"yes", "no"}
    assert sum(float(row[6]) for row in rows[1:]) == pytest.approx(summed(hours, "gross_c") / 100)
    assert any(float(row[6]) < 0 and row[5].startswith("-") for row in rows[1:])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"categories": {"tea": GOODS["categories"]["tea"] | {"zone": "moon"}}},
            "categories.tea.zone: 'moon' is none of places",
        ),
        ({"categories": {"tea": GOODS["categories"]["tea"] | {"pairs": {"tea": {"lift": 2}}}}}, "categories.tea.pairs"),
        ({"offers": {"x": {"name": "X", "categories": ["rum"], "share_off": 0.2}}}, "offers.x.categories: 'rum'"),
        ({"places": GOODS["places"] | {"moon": {"passing": 1}}}, "places.moon is no zone of site 'corner'"),
    ],
)
def test_a_document_that_does_not_fit_is_refused_in_words(change, said, shop, tmp_path):
    path = tmp_path / "goods.yaml"
    path.write_text(yaml.safe_dump(GOODS | change))
    with pytest.raises(DocumentError, match=said):
        read_goods(path, shop)


def test_a_file_that_is_no_yaml_is_refused(shop, tmp_path):
    (tmp_path / "goods.yaml").write_text("{")
    with pytest.raises(SimulationError, match=r"goods\.yaml: cannot be read as YAML"):
        read_goods(tmp_path / "goods.yaml", shop)
