import csv
import io
import re
import zipfile
from datetime import datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest

from contract.messages import Live
from contract.site import Site
from server.db.intake import Arrival, store
from server.db.sites import put_site

AROUND = {"start": "2025-11-22T00:00:00+01:00", "end": "2025-11-23T00:00:00+01:00"}


@pytest.fixture
def shop(serve, bearer, window, message, noon):
    """A signed-in client of a server that holds 90 minutes of two cameras."""
    client = serve()
    client.headers = bearer(client)
    heat = window().heatmap.model_dump() | {"visits": [0, 3], "stops": [1, 0], "lost": [0, 2]}
    flows = [{"source": "ENTRY", "target": "shelf", "n": 2}, {"source": "shelf", "target": "EXIT", "n": 1}]
    arrivals = [Arrival(message(window(minute, heatmap=heat, flows=flows)), noon) for minute in range(90)]
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
    assert 10 <= shelf["dwell_mean_low_s"] <= shelf["dwell_mean_s"] <= shelf["dwell_mean_high_s"] <= 15
    assert shelf["engaged_share"] == 1
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
    assert today["period"] == {
        "start": "2025-11-22T00:00:00+01:00",
        "end": "2025-11-22T13:30:00+01:00",
        "hours": None,
        "weekdays": None,
    }
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
        ("zones", {"format": "geojson"}, "query.format"),
        ("heatmap", {"layer": "warmth"}, "query.layer"),
        ("footfall", {"step": "year"}, "query.step"),
        ("flows", {"hours": "25"}, "expected hours 0 to 23, such as 9-12,17; got '25'"),
        ("heatmap", {"weekdays": "someday"}, "expected weekdays, such as mon-fri,sun"),
    ],
)
def test_a_wrong_parameter_is_named(shop, path, params, told):
    response = shop.get(f"/api/v1/sites/shop/{path}", params=AROUND | params)
    assert (response.status_code, response.headers["content-type"]) == (422, "application/problem+json")
    assert told in response.json()["detail"]


@pytest.mark.parametrize(
    "path", ["", "/footfall", "/zones", "/heatmap", "/flows", "/occupancy", "/occupancy/now", "/boxes", "/live"]
)
def test_a_site_that_is_not_there(shop, path):
    response = shop.get(f"/api/v1/sites/elsewhere{path}")
    assert (response.status_code, response.headers["content-type"]) == (404, "application/problem+json")
    assert "elsewhere" in response.json()["detail"]


@pytest.mark.parametrize("step", ["day", "week", "month"])
def test_footfall_by_longer_steps(shop, step):
    found = ask(shop, "footfall", step=step)
    first = {"day": "2025-11-22", "week": "2025-11-17", "month": "2025-11-01"}[step]
    assert (found["hours"], found["step"]) == ([], step)
    assert found["steps"] == [{"start": f"{first}T00:00:00+01:00", "entered": 450, "left": 270, "observed_s": 5400}]


@pytest.mark.parametrize(
    ("choice", "share"), [({"hours": "13"}, 2 / 3), ({"weekdays": "sat"}, 1), ({"weekdays": "mon-fri"}, 0)]
)
def test_hours_and_weekdays_are_a_part_of_the_period(shop, choice, share):
    found = ask(shop, "footfall", **choice)
    assert (found["entered"], sum(line["entered"] for line in found["lines"])) == (450 * share, 450 * share)
    assert sum(zone["entries"] for zone in ask(shop, "zones", **choice)["zones"]) == 180 * share
    assert sum(sum(map(sum, grid["person_s"])) for grid in ask(shop, "heatmap", **choice)["grids"]) == 8100 * share
    assert sum(flow["n"] for flow in ask(shop, "flows", **choice)["flows"]) == 270 * share
    assert (
        ask(shop, "occupancy", step_s=60, **choice)["n"]
        == ask(shop, "occupancy", step_s=3600, **choice)["observed_s"] / 60
    )
    assert ask(shop, "zones", hours="9-11", weekdays="sun,mon")["period"] | {"start": 0, "end": 0} == {
        "start": 0,
        "end": 0,
        "hours": [9, 10, 11],
        "weekdays": ["mon", "sun"],
    }


