import re

import pytest
from playwright.sync_api import expect
from sqlalchemy import delete

from contract.tips import Tip
from server.db.advice_tables import tips
from server.db.engine import connect
from server.db.tips import add_tip

pytestmark = pytest.mark.browser

PAGES = [
    "/",
    "/floor",
    "/floor?zone=bakery",
    "/zones?zone=tills&sort=name",
    "/advice",
    "/tests",
    "/data-health",
    "/metrics-catalogue",
    "/funnel",
    "/offers",
    "/loyalty",
    "/forecast",
    "/tips",
    "/imports",
    "/more",
    "/?site=store_015",
]
QUIET = "() => document.body.classList.contains('busy') === false"


def number(text):
    return int(re.sub(r"\D", "", text))


def came_in(page):
    return number(page.locator('[data-figure="footfall"] .value').inner_text())


def inside(page):
    return number(page.locator('[data-figure="occupancy"] .value').inner_text())


def test_the_login_link_signs_in(visit, shop):
    page = visit("/", sign_in=False)
    expect(page).to_have_url(re.compile("/login"))
    page.goto(f"/login?token={shop.secret}")
    expect(page).to_have_url(f"{shop.base}/")
    expect(page.locator("h1")).to_contain_text("came in")


def test_a_wrong_link_is_told_in_words(visit):
    page = visit("/login", sign_in=False, locale="ru")
    answer = page.goto("/login?token=wrong")
    assert answer.status == 403
    expect(page.get_by_role("alert")).to_contain_text("больше не действует")
    visit.complaints.clear()  # the browser notes the 403


@pytest.mark.parametrize("locale", ["en", "ru"])
def test_pages_answer_and_do_not_complain(visit, locale):
    page = visit(locale=locale)
    for path in PAGES:
        page.goto(path)
        expect(page.locator("html")).to_have_attribute("lang", locale)
        expect(page.locator("h1")).not_to_be_empty()
        assert page.locator('nav.nav a[aria-current="page"]').count() == (path != "/more"), path
        assert visit.complaints == [], path


@pytest.mark.parametrize("locale", ["en", "ru"])
def test_a_phone_does_not_scroll_sideways(visit, locale, sticking_out):
    page = visit(phone=True, locale=locale)
    for path in [*PAGES, "/login"]:
        page.goto(path)
        assert sticking_out(page) == [], path


def test_news_change_the_numbers(visit, shop):
    page = visit("/")
    expect(page.locator("body")).to_have_attribute("data-live", re.compile("store_014/live"))
    shop.say_inside({"bakery": 40, "tills": 7})
    expect(page.locator('[data-figure="occupancy"] .value')).to_contain_text("47")
    expect(page.locator("h1")).to_contain_text("47 in the store")
    before = came_in(page)
    shop.say_entered(25)
    expect(page.locator('[data-figure="footfall"] .value')).to_contain_text(f"{before + 25:,}")
    expect(page.locator("h1")).to_contain_text(f"{before + 25:,} came in")


def test_another_period_changes_address_and_heat_but_not_the_page(visit):
    page = visit("/floor")
    heat = page.locator("image.heat").get_attribute("href")
    page.evaluate("window.stayed = true")
    page.get_by_text("Period", exact=False).first.click()
    page.get_by_role("link", name="Yesterday").click()
    page.wait_for_url("**/floor?period=yesterday")
    expect(page.locator("image.heat")).not_to_have_attribute("href", heat)
    assert page.evaluate("window.stayed")
    page.go_back()
    expect(page.locator("image.heat")).to_have_attribute("href", heat)


def test_the_brush_chooses_hours(visit):
    page = visit("/floor")
    hours = page.locator("[data-hour] .hit")
    first, last = hours.nth(2).bounding_box(), hours.nth(4).bounding_box()
    page.mouse.move(first["x"] + 4, first["y"] + 10)
    page.mouse.down()
    page.mouse.move(last["x"] + 4, last["y"] + 10, steps=5)
    page.mouse.up()
    page.wait_for_url("**/floor?hours=9-11")
    expect(page.get_by_text("9:00–12:00")).to_be_visible()
    expect(page.locator(".head .meta")).to_contain_text("3.0\u00a0h observed")


