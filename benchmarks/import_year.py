"""A year of one store's receipts, two million lines of CSV, into the database; and who else writes meanwhile.

The file is as a Russian till exports it: Windows-1251, semicolons, decimal commas, a column with the cashier that is
not read. It is taken by the worker's own function in a process of its own, while this one writes to the same database
four times a second, as the ingest does, and notes how long each write takes.

    python benchmarks/import_year.py [--lines 2000000] [--database sqlite:////tmp/year.db]
"""

import argparse
import multiprocessing
import resource
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from contract.site import Site
from server.db.engine import connect, migrate
from server.db.events import EventRecord, add_event
from server.db.imports import Source, list_imports
from server.db.sites import put_site
from server.imports.limits import Limits
from server.imports.mapping import Mapping
from server.imports.taking import Job, take_file

CATEGORIES = [f"Категория {n}" for n in range(1, 41)]
HEADER = "Касса;Чек;Дата;Время;Категория;Артикул;Количество;Сумма;Скидка;Себестоимость;Карта;Кассир\n"
START = datetime(2025, 11, 1)
DAYS, LINES_A_RECEIPT = 365, 5
MAPPING = Mapping(
    subject="receipts",
    columns={
        "till": "Касса", "id": "Чек", "date": "Дата", "time": "Время", "category": "Категория", "sku": "Артикул",
        "quantity": "Количество", "gross": "Сумма", "discount": "Скидка", "cost": "Себестоимость", "has_card": "Карта",
    },
    constants={"currency": "RUB"},
)  # fmt: skip


def write_year(path: Path, lines: int) -> None:
    """The file; the same for the same number of lines."""
    rng = np.random.default_rng(7)
    receipts = lines // LINES_A_RECEIPT
    seconds = np.sort(rng.integers(0, DAYS * 14 * 3600, receipts))
    with path.open("w", encoding="windows-1251", newline="") as out:
        out.write(HEADER)
        for n, at in enumerate(seconds.tolist()):
            day, second = divmod(at, 14 * 3600)
            t = START + timedelta(days=day, hours=8, seconds=second)
            head = f"{n % 6 + 1};{n};{t:%d.%m.%Y};{t:%H:%M:%S};"
            tail = f";{'да' if n % 3 else 'нет'};Иванова И. И.\n"
            picks = rng.integers(0, 3000, (LINES_A_RECEIPT, 2)).tolist()
            out.writelines(
                f"{head}{CATEGORIES[sku % 40]};A{sku};{1 + sku % 3};{price // 10},{price % 10}0;0,00;{price // 15},05{tail}"
                for sku, price in picks
            )


def take(database: str, path: Path, now: float) -> None:
    """In the worker's process."""
    engine = connect(database)
    source = Source("upload", path.name, "benchmark", "0" * 64)
    began, cpu = time.monotonic(), time.process_time()
    taken = take_file(engine, Job("shop", "receipts", path, source, MAPPING), Limits(now, now - 800 * 86_400))
    told = f"{taken.lines:,} lines: {taken.taken:,} taken, {taken.known:,} known, {taken.refused:,} refused"
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{told} in {time.monotonic() - began:.1f} s, {time.process_time() - cpu:.1f} s of CPU, {memory:.0f} MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=2_000_000)
    parser.add_argument("--database")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "year.csv"
        began = time.monotonic()
        write_year(path, asked.lines)
        print(f"written: {path.stat().st_size / 1e6:.0f} MB in {time.monotonic() - began:.0f} s")
        database = asked.database or f"sqlite:///{folder}/year.db"
        engine = connect(database)
        migrate(engine)
        with engine.begin() as conn:
            put_site(conn, Site.model_validate({"site": "shop", "timezone": "Europe/Moscow"}), simulated=True)
        now = datetime(2026, 11, 22, tzinfo=UTC).timestamp()
        worker = multiprocessing.get_context("spawn").Process(target=take, args=(database, path, now))
        worker.start()
        waits = []
        while worker.is_alive():
            began = time.monotonic()
            with engine.begin() as conn:
                add_event(conn, "shop", EventRecord(now, None, None, "benchmark", "info", "meanwhile"))
            waits.append(time.monotonic() - began)
            worker.join(0.25)
        with engine.connect() as conn:
            print(*list_imports(conn, "shop"), sep="\n")
        held = np.array(waits) * 1000
        print(
            f"{len(held)} other writes meanwhile: median {np.median(held):.0f} ms, "
            f"95 % under {np.quantile(held, 0.95):.0f} ms, longest {held.max():.0f} ms"
        )


if __name__ == "__main__":
    main()
