"""`vitrina simulate`: an invented day in a store, with the truth beside it, and what was sold if asked."""

import json
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

import click
import numpy as np

from contract.coverage import Coverage, coverage
from contract.messages import Window, encode, wrap
from contract.site import Site
from edge.config import load_site
from edge.data_files import find_data
from vitrina.demo import STORE
from vitrina.errors import SimulationError
from vitrina.options import Number
from vitrina.replay import WINDOWS
from vitrina.replay_cli import progress
from vitrina.results import make_folder, writing
from vitrina.simulate.goods import read_goods
from vitrina.simulate.history import history
from vitrina.simulate.market import Market
from vitrina.simulate.noise import Faults, spoil
from vitrina.simulate.pool import make_pool
from vitrina.simulate.purchases import Lines, told_lines, walked_lines
from vitrina.simulate.receipts import write_receipts
from vitrina.simulate.recordings import write_detections, write_tracks
from vitrina.simulate.samples import Samples, sample
from vitrina.simulate.shoppers import Store, arrivals
from vitrina.simulate.trade import Trade, read_trade, usual_trade
from vitrina.simulate.truth import truth
from vitrina.simulate.watching import watch

SHOPPERS, GOODS = "shoppers.yaml", "goods.yaml"
TRUTH, TRACKS, RECEIPTS = "truth.json", "tracks.csv", "receipts.csv"

BOX = "simulator"
"""What the simulator calls itself on the wire; its boot_id too, so that the same seed gives the same bytes."""

_POOL = 500
"""Parties of whom weeks are drawn."""

_MOST_PARTIES = 3000
"""Whose every step is kept in memory, ten a second."""


@dataclass(frozen=True, slots=True)
class _Scene:
    site: Site
    trade: Trade
    faults: Faults
    start: float
    fps: float
    seed: int
    market: Market | None
    """What they buy; None where nobody asked for receipts."""

    def store(self, rng: np.random.Generator) -> Store:
        return Store(self.site, self.trade, rng)

    def covered(self) -> Coverage:
        covered = coverage(self.site)
        if covered is None or not covered.cameras:
            raise SimulationError(
                f"site {self.site.site!r} has no calibrated camera; only --format tracks can do without"
            )
        return covered


@click.command("simulate")
@click.option("--site", "site_file", type=click.Path(path_type=Path), help="The store's site.yaml; else the demo's.")
@click.option("--shoppers", "shoppers_file", type=click.Path(path_type=Path),
              help=f"How shoppers behave; else {SHOPPERS} beside the site, else what its zones suggest.")  # fmt: skip
