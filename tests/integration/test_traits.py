"""Shares of gender, from the cells that boxes let go to the API's answer and the page."""

import re
from datetime import UTC, datetime

import pytest

from contract.messages import AudienceCell, Birth
from contract.site import Site
from server import auth
from server.db.audience import add_cells
from server.db.intake import Arrival, store
from server.db.sites import get_site, put_site

ERRORS = {"female": {"female": 0.9, "male": 0.1}, "male": {"female": 0.3, "male": 0.7}}
MEANT = {"women": {"name": "Women", "when": {"gender": ["female"]}}, "men": {"when": {"gender": ["male"]}}}


@pytest.fixture
def shop(serve, noon, clock, message):
    """`shop(women=, men=, births=)`: signed in at a shop whose cells hold so many of 1,000 visits."""

    def open_at(women, men, births):
        client, start, end = serve(), datetime.fromtimestamp(noon, UTC), datetime.fromtimestamp(noon + 600, UTC)
        with client.service.engine.begin() as conn:
            known = get_site(conn, "shop").document.model_dump(mode="json")
            site = Site.model_validate(known | {"segments": MEANT, "version": 2})
            put_site(conn, site, simulated=False)
            for key, n in {"women": women, "men": men}.items():
                digest = site.segments[key].digest
                cell = AudienceCell(
                    zone="shelf", segment=key, digest=digest, t_start=start, t_end=end, n=n, of=1000, dwell_sum_s=n
                )
                add_cells(conn, "shop", "b1", "door", [cell])
            for box, errors in births.items():
                confusion = {"gender": {"how_known": "published", "taken_for": errors}} if errors else {}
                birth = Birth(
                    version="1", started_at=start, cameras=["door"], model="m", profile="demographics", site_version=2,
                    confusion=confusion,
                )  # fmt: skip
                store(conn, [Arrival(message(birth, box=box), noon)])
            secret = auth.create_link(conn, role="viewer", now=clock(), lasts_s=3600)
        client.get(f"/login?token={secret}")
        return client

    return open_at


def traits(client):
    return client.get("/api/v1/sites/shop/audience/traits").json()["traits"]


def read(client, language):
    """The audience page's words."""
    page = client.get("/audience", headers={"Accept-Language": language, "Accept": "text/html"})
    return " ".join(re.sub(r"<[^>]+>", " ", page.text).replace("\u00a0", " ").replace("\u202f", " ").split())


def test_shares_come_with_the_networks_errors_taken_out(shop):
    (gender,) = traits(shop(330, 170, {"b1": ERRORS, "b2": None}))
    assert (gender["trait"], gender["how_known"], gender["n"], gender["held_back"]) == (
        "gender",
        "published",
        500,
        None,
    )
    women, men = gender["classes"]
    assert (women["of_class"], women["segment"], men["segment"]) == ("female", "women", "men")
    assert women["counted"] == pytest.approx(0.66)
    assert women["share"] == pytest.approx(0.6, abs=1e-3)
    assert women["share_low"] < 0.6 < women["share_high"]


@pytest.mark.parametrize(
    ("language", "told"),
    [
        (
            "en",
            r"n 500 visits; corrected by errors that the network's makers published.* Women 66 % 60 % men 34 % 40 %",
        ),
        (
            "ru",
            r"n 500 посещений; с поправкой на ошибки, опубликованные авторами сети.* Women 66 % 60 % men 34 % 40 %",
        ),
    ],
)
def test_the_page_shows_both_and_what_they_are_worth(shop, language, told):
    assert re.search(told.replace(" %", " ?%"), read(shop(330, 170, {"b1": ERRORS}), language).replace("&#39;", "'"))


@pytest.mark.parametrize(
    ("women", "births", "why", "told"),
    [
        (4, {"b1": ERRORS}, "too few", "Held back: a class has fewer than 5 visits"),
        (
            330,
            {"b1": ERRORS, "b2": ERRORS | {"male": {"female": 0.2, "male": 0.8}}},
            "boxes disagree",
            "cannot be set right together",
        ),
    ],
)
def test_what_would_tell_of_somebody_or_cannot_be_set_right_is_held_back(shop, women, births, why, told):
    client = shop(women, 170, births)
    (gender,) = traits(client)
    assert (gender["held_back"], gender["n"], gender["classes"]) == (why, None, [])
    assert told in read(client, "en")
    assert "As counted" not in read(client, "en")


def test_what_leaves_the_house_is_held_back_for_longer(shop):
    client = shop(9, 170, {"b1": ERRORS})
    assert traits(client)[0]["held_back"] == "too few"
    assert "As counted" in read(client, "en")


def test_where_no_box_tells_a_trait_there_is_none(shop):
    client = shop(330, 170, {"b1": None})
    assert traits(client) == []
    assert "estimated" not in read(client, "en")
