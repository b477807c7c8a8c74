"""Blind spots from stored windows to the API and the page: a room whose far corner nobody visits."""

from datetime import UTC, datetime

import numpy as np
import pytest

from contract.messages import Heatmap, Window
from contract.site import Site
from server.blind import blind_spots
from server.db.intake import Arrival, store
from server.db.sites import put_site

VIEW = [((0.02, 0.98), (0, 8)), ((0.98, 0.98), (12, 8)), ((0.7, 0.2), (12, 0)), ((0.3, 0.2), (0, 0))]
ROOM = {
    "site": "shop",
    "timezone": "Europe/Berlin",
    "floor": {
        "bounds_m": [[0, 0], [12, 8]],
        "cell_m": 0.5,
        "fixtures": [{"name": "Island", "kind": "table", "polygon_m": [[5, 3], [7, 3], [7, 5], [5, 5]]}],
    },
    "cameras": {
        "door": {
            "resolution_px": [1280, 720],
            "calibration": {"points": [{"image": list(i), "floor_m": list(f)} for i, f in VIEW]},
        }
    },
    "zones": {"corner": {"name": "The corner", "kind": "category", "polygon_m": [[9, 0], [12, 0], [12, 3], [9, 3]]}},
    "lines": {"entrance": {"ends_m": [[4, 8], [6, 8]], "entrance": True}},
}


@pytest.fixture
def room(engine):
    site = Site.model_validate(ROOM)
    with engine.begin() as conn:
        put_site(conn, site, simulated=False)
    return site


def heat(rng, *, corner):
    """An hour's visits: forty a cell, and in the corner so many."""
    rows, columns = 16, 24
    visits = rng.poisson(40, (rows, columns))
    visits[:6, 18:] = rng.poisson(corner, (6, 6))
    stops = rng.binomial(visits, 0.2)
    index = np.arange(rows * columns)
    return Heatmap(
        unit="m",
        cell=0.5,
        origin=(0, 0),
        shape=(rows, columns),
        index=index.tolist(),
        person_s=(visits * 2.0).ravel().tolist(),
        visits=visits.ravel().tolist(),
        stops=stops.ravel().tolist(),
        lost=[0] * len(index),
    )


@pytest.fixture
def history(window, message, noon):
    """`history(engine, days, corner)`: an hour a day, up to yesterday."""

    def make(engine, days, *, corner):
        rng = np.random.default_rng(7)
        arrivals = []
        for day in range(1, days + 1):
            start = noon - day * 86_400
            hour = {"t_start": datetime.fromtimestamp(start, UTC), "t_end": datetime.fromtimestamp(start + 3600, UTC)}
            made = window(**hour, observed_s=3600.0, zones={}, heatmap=heat(rng, corner=corner))
            arrivals.append(Arrival(message(Window.model_validate(made)), noon))
        with engine.begin() as conn:
            store(conn, arrivals)

    return make


def found(engine, room, noon):
    with engine.connect() as conn:
        return blind_spots(conn, room, start=noon - 28 * 86_400, end=noon)


def test_the_corner_that_nobody_visits_is_cold(engine, room, history, noon):
    history(engine, 8, corner=3)
    result = found(engine, room, noon)
    cold = [patch for patch in result.spots.patches if patch.kind == "cold"]
    assert [patch.zone for patch in cold] == ["corner"]
    assert cold[0].evidence.ratio.high < 0.5
    assert result.days == 8
    assert result.observed_s == 8 * 3600


def test_a_floor_that_is_visited_alike_has_none(engine, room, history, noon):
    history(engine, 8, corner=40)
    assert {patch.kind for patch in found(engine, room, noon).spots.patches} <= {"uncovered"}


def test_two_days_are_not_enough_to_say(engine, room, history, noon):
    history(engine, 2, corner=3)
    result = found(engine, room, noon)
    assert {patch.kind for patch in result.spots.patches} <= {"uncovered"}
    assert result.spots.days_missing == 2


def test_without_a_calibrated_camera_nothing_can_be_said(engine, noon):
    bare = Site.model_validate({**ROOM, "cameras": {"door": {}}})
    with engine.connect() as conn:
        assert blind_spots(conn, bare, start=noon - 86_400, end=noon) is None


@pytest.fixture
def client(serve, settings, room, history):
    client = serve()
    with client.service.engine.begin() as conn:
        put_site(conn, Site.model_validate(ROOM), simulated=False)
    history(client.service.engine, 8, corner=3)
    return client


def test_the_api_gives_outlines_in_metres_and_tables(client, bearer):
    headers = bearer(client)
    asked = "/api/v1/sites/shop/blind-spots?start=2025-11-01&end=2025-11-22T12:00"
    body = client.get(asked, headers=headers).json()
    (cold,) = [spot for spot in body["spots"] if spot["kind"] == "cold"]
    assert (cold["zone"], cold["certainty"], cold["advice"]) == ("corner", "very_sure", "clear_the_way")
    corners = np.array(cold["outline_m"][0])
    assert corners.min(axis=0) == pytest.approx([9, 0], abs=0.5)
    assert corners.max(axis=0) == pytest.approx([12, 3], abs=0.5)
    table = client.get(f"{asked}&format=csv", headers=headers).text.splitlines()
    assert len(table) == 1 + len(body["spots"])
    assert client.get(f"{asked}&format=xlsx", headers=headers).content[:2] == b"PK"


def test_the_page_says_where_how_sure_and_what_to_do(client, bearer, message, window):
    headers = bearer(client)
    page = client.get("/blind-spots?from=2025-11-01T00:00&to=2025-11-22T12:00", headers=headers)
    assert page.status_code == 200
    for words in ("The corner", "Visit index", "Very sure", "Clear the way in", 'class="patch cold"'):
        assert words in page.text
    russian = client.get(
        "/blind-spots?from=2025-11-01T00:00&to=2025-11-22T12:00", headers=headers | {"Accept-Language": "ru"}
    )
    assert "Индекс посещений" in russian.text


def test_a_day_tells_little_so_the_page_begins_with_four_weeks(client, bearer):
    answer = client.get("/blind-spots?site=shop", headers=bearer(client))
    assert answer.status_code == 302
    assert "period=28d" in answer.headers["location"]


def test_a_site_without_a_floor_is_told_what_to_do(serve, bearer):
    client = serve()
    answer = client.get("/api/v1/sites/shop/blind-spots", headers=bearer(client))
    assert answer.status_code == 404
    assert "calibrate one first" in answer.json()["detail"]
