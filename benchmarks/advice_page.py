"""How soon the advice page answers with a year of one store's receipts, quietly and while a round is worked out.

Two million lines are imported as benchmarks/import_year.py does, a round is worked out in its own process as the server
starts it, tests are planned and judged, and the page is asked for again and again.

    python benchmarks/advice_page.py [--lines 2000000] [--keep FOLDER]
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import yaml
from import_year import take, write_year
from sqlalchemy import select
from starlette.testclient import TestClient

from contract.loyalty import Category, Placing
from contract.site import Site
from server import auth
from server.app import create_app
from server.db import catalogue, planogram
from server.db.engine import connect, migrate
from server.db.sites import put_site
from server.db.trade_tables import sales_days
from server.settings import load

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC).timestamp()
LIMIT_MS = 1000.0
ZONES = {f"aisle_{i}": {"polygon_m": [[4 * i, 0], [4 * i + 3, 0], [4 * i + 3, 9], [4 * i, 9]]} for i in range(8)}
SITE = {"site": "shop", "timezone": "Europe/Moscow", "floor": {"bounds_m": [[0, 0], [36, 10]]}, "zones": ZONES}


def prepare(folder: Path, lines: int) -> Path:
    """A server's folder with the year in its database."""
    database = f"sqlite:///{folder}/vitrina.db"
    engine = connect(database)
    migrate(engine)
    site = Site.model_validate(SITE)
    with engine.begin() as conn:
        put_site(conn, site, simulated=True)
    write_year(folder / "year.csv", lines)
    take(database, folder / "year.csv", NOW)
    with engine.begin() as conn:
        known = sorted(set(conn.execute(select(sales_days.c.category)).scalars()) - {""})
        catalogue.put_categories(conn, "shop", [Category(category=key, name=key) for key in known])
        since = date(2025, 1, 1)
        stand = [Placing(category=key, zone=f"aisle_{i % 8}", since=since) for i, key in enumerate(known)]
        moved = date(2026, 6, 1)
        stand += [Placing(category=key, zone=f"aisle_{(i + 3) % 8}", since=moved) for i, key in enumerate(known[:12])]
        planogram.put_placings(conn, "shop", stand)
    engine.dispose()
    (folder / "site.yaml").write_text(yaml.safe_dump(SITE))
    config = {"sites": [{"file": "site.yaml", "simulated": True}], "broker": {"port": 1}, "database": database}
    (folder / "server.yaml").write_text(yaml.safe_dump(config))
    return folder / "server.yaml"


def timed(ask: Callable[[], object], *, until: Callable[[], bool]) -> np.ndarray:
    """Milliseconds of each answer, until it is enough."""
    took = []
    while not until() or len(took) < 5:
        began = time.perf_counter()
        ask()
        took.append(1000 * (time.perf_counter() - began))
    return np.array(took)


def told(name: str, took: np.ndarray) -> None:
    print(f"{name}: {len(took)} answers, median {np.median(took):.0f} ms, longest {took.max():.0f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=2_000_000)
    parser.add_argument("--keep", type=Path, help="a folder that keeps the database for the next time")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = asked.keep or Path(temporary)
        ready = folder / "server.yaml"
        server_yaml = ready if ready.exists() else prepare(folder, asked.lines)
        with TestClient(create_app(load(server_yaml), clock=lambda: NOW), base_url="http://shop.example") as client:
            measure(client)


def measure(client: TestClient) -> None:
    service = client.app.state.service  # type: ignore[attr-defined] # Starlette's own attribute
    with service.engine.begin() as conn:
        _, secret = auth.create_token(conn, name="benchmark", role="merchandiser", now=NOW)
    client.headers["Authorization"] = f"Bearer {secret}"
    base = "/api/v1/sites/shop"

    def page() -> None:
        answer = client.get("/advice", headers={"Accept": "text/html"})
        assert answer.status_code == 200, answer.status_code

    def worked_out() -> object:
        return client.get(f"{base}/advice").json()["worked_out"]

    before, began = worked_out(), time.monotonic()
    client.post(f"{base}/advice/round")
    busy = timed(page, until=lambda: worked_out() != before or time.monotonic() - began > 900)
    print(f"a round: {time.monotonic() - began:.1f} s, from asking to its being stored")
    told("while the round is worked out", busy)
    found = client.get(f"{base}/advice").json()
    print(f"{len(found['advice'])} advice from {found['days']} days, {found['receipts']:,} receipts")
    day = (datetime.fromtimestamp(NOW, UTC) + timedelta(days=3)).date()
    for one in [one for one in found["advice"] if one["trial"]][:3]:
        client.post(f"{base}/advice/{one['key']}/test", json={"name": one["key"][:100], "day": str(day)})
    quiet = timed(page, until=lambda: time.monotonic() - began > 930 or True)
    quiet = np.concatenate([quiet, timed(page, until=lambda: True)])
    told("afterwards", quiet)
    assert max(quiet.max(), busy.max()) < LIMIT_MS, f"an answer took longer than {LIMIT_MS:.0f} ms"


if __name__ == "__main__":
    main()
