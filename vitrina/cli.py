"""`vitrina`: every command, loaded only when it is called, and how an error is told."""

import importlib
import os
import sys

import click

from contract.errors import ContractError, DocumentError
from vitrina import __version__

COMMANDS = {
    "demo": ("vitrina.demo_cli:demo_command", "The whole system on the bundled clip; prints a login link."),
    "replay": ("vitrina.replay_cli:replay_command", "A recording to windows, a summary and a report."),
    "track": ("vitrina.track_cli:track", "The tracker alone, on detections."),
    "simulate": ("vitrina.simulate_cli:simulate_command", "Invented shoppers in a store, with the truth beside."),
    "edge": ("edge.cli:edge", "The box in the store."),
    "server": ("server.cli:server", "The central service."),
    "export": ("vitrina.export_cli:export_command", "A server's tables as CSV, XLSX, JSON or GeoJSON."),
    "models": ("vitrina.models_cli:models", "Models: list, build, check, import, pull."),
    "notice": ("vitrina.notice_cli:notice_command", "The sign for the shop's door, from a box's configuration."),
    "doctor": ("vitrina.doctor_cli:doctor_command", "Check this machine and say what to do."),
}


class _Lazy(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name][0].split(":")
        command = getattr(importlib.import_module(module), name)
        assert isinstance(command, click.Command)  # noqa: S101 - the table above is ours
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, told) for name, (_, told) in COMMANDS.items()])


@click.group(cls=_Lazy)
@click.version_option(__version__, prog_name="vitrina")
def cli() -> None:
    """Shop cameras become footfall, zones, dwell and heatmaps, and nobody is recognised."""


def main() -> None:
    """Run a command; an error becomes one line on stderr. Exit codes: 0 done, 1 failed, 2 wrong use, 130 Ctrl-C."""
    try:
        sys.exit(_run())
    except (KeyboardInterrupt, click.Abort):
        sys.exit(130)


def _run() -> int:
    from edge.errors import ConfigError, EdgeError  # noqa: PLC0415 - an unknown option is told without the vision stack
    from server.errors import ServerError, SettingsError  # noqa: PLC0415
    from vitrina.errors import VitrinaError  # noqa: PLC0415

    try:
        cli(standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Exit as done:
        return done.exit_code
    except BrokenPipeError:
        return _deaf()
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (DocumentError, ConfigError, SettingsError) as error:
        return _tell(error, 2)
    except (ContractError, EdgeError, ServerError, VitrinaError, ModuleNotFoundError, OSError) as error:
        return _tell(error, 1)
    return 0


def _tell(error: Exception, code: int) -> int:
    match error:
        case ModuleNotFoundError(name=name):
            words = (
                f"{name} is not installed here, where only one side of Vitrina is; install all of it for this command"
            )
        case OSError(filename=place, strerror=reason):
            words = f"{place or 'reading or writing'}: {reason or error}"
            _deaf()
        case _:
            words = str(error)
    click.echo(f"error: {words}", err=True)
    return code


def _deaf() -> int:
    """Nobody takes our output: Python must not try again when it ends, which would be a traceback."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1
