"""`vitrina demo`: the main job on real video, with one command."""

import math
import signal
import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

import click

from contract.messages import Window
from edge.compose import tracking_settings
from edge.config import load_site
from edge.data_files import find_data
from edge.io.onnx import OnnxDetector
from edge.io.video import VideoFile
from edge.layout import site_layout
from edge.models import find_model
from server.auth import create_token
from server.db.engine import connect
from server.settings import load
from vitrina.broker import Broker
from vitrina.children import Child
from vitrina.demo import (
    CAMERA,
    CLIP,
    SITE,
    WINDOW_S,
    Demo,
    ask,
    choose_port,
    configure,
    publish,
    running,
    serving,
    wait_until,
    watching,
)
from vitrina.demo_history import WEEKS, aired_in_store, remembering, shop_in_store
from vitrina.demo_players import performing
from vitrina.demo_screens import fill
from vitrina.demo_till import prepare
from vitrina.replay import BOX, REPORT, WINDOWS, Recording, Replayed
from vitrina.replay_cli import play
from vitrina.results import make_folder


@click.command("demo")
@click.option("--once", is_flag=True, help="Play the clip once at full speed, write the report, and end.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=Path("out/demo"), show_default=True,
              help="Where --once writes its report.")  # fmt: skip
@click.option("--port", type=click.IntRange(1, 65535), help="The dashboard's port; 8000, or a free one.")
def demo_command(once: bool, out: Path, port: int | None) -> None:
    """Broker, server, one box on the bundled clip and a simulated supermarket; prints a link to the dashboard."""
    with tempfile.TemporaryDirectory(prefix="vitrina-demo-") as folder:
        if once:
            _once(Path(folder), out, port)
        else:
            _live(Path(folder), port)


def _live(folder: Path, port: int | None) -> None:
    stop = threading.Event()
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, lambda _signal, _frame: stop.set())
    now = datetime.now(UTC)
    with Broker() as broker:
        server_yaml = configure(folder, broker.port, choose_port(port))
        fill(server_yaml, load_site(find_data(SITE)), now)
        aired = aired_in_store(server_yaml, now)
        exports = prepare(server_yaml, shop_in_store(now), now)
        with (
            serving(folder, broker.port) as demo,
            watching(demo) as box,
            performing(broker.port, aired),
            remembering(broker.port, aired, exports),
        ):
            _wait(demo, box, stop)


def _wait(demo: Demo, box: Child, stop: threading.Event) -> None:
    click.echo(f"\n  Vitrina is running. Open\n\n    {demo.link}\n\n  Ctrl-C ends it.\n")
    click.echo(f"  A second window on {demo.address}/screens/kiosk?site=demo is a screen: pair it under Screens.")
    click.echo(f"  Its second store is simulated; {WEEKS} weeks of it are filled in meanwhile, the newest first.\n")
    while not stop.wait(0.5):
        demo.server.check()
        box.check()
    click.echo("Stopping.")


def _once(folder: Path, out: Path, port: int | None) -> None:
    make_folder(out)
    with running(folder, choose_port(port) if port else 0) as demo:
        result = _play(out)
        sent = publish(demo, out / WINDOWS, site=load_site(find_data(SITE)).site, box=BOX)
        _check_arrival(demo, result)
    click.echo(f"{sent} windows went over MQTT to the server, and its REST interface tells them as they were sent.")
    click.echo(f"Report: {out / REPORT}")


def _play(out: Path) -> Replayed:
    site, entry = load_site(find_data(SITE)), find_model()
    start = float(math.floor(time.time() / 60) * 60)
    clip = VideoFile(find_data(CLIP), camera_id=CAMERA, start=start - 120)
    recording = Recording(
        name=Path(CLIP).name,
        camera=CAMERA,
        observations=clip,
        layout=site_layout(site, CAMERA, clip.size_px),
        site=site,
        detector=OnnxDetector(entry),
        tracking=tracking_settings(entry.thresholds),
        start=start - 120,
        duration_s=clip.duration_s,
    )
    return play(recording, out, window_s=WINDOW_S)


def _check_arrival(demo: Demo, result: Replayed) -> None:
    engine = connect(load(demo.folder / "server.yaml").database)
    with engine.begin() as conn:
        _, token = create_token(conn, name="demo", role="viewer", now=time.time())
    engine.dispose()
    span = urlencode({"start": _iso(result.windows[0]), "end": datetime.now(UTC).isoformat()})
    entered = sum(line["in"] for line in result.summary["lines"].values())
    wait_until(
        lambda: ask(demo, f"/sites/demo/footfall?{span}", token)["entered"] == entered,
        timeout_s=30,
        what=f"the arrival of {entered} entries at the server",
    )


def _iso(window: Window) -> str:
    return window.t_start.isoformat()
