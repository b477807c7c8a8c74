from datetime import date, timedelta

import numpy as np
import pytest
from sqlalchemy import delete, insert

from contract.site import Site
from server.db import trade_tables
from server.db.rollup import roll_up_days
from server.db.rollup_tables import HOURS, days
from server.db.store_days import store_days

FIRST = date(2026, 3, 2)
"""A Monday; Berlin's clocks go forward on 29 March."""
ZONES = {
    "shelf": {"polygon_m": [[0, 0], [1, 0], [1, 1]], "kind": "category"},
    "till": {"polygon_m": [[2, 0], [3, 0], [3, 1]]},
    "pavement": {"polygon_m": [[0, 2], [4, 2], [4, 3]], "kind": "street"},
}
SITE = Site.model_validate(
    {
        "site": "shop",
        "timezone": "Europe/Berlin",
        "floor": {"bounds_m": [[0, 0], [4, 3]]},
        "zones": ZONES,
        "lines": {"entrance": {"ends_m": [[0, 0], [1, 0]], "entrance": True}},
    }
)
LAST = FIRST + timedelta(34)


@pytest.fixture
def conn(engine):
    with engine.begin() as conn:
        yield conn


@pytest.fixture
def store(conn, trading):
    """Five weeks in which 10 + day came in an hour, and coffee and tea were sold."""
    store = trading(conn, "shop", "Europe/Berlin", FIRST)
    for day in range(35):
        visits = {"visits": 20, "engaged": 5}
        zones = {"shelf": visits, "till": visits, "pavement": {"visits": 100}}
        store.floor(day, lines={"entrance": (10 + day, 12)}, zones=zones)
        store.sold(day, receipts=60, gross_c=90_000, margin_c=1000, margin_gross_c=5000)
        store.sold(day, "coffee", receipts=20, quantity=30, gross_c=9_000, margin_c=1000, margin_gross_c=5000)
        store.sold(day, "coffee", offer="cup", receipts=20, quantity=30, gross_c=9_000)
    return store


def read(conn, first=FIRST, last=LAST):
    return store_days(conn, SITE, first=first, last=last)


def test_sums_of_floor_and_till(conn, store):
    found = read(conn)
    assert len(found) == 35
    assert found.categories == ("coffee",)
    np.testing.assert_array_equal(found.entrants, 12 * (10 + np.arange(35)))
    np.testing.assert_array_equal(found.visits[:, 0], 240)
    np.testing.assert_allclose(found.engaged[:, 0], 60)
    np.testing.assert_array_equal(found.passers, 12 * (100 - 10 - np.arange(35) - 12))
    np.testing.assert_array_equal(found.gross, 900)
    np.testing.assert_array_equal(found.sold[:, 0], 20)
    # 50 of the 90 said their margin, a fifth of it.
    np.testing.assert_allclose(found.category_margin[:, 0], 18)
    assert not found.closed.any()


def test_days_answer_as_their_hours_do(conn, engine, store):
    hours = read(conn)
    conn.commit()
    assert roll_up_days(engine, now=store.hour_ms(36, 12) / 1000) == 35
    with engine.begin() as other:
        # One day is struck off again, and the hours of another are gone: days and hours together are the period.
        other.execute(delete(days).where(days.c.day_ms == store.hour_ms(9, 0)))
        other.execute(delete(HOURS.totals).where(HOURS.totals.c.hour_ms < store.hour_ms(3, 0)))
        both = read(other)
    for name in ("entrants", "visits", "stops", "engaged", "presence_s", "passers"):
        np.testing.assert_array_equal(getattr(both, name), getattr(hours, name))


def test_what_was_not_measured_is_nan(conn, store):
    found = read(conn, first=FIRST - timedelta(2), last=LAST + timedelta(2))
    for name in ("entrants", "visits", "receipts", "gross", "sold", "passers", "engaged", "temperature_c"):
        values = getattr(found, name)
        assert np.isnan(values[[0, 1, 37, 38]]).all()
    assert found.closed[[0, 1, 37, 38]].all()
    assert np.isnan(found.margin[0])


