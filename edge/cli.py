"""`vitrina edge`: the box in the store."""

import logging
from pathlib import Path

import click

from edge.app import run_box


@click.group("edge")
def edge() -> None:
    """The box in the store: watch, count, forget."""


@edge.command("run")
@click.option(
    "--config",
    required=True,
    type=click.Path(path_type=Path),
    help="edge.yaml of this box; config/edge.yaml is a commented example.",
)
def run_command(config: Path) -> None:
    """Watch the cameras of this box and publish what is counted, until it is told to end (Ctrl-C)."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    run_box(config)
