"""Shares of gender, from the cells that boxes let go to the answer of the API."""

from datetime import UTC, datetime

import pytest

from contract.messages import AudienceCell, Birth
from contract.site import Site
from server.db.audience import add_cells
from server.db.intake import Arrival, store
from server.db.sites import put_site

ERRORS = {"female": {"female": 0.9, "male": 0.1}, "male": {"female": 0.3, "male": 0.7}}
MEANT = {"women": {"when": {"gender": ["female"]}}, "men": {"when": {"gender": ["male"]}}}


@pytest.fixture
def shop(serve, bearer, noon, message):
    """`shop(women=, men=, births=)`: what the API tells of a shop whose cells hold so many of 1,000 visits."""

    def ask(women, men, births):
        client = serve()
        with client.service.engine.begin() as conn:
            document = client.get("/api/v1/sites/shop", headers=bearer(client)).json()["document"]
            site = Site.model_validate(document | {"segments": MEANT, "version": 2})
            put_site(conn, site, simulated=False)
            start, end = (datetime.fromtimestamp(noon + t, UTC) for t in (0, 600))
            counted = {"women": women, "men": men}
            cells = [
                AudienceCell(
                    zone="shelf", segment=key, digest=site.segments[key].digest, t_start=start, t_end=end, n=n, of=1000, dwell_sum_s=n
                )
                for key, n in counted.items()
            ]  # fmt: skip
            add_cells(conn, "shop", "b1", "door", cells)
            for box, errors in births.items():
                confusion = {"gender": {"how_known": "published", "taken_for": errors}} if errors else {}
                birth = Birth(
                    version="1", started_at=start, cameras=["door"], model="m", profile="demographics", site_version=2,
                    confusion=confusion,
                )  # fmt: skip
                store(conn, [Arrival(message(birth, box=box), noon)])
        return client.get(
            f"/api/v1/sites/shop/audience/traits?start={start:%Y-%m-%dT%H:%M:%SZ}", headers=bearer(client)
        ).json()["traits"]

    return ask


def test_shares_come_with_the_networks_errors_taken_out(shop):
    (gender,) = shop(330, 170, {"b1": ERRORS, "b2": None})
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
    ("women", "births", "why"),
    [
        (9, {"b1": ERRORS}, "too few"),
        (330, {"b1": ERRORS, "b2": ERRORS | {"male": {"female": 0.2, "male": 0.8}}}, "boxes disagree"),
    ],
)
def test_what_would_tell_of_somebody_or_cannot_be_set_right_is_held_back(shop, women, births, why):
    (gender,) = shop(women, 170, births)
    assert (gender["held_back"], gender["n"], gender["classes"]) == (why, None, [])


def test_where_no_box_tells_a_trait_there_is_none(shop):
    assert shop(330, 170, {"b1": None}) == []