def test_arrow_keys_move_the_brush(visit):
    page = visit("/floor?hours=9-11")
    end = page.get_by_role("slider", name="To, hour of the day")
    expect(end).to_have_attribute("aria-valuenow", "12")
    end.focus()
    page.keyboard.press("ArrowLeft")
    expect(end).to_have_attribute("aria-valuetext", "11:00")
    page.keyboard.press("Enter")
    page.wait_for_url("**/floor?hours=9-10")
    page.wait_for_function(QUIET)
    expect(end).to_be_focused()
    start = page.get_by_role("slider", name="From, hour of the day")
    start.focus()
    page.keyboard.press("Home")
    page.wait_for_url("**/floor?hours=7-10")


def test_the_keyboard_reaches_the_zone_panel(visit):
    page = visit("/floor")
    page.locator("#plan").focus()
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.dataset.zone") == "bakery":
            break
    page.keyboard.press("Enter")
    expect(page.locator(".panel h2").first).to_have_text("Bakery")
    expect(page).to_have_url(re.compile("zone=bakery"))
    assert page.evaluate("document.activeElement.dataset.zone") == "bakery"


def test_keys_and_buttons_zoom_and_news_keep_the_zoom(visit, shop):
    page = visit("/floor")
    plan = page.locator("#plan svg.plan")
    whole = plan.get_attribute("viewBox")
    page.locator("#plan").focus()
    page.keyboard.press("+")
    page.get_by_role("button", name="Zoom in").click()
    zoomed = plan.get_attribute("viewBox")
    assert float(zoomed.split()[2]) == pytest.approx(float(whole.split()[2]) / 1.96, rel=1e-3)
    with page.expect_response(lambda answer: "/floor" in answer.url):
        shop.say_inside({"bakery": 3})
    page.wait_for_function(QUIET)
    assert plan.get_attribute("viewBox") == zoomed
    page.keyboard.press("0")
    page.get_by_role("button", name="Fit").click()
    assert float(plan.get_attribute("viewBox").split()[2]) == float(whole.split()[2])


def test_labels_do_not_overlap(visit):
    page = visit("/floor", phone=True)
    boxes = [label.bounding_box() for label in page.locator(".zone-label:not(.left-out)").all()]
    assert len(boxes) >= 5
    for i, a in enumerate(boxes):
        for b in boxes[i + 1 :]:
            apart_x = a["x"] + a["width"] <= b["x"] + 1 or b["x"] + b["width"] <= a["x"] + 1
            apart_y = a["y"] + a["height"] <= b["y"] + 1 or b["y"] + b["height"] <= a["y"] + 1
            assert apart_x or apart_y


def test_an_overlay_is_in_the_address(visit):
    page = visit("/floor")
    page.get_by_role("checkbox", name="Zones").click()
    expect(page).to_have_url(re.compile("switch=zones"))
    expect(page.locator(".zone-label")).to_have_count(0)


def test_the_table_sorts_by_the_address(visit):
    page = visit("/zones")
    page.get_by_role("columnheader", name="Median stay").get_by_role("link").click()
    expect(page).to_have_url(re.compile("sort=-median"))
    expect(page.locator("tbody th").first).to_have_text("Tills")
    expect(page.locator('th[aria-sort="descending"]')).to_have_text("Median stay")


def test_the_language_and_the_theme_are_kept(visit):
    page = visit("/zones", locale="en")
    page.get_by_role("button", name="Русский").first.click()
    expect(page.locator("h1")).to_contain_text("Дольше всего стоят")
    expect(page).to_have_url(re.compile("/zones"))
    page.get_by_role("button", name=re.compile("Тема")).first.click()
    page.get_by_role("button", name=re.compile("Тема")).first.click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.goto("/")
    expect(page.locator("html")).to_have_attribute("lang", "ru")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(19, 22, 25)"


def test_charts_are_tables_too(visit):
    page = visit("/")
    assert page.locator("#hours .as-table").bounding_box()["width"] < 5
    page.get_by_role("button", name="Table").click()
    expect(page).to_have_url(re.compile("view=table"))
    expect(page.locator("#hours tbody tr").first).to_contain_text("7:00")
    assert page.locator("#hours .as-table").bounding_box()["width"] > 300


