"""Advice and its tests, as a merchandiser uses them."""

import csv
import importlib.util
import io
import re
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from server.db.engine import connect

pytestmark = pytest.mark.browser


def sample():
    """trying.py beside this file, which is no package."""
    spec = importlib.util.spec_from_file_location("trying", Path(__file__).parent / "trying.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


trying = sample()
ADVICE, TESTS = "/advice?site=store_014", "/tests?site=store_014"
WRONG = f"{ADVICE}&advice={quote(trying.WRONG, safe='')}"
ONE = f"/advice/{quote(trying.MOVE, safe='')}?site=store_014"


@pytest.fixture(scope="module")
def shop(tmp_path_factory, shop_opener):
    """The invented store with advice; a second one without anything. Its visitor may plan."""
    with shop_opener(tmp_path_factory.mktemp("advice"), weeks=0, role="merchandiser") as found:
        engine = connect(found.settings.database)
        with engine.begin() as conn:
            trying.fill(conn, found.now().date(), found.now().timestamp())
        engine.dispose()
        yield found


def row(page, title):
    return page.locator(".advice-list tbody tr", has_text=title)


def test_the_page_says_what_to_do_first_and_what_was_wrong(visit):
    page = visit(ADVICE)
    expect(page.locator("h1")).to_contain_text("Move coffee to aisle 3")
    expect(page.locator("h1")).to_contain_text("One advice was wrong")
    expect(page.locator(".advice-list tbody tr")).to_have_count(8)
    expect(row(page, "Move chocolate to tills")).to_contain_text("Was wrong")
    expect(row(page, "Swap skyr and butter")).to_contain_text("In force")
    expect(row(page, "Feature pet food")).to_contain_text("needs about 12 more days")
    expect(page.locator(".panel h2").first).to_have_text("Move coffee to aisle 3")
    expect(page.locator(".panel svg.move-plan .goes")).to_have_count(1)
    expect(page.locator(".past-advice")).to_contain_text("were wrong")


def test_all_effects_stand_on_one_zero_line(visit):
    page = visit(ADVICE)
    lines = page.locator(".advice-list .effect-zero line").all()
    places = {round(line.evaluate("line => line.getBoundingClientRect().x")) for line in lines}
    assert len(lines) == 8
    assert len(places) == 1
    zero = places.pop()
    dots = [dot.bounding_box() for dot in page.locator(".advice-list .effect .dot").all()]
    assert sum(dot["x"] + dot["width"] < zero for dot in dots) == 1  # the wrong one


def test_a_row_is_chosen_in_the_address_without_leaving_the_page(visit):
    page = visit(ADVICE)
    page.evaluate("window.stayed = true")
    row(page, "Put filled rolls beside wine").get_by_role("link").first.click()
    expect(page.locator(".panel h2").first).to_have_text("Put filled rolls beside wine")
    expect(page).to_have_url(re.compile("advice=pair"))
    assert page.evaluate("window.stayed")
    expect(row(page, "Put filled rolls")).to_have_class(re.compile("selected"))


def test_the_wrong_one_tells_what_was_promised_and_what_came(visit):
    page = visit(WRONG)
    panel = page.locator(".panel")
    expect(panel).to_contain_text("+€85 a week".replace("+", "+\u2060"))
    expect(panel).to_contain_text("−\u2060€120 a week")
    expect(panel.locator(".plan-form")).to_have_count(0)


def test_a_test_is_planned_from_the_panel_and_called_off(visit):
    page = visit(ADVICE)
    before = page.locator(".panel .two-sides").get_attribute("aria-label")
    page.get_by_label("Days after it").select_option("14")
    page.wait_for_url("**days=14**")
    expect(page.locator(".panel .two-sides")).not_to_have_attribute("aria-label", before)
    page.get_by_role("button", name="Plan this test").click()
    page.wait_for_url("**/tests?*#change-*")
    going = page.locator('[data-part="going"] tr', has_text="Move coffee to aisle 3")
    expect(going).to_contain_text("Test planned")
    expect(going.locator(".two-sides")).to_contain_text("after, 14 days")
    page.goto(ADVICE)
    expect(row(page, "Move coffee to aisle 3")).to_contain_text("Test planned")
    page.goto(TESTS)
    page.get_by_role("button", name="Call off: Move coffee to aisle 3").click()
    expect(page.locator('[data-part="going"]')).not_to_contain_text("Move coffee")
    page.goto(ADVICE)
    expect(row(page, "Move coffee to aisle 3")).to_contain_text("Plan a test")


def test_not_now_puts_it_away_and_it_comes_back(visit):
    page = visit(f"{ADVICE}&advice={quote(trying.PROPOSALS[3].advice.key, safe='')}")
    page.get_by_role("button", name="Not now").click()
    expect(row(page, "Feature winter tea")).to_have_count(0)
    page.goto(f"{ADVICE}&show=aside")
    expect(row(page, "Feature winter tea")).to_have_count(1)
    page.get_by_role("button", name="Take it up again").click()
    expect(row(page, "Feature winter tea")).to_have_count(1)


def test_a_change_of_ones_own_is_noted_and_a_wrong_one_is_sent_back(visit):
    page = visit(TESTS)
    form = page.locator(".change-form")
    form.get_by_label("What was changed").fill("Coffee to the tills")
    form.get_by_label("Category").select_option("coffee")
    form.get_by_label("To the zone").select_option("tills")
    form.get_by_label("Day of the change").fill("2020-01-06")
    form.get_by_role("button", name="Keep it").click()
    expect(page.get_by_role("alert")).to_contain_text("four weeks before")
    visit.complaints.clear()  # the browser notes the 422
    expect(form.get_by_label("What was changed")).to_have_value("Coffee to the tills")
    form.get_by_label("Day of the change").fill("2026-11-02")
    form.get_by_role("button", name="Keep it").click()
    page.wait_for_url("**/tests?*#change-*")
    expect(page.locator('[data-part="going"] tr', has_text="Coffee to the tills")).to_contain_text("Test is running")


def test_tables_hold_what_the_page_shows(visit):
    page = visit(ADVICE)
    answer = page.request.get("/api/v1/sites/store_014/advice?format=csv")
    rows = list(csv.DictReader(io.StringIO(answer.text())))
    assert {each["state"] for each in rows} >= {"open", "waits", "in_force", "wrong"}
    for link in page.locator('a[href*="format=csv"]').all():
        assert page.request.get(link.get_attribute("href")).status == 200


def test_a_store_without_receipts_says_what_is_missing(visit):
    page = visit("/advice?site=store_015")
    expect(page.locator("h1")).to_contain_text("No advice yet")
    expect(page.locator(".missing li")).to_have_count(3)
    page.goto("/tests?site=store_015")
    expect(page.locator("h1")).to_contain_text("Nothing has been tried yet")


@pytest.mark.parametrize("locale", ["en", "ru"])
def test_a_telephone_shows_list_and_detail_without_scrolling_sideways(visit, sticking_out, locale):
    page = visit(ADVICE, phone=True, locale=locale)
    expect(page.locator(".panel")).to_be_hidden()
    assert sticking_out(page) == []
    page.locator(".advice-list .narrow-link").first.click()
    page.wait_for_url("**/advice/move:coffee**")
    expect(page.locator(".alone-panel .plan-form")).to_be_visible()
    assert sticking_out(page) == []
    page.goto(TESTS)
    assert sticking_out(page) == []


def test_it_is_russian_through_and_through(visit):
    page = visit(WRONG, locale="ru-RU")
    text = page.locator("#page").inner_text()
    for english in (" to +", "Expected", "Measured", "Stops", "tested", "promised", "before", "week", "Evidence"):
        assert english not in text
    page.goto(TESTS)
    for english in ("Promised", "running", "after", "Call off", "Category"):
        assert english not in page.locator("#page").inner_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", [ADVICE, WRONG, ONE, TESTS, "/advice?site=store_015"])
def test_nobody_is_kept_from_using_it(visit, serious_faults, path, scheme):
    page = visit(path, color_scheme=scheme)
    assert serious_faults(page) == []