@click.option("--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="Folder for the results.")
@click.option("--hours", type=Number(0, 24, min_open=True), help="How long people come in; 1 unless --days is given.")
@click.option("--days", type=click.IntRange(1, 800), help="So many days of windows an hour long, drawn from a pool.")
@click.option("--start", type=click.DateTime(), default="2026-03-02 10:00:00", show_default=True, help="Local time.")
@click.option("--receipts", is_flag=True, help=f"{RECEIPTS} too: what those who came bought.")
@click.option("--goods", "goods_file", type=click.Path(path_type=Path),
              help=f"What is sold and where; else {GOODS} beside the site. Goes with --receipts.")  # fmt: skip
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Same seed, same bytes.")
@click.option("--shoppers-per-hour", type=Number(0, 5000, min_open=True), help="Mean of the open hours.")
@click.option("--miss", default=0.1, show_default=True, type=Number(0, 1, max_open=True), help="Share not detected.")
@click.option("--break-every", "break_every_s", default=200.0, show_default=True, type=Number(0, 1e9),
              help="Tracks break after so many seconds on average; 0 for never.")  # fmt: skip
@click.option("--noise-m", default=0.1, show_default=True, type=Number(0, 10), help="Error of a place, m.")
@click.option("--fps", default=4.0, show_default=True, type=Number(0.5, 30), help="Instants per second.")
@click.option("--format", "form", type=click.Choice(["tracks", "det", "windows"]), default="tracks", show_default=True,
              help="tracks.csv; CAMERA/det.txt with seqinfo.ini; or windows.jsonl.")  # fmt: skip
def simulate_command(
    *,
    site_file: Path | None,
    shoppers_file: Path | None,
    out: Path,
    hours: float | None,
    days: int | None,
    start: datetime,
    receipts: bool,
    goods_file: Path | None,
    seed: int,
    shoppers_per_hour: float | None,
    miss: float,
    break_every_s: float,
    noise_m: float,
    fps: float,
    form: Literal["tracks", "det", "windows"],
) -> None:
    """Shoppers with goals walk a store; writes what its cameras would say, and truth.json with what truly happened."""
    if days and (hours or form != "windows"):
        raise click.UsageError("--days draws windows: it goes with --format windows, and without --hours")
    if goods_file and not receipts:
        raise click.UsageError("--goods says what is sold: it goes with --receipts")
    site_path = site_file or find_data(STORE)
    site = load_site(site_path)
    trade = _trade(site, site_path, shoppers_file)
    if shoppers_per_hour:
        trade = trade.model_copy(update={"shoppers_per_hour": shoppers_per_hour})
    began = start.replace(tzinfo=ZoneInfo(site.timezone)).timestamp()
    goods = goods_file or site_path.parent / GOODS
    market = _market(site, goods, trade, first=start.date(), days=days or 1, seed=seed) if receipts else None
    scene = _Scene(site, trade, Faults(miss, break_every_s, noise_m), began, fps, seed, market)
    make_folder(out)
    with writing(out):
        told = _weeks(scene, days, out) if days else _hours(scene, hours or 1.0, form, out)
    click.echo(f"{told}; the truth: {out / TRUTH}")


def _trade(site: Site, site_file: Path, shoppers_file: Path | None) -> Trade:
    beside = site_file.parent / SHOPPERS
    if shoppers_file is None and not beside.is_file():
        return usual_trade(site)
    return read_trade(shoppers_file or beside, site)


def _market(site: Site, goods_file: Path, trade: Trade, *, first: date, days: int, seed: int) -> Market:
    """Until a day after the last, for shoppers leave after they came."""
    if not goods_file.is_file():
        raise SimulationError(
            f"--receipts needs to know what is sold: there is no {goods_file}; write one like the demo's {GOODS}, or "
            "name it with --goods"
        )
    return Market(read_goods(goods_file, site), trade, first, days + 2, seed, site=site.site)


def _hours(scene: _Scene, hours: float, form: str, out: Path) -> str:
    rng = np.random.default_rng(scene.seed)
    end = scene.start + hours * 3600
    came = arrivals(scene.trade, scene.site.timezone, scene.start, end, rng)
    if not len(came):
        raise SimulationError("nobody came: the store is closed then, or too few shoppers per hour; see --start")
    if len(came) > _MOST_PARTIES:
        raise SimulationError(f"{len(came)} parties are too many to look at one by one; make it shorter, or use --days")
    crowd = scene.store(rng).visit(came, rng)
    _write_truth(out, truth(scene.site, crowd) | _run(scene))
    samples = sample(crowd.walks, 1 / scene.fps)
    written = f"{len(crowd.walks)} shoppers, {_write(scene, samples, form, out, rng)}"
    return written + _sell(scene, lambda market, chance: walked_lines(market, scene.site, crowd, chance), out)


def _write(scene: _Scene, samples: Samples, form: str, out: Path, rng: np.random.Generator) -> str:
    match form:
        case "tracks":
            write_tracks(spoil(samples, scene.faults, rng), out / TRACKS, start=scene.start)
            return f"{out / TRACKS}, for `vitrina replay --start {scene.start:.0f}`"
        case "det":
            first = float(samples.tick.min()) * samples.period_s
            cameras = write_detections(scene.site, scene.covered(), samples, out, faults=scene.faults, rng=rng)
            return f"det.txt of {', '.join(cameras)} in {out}, for `vitrina replay --start {first:.0f}`"
        case _:
            closed = watch(scene.site, scene.covered(), samples, faults=scene.faults, rng=rng)
            span_s = (int(samples.tick.max()) - int(samples.tick.min())) * samples.period_s
            return _write_windows(scene, _with_progress(closed, scene.start, span_s), out)


def _weeks(scene: _Scene, days: int, out: Path) -> str:
    rng = np.random.default_rng(scene.seed)
    start = datetime.fromtimestamp(math.floor(scene.start / 3600) * 3600, UTC)
    came = np.sort(rng.uniform(scene.start, scene.start + _POOL / scene.trade.shoppers_per_hour * 3600, _POOL))
    crowd = scene.store(rng).visit(came, rng)
    pool = make_pool(scene.site, scene.covered(), crowd, scene.faults, rng)
    end = start + timedelta(days=days)
    hours = list(history(scene.site, scene.trade, lambda _: pool, start=start, end=end, rng=rng))
    told = [{"start": hour.start.isoformat(), "shoppers": hour.shoppers} for hour in hours]
    _write_truth(out, {"site": scene.site.site, "hours": told} | _run(scene))
    closed = (window for hour in hours for window in hour.windows)
    written = f"{sum(hour.shoppers for hour in hours)} shoppers, {_write_windows(scene, closed, out)}"
    return written + _sell(
        scene, lambda market, chance: (told_lines(market, scene.site, hour, chance) for hour in hours), out
    )


def _sell(scene: _Scene, lines: Callable[[Market, np.random.Generator], Iterable[Lines]], out: Path) -> str:
    """Receipts have chance of their own, so that everything else is the same with them and without."""
    if scene.market is None:
        return ""
    count = write_receipts(scene.market, lines(scene.market, np.random.default_rng([scene.seed, 1])), out / RECEIPTS)
    return f", {count} lines of receipts in {out / RECEIPTS}"


def _run(scene: _Scene) -> dict[str, Any]:
    faults = {"miss": scene.faults.miss, "break_every_s": scene.faults.break_every_s, "noise_m": scene.faults.noise_m}
    return {"simulated": True, "seed": scene.seed, "start": scene.start, "faults": faults}


def _with_progress(closed: Iterable[Window], start: float, span_s: float) -> Iterator[Window]:
    with progress(span_s, "simulating") as on_progress:
        for window in closed:
            on_progress(window.t_end.timestamp() - start)
            yield window


def _write_windows(scene: _Scene, closed: Iterable[Window], out: Path) -> str:
    count = 0
    with (out / WINDOWS).open("wb") as file:
        for count, window in enumerate(closed, 1):
            message = wrap(window, site=scene.site.site, box=BOX, boot_id=BOX, seq=count, time=window.t_end)
            file.write(encode(message) + b"\n")
    return f"{count} windows in {out / WINDOWS}"


def _write_truth(out: Path, document: dict[str, Any]) -> None:
    (out / TRUTH).write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
