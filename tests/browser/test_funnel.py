import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import insert

from server.db import trade_tables
from server.db.engine import connect
from server.db.store_days import store_days

pytestmark = pytest.mark.browser

CATEGORIES = {"bread": ("bakery", 3), "skyr": ("dairy", 3), "wine": ("drinks", 30), "apples": ("fruit", 3)}
"""Category: the zone it stands in, and of how many engaged visits one buys."""


@pytest.fixture(scope="module")
def shop(tmp_path_factory, shop_opener, trading):
    """Two weeks in which every second person buys, in the second week two of five; wine is hardly bought."""
    with shop_opener(tmp_path_factory.mktemp("sold"), weeks=2, role="viewer") as found:
        engine, document = connect(found.settings.database), found.sample.site("store_014")
        last = found.now().date() - timedelta(days=1)
        first = last - timedelta(days=13)
        with engine.begin() as conn:
            measured = store_days(conn, document, first=first, last=last)
            store = trading(conn, "store_014", document.timezone, first)
            for day, entrants in enumerate(measured.entrants):
                receipts = int(entrants * (0.5 if day < 7 else 0.4))
                store.sold(day, receipts=receipts, quantity=receipts * 4, gross_c=receipts * (1500 + day % 3))
                store.sold_by_hour(day, 12, receipts=receipts // 10)
                rest = receipts * 4
                for category, (zone, one_of) in CATEGORIES.items():
                    bought = int(measured.engaged[day, measured.zones.index(zone)] / one_of)
                    store.sold(day, category, receipts=bought, quantity=bought, gross_c=bought * 300)
                    rest -= bought
                store.sold(day, "everything else", receipts=receipts, quantity=rest)
            for category, (zone, _) in CATEGORIES.items():
                row = {"site": "store_014", "category": category, "since": first, "zone": zone}
                conn.execute(insert(trade_tables.placings).values(row))
            conn.execute(insert(trade_tables.money).values(site="store_014", currency="EUR"))
        engine.dispose()
        yield found


def test_the_answer_and_what_proves_it(visit):
    page = visit("/funnel?period=7d")
    expect(page.locator("h1")).to_contain_text("40 buy")
    expect(page.locator("h1")).to_contain_text("Most is lost at wine")
    expect(page.locator('[data-figure="conversion"] .value')).to_contain_text("40.0")
    expect(page.locator('[data-figure="basket"] .value')).to_have_text("€15.01")
    steps = page.locator('[data-part="steps"] .steps').first.locator("li")
    expect(steps).to_have_count(2)
    expect(steps.nth(1)).to_contain_text("40.0")
    expect(page.locator("tr.worst th")).to_contain_text("wine")


def test_the_tree_says_what_moved_the_takings(visit):
    page = visit("/funnel?period=7d")
    rows = page.locator(".tree tbody tr")
    expect(rows).to_have_count(6)
    expect(page.locator(".moved")).to_contain_text("Moved most by conversion")
    expect(rows.nth(2).locator("svg.effect")).to_have_attribute("aria-label", re.compile("Conversion: −"))
    page.goto("/funnel?period=7d&against=none")
    expect(page.locator(".tree")).to_have_count(0)


def test_a_category_leads_to_its_steps_and_to_its_zone(visit):
    page = visit("/funnel?period=7d")
    expect(page.locator(".steps-title")).to_contain_text("wine")
    page.get_by_role("link", name="bread").click()
    page.wait_for_url("**/funnel?period=7d&category=bread")
    expect(page.locator(".steps-title")).to_contain_text("bread")
    page.get_by_role("link", name="Bakery").click()
    page.wait_for_url("**/floor?*zone=bakery*")


def test_sorting_is_in_the_address(visit):
    page = visit("/funnel?period=7d")
    page.get_by_role("link", name="Bought, of engaged").click()
    page.wait_for_url("**/funnel?*sort=-bought*")
    expect(page.locator(".category-table tbody tr").nth(3)).to_contain_text("wine")
    page.get_by_role("link", name="Bought, of engaged").click()
    page.wait_for_url("**/funnel?*sort=bought*")
    expect(page.locator(".category-table tbody tr").first).to_contain_text("wine")


def test_every_table_can_be_taken_away(visit):
    page = visit("/funnel?period=7d")
    tables = page.locator('.panel-float a[download][href*="format=csv"]')
    expect(tables).to_have_count(5)
    first = ["step", "hour", "category", "segment", "factor"]
    answers = [page.request.get(tables.nth(i).get_attribute("href")).text() for i in range(5)]
    assert [answer.partition(",")[0] for answer in answers] == first
    assert [len(answer.splitlines()) > 1 for answer in answers] == [True, True, True, False, True]


def test_without_receipts_it_says_what_to_do(visit):
    page = visit("/funnel?from=2026-01-01T00:00&to=2026-01-02T00:00")
    expect(page.locator("h1")).to_contain_text("Nothing was measured")
    box = page.locator('[data-part="empty"]')
    expect(box).to_contain_text("No receipts yet")
    expect(box.get_by_role("link", name="Import them")).to_have_attribute("href", re.compile("/imports"))


@pytest.mark.parametrize("options", [{}, {"phone": True, "locale": "ru"}, {"color_scheme": "dark"}])
def test_everybody_can_use_it(visit, options, serious_faults, sticking_out):
    page = visit("/funnel?period=7d&view=table", **options)
    assert serious_faults(page) == []
    assert sticking_out(page) == []