def test_flows(shop):
    found = ask(shop, "flows")
    assert found["flows"] == [
        {"source": "ENTRY", "target": "shelf", "n": 180},
        {"source": "shelf", "target": "EXIT", "n": 90},
    ]
    assert found["n"] == 270


def test_the_layers_of_heat(shop):
    (grid,) = ask(shop, "heatmap", layer=["visits", "stops", "lost"])["grids"]
    assert (grid["visits"][1][1], grid["stops"][0][0], grid["lost"][1][1], grid["person_s"]) == (270, 90, 180, None)


def test_the_floors_cells_as_polygons_in_metres(shop):
    response = shop.get("/api/v1/sites/shop/heatmap", params=AROUND | {"format": "geojson"})
    assert response.headers["content-type"] == "application/geo+json"
    found = response.json()
    assert "metres on the floor of shop" in found["reference_system"]
    assert found["features"][1] == {
        "type": "Feature",
        "geometry": {"type": "Polygon", "coordinates": [[[1, 1], [2, 1], [2, 2], [1, 2], [1, 1]]]},
        "properties": {"person_s": 2700, "visits": 270, "stops": 0, "lost": 180, "observed_s": 5400},
    }


def sheet_of(response):
    """The first sheet's cells as they are stored: (type, value) by place; strings are looked up."""
    space = {"s": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
    with zipfile.ZipFile(io.BytesIO(response.content)) as book:
        sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    cells = sheet.iterfind(".//s:c", space)
    return {c.get("r"): (c.get("t", "n"), "".join(c.itertext())) for c in cells}, sheet.findall(".//s:f", space)


def test_a_sheet_has_numbers_as_numbers_and_runs_nothing(serve, bearer, window, message, noon, zone_stats):
    client = serve()
    client.headers = bearer(client)
    document = client.get("/api/v1/sites/shop").json()["document"]
    document["zones"]["shelf"]["name"] = "=HYPERLINK(A1)"
    with client.service.engine.begin() as conn:
        put_site(conn, Site.model_validate(document), simulated=False)
        store(conn, [Arrival(message(window()), noon)])
    response = client.get("/api/v1/sites/shop/zones", params=AROUND | {"format": "xlsx"})
    assert response.headers["content-type"].endswith("spreadsheetml.sheet")
    cells, formulas = sheet_of(response)
    assert [cells["A1"], cells["A2"], cells["C1"], cells["C2"]] == [
        ("inlineStr", "zone"),
        ("inlineStr", "shelf"),
        ("inlineStr", "entries"),
        ("n", "2"),
    ]
    assert (cells["B2"], formulas) == (("inlineStr", "=HYPERLINK(A1)"), [])
    table = client.get("/api/v1/sites/shop/zones", params=AROUND | {"format": "csv"}).text
    assert "'=HYPERLINK(A1)" in table


def test_a_sheet_has_the_stores_wall_time(shop):
    cells, _ = sheet_of(shop.get("/api/v1/sites/shop/footfall", params=AROUND | {"format": "xlsx"}))
    hours = float(cells["A2"][1]) * 24
    assert datetime(1899, 12, 30) + timedelta(hours=round(hours, 6)) == datetime(2025, 11, 22, 13)
    assert (cells["B2"], cells["D2"]) == (("n", "300"), ("n", "3600"))


@pytest.mark.parametrize("path", ["footfall", "zones", "heatmap", "flows", "occupancy", "events"])
def test_every_table_is_a_sheet_too(shop, path):
    asked = {"start": "2025-01-01", "end": "2025-01-02", "format": "xlsx"}
    cells, _ = sheet_of(shop.get(f"/api/v1/sites/shop/{path}", params=asked))
    table = shop.get(f"/api/v1/sites/shop/{path}", params=asked | {"format": "csv"}).text
    assert [text for _, text in cells.values()] == table.strip().split(",")


@pytest.mark.parametrize("path", ["footfall", "zones", "flows", "occupancy", "events"])
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
    named = set(re.findall(r"`(?:GET|PUT|POST|DELETE) (/[^`]*)`", text))
    paths = set(shop.get("/api/v1/openapi.json").json()["paths"])
    assert paths - named == set()
    assert {path for path in named if path.startswith("/api/")} - paths <= {"/api/v1/openapi.json"}
