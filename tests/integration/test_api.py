import csv
import io
import re
from pathlib import Path

import pytest

from contract.messages import Live
from server.db.intake import Arrival, store

AROUND = {"start": "2025-11-22T00:00:00+01:00", "end": "2025-11-23T00:00:00+01:00"}


@pytest.fixture
def shop(serve, bearer, window, message, noon):
    """A signed-in client of a server that holds 90 minutes of two cameras."""
    client = serve()
    client.headers = bearer(client)
    arrivals = [Arrival(message(window(minute)), noon) for minute in range(90)]
    with client.service.engine.begin() as conn:
        store(conn, arrivals)
    return client


def ask(client, path, **params):
    response = client.get(f"/api/v1/sites/shop/{path}", params=AROUND | params)
    assert response.status_code == 200, response.text
    return response.json()


def test_sites(shop):
    (site,) = shop.get("/api/v1/sites").json()
    assert (site["site"], site["timezone"], site["simulated"]) == ("shop", "Europe/Berlin", False)
    assert "entrance" in shop.get("/api/v1/sites/shop").json()["document"]["lines"]


def test_footfall_counts_the_entrance_by_local_hour(shop):
    found = ask(shop, "footfall")
    assert (found["entered"], found["left"], found["n"], found["observed_s"]) == (450, 270, 720, 5400)
    assert [(hour["hour_start"], hour["entered"]) for hour in found["hours"]] == [
        ("2025-11-22T13:00:00+01:00", 300),
        ("2025-11-22T14:00:00+01:00", 150),
    ]
    low, high = found["entered_interval"]
    assert low < 450 < high
    assert high - low == pytest.approx(2 * 1.96 * 450**0.5, rel=0.02)


def test_footfall_of_a_named_line(shop):
    found = ask(shop, "footfall", line="back")
    assert [line["line"] for line in found["lines"]] == ["back"]
    assert found["entered"] == 90


def test_zones_carry_their_dwell_with_its_interval(shop):
    (shelf,) = ask(shop, "zones")["zones"]
    assert (shelf["zone"], shelf["entries"], shelf["visits"]) == ("shelf", 180, 90)
    assert 10 <= shelf["dwell_median_low_s"] <= shelf["dwell_median_s"] <= shelf["dwell_median_high_s"] <= 15
    assert shelf["presence_per_entry_s"] == 15
    assert sum(shelf["dwell"]["left"]) == 90


def test_heatmap_and_its_table(shop):
    (grid,) = ask(shop, "heatmap")["grids"]
    assert (grid["camera"], grid["unit"]) == (None, "m")
    assert grid["person_s"] == [[5400, 0, 0, 0], [0, 2700, 0, 0], [0, 0, 0, 0]]
    table = shop.get("/api/v1/sites/shop/heatmap", params=AROUND, headers={"Accept": "text/csv"})
    rows = list(csv.DictReader(io.StringIO(table.text)))
    assert [(row["x"], row["y"], row["person_s"]) for row in rows] == [
        ("0.5", "0.5", "5400.0"),
        ("1.5", "1.5", "2700.0"),
    ]


@pytest.mark.parametrize(("step_s", "steps"), [(60, 90), (900, 6), (3600, 2), (86400, 1)])
def test_occupancy_over_time(shop, step_s, steps):
    found = ask(shop, "occupancy", step_s=step_s)
    assert (found["n"], found["step_s"], found["observed_s"]) == (steps, step_s, 5400)
    assert {step["mean"] for step in found["steps"]} == {1.5}


def test_occupancy_now_says_when_it_is_stale(shop, message, noon, clock):
    empty = shop.get("/api/v1/sites/shop/occupancy/now").json()
    assert (empty["total"], empty["stale"]) == (None, True)
    t = "2025-11-22T12:30:00Z"
    live = Live(camera="door", t=t, expires_at="2025-11-22T12:30:10Z", occupancy=4, zones={"shelf": 1})
    with shop.service.engine.begin() as conn:
        store(conn, [Arrival(message(live), noon)])
    now = shop.get("/api/v1/sites/shop/occupancy/now").json()
    assert (now["total"], now["zones"], now["stale"], now["t"]) == (4, {"shelf": 1}, False, "2025-11-22T13:30:00+01:00")
    clock.t += 60
    assert shop.get("/api/v1/sites/shop/occupancy/now").json() == now | {"stale": True}


