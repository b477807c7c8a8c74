import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

QUIET = "() => document.body.classList.contains('busy') === false"


def bounds(locator):
    box = locator.bounding_box()
    return box["x"], box["y"], box["width"], box["height"]


def test_layers_exclude_each_other_and_are_in_the_address(visit):
    page = visit("/floor")
    heat = page.locator("image.heat").get_attribute("href")
    for title, key, unit in [("Visits", "visits", "People through it"), ("Stops", "stops", "Stops per m²")]:
        page.get_by_role("navigation", name="Layer").get_by_role("link", name=title).click()
        expect(page).to_have_url(re.compile(f"layer={key}"))
        expect(page.locator(".legend")).to_contain_text(unit)
        expect(page.locator("image.heat")).not_to_have_attribute("href", heat)
    page.get_by_role("navigation", name="Layer").get_by_role("link", name="Presence").click()
    expect(page.locator("image.heat")).to_have_attribute("href", heat)
    assert "layer=" not in page.url


def test_what_no_camera_sees_is_hatched_and_its_share_told(visit):
    page = visit("/floor")
    expect(page.locator(".legend")).to_contain_text(re.compile(r"no camera sees, \d+\s%"))
    assert page.locator("rect[mask]").get_attribute("fill") == "url(#plan-hatch)"


@pytest.mark.parametrize(
    ("locale", "phone", "gained", "clear"),
    [
        ("en", False, "gained time", "no clear difference"),
        ("ru", True, "времени стало больше", "разницы не видно"),
    ],
)
def test_two_weeks_are_compared(visit, locale, phone, gained, clear):
    page = visit("/floor?period=7d&layer=difference", locale=locale, phone=phone)
    expect(page.locator("h1")).to_contain_text(gained)
    expect(page.locator("h1")).to_contain_text("Bakery")
    expect(page.locator(".legend")).to_contain_text(clear)
    ticks = page.locator(".legend .tick").all_text_contents()
    assert ticks[0].startswith("−")
    assert ticks[2] == "0"
    assert ticks[-1].startswith("+")
    bakery = page.locator('[data-label="bakery"] .amount').text_content()
    meat = page.locator('[data-label="meat"] .amount').text_content()
    assert bakery.startswith("+")
    assert meat.startswith("−")


def test_one_day_against_another_is_not_enough(visit):
    page = visit("/floor?layer=difference")
    expect(page.locator("h1")).to_contain_text("Not enough data")
    expect(page.locator("image.heat")).to_have_count(0)
    page.get_by_role("link", name="Compare the last 7 days").click()
    expect(page).to_have_url(re.compile("period=7d"))
    expect(page.locator("h1")).to_contain_text("gained time")


def test_side_by_side_at_the_same_scale(visit):
    page = visit("/floor?period=7d")
    page.get_by_role("button", name="Side by side").click()
    expect(page).to_have_url(re.compile("beside=1"))
    expect(page.locator("figcaption")).to_have_count(2)
    (x0, y0, w0, _), (x1, y1, w1, _) = (bounds(page.locator(f"#figure-{name} svg")) for name in ("plan", "against"))
    assert y0 == y1
    assert x1 >= x0 + w0
    assert w0 == pytest.approx(w1)
    page.locator("#plan").focus()
    page.keyboard.press("+")
    boxes = [page.locator(f"#figure-{name} svg").get_attribute("viewBox") for name in ("plan", "against")]
    assert boxes[0] == boxes[1]
    hatches = {rect.get_attribute("fill") for rect in page.locator("rect[mask]").all()}
    assert hatches == {"url(#plan-hatch)", "url(#against-hatch)"}


def test_one_under_the_other_on_a_phone(visit):
    page = visit("/floor?period=7d&beside=1", phone=True)
    (x0, y0, _, h0), (x1, y1, _, _) = (bounds(page.locator(f"#figure-{name} svg")) for name in ("plan", "against"))
    assert x0 == x1
    assert y1 >= y0 + h0


def test_what_to_compare_with_is_chosen(visit):
    page = visit("/floor?period=7d&zone=bakery")
    expect(page.locator(".panel .figures thead")).to_contain_text("to 8–14 Nov")
    page.get_by_text("Against", exact=False).first.click()
    page.get_by_role("link", name="Nothing").click()
    expect(page).to_have_url(re.compile("against=none"))
    expect(page.locator(".panel .figures thead")).not_to_contain_text("to 8–14 Nov")
    expect(page.locator("path.past-line")).to_have_count(0)
    page.goto("/floor?period=7d&zone=bakery&against_from=2026-11-10T00:00&against_to=2026-11-12T00:00")
    expect(page.locator(".panel .figures thead")).to_contain_text("to 10–11 Nov")
    expect(page.locator("path.past-line")).to_have_count(1)


