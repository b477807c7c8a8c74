"""A campaign from nothing to approved, as a marketer makes it."""

import io
import re
import zipfile

import pytest
from PIL import Image
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def shop(tmp_path_factory, shop_opener):
    """A shop whose visitor is an administrator; its figures do not matter here."""
    with shop_opener(tmp_path_factory.mktemp("campaigns"), weeks=0, role="admin") as found:
        yield found


def picture(colour="teal"):
    out = io.BytesIO()
    Image.new("RGB", (640, 360), colour).save(out, "PNG")
    return out.getvalue()


def package():
    """Its script reads what it may not."""
    page = (
        """<meta name="ad.size" content="width=1920,height=1080"><p id="told">packed</p><script src="a.js"></script>"""
    )
    script = """
const told = [];
try { told.push(document.cookie) } catch (error) { told.push(error.name) }
try { told.push(parent.document.title) } catch (error) { told.push(error.name) }
fetch("/api/v1/sites").then(() => told.push("fetched"), () => told.push("no network")).then(() => {
  document.getElementById("told").textContent = told.join(", ");
});"""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("index.html", page)
        archive.writestr("a.js", script)
    return out.getvalue()


def upload(page, name, content, kind="image/png"):
    page.locator("#file").set_input_files({"name": name, "mimeType": kind, "buffer": content})


@pytest.fixture
def campaign(visit):
    """`campaign("Warm at four")`: an editor with a valid draft that was saved."""

    def make(name, **options):
        page = visit("/campaigns/new", **options)
        upload(page, f"{name}.png", picture())
        expect(page.locator("#creatives input:checked")).to_have_count(1)
        page.get_by_label("What it is called").fill(name)
        page.locator("[name=flight0_last]").fill("2026-12-13")
        expect(page.locator("#sentence")).to_contain_text(f"“{name}” plays on all screens")
        page.get_by_role("button", name="Save").click()
        expect(page.locator(".head .meta")).to_contain_text("Version 1")
        return page

    return make


def test_from_nothing_to_approved(visit):
    page = visit("/campaigns")
    page.get_by_role("link", name="New campaign").click()
    page.wait_for_url("**/campaigns/new*")  # until its scripts listen, too
    expect(page.locator("#sentence")).to_have_text("Not a campaign yet: see what is missing.")
    expect(page.locator("#verdict .bad")).to_have_count(3)
    upload(page, "Flat white.png", picture())
    expect(page.locator(".upload .told")).to_have_text("Flat white.png is here.")
    page.get_by_label("What it is called").fill("Flat white, December")
    page.locator("[name=flight0_last]").fill("2026-12-13")
    expect(page.locator("[name=flight1_first]")).to_be_visible()
    page.get_by_role("checkbox", name="Tills").check()
    page.locator("[name=part0_from]").fill("07:00")
    page.locator("[name=part0_to]").fill("10:30")
    page.locator("[name=rule0_kind]").select_option("trigger")
    page.locator("[name=rule0_name]").fill("weather")
    page.locator("[name=rule0_value]").fill("rain")
    page.locator("[name=goal_amount]").fill("5000")
    expect(page.locator("#sentence")).to_have_text(
        "“Flat white” plays on the screen Tills from 21 Nov to 13 Dec, 7:00–10:30, while weather is rain, "
        "until it has played 5,000 times."
    )
    expect(page.locator("#verdict .bad")).to_have_count(0)
    expect(page.locator("#verdict .warn")).to_contain_text("Nobody has told weather yet")
    page.get_by_role("button", name="Save").click()
    page.wait_for_url("**/campaigns/flat-white-december**")
    page.get_by_role("button", name="Hand in for approval").click()
    expect(page.locator(".head .meta")).to_contain_text("Waits for approval")
    page.get_by_role("button", name="Approve").click()
    expect(page.locator(".head .meta")).to_contain_text("approved by a login link")
    expect(page.locator(".log li")).to_have_count(3)
    page.get_by_role("link", name="All campaigns").click()
    expect(page.locator("h1")).to_have_text("1 campaign is on.")
    expect(page.get_by_role("row", name=re.compile("Flat white, December"))).to_contain_text("0 of 5,000 plays")
    assert page.locator(".calendar .span.now").count() == 2, "one bar, drawn wide and narrow"
    expect(page.get_by_role("link", name="Campaigns", exact=True).first).to_have_attribute("aria-current", "page")


