"""The forecast's page: what it answers, its days, its special days, and that everybody can use it."""

import re
from datetime import timedelta

import numpy as np
import pytest
from playwright.sync_api import expect

from server.db import forecasts
from server.db.engine import connect
from server.db.forecasts import Made, hours_ahead
from server.db.local_time import day_start
from server.db.spans import timezone_of

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def shop(tmp_path_factory, shop_opener):
    """A shop without figures: what is foretold of it is what the test says."""
    with shop_opener(tmp_path_factory.mktemp("shop"), weeks=0, role="merchandiser") as found:
        yield found


@pytest.fixture(scope="module")
def foretold(shop):
    """A forecast of today's morning, of entrants and of people inside: 60 an hour from 8 to 20, 100 at noon."""
    engine = connect(shop.settings.database)
    with engine.begin() as conn:
        zone = timezone_of(conn, "store_014")
        today = shop.now().astimezone(zone).date()
        hour_ms, day_ms = hours_ahead(conn, "store_014", day_start(today, zone))
        hour = np.array([(t - day_ms[0]) // 3_600_000 % 24 for t in hour_ms])
        middle = np.where((hour >= 8) & (hour < 20), np.where(hour == 12, 100.0, 60.0), 0.0)
        spread = np.array([1.0, 0.8, 1.2, 0.7, 1.3])
        for series, part in (("entrants", 1.0), ("occupancy", 0.1)):
            days = np.outer(np.full(14, 760.0 * part), spread)
            made = Made(series, day_ms[0] / 1000, hour_ms, np.outer(middle * part, spread), day_ms, days)
            forecasts.put(conn, "store_014", made)
    engine.dispose()
    return today


def test_the_answer_says_how_many_and_when(visit, foretold):
    tomorrow = foretold + timedelta(days=1)
    page = visit(f"/forecast?day={tomorrow}")
    expect(page.locator("h1")).to_contain_text("About 760 will come tomorrow, 610 to 910; 220 of them between 10:00")
    expect(page.locator("#figure-days .only-wide .mark")).to_have_count(14)
    page.locator("details.menu").first.click()
    page.get_by_role("link", name=re.compile((tomorrow + timedelta(days=1)).strftime("%-d %b"))).click()
    expect(page).to_have_url(re.compile(f"day={tomorrow + timedelta(days=1)}"))


@pytest.mark.parametrize("locale", ["en", "ru"])
@pytest.mark.parametrize("options", [{}, {"phone": True}, {"color_scheme": "dark"}], ids=["wide", "phone", "dark"])
def test_everybody_can_use_it(visit, foretold, serious_faults, sticking_out, locale, options):
    page = visit("/forecast", locale=locale, **options)
    expect(page.locator("h1")).not_to_be_empty()
    assert visit.complaints == []
    assert sticking_out(page) == []
    assert serious_faults(page) == []


def test_a_special_day_is_added_and_taken_back(visit, foretold):
    page = visit("/forecast")
    day = foretold + timedelta(days=5)
    form = page.locator('#special form[action*="/forecast/special"]').last
    form.get_by_label("Day").fill(day.isoformat())
    form.get_by_label("Name").fill("stock-taking")
    form.get_by_label("We do not open").check()
    form.get_by_role("button", name="Add").click()
    row = page.locator("#special tr", has_text="stock-taking")
    expect(row).to_contain_text("closed")
    row.get_by_role("button", name="Take back").click()
    expect(page.locator("#special tr", has_text="stock-taking")).to_have_count(0)


def test_without_a_forecast_it_says_what_is_missing(visit):
    page = visit("/forecast?site=store_015")
    expect(page.locator("h1")).to_contain_text("No forecast yet")
    expect(page.locator('[data-part="empty"]')).to_contain_text("Each night")