def test_weekdays_are_chosen(visit):
    page = visit("/floor?period=7d")
    whole = page.locator(".head .meta").inner_text()
    page.get_by_text("All hours", exact=True).click()
    page.get_by_role("button", name="Mon").click()
    expect(page).to_have_url(re.compile("weekdays=mon"))
    expect(page.locator(".head .meta")).not_to_have_text(whole)
    expect(page.get_by_text("Mon", exact=True).first).to_be_visible()


def test_names_that_do_not_fit_become_numbers_told_below(visit):
    page = visit("/floor", phone=True)
    shown = page.locator(".numbers li:visible")
    expect(shown.filter(has_text="Aisle 3")).to_have_text("3 Aisle 3")
    label = page.locator('[data-label="aisle_3"]')
    expect(label).to_have_class(re.compile("numbered"))
    assert page.locator('[data-label="bakery"]').get_attribute("class") == "zone-label"
    wide = visit("/floor")
    expect(wide.locator('[data-label="aisle_3"]')).not_to_have_class(re.compile("numbered"))
    expect(wide.locator(".numbers li:visible")).to_have_count(0)


def test_a_camera_that_moved_marks_its_zones_and_is_told(visit):
    page = visit("/floor")
    expect(page.locator(".notes .warn")).to_contain_text("Camera Tills has moved")
    expect(page.locator(".camera .moved")).to_have_count(1)
    assert page.locator('[data-label="self"] .amount').text_content().endswith("*")
    assert not page.locator('[data-label="bakery"] .amount').text_content().endswith("*")


def test_an_evening_without_data_is_told(visit):
    page = visit("/floor?period=7d")
    expect(page.locator(".notes")).to_contain_text("Nothing was received Wed 18 Nov 19:00–22:00")


def test_flows_and_coverage_lie_on_the_plan(visit):
    page = visit("/floor")
    page.get_by_role("checkbox", name="Flows").click()
    expect(page.locator(".flow-edge").first).to_be_attached()
    page.get_by_role("checkbox", name="Coverage").click()
    expect(page).to_have_url(re.compile("switch=coverage%2Cflows"))
    assert page.locator(".area-number").all_text_contents() == ["1", "2", "3", "4", "5"]
    page.locator(".camera").first.hover()
    expect(page.locator("#tip")).to_contain_text("answers for")


def test_a_queue_is_told_with_its_check(visit):
    page = visit("/zones?zone=tills&period=7d")
    expect(page.locator(".panel")).to_contain_text("Waiting, mean")
    expect(page.locator(".panel .remark")).to_contain_text("Little’s law")


def test_every_export_answers(visit):
    page = visit("/floor?layer=stops")
    links = {link.inner_text(): link.get_attribute("href") for link in page.locator('a[href*="heatmap"]').all()}
    assert all("layer=stops" in href for href in links.values())
    for href in links.values():
        answer = page.request.get(href)
        assert answer.status == 200, href
        assert len(answer.body()) > 200


@pytest.mark.parametrize("path", ["/?period=week", "/?period=28d"])
def test_days_of_a_period_are_bars(visit, path):
    page = visit(path)
    expect(page.locator("#hours h2")).to_have_text("People who came in, per day")
    expect(page.locator("h1")).to_contain_text("came in")
    bars = page.locator("#figure-hours svg:visible .bar").count()
    assert bars >= 6
    expect(page.locator("#hours tbody tr")).to_have_count(6 if "week" in path else 28)


@pytest.mark.parametrize(
    ("path", "theme", "phone"),
    [
        ("/?period=week", "dark", True),
        ("/floor?layer=difference&period=7d", "light", False),
        ("/floor?zone=tills", "dark", True),
        ("/floor?beside=1&switch=flows,coverage", "dark", False),
        ("/zones?zone=bakery", "light", True),
    ],
)
def test_axe_finds_no_serious_fault(visit, path, theme, phone, serious_faults):
    page = visit(path, phone=phone, color_scheme=theme, locale="ru" if phone else "en")
    assert serious_faults(page) == []


def test_a_time_that_was_not_observed_is_hatched_and_no_number(visit):
    page = visit("/floor?from=2026-11-01T00:00&to=2026-11-02T00:00")
    expect(page.locator("h1")).to_contain_text("Not observed")
    expect(page.locator("rect[mask]")).to_have_count(1)
    expect(page.locator("image.heat")).to_have_count(0)
    expect(page.locator(".legend")).to_contain_text(re.compile(r"not watched in this time, 100\s%"))


def test_the_plan_is_a_table_too(visit):
    page = visit("/floor?view=table")
    expect(page.locator("#plan")).to_be_hidden()
    row = page.locator('[data-part="plan-table"] tbody tr').filter(has_text="Bakery")
    assert re.fullmatch(r"[\d.,]+", row.locator("td").first.inner_text())
