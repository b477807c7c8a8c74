"""The report of a campaign, proof of play and the audience, as people use them."""

import csv
import importlib.util
import io
from pathlib import Path

import pytest

from server.db.engine import connect
from server.db.sites import put_site

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
REPORT = "/campaigns/flat-white/report?site=store_014"


def invented():
    """docs/sample_campaign.py, which is no package."""
    spec = importlib.util.spec_from_file_location("sample_campaign", ROOT / "docs/sample_campaign.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def shop(tmp_path_factory, shop_opener):
    """The invented store with two days of a campaign."""
    sample = invented()
    with shop_opener(tmp_path_factory.mktemp("shop"), weeks=0, role="viewer") as found:
        site = sample.with_segments(found.sample.site("store_014"))
        engine = connect(found.settings.database)
        with engine.begin() as conn:
            put_site(conn, site, simulated=True)
            sample.fill(conn, site, found.now(), days=2, before=0)
        engine.dispose()
        yield found


def sideways(page):
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


def test_the_report_says_what_it_brought_and_by_what(visit):
    page = visit(REPORT)
    answer = page.locator("h1").inner_text()
    assert "stops at Drinks per 100 who pass" in answer
    effect = page.locator('[data-part="effect"]')
    assert "valid however often you look" in effect.inner_text()
    assert effect.locator("svg.sequence").count() == 1
    assert page.locator('[data-part="outcomes"] tbody tr').count() == 6
    slots = page.locator('[data-part="slots"] .only-wide svg .mark')
    assert slots.count() > 40
    slots.first.hover()
    page.locator(".tip").wait_for()
    assert "–" in page.locator(".tip").inner_text()


def test_the_map_is_drawn_for_the_screen_that_is_pressed_and_stands_in_the_address(visit):
    page = visit(REPORT)
    assert page.locator("#figure-map").count() == 0
    page.locator('[data-part="map"] .segments').get_by_text("Tills").click()
    page.locator("#figure-map svg.plan").wait_for()
    assert "map=tills" in page.url
    assert "slots with and" in page.locator('[data-part="map"]').inner_text()


@pytest.mark.parametrize(
    "path", [REPORT, "/proof-of-play?period=7d&site=store_014", "/audience?period=7d&site=store_014"]
)
def test_a_telephone_shows_them_without_scrolling_sideways(visit, path):
    page = visit(path, phone=True)
    assert page.locator("h1").is_visible()
    assert sideways(page) <= 0


def test_the_report_is_russian_through_and_through(visit):
    page = visit(REPORT, locale="ru-RU")
    text = page.locator("#page").inner_text()
    for english in ("Effect", "Slots", "Impressions", "holdout", "keep running", "Difference", "What if"):
        assert english not in text
    assert "остановки в зоне «Drinks» на 100 прошедших" in text


def test_proof_of_play_is_narrowed_and_its_export_adds_up(visit):
    page = visit("/proof-of-play?period=7d&site=store_014")
    whole = page.locator('[data-part="totals"] tr.total td').nth(1).inner_text()
    page.locator('[data-part="bar"] summary', has_text="Screen").click()
    page.locator('[data-part="bar"] .panel-float a', has_text="Tills").last.click()
    page.wait_for_url("**screen=tills**")
    told = page.locator('[data-part="totals"] tr.total td').nth(1)
    page.wait_for_function(
        "whole => document.querySelector('[data-part=totals] tr.total td:nth-of-type(2)').innerText !== whole",
        arg=whole,
    )
    page.locator(".head summary", has_text="Export").click()
    with page.expect_download() as download:
        page.get_by_text("Table as CSV").first.click()
    rows = list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text(encoding="utf-8"))))
    assert len(rows) == int(told.inner_text().replace(",", ""))
    assert {row["screen"] for row in rows} == {"tills"}


def test_two_segments_are_compared_from_the_list(visit):
    page = visit("/audience?period=7d&site=store_014")
    page.get_by_role("link", name="In a group").click()
    page.locator(".panel h2", has_text="In a group").wait_for()
    assert "In a group of 2 or more." in page.locator(".panel").inner_text()
    page.locator(".panel .links").get_by_text("With a trolley").click()
    page.locator(".panel .side-by-side").wait_for()
    assert "groups-or-trolley" in page.locator(".snippet").inner_text()
    assert "segment=groups" in page.url
    assert "with=trolley" in page.url