@pytest.mark.parametrize("path", ["/", "/floor", "/zones", "/data-health", "/offers", "/loyalty"])
def test_every_csv_is_there(visit, path):
    page = visit(path)
    links = page.locator('a[href*="format=csv"]').all()
    assert links
    for link in links:
        answer = page.request.get(link.get_attribute("href"))
        assert answer.status == 200, link.get_attribute("href")
        assert answer.headers["content-type"].startswith("text/csv")


def test_a_chart_is_saved_as_a_picture(visit, tmp_path):
    page = visit("/floor")
    page.get_by_text("Export").click()
    with page.expect_download() as saved:
        page.locator('[data-png="figure-plan"]').click()
    saved.value.save_as(tmp_path / "plan.png")
    assert (tmp_path / "plan.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "plan.png").stat().st_size > 50_000


def test_what_stands_behind_a_bar_is_told_to_mouse_and_keyboard(visit):
    page = visit("/")
    page.locator("#figure-hours .mark").nth(2).hover()
    expect(page.locator("#tip")).to_contain_text("people came in")
    page.locator("#figure-hours svg.bars:visible").focus()
    page.keyboard.press("Home")
    expect(page.locator("#tip")).to_contain_text("7:00–8:00")
    page.keyboard.press("Escape")
    expect(page.locator("#tip")).to_be_hidden()


def test_a_site_without_boxes_says_what_to_do(visit):
    page = visit("/floor?site=store_015")
    expect(page.locator("h1")).to_have_text("No box has sent anything yet.")
    expect(page.locator(".note-box")).to_contain_text("vitrina edge run")


def test_what_is_not_there_is_a_page(visit):
    page = visit("/")
    answer = page.goto("/floor?site=nowhere")
    assert answer.status == 404
    expect(page.locator("h1")).to_have_text("There is no such page")
    visit.complaints.clear()  # the browser notes the 404


def test_nothing_comes_from_elsewhere_and_nothing_runs_inline(visit, shop):
    page = visit("/login", sign_in=False)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    answer = page.goto(f"/login?token={shop.secret}")
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    page.goto("/floor")
    assert [url for url in asked if not url.startswith((shop.base, "data:"))] == []


@pytest.fixture
def tip(shop):
    """A tip for every till of the store; its number in the database."""
    engine, start = connect(shop.settings.database), shop.now().timestamp()
    told = Tip(
        given="coffee", then="rolls", given_name="Coffee", then_name="Filled rolls", lift=2.3, asked=13, worth=4.1
    )
    with engine.begin() as conn:
        number = add_tip(conn, told, site="store_014", bank="all", start=start - 60, until=start + 3540)
    yield number
    with engine.begin() as conn:
        conn.execute(delete(tips).where(tips.c.id == number))
    engine.dispose()


def test_a_till_taps_what_was_offered_and_what_was_taken(visit, tip):
    page = visit("/tips")
    card = page.locator(".till-tip")
    expect(card.locator("h3")).to_have_text("With Coffee, offer Filled rolls")
    card.get_by_role("button", name="Took it").click()
    expect(card).to_contain_text("offered 1 times, taken 1 times")
    card.get_by_role("button", name="Offered").click()
    expect(card).to_contain_text("offered 2 times, taken 1 times")
    card.get_by_role("button", name="one “offered” less").click()
    expect(card).to_contain_text("offered 1 times, taken 1 times")
    expect(page.locator('[data-part="results"]')).to_contain_text("Filled rolls with Coffee")


@pytest.mark.parametrize(("locale", "theme", "phone"), [("en", "light", False), ("ru", "dark", True)])
def test_tips_fit_a_tablet_and_a_phone(visit, tip, serious_faults, sticking_out, locale, theme, phone):
    page = visit("/tips", phone=phone, locale=locale, color_scheme=theme)
    expect(page.locator(".till-tip")).to_have_count(1)
    assert serious_faults(page) == []
    assert sticking_out(page) == []
    tall = [button.bounding_box()["height"] for button in page.locator(".taps button").all()]
    assert min(tall) >= 48, "a finger hits it"
