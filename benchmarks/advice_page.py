"""How soon the advice page answers with a year of one store's receipts, quietly and while a round is worked out.

Two million lines are imported as benchmarks/import_year.py does, a round is worked out in its own process as the server
starts it, tests are planned and judged, and the page is asked for again and again.

    python benchmarks/advice_page.py [--lines 2000000] [--keep FOLDER]
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
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
from server.db.advice import Proposal, last_round, put_round
from server.db.engine import connect, migrate
from server.db.sites import put_site
from server.db.trade_tables import sales_days
from server.domain.advice import Advice
from server.domain.intervals import Estimate
from server.domain.trial import LENGTHS, Length, Trial
from server.settings import load

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC).timestamp()
LIMIT_MS, LONGEST_S = 1000.0, 900.0
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


@dataclass
class Answers:
    """Of one page asked for again and again."""

    ms: list[float] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)
    """Of the server's process, which is this one."""

    def take(self, ask: Callable[[], object]) -> None:
        began, cpu = time.perf_counter(), time.process_time()
        ask()
        self.ms.append(1000 * (time.perf_counter() - began))
        self.cpu_ms.append(1000 * (time.process_time() - cpu))

    def __str__(self) -> str:
        wall, cpu = np.array(self.ms), np.array(self.cpu_ms)
        spread = (
            f"median {np.median(wall):.0f} ms, 95 % under {np.quantile(wall, 0.95):.0f} ms, longest {wall.max():.0f} ms"
        )
        return f"{len(wall)} answers, {spread}; {np.median(cpu):.0f} ms of CPU each"


def invented() -> list[Proposal]:
    """Chance alone gives no advice, so the page is timed with as many as a store with a lot to do would have."""
    lengths = tuple(Length(days, 200.0 - days) for days in LENGTHS)
    return [
        Proposal(
            Advice(
                "move", f"c{i}", origin=f"aisle_{i % 8}", target=f"aisle_{(i + 1) % 8}", evidence="estimated",
                effect=Estimate(300.0 - i, 100.0, 500.0), reasons={"visits_target": 400.0, "visits_origin": 300.0},
                confounders=("weekday", "offer"), held=("capacity",), checks={"placebo": True},
            ),
            Trial("before_after", (), (f"c{i}",), (f"aisle_{i % 8}",), 84, 28, lengths),
        )
        for i in range(20)
    ]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=2_000_000)
    parser.add_argument("--keep", type=Path, help="a folder that keeps the database for the next time")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = asked.keep or Path(temporary)
        ready = folder / "server.yaml"
        server_yaml = ready if ready.exists() else prepare(folder, asked.lines)
        with TestClient(
            create_app(load(server_yaml), clock=lambda: NOW + time.time() % 1e6), base_url="http://shop.example"
        ) as client:
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

    before, began, busy, quiet = worked_out(), time.monotonic(), Answers(), Answers()
    client.post(f"{base}/advice/round")
    while worked_out() == before and time.monotonic() - began < LONGEST_S:
        busy.take(page)
    print(f"a round: {time.monotonic() - began:.1f} s, from asking to its being stored")
    print(f"while it is worked out: {busy}")
    found = client.get(f"{base}/advice").json()
    print(f"{len(found['advice'])} advice from {found['days']} days, {found['receipts']:,} receipts of pure chance")
    with service.engine.begin() as conn:
        basis = last_round(conn, "shop")
        assert basis is not None
        put_round(conn, "shop", invented(), basis.basis, now=NOW)
    day = (datetime.fromtimestamp(NOW, UTC) + timedelta(days=3)).date()
    for proposal in invented()[:5]:
        client.post(f"{base}/advice/{proposal.advice.key}/test", json={"name": "A test", "day": str(day)})
    for _ in range(30):
        quiet.take(page)
    print(f"with {len(invented())} advice: {quiet}")
    assert np.median(quiet.ms) < LIMIT_MS, f"half of the answers took longer than {LIMIT_MS:.0f} ms"


if __name__ == "__main__":
    main()