def test_a_day_watched_too_little_is_left_out(conn, trading):
    store = trading(conn, "shop", "Europe/Berlin", FIRST)
    for day in range(28):
        short = day == 19
        # Sundays are short, and usual for Sundays.
        hours = range(8, 14) if day % 7 == 6 else range(8, 17) if short else range(8, 20)
        store.floor(day, lines={"entrance": (10, 10)}, zones={"shelf": {"visits": 1}}, hours=hours)
    found = read(conn, last=FIRST + timedelta(27))
    assert np.flatnonzero(np.isnan(found.entrants)).tolist() == [19]
    assert np.flatnonzero(np.isnan(found.visits[:, 0])).tolist() == [19]
    assert found.entrants[6] == 60
    assert np.isnan(read(conn, FIRST + timedelta(19), FIRST + timedelta(19)).entrants).all()


def test_a_category_without_sales_sold_nothing_and_a_day_without_receipts_is_unknown(conn, trading):
    store = trading(conn, "shop", "Europe/Berlin", FIRST)
    store.sold(0, receipts=5, gross_c=100)
    store.sold(0, "tea", receipts=5, gross_c=100, margin_c=30, margin_gross_c=100)
    store.sold(2, receipts=7, gross_c=100)
    found = read(conn, last=FIRST + timedelta(2))
    np.testing.assert_array_equal(found.sold[:, 0], [5, np.nan, 0])
    np.testing.assert_array_equal(found.category_margin[:, 0], [0.3, np.nan, 0])
    np.testing.assert_array_equal(found.receipts, [5, np.nan, 7])
    assert np.isnan(found.margin).all()
    np.testing.assert_array_equal(found.closed, [False, True, False])


def test_categories_alone_do_not_tell_the_whole_store(conn, trading):
    store = trading(conn, "shop", "Europe/Berlin", FIRST)
    store.sold(0, "tea", receipts=5, gross_c=100)
    found = read(conn, last=FIRST)
    assert found.sold[0, 0] == 5
    assert np.isnan(found.receipts[0])


def test_where_a_category_stood_and_what_was_offered(conn, store):
    placed = [("coffee", FIRST - timedelta(9), "till"), ("coffee", FIRST + timedelta(3), "shelf")]
    placed += [("coffee", FIRST + timedelta(5), None), ("soap", FIRST, "nowhere")]
    keys = ("category", "since", "zone")
    conn.execute(
        insert(trade_tables.placings), [{"site": "shop"} | dict(zip(keys, row, strict=True)) for row in placed]
    )
    plain = {"name": "x", "start": "2026-03-03", "end": "2026-03-04"}
    for offer, of in (("all", []), ("cup", ["coffee"])):
        document = {"offer": offer, "categories": of} | plain
        row = {"site": "shop", "offer": offer, "start": FIRST + timedelta(1), "end": FIRST + timedelta(2)}
        conn.execute(insert(trade_tables.offers), row | {"document": document})
    conn.execute(insert(trade_tables.special_days), {"site": "shop", "day": FIRST, "name": "x", "closed": True})
    sky = {"temperature_c": -3.5, "rain_mm": 2.0, "forecast": False}
    conn.execute(insert(trade_tables.weather), {"site": "shop", "day": LAST} | sky)
    found = read(conn)
    assert found.categories == ("coffee", "soap")
    assert found.place[:7, 0].tolist() == [1, 1, 1, 0, 0, -1, -1]
    assert found.place[0, 1] == -1
    assert found.offers == ("all", "cup")
    assert found.offered[:4, 0].tolist() == [[False, False], [True, True], [True, True], [False, False]]
    assert not found.offered[:4, 1, 1].any()
    assert (found.special[0], found.closed[0], found.closed[1]) == (True, True, False)
    assert (found.temperature_c[-1], found.rain_mm[-1]) == (-3.5, 2.0)
    assert found.zone_of("coffee") is None


def test_more_in_the_store_than_passed_the_door_is_not_told_as_passers(conn, trading):
    store = trading(conn, "shop", "Europe/Berlin", FIRST)
    store.floor(0, lines={"entrance": (10, 10)}, zones={"pavement": {"visits": 19}})
    assert np.isnan(read(conn, last=FIRST).passers[0])


def test_days_the_wrong_way_round_are_refused(conn):
    with pytest.raises(ValueError, match="lies before"):
        read(conn, first=LAST, last=FIRST)
