"""`vitrina replay`: a recording in, numbers and a report out."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import get_args

import click

from contract.site import Site
from edge.compose import NO_COMPANIONS, companion_classes, senses, tracking_settings
from edge.config import load_site
from edge.errors import ConfigError, SourceError
from edge.io.clock import SystemClock
from edge.io.onnx import OnnxDetector
from edge.io.playback import Paced
from edge.io.recorded import RecordedDetections, RecordedTracks
from edge.io.sources import camera_address, open_source
from edge.io.video import without_credentials
from edge.layout import site_layout, view_site
from edge.models import DEFAULT_MODEL, find_model
from edge.ports import Clock, Source
from edge.runtime import Runtime
from vitrina.options import YEAR_2100, Name, Number
from vitrina.replay import REPORT, Recording, Replayed, replay, replay_floor
from vitrina.results import make_folder, write_floor, write_results, writing


@click.command("replay")
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE | CAMERA=SOURCE ...")
@click.option(
    "--site",
    "site_file",
    type=click.Path(path_type=Path),
    help="The store's site.yaml; without it the whole view is one zone, `view`.",
)
@click.option("--camera", type=Name(), help="Which camera of the site this is; may be left out when it has one.")
@click.option("--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="Folder for the results.")
@click.option("--model", default=DEFAULT_MODEL, show_default=True, help="See `vitrina models list`.")
@click.option("--input-side", type=click.IntRange(64, 4096), help="Longer side of the model's input, px.")
@click.option("--runtime", type=click.Choice(get_args(Runtime)), default="onnxruntime", show_default=True)
@click.option("--fps", type=Number(0, min_open=True), help="Rate of det.txt, images, or of a video.")
@click.option("--window", "window_s", default=60.0, show_default=True, type=Number(1, 86_400), help="Seconds.")
@click.option(
    "--start", default=0.0, show_default=True, type=Number(0, YEAR_2100), help="When the recording began, seconds UTC."
)
@click.option("--realtime", is_flag=True, help="As slowly as it happened.")
@click.option("--debug-tracks", is_flag=True, help="Also write tracks.txt: boxes and ids, for debugging only.")
def replay_command(
    sources: tuple[str, ...],
    *,
    site_file: Path | None,
    camera: str | None,
    out: Path,
    model: str,
    input_side: int | None,
    runtime: Runtime,
    fps: float | None,
    window_s: float,
    start: float,
    realtime: bool,
    debug_tracks: bool,
) -> None:
    """Replay SOURCE (video, image folder, det.txt, tracks.csv) through the code that runs on a box.

    Several recordings of one floor play together as CAMERA=SOURCE CAMERA=SOURCE ..., with the site they belong to.
    """
    site = load_site(site_file) if site_file else None
    pairs = _pairs(sources, site, camera)
    clock = SystemClock()
    opened = {key: _open(source, key, clock, start=start, fps=fps) for key, source in pairs.items()}
    entry = find_model(model)
    companions = companion_classes(entry, site, "objects") if site is not None else {}
    names = ("person", *companions.values())
    looker = cache(lambda: OnnxDetector(entry, runtime=runtime, long_side=input_side, names=names))
    recordings = []
    for key, source in opened.items():
        place = site or _whole_view(key, source)
        looks_for = NO_COMPANIONS if isinstance(source, _RECORDED) else companions
        size_px = source.size_px or _declared_size(place, key, source)
        recording = Recording(
            name=Path(pairs[key]).name,
            camera=key,
            observations=Paced(source, clock) if realtime else source,
            layout=site_layout(place, key, size_px, senses=senses(looks_for, faces=False)),
            site=place,
            detector=None if isinstance(source, _RECORDED) else looker(),
            tracking=tracking_settings(entry.thresholds),
            companions=looks_for,
            start=start,
            duration_s=source.duration_s,
        )
        recordings.append(recording)
    if len(recordings) == 1:
        result = play(recordings[0], out, debug_tracks=debug_tracks, window_s=window_s)
    else:
        result = play_floor(recordings, out, debug_tracks=debug_tracks, window_s=window_s)
    _tell(result, sum(source.counts.bad_frames for source in opened.values()), out)


def _pairs(sources: tuple[str, ...], site: Site | None, camera: str | None) -> dict[str, str]:
    """Which camera each source is of."""
    if len(sources) == 1 and (site is None or sources[0].partition("=")[0] not in site.cameras):
        return {_camera(site, camera): sources[0]}
    if site is None or camera is not None:
        raise click.UsageError("several recordings need --site, and each its camera: CAMERA=SOURCE CAMERA=SOURCE")
    pairs: dict[str, str] = {}
    for given in sources:
        key, separator, source = given.partition("=")
        if not separator or key not in site.cameras:
            known = ", ".join(site.cameras) or "none"
            raise click.UsageError(f"{given!r}: say CAMERA=SOURCE, with a camera of site {site.site!r}: {known}")
        if key in pairs:
            raise click.UsageError(f"{given!r}: camera {key!r} is given twice")
        pairs[key] = source
    return pairs


def _open(source: str, camera: str, clock: Clock, *, start: float, fps: float | None) -> Source:
    if camera_address(source) is not None:
        raise SourceError(
            f"{without_credentials(source)} is a camera: replay reads recordings, `vitrina edge run` watches"
        )
    return open_source(source, camera_id=camera, clock=clock, start=start, fps=fps)


def play(recording: Recording, out: Path, *, window_s: float, debug_tracks: bool = False) -> Replayed:
    """Replay with its progress told, and write every file of the result into `out`."""
    make_folder(out)
    with writing(out), progress(recording.duration_s) as on_progress:
        result = replay(recording, out, debug_tracks=debug_tracks, window_s=window_s, on_progress=on_progress)
        write_results(recording, result, out)
    return result


def play_floor(recordings: Sequence[Recording], out: Path, *, window_s: float, debug_tracks: bool = False) -> Replayed:
    """Replay cameras of one floor together; results per camera in folders of `out`, of the whole floor in `out`.

    Raises:
        ConfigError: none of the cameras sees the floor.
    """
    if not any(recording.layout.grid.unit == "m" for recording in recordings):
        cameras = ", ".join(recording.camera for recording in recordings)
        raise ConfigError(f"none of {cameras} is calibrated, so they share no floor; replay them one at a time")
    for folder in (out, *(out / recording.camera for recording in recordings)):
        make_folder(folder)
    longest_s = max((recording.duration_s or 0.0 for recording in recordings), default=None)
    with writing(out), progress(longest_s) as on_progress:
        each, whole = replay_floor(
            recordings, out, debug_tracks=debug_tracks, window_s=window_s, on_progress=on_progress
        )
        write_floor(recordings, each, whole, out)
    return whole


_RECORDED = (RecordedDetections, RecordedTracks)
"""Sources without pictures."""


@contextmanager
def progress(duration_s: float | None, what: str = "replaying") -> Iterator[Callable[[float], None]]:
    """A bar on a terminal, a plain line every tenth elsewhere; the callback takes the seconds done."""
    if sys.stderr.isatty():
        with click.progressbar(length=1000, label=what.capitalize(), file=sys.stderr) as bar:
            yield lambda done_s: bar.update(_steps(done_s, duration_s, 1000) - bar.pos)
        return
    told = 0

    def tell(done_s: float) -> None:
        nonlocal told
        tenth = _steps(done_s, duration_s, 10)
        if tenth > told:
            told = tenth
            click.echo(f"{what}: {tenth * 10} %", err=True)

    yield tell


def _steps(done_s: float, duration_s: float | None, whole: int) -> int:
    return min(int(whole * done_s / duration_s), whole) if duration_s else 0


def _camera(site: Site | None, camera: str | None) -> str:
    if camera is not None or site is None:
        return camera or "camera"
    if len(site.cameras) != 1:
        known = ", ".join(site.cameras) or "none"
        raise ConfigError(f"site {site.site!r} has {len(site.cameras)} cameras ({known}); say which with --camera")
    return next(iter(site.cameras))


def _whole_view(camera: str, opened: Source) -> Site:
    if isinstance(opened, RecordedTracks):
        return view_site(camera, None, opened.bounds_m)
    if opened.size_px is None:
        raise ConfigError(
            "these detections do not say how large their picture was; put seqinfo.ini beside them or give --site"
        )
    return view_site(camera, opened.size_px)


def _declared_size(site: Site, camera: str, opened: Source) -> tuple[int, int] | None:
    if isinstance(opened, RecordedTracks):
        return None
    declared = site.cameras[camera].resolution_px if camera in site.cameras else None
    if declared is None:
        raise ConfigError(
            f"these detections do not say how large their picture was; set cameras.{camera}.resolution_px"
        )
    return declared


def _tell(result: Replayed, bad_frames: int, out: Path) -> None:
    if bad_frames:
        click.echo(f"warning: {bad_frames} frames could not be decoded and were passed over", err=True)
    click.echo(f"{len(result.windows)} windows, {result.summary['frames']} frames: {out / REPORT}")
