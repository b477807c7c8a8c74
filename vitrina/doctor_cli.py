"""`vitrina doctor`: check this machine and say what to do."""

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import click

from contract.site import Site
from edge.config import Broker, EdgeConfig, Tls, load_config, load_site
from edge.errors import ConfigError
from edge.site_file import site_in_force
from server.errors import SettingsError
from server.settings import load
from vitrina import doctor
from vitrina.doctor import Finding

_SIGNS = {"ok": "ok  ", "warning": "WARN", "failed": "FAIL"}


@click.command("doctor")
@click.option("--edge", "edge_file", type=click.Path(path_type=Path), help="edge.yaml, to check what it names.")
@click.option("--server", "server_file", type=click.Path(path_type=Path), help="server.yaml, to check what it names.")
def doctor_command(edge_file: Path | None, server_file: Path | None) -> None:
    """Check Python, models, decoding, clock, disk, and what the configurations name; say what to do."""
    failed = 0
    for finding in _findings(_present(edge_file, "edge.yaml"), _present(server_file, "server.yaml")):
        failed += finding.verdict == "failed"
        click.echo(f"{_SIGNS[finding.verdict]}  {finding.subject}: {finding.found}")
        if finding.advice:
            click.echo(f"      → {finding.advice}")
    if failed:
        click.echo(f"{failed} of the checks failed", err=True)
        sys.exit(1)


def _present(given: Path | None, usual: str) -> Path | None:
    return given or (Path(usual) if Path(usual).exists() else None)


def _findings(edge_file: Path | None, server_file: Path | None) -> Iterator[Finding]:
    yield doctor.check_python()
    yield from doctor.check_models()
    yield doctor.check_decoding()
    yield doctor.check_clock(time.time())
    if edge_file is None and server_file is None:
        yield doctor.check_disk(Path.cwd())
    if edge_file is not None:
        yield from _box(edge_file)
    if server_file is not None:
        yield from _server(server_file)


def _box(edge_file: Path) -> Iterator[Finding]:
    try:
        config = load_config(edge_file, os.environ)
        site = _site(config)
    except ConfigError as error:
        yield Finding("configuration", "failed", str(error), "correct this file, then run the doctor again")
        return
    yield Finding("configuration", "ok", f"{edge_file} and site version {site.version}")
    yield doctor.check_profile(config, site, time.time())
    yield doctor.check_detector(config)
    yield from doctor.check_cameras(config, site)
    yield doctor.check_broker(config.broker)
    yield doctor.check_disk(config.outbox.path.parent)


def _site(config: EdgeConfig) -> Site:
    """The one in force; where that is none, the one beside edge.yaml, so that each camera's fault is told."""
    try:
        return site_in_force(config)
    except ConfigError:
        return load_site(config.site)


def _server(server_file: Path) -> Iterator[Finding]:
    try:
        settings = load(server_file)
    except SettingsError as error:
        yield Finding("configuration", "failed", str(error), "correct this file, then run the doctor again")
        return
    yield Finding("configuration", "ok", str(server_file))
    yield doctor.check_database(settings.database)
    broker = settings.broker
    password = broker.password.get_secret_value() if broker.password else None
    tls = Tls(ca=broker.tls.ca, cert=broker.tls.certificate, key=broker.tls.key) if broker.tls else None
    yield doctor.check_broker(
        Broker(host=broker.host, port=broker.port, username=broker.username, password=password, tls=tls)
    )
    yield doctor.check_disk(server_file.resolve().parent)