def test_boxes_tell_the_observed_share(shop):
    (box,) = ask(shop, "boxes", start="2025-11-22T13:00:00", end="2025-11-22T16:00:00")["boxes"]
    assert (box["box"], box["cameras"][0]["observed_share"]) == ("b1", 0.5)


def test_a_time_without_offset_is_the_sites(shop):
    local = ask(shop, "footfall", start="2025-11-22T13:00", end="2025-11-22T14:00")
    assert local["entered"] == 300
    assert local["period"]["start"] == "2025-11-22T13:00:00+01:00"
    assert ask(shop, "footfall", start="2025-11-22T13:00Z", end="2025-11-22T14:00Z")["entered"] == 150


def test_without_a_period_it_is_today_so_far(shop):
    today = shop.get("/api/v1/sites/shop/footfall").json()
    assert today["period"] == {"start": "2025-11-22T00:00:00+01:00", "end": "2025-11-22T13:30:00+01:00"}
    assert today["entered"] == 150


@pytest.mark.parametrize(
    ("path", "params", "told"),
    [
        ("footfall", {"start": "yesterday"}, "query.start: Value error, expected ISO 8601"),
        ("footfall", {"start": "1763812800"}, "expected ISO 8601"),
        ("footfall", {"start": "0001-01-01T00:00:00+14:00"}, "expected ISO 8601"),
        ("footfall", {"start": "2025-11-24T00:00:00Z"}, "is not after start"),
        ("footfall", {"start": "2020-01-01T00:00:00Z"}, "longer than 400 days"),
        ("footfall", {"line": "side"}, "has no line 'side'; it has back, entrance"),
        ("occupancy", {"step_s": "7"}, "query.step_s"),
        ("events", {"limit": "0"}, "query.limit"),
        ("zones", {"format": "xml"}, "query.format"),
    ],
)
def test_a_wrong_parameter_is_named(shop, path, params, told):
    response = shop.get(f"/api/v1/sites/shop/{path}", params=AROUND | params)
    assert (response.status_code, response.headers["content-type"]) == (422, "application/problem+json")
    assert told in response.json()["detail"]


@pytest.mark.parametrize(
    "path", ["", "/footfall", "/zones", "/heatmap", "/occupancy", "/occupancy/now", "/boxes", "/live"]
)
def test_a_site_that_is_not_there(shop, path):
    response = shop.get(f"/api/v1/sites/elsewhere{path}")
    assert (response.status_code, response.headers["content-type"]) == (404, "application/problem+json")
    assert "elsewhere" in response.json()["detail"]


@pytest.mark.parametrize("path", ["footfall", "zones", "occupancy", "events"])
def test_csv_has_a_header_even_when_empty(shop, path):
    response = shop.get(
        f"/api/v1/sites/shop/{path}", params={"start": "2025-01-01", "end": "2025-01-02", "format": "csv"}
    )
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert len(response.text.splitlines()) == 1


def test_metrics_are_for_prometheus(shop):
    text = shop.get("/metrics").text
    assert "# HELP vitrina_messages_refused_total Messages refused, by reason" in text


def test_every_documented_field_has_its_description(shop):
    schema = shop.get("/api/v1/openapi.json").json()
    bodies = {name: body for name, body in schema["components"]["schemas"].items() if name.endswith("Body")}
    numbers = [
        f"{name}.{field}"
        for name, body in bodies.items()
        for field, shape in body["properties"].items()
        if "_s" in field[-3:] and "description" not in shape
    ]
    assert numbers == []
    assert len(bodies) > 10


def test_the_docs_name_every_path(shop):
    """docs/api.md is complete: a path that it does not name fails here."""
    text = (Path(__file__).parents[2] / "docs" / "api.md").read_text()
    named = set(re.findall(r"`(?:GET|POST|DELETE) (/[^`]*)`", text))
    paths = set(shop.get("/api/v1/openapi.json").json()["paths"])
    assert paths - named == set()
    assert {path for path in named if path.startswith("/api/")} - paths <= {"/api/v1/openapi.json"}
