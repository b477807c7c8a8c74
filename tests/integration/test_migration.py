"""A database of the first version goes on to be read."""

import struct
from importlib.resources import files

import numpy as np
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text

from contract.messages import DWELL_BINS_S
from contract.site import Site
from server.db.engine import connect, migrate
from server.db.heat import heat
from server.db.rollup import roll_up_days
from server.db.sites import put_site
from server.db.zones import zone_totals

HOUR_S = 3600


def old_pack(counts):
    """As the first version did: 4-byte indices, then float32 values."""
    return struct.pack(f"<{len(counts)}I", *counts) + struct.pack(f"<{len(counts)}f", *counts.values())


@pytest.fixture
def old(tmp_path, noon):
    """`old("Asia/Kolkata")`: a database of the first version with a site there and windows at noon and a quarter later."""

    def make(timezone):
        engine = connect(f"sqlite:///{tmp_path / 'old.db'}")
        with engine.begin() as conn:
            config = Config()
            config.set_main_option("script_location", str(files("server.db") / "migrations"))
            config.attributes["connection"] = conn
            command.upgrade(config, "0001")
            dwell, cells = old_pack({7: 2, 24 + 3: 1}), old_pack({5: 60.25, 11: 0.033})
            _fill(conn, timezone, noon, dwell, cells)
        return engine

    return make


def _fill(conn, timezone, noon, dwell, cells):
    def run(sql, **values):
        conn.execute(text(sql), values)

    run("INSERT INTO sites VALUES ('shop', 'Shop', :tz, 1, '{\"site\": \"shop\"}', 0)", tz=timezone)
    run("INSERT INTO heat_grids VALUES (1, 'shop', '', 'm', 1.0, 0.0, 0.0, 3, 4)")
    for id_, t in ((1, noon), (2, noon + 900)):
        run(
            "INSERT INTO windows VALUES (:id, 'shop', 'b', 'door', :t, :t + 60000, 0, 1, 60.0, 600, 90.0, 3)",
            id=id_,
            t=int(t * 1000),
        )
        run("INSERT INTO window_zones VALUES (:id, 'shelf', 4, 3, 30.0, 12.0, 2, :dwell)", id=id_, dwell=dwell)
        run("INSERT INTO window_heat VALUES (:id, 1, :cells)", id=id_, cells=cells)
    hour = int(noon // HOUR_S * HOUR_S * 1000)
    run("INSERT INTO hours VALUES ('shop', :t, 'door', 120.0, 1200, 180.0, 3)", t=hour)
    both = old_pack({7: 4, 24 + 3: 2})
    run("INSERT INTO hour_zones VALUES ('shop', :t, 'door', 'shelf', 8, 6, 60.0, 24.0, 2, 120.0, :d)", t=hour, d=both)
    run("INSERT INTO hour_heat VALUES ('shop', :t, 'door', 1, 120.0, :c)", t=hour, c=old_pack({5: 120.5, 11: 0.066}))


@pytest.mark.parametrize("timezone", ["Europe/Berlin", "Asia/Kolkata"])
def test_what_was_counted_before_is_found_after(old, noon, timezone):
    """From windows, from hours and from days alike, also where hours are no longer cut as they were."""
    engine = old(timezone)
    migrate(engine)
    with engine.begin() as conn:
        put_site(conn, Site.model_validate({"site": "shop", "timezone": timezone}), simulated=False)
    for day_s in (600, 7200, 3 * 86_400):
        roll_up_days(engine, now=noon + 30 * 86_400)
        _check(engine, noon - day_s, noon + day_s, 1 if day_s == 600 else 2)
    engine.dispose()


def _check(engine, start, end, windows):
    with engine.connect() as conn:
        shelf = zone_totals(conn, site="shop", start=start, end=end)["shelf"]
        (grid,) = heat(conn, site="shop", start=start, end=end)
    assert (shelf.entries, shelf.stops, shelf.observed_s) == (4 * windows, 0, 60 * windows)
    assert [shelf.dwell[0, 7], shelf.dwell[1, 3], shelf.dwell.sum()] == [2 * windows, windows, 3 * windows]
    assert shelf.dwell.shape == (4, len(DWELL_BINS_S))
    assert np.argwhere(grid.person_s).tolist() == [[1, 1], [2, 3]]
    assert [grid.person_s[1, 1], grid.person_s[2, 3]] == pytest.approx([60.25 * windows, 0.033 * windows])
    assert grid.visits.sum() == grid.lost.sum() == 0
