"""Landing pages: what a visitor sees, what is counted, and that nothing of them is kept."""

import pytest
from sqlalchemy import insert, select
from starlette.testclient import TestClient

from contract.site import Screen
from server.db import screen_tables as tables
from server.db.sites import get_site, put_site

COUPON = {
    "texts": {
        "en": {"title": "Flat white 2.40", "text": "At the counter by the tills."},
        "ru": {"title": "Флэт уайт за 2,40", "text": "У стойки возле касс."},
    },
    "page": {"kind": "coupon", "code": "FLAT-240", "last_day": "2025-12-31"},
}
POLL = {
    "texts": {"en": {"title": "Did you find everything?"}},
    "page": {
        "kind": "poll",
        "answers": [{"key": "yes", "texts": {"en": "Yes"}}, {"key": "no", "texts": {"en": "No"}}],
    },
}
JOIN = {"texts": {"en": {"title": "Join us"}}, "page": {"kind": "join", "url": "https://loyalty.example/join?shop=14"}}
CODE = "/q/shop/winter/tea-1/entrance/20251122"


@pytest.fixture
def client(serve, bearer):
    """A merchandiser's client of a shop with a screen."""
    client = serve()
    client.headers |= bearer(client, "merchandiser")
    with client.service.engine.begin() as conn:
        document = get_site(conn, "shop").document
        put_site(conn, document.model_copy(update={"screens": {"entrance": Screen(at_m=(1, 1))}}), simulated=False)
    return client


@pytest.fixture
def stranger(client):
    """Somebody's phone."""
    return TestClient(client.app, base_url="http://shop.example", follow_redirects=False)


@pytest.fixture
def shop(client):
    """`shop(document)`: a creative whose code leads to a page of that document."""
    engine = client.service.engine

    def make(document, landing="offer"):
        answer = client.put(f"/api/v1/sites/shop/landings/{landing}", json=document)
        assert answer.status_code in (200, 201), answer.text
        with engine.begin() as conn:
            if conn.execute(select(tables.creatives.c.creative)).first() is None:
                conn.execute(insert(tables.media).values(sha256="0" * 64, kind="image", type="image/png", bytes=1, width=1, height=1, created_ms=0))  # fmt: skip
                conn.execute(insert(tables.creatives).values(site="shop", creative="tea-1", name="Tea", media="0" * 64, seconds=10, landing=landing, author="a", created_ms=0))  # fmt: skip
        return client

    return make


def deeds(client):
    found = client.get("/api/v1/sites/shop/landings/deeds?end=2025-11-23").json()["deeds"]
    return {(deed["what"], deed["answer"]): deed["n"] for deed in found}


def test_a_coupon_is_shown_after_it_is_used_and_counted_once(shop, stranger):
    client = shop(COUPON)
    first = stranger.get(CODE)
    assert "Flat white 2.40" in first.text
    assert "FLAT-240" not in first.text
    used = stranger.post(CODE, data={"lang": "en"}, follow_redirects=True)
    assert "FLAT-240" in used.text
    stranger.get(str(used.url))  # a reload
    assert deeds(client) == {("scan", ""): 1, ("redeem", ""): 1}


def test_the_page_speaks_the_phone_s_language(shop, stranger):
    shop(COUPON)
    assert "Флэт уайт" in stranger.get(CODE, headers={"Accept-Language": "ru-RU,ru"}).text
    assert "Флэт уайт" in stranger.get(CODE + "?lang=ru").text


def test_nothing_of_the_visitor_is_kept(shop, stranger):
    client = shop(COUPON)
    answer = stranger.get(CODE, headers={"User-Agent": "PhoneOfNataly/1.0"})
    assert "set-cookie" not in answer.headers
    columns = set(tables.scans.c.keys())
    assert columns == {"id", "site", "landing", "campaign", "creative", "screen", "slot_ms", "what", "answer", "n"}
    with client.service.engine.connect() as conn:
        (row,) = conn.execute(select(tables.scans)).mappings()
    assert row["slot_ms"] % 600_000 == 0


