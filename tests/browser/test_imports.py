"""A till's file from upload to its errors line by line, as a merchandiser does it."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

TILL = """Касса;Чек;Дата;Время;Группа;Сумма;Карта;Телефон;Кассир
1;100;20.11.2026;14:20;Молоко;120,50;да;+79161234567;Иванова
1;100;20.11.2026;14:20;Хлеб;45,00;да;+79161234567;Иванова
1;101;20.11.2026;14:25;Хлеб;сорок;нет;;Петрова
""".encode("windows-1251")


@pytest.fixture(scope="module")
def shop(tmp_path_factory, shop_opener):
    """A shop whose visitor is a merchandiser; its floor does not matter here."""
    with shop_opener(tmp_path_factory.mktemp("imports"), weeks=0, role="merchandiser") as found:
        yield found


@pytest.fixture
def uploaded(visit):
    """`uploaded(content)`: the page of the file's columns."""

    def send(content=TILL, name="till.csv", **options):
        page = visit("/imports", **options)
        page.locator("#file").set_input_files({"name": name, "mimeType": "text/csv", "buffer": content})
        page.wait_for_url("**/imports/new?*")
        return page

    return send


def test_from_a_file_to_its_errors_line_by_line(uploaded):
    page = uploaded()
    expect(page.locator("h1")).to_have_text("Nothing says Currency yet.")
    expect(page.get_by_role("button", name="Import")).to_be_disabled()
    page.get_by_label("Value of Currency in all lines").fill("RUB")
    page.get_by_label("Value of Currency in all lines").blur()
    expect(page.locator("h1")).to_have_text("1 of the first 3 lines cannot be taken as they are.")
    assert "k.currency=RUB" in page.url, "the address holds what was chosen"
    expect(page.locator(".first-lines")).to_contain_text("Сумма: expected an amount such as 12.50 or 12,50")
    expect(page.locator(".unread")).to_contain_text("Кассир")
    expect(page.locator(".unread")).to_contain_text("could name a person: not read")
    offered = page.locator("select option").all_inner_texts()
    assert not {"Телефон", "Кассир"} & set(offered)
    assert "Иванова" not in page.content()
    page.get_by_label("Save the mapping as").fill("till")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_have_text("Saved as till.")
    page.get_by_role("button", name="Import").click()
    page.wait_for_url("**/imports?*")
    row = page.get_by_role("row", name=re.compile("till.csv"))
    expect(row).to_contain_text("Partly taken", timeout=60_000)
    expect(page.locator("h1")).to_contain_text("Sales are known until Fri 20 Nov")
    row.get_by_role("link").click()
    expect(page.locator("h1")).to_have_text("2 lines were taken, 1 was refused.")
    expect(page.locator(".faults tbody tr")).to_have_text(re.compile(r"4\s*Сумма\s*expected an amount"))


def test_another_choice_is_seen_at_once(uploaded):
    page = uploaded()
    page.get_by_label("Value of Currency in all lines").fill("RUB")
    page.get_by_label("Value of Currency in all lines").blur()
    expect(page.locator(".first-lines tbody tr")).to_have_count(3)
    page.get_by_label("Column for Amount paid, with tax").select_option("")
    expect(page.locator("h1")).to_have_text("Nothing says Amount paid, with tax yet.")
    page.get_by_label("Encoding").select_option("windows-1252")
    expect(page.locator(".head .meta")).to_contain_text("Windows-1252")
    offered = page.locator("select[name='c.id'] option").all_inner_texts()
    assert offered[1] == "Êàññà", "the wrong guess is visible"
    assert "Òåëåôîí" not in offered, "and what could name a person is known in any encoding"


def test_a_file_that_is_no_table_says_so_on_the_page(uploaded):
    page = uploaded(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" * 9, "photo.csv")
    expect(page.locator("h1")).to_have_text("It cannot be read like this.")
    expect(page.get_by_role("alert")).to_have_text("The file is no text; a table comes as CSV or XLSX.")


def test_a_file_that_is_gone_leads_back(visit):
    page = visit("/imports/new?file=" + "0" * 32)
    expect(page.get_by_role("alert")).to_contain_text("The file is not here any more")


@pytest.mark.parametrize("phone", [False, True])
def test_the_pages_can_be_used_by_everybody(uploaded, visit, serious_faults, sticking_out, phone):
    for page in (uploaded(phone=phone, locale="ru", color_scheme="dark"), visit("/imports", phone=phone, locale="ru")):
        expect(page.locator("h1")).to_be_visible()
        assert serious_faults(page) == []
        assert sticking_out(page) == []