def test_what_is_wrong_is_told_beside_and_where(campaign):
    page = campaign("Clash")
    page.locator("[name=flight1_first]").fill("2026-12-01")
    page.locator("[name=flight1_last]").fill("2026-12-31")
    expect(page.locator("#verdict .bad")).to_have_text("Flights 1 and 2 overlap; make them one, or move one of them.")
    expect(page.get_by_role("button", name="Hand in for approval")).to_be_disabled()
    page.locator("[name=goal_kind]").select_option("visits")
    expect(page.locator("#verdict")).to_contain_text("Say which zone it is to bring visits to")
    expect(page.locator("[name=promotes]")).to_have_attribute("aria-invalid", "true")


def test_a_file_that_is_not_what_it_says_is_refused_in_words(visit):
    page = visit("/campaigns/new")
    upload(page, "skyr.mp4", picture(), "video/mp4")
    expect(page.locator(".upload .told")).to_contain_text("The file is a PNG picture, but was sent as video/mp4")
    visit.complaints[:] = [told for told in visit.complaints if "422" not in told]  # the browser notes the refusal


def test_a_package_runs_in_a_frame_that_reaches_nothing(visit):
    page = visit("/campaigns/new")
    upload(page, "Counter.zip", package(), "application/zip")
    page.get_by_role("button", name="Preview: Counter").click()
    told = page.frame_locator("#preview iframe").locator("#told")
    expect(told).to_have_text("SecurityError, SecurityError, no network")
    assert page.locator("#preview iframe").get_attribute("sandbox") == "allow-scripts"
    page.get_by_role("button", name="Close").click()
    expect(page.locator("#preview iframe")).to_have_count(0)
    visit.complaints[:] = [told for told in visit.complaints if "connect-src" not in told and "Fetch API" not in told]


def test_without_scripts_the_form_saves_and_says_what_is_wrong(campaign, visit):
    campaign("Plain")
    page = visit("/campaigns/plain", java_script_enabled=False)
    page.locator("[name=flight0_last]").fill("2026-01-01")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#verdict .bad")).to_contain_text("Each flight needs a first and a last day")
    page.locator("[name=flight0_last]").fill("2026-12-31")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#sentence")).to_contain_text("from 21 Nov to 31 Dec")
    page.get_by_role("button", name="Hand in for approval").click()
    expect(page.locator(".head .meta")).to_contain_text("Waits for approval")
    visit.complaints[:] = [told for told in visit.complaints if "422" not in told]


def test_two_who_write_at_once_do_not_write_over_each_other(campaign, visit):
    first = campaign("Both")
    second = visit("/campaigns/both")
    second.get_by_label("Who advertises").fill("Second")
    second.get_by_role("button", name="Save").click()
    expect(second.locator(".head .meta")).to_contain_text("Version 2")
    first.get_by_label("Who advertises").fill("First")
    first.get_by_role("button", name="Save").click()
    expect(first.get_by_role("alert")).to_contain_text("Somebody changed it meanwhile")
    expect(first.get_by_label("Who advertises")).to_have_value("First"), "what was written is still there"
    visit.complaints[:] = [told for told in visit.complaints if "409" not in told]


def test_a_creative_is_renamed_and_archived(campaign, visit):
    campaign("Old one")
    page = visit("/creatives/old-one")
    page.get_by_label("Name").fill("New name")
    page.get_by_label("archived").check()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("h1")).to_have_text("New name plays in 1 campaign.")
    expect(page.get_by_label("archived")).to_be_checked()
    page.goto("/campaigns/old-one")
    expect(page.locator("#verdict .bad")).to_contain_text("New name is archived")


def test_pages_fit_a_phone_and_axe_finds_no_serious_fault(campaign, visit, serious_faults, sticking_out):
    campaign("Fits")
    page = visit("/campaigns", phone=True, locale="ru")
    for path in ("/campaigns", "/campaigns/fits", "/creatives/fits"):
        page.goto(path)
        expect(page.locator("html")).to_have_attribute("lang", "ru")
        assert sticking_out(page) == [], path
        assert serious_faults(page) == [], path
