"""Flows, blind spots and alarms as their readers use them, in two languages and at two widths."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

PAGES = [
    "/flows?period=28d",
    "/flows?period=28d&as=plan",
    "/flows?period=28d&zone=bakery",
    "/blind-spots?period=28d",
    "/alarms",
]


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(("locale", "phone"), [("en", False), ("ru", True)])
def test_pages_answer_fit_and_are_accessible(visit, path, locale, phone, serious_faults, sticking_out):
    page = visit(path, locale=locale, phone=phone)
    expect(page.locator("html")).to_have_attribute("lang", locale)
    expect(page.locator("h1")).not_to_be_empty()
    assert serious_faults(page) == []
    if phone:
        assert sticking_out(page) == []


@pytest.mark.parametrize(
    ("locale", "kinds"), [("en", ["Passed by", "Not seen"]), ("ru", ["Проходят мимо", "Не видно"])]
)
def test_the_blind_spot_report_is_read(visit, locale, kinds):
    page = visit("/blind-spots", locale=locale)
    expect(page).to_have_url(re.compile("period=28d"))
    for kind in kinds:
        expect(page.locator(".spot-table").get_by_text(kind, exact=True)).to_be_visible()
    first = page.locator(".spot-link").first
    first.click()
    expect(page).to_have_url(re.compile("spot=1"))
    expect(page.locator(".spot-table tr.selected")).to_have_count(1)
    expect(page.locator(".plan .spot.chosen")).to_have_count(1)
    numbers = page.locator(".plan .spot-number").all_text_contents()
    assert sorted(map(int, numbers)) == list(range(1, page.locator(".spot-link").count() + 1))


def test_a_kind_that_is_switched_off_leaves_plan_and_list(visit):
    page = visit("/blind-spots?period=28d")
    seen = page.locator(".plan .patch.uncovered").count()
    assert seen > 0
    page.get_by_role("checkbox", name="Not seen").click()
    expect(page.locator(".plan .patch.uncovered")).to_have_count(0)
    expect(page).to_have_url(re.compile("hide=uncovered"))


def test_the_report_prints_without_navigation(visit):
    page = visit("/blind-spots?period=28d")
    page.emulate_media(media="print")
    expect(page.locator("nav.nav")).to_be_hidden()
    expect(page.locator(".spot-table")).to_be_visible()
    expect(page.locator(".plan")).to_be_visible()
    assert page.pdf(format="A4").startswith(b"%PDF")


def test_a_place_of_the_flows_leads_to_its_ways(visit):
    page = visit("/flows?period=28d")
    page.locator(".sankey a.mark").first.click()
    expect(page).to_have_url(re.compile("zone="))
    expect(page.get_by_role("heading", name="Came from")).to_be_visible()
    expect(page.locator(".sankey .node.chosen")).not_to_have_count(0)
    page.get_by_role("link", name="On the plan").click()
    expect(page.locator(".plan .flow")).not_to_have_count(0)


def test_ribbons_tell_their_share_on_hover(visit):
    page = visit("/flows?period=28d")
    page.locator(".sankey .ribbon").last.hover()
    expect(page.get_by_role("tooltip")).to_contain_text("of the ways on from there")