def test_a_coupon_that_is_over_gives_no_code(shop, stranger):
    client = shop(COUPON | {"page": COUPON["page"] | {"last_day": "2025-11-21"}})
    assert "was good until" in stranger.get(CODE).text
    assert "FLAT-240" not in stranger.post(CODE, follow_redirects=True).text
    assert ("redeem", "") not in deeds(client)


def test_a_poll_counts_its_answers_and_no_invented_ones(shop, stranger):
    client = shop(POLL)
    assert "Thank you" in stranger.post(CODE, data={"answer": "yes"}, follow_redirects=True).text
    stranger.post(CODE, data={"answer": "drop table"}, follow_redirects=True)
    assert deeds(client) == {("answer", "yes"): 1}


def test_joining_leads_to_the_programme_without_a_trace(shop, stranger):
    client = shop(JOIN)
    assert "https://loyalty.example" in stranger.get(CODE).headers["content-security-policy"]
    answer = stranger.post(CODE, follow_redirects=False)
    assert answer.headers["location"] == "https://loyalty.example/join?shop=14"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert deeds(client) == {("scan", ""): 1, ("join", ""): 1}


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("/q/shop/winter/tea-1/entrance/20231122", id="hung two years ago"),
        pytest.param("/q/shop/winter/tea-1/entrance/20251332", id="no such day"),
        pytest.param("/q/shop/winter/tea-1/entrance/20261122", id="a day to come"),
        pytest.param("/q/shop/winter/nothing/entrance/20251122", id="no such creative"),
        pytest.param("/q/shop/winter/tea-1/cellar/20251122", id="no such screen"),
        pytest.param("/q/nowhere/winter/tea-1/entrance/20251122", id="no such store"),
    ],
)
def test_an_invented_code_leads_nowhere_and_counts_nothing(shop, stranger, address):
    client = shop(COUPON)
    assert stranger.get(address, headers={"Accept": "text/html"}).status_code == 404
    assert deeds(client) == {}


def test_looking_ahead_is_no_scan(shop, stranger):
    client = shop(COUPON)
    stranger.get(CODE, headers={"Sec-Purpose": "prefetch"})
    stranger.head(CODE)
    assert deeds(client) == {}


def test_the_code_s_picture_holds_its_address(shop, stranger):
    shop(COUPON)
    picture = stranger.get(CODE + ".svg")
    assert picture.headers["content-type"] == "image/svg+xml"
    assert picture.content.startswith(b"<?xml")


def test_a_page_in_use_is_not_deleted(shop):
    client = shop(COUPON)
    refused = client.delete("/api/v1/sites/shop/landings/offer")
    assert refused.status_code == 409
    assert "Tea" in refused.json()["detail"]


def test_a_poll_with_two_answers_alike_is_refused(client):
    twice = POLL | {"page": {"kind": "poll", "answers": [POLL["page"]["answers"][0]] * 2}}
    answer = client.put("/api/v1/sites/shop/landings/offer", json=twice)
    assert answer.status_code == 422
    assert "same key" in answer.text


@pytest.mark.parametrize("name", ["кофе", "é", "a²", "-abc", "new", "a" * 65])
def test_a_name_that_no_address_takes_is_refused(client, name):
    right = {"landing": name, "kind": "coupon", "title_en": "Tea", "code": "tea-1", "last_day": "2025-12-24"}
    assert client.post("/pages/new", data=right).status_code == 422


def test_the_form_saves_what_it_shows_and_says_what_is_wrong(client):
    wrong = client.post("/pages/new", data={"landing": "offer", "kind": "coupon", "title_en": "Tea", "code": "x"})
    assert wrong.status_code == 422
    assert "page.coupon.code" in wrong.text
    right = {"landing": "offer", "kind": "coupon", "title_en": "Tea", "code": "tea-1", "last_day": "2025-12-24"}
    saved = client.post("/pages/new", data=right, follow_redirects=True)
    assert "Tea" in saved.text
    assert 'value="TEA-1"' in client.get("/pages/offer").text
