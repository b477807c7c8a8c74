"""The wall of screens, pairing a player from it, and landing pages on a phone."""

import re

import pytest
from playwright.sync_api import expect
from sqlalchemy import insert

from contract.site import Screen
from server.db import screen_tables as tables
from server.db.engine import connect
from server.db.landings import put_landing
from server.db.sites import get_site, put_site
from server.landing_document import LandingDocument

pytestmark = pytest.mark.browser

COUPON = {
    "texts": {"en": {"title": "Flat white 2.40"}, "ru": {"title": "Флэт уайт за 2,40"}},
    "page": {"kind": "coupon", "code": "FLAT-240", "last_day": "2099-12-31"},
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory, shop_opener):
    """An administrator's shop with a creative whose code leads to a coupon."""
    with shop_opener(tmp_path_factory.mktemp("screens"), weeks=0, role="admin") as found:
        engine = connect(found.settings.database)
        with engine.begin() as conn:
            document = get_site(conn, "store_014").document
            more = document.model_copy(
                update={"screens": {**document.screens, "lift": Screen(name="Lift", at_m=(5, 5))}}
            )
            put_site(conn, more, simulated=True)
            put_landing(conn, "store_014", "coffee", LandingDocument.model_validate(COUPON), author="a", now=0)
            conn.execute(insert(tables.media).values(sha256="0" * 64, kind="image", type="image/png", bytes=1, width=1, height=1, created_ms=0))  # fmt: skip
            conn.execute(insert(tables.creatives).values(site="store_014", creative="white", name="White", media="0" * 64, seconds=10, landing="coffee", author="a", created_ms=0))  # fmt: skip
        engine.dispose()
        yield found


def test_a_screen_is_paired_by_the_code_it_shows(visit, chromium, shop):
    player = chromium.new_context(base_url=shop.base).new_page()
    player.goto("/screens/lift?site=store_014")
    code = player.locator("[data-code]")
    expect(code).to_have_text(re.compile(r"\w"))
    wall = visit("/screens?site=store_014")
    tile = wall.get_by_role("article", name="Lift")
    expect(tile).to_contain_text("No player")
    row = wall.get_by_role("row", name="Lift")
    row.get_by_text("Pair", exact=True).first.click()
    row.get_by_label("Code").fill(code.inner_text())
    row.get_by_role("button", name="Pair").click()
    expect(player.locator("#panel")).to_be_hidden()
    expect(tile).to_contain_text("Playing", timeout=40_000)
    expect(tile).to_contain_text("House picture")
    player.context.close()


def test_a_wrong_code_is_told_where_it_was_typed(visit):
    wall = visit("/screens?site=store_014")
    row = wall.get_by_role("row", name="Lift")
    row.get_by_text("Pair", exact=True).first.click()
    row.get_by_label("Code").fill("WRONG1")
    row.get_by_role("button", name="Pair").click()
    expect(row.get_by_role("status")).not_to_be_empty()
    visit.complaints.clear()  # the browser logs every 404


@pytest.mark.parametrize(
    "options", [{"phone": True, "color_scheme": "dark", "locale": "ru-RU"}, {}], ids=["phone", "desk"]
)
@pytest.mark.parametrize("path", ["/screens?site=store_014", "/pages?site=store_014", "/pages/coffee?site=store_014"])
def test_pages_of_screens_fit_and_are_accessible(visit, serious_faults, sticking_out, path, options):
    page = visit(path, **options)
    assert sticking_out(page) == []
    assert serious_faults(page) == []


def test_a_coupon_on_a_phone(chromium, shop, serious_faults, sticking_out):
    day = shop.now().strftime("%Y%m%d")
    screen = next(iter(shop.sample.site("store_014").screens))
    context = chromium.new_context(
        base_url=shop.base, viewport={"width": 390, "height": 844}, locale="ru-RU", has_touch=True
    )
    page = context.new_page()
    page.goto(f"/q/store_014/-/white/{screen}/{day}")
    expect(page.get_by_role("heading")).to_have_text("Флэт уайт за 2,40")
    assert serious_faults(page) == []
    page.get_by_role("button").tap()
    expect(page.locator(".code")).to_have_text("FLAT-240")
    assert context.cookies() == []
    assert sticking_out(page) == []
    context.close()
