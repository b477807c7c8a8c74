"""`vitrina server …`."""

import logging
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from socket import socket
from types import FrameType

import click
import structlog
import uvicorn
from fastapi import FastAPI
from sqlalchemy import Connection

from server import auth
from server.app import create_app
from server.auth import ROLES, SCOPES, known_role, known_scope
from server.db import access
from server.db.engine import connect, migrate
from server.errors import ServerError
from server.service import Service
from server.settings import Settings, load

SWITCH_S = 0.0005
"""Threads that write to the database give way to the loop that decides after so long, instead of Python's 5 ms."""

config_option = click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("server.yaml"),
    show_default=True,
    help="The server's configuration.",
)
role_option = click.option(
    "--role", type=click.Choice(ROLES), default="viewer", show_default=True, help="What it may do."
)


token_role_option = click.option(
    "--role",
    type=click.Choice(SCOPES),
    default="viewer",
    show_default=True,
    help="What it may do; `loyalty` reaches the loyalty link and nothing else.",
)


@click.group()
def server() -> None:
    """Receive, store and show what the boxes count."""


@server.command()
@config_option
@click.option("--host", help="Address to listen on, instead of the configuration's.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port, instead of the configuration's; 0 takes a free one.")
def run(config: Path, host: str | None, port: int | None) -> None:
    """Run the server; prints a login link."""
    settings = load(config)
    changes = {"host": host, "port": port}
    web = settings.web.model_copy(update={key: value for key, value in changes.items() if value is not None})
    settings = settings.model_copy(update={"web": web})
    _log_as(settings)
    with _database(settings):
        pass  # a database that does not open is told before anything else starts
    if not serve(create_app(settings)):
        sys.exit(1)


def serve(app: FastAPI) -> bool:
    """Serve until SIGINT or SIGTERM; False when it could not start."""
    service: Service = app.state.service
    config = uvicorn.Config(
        app,
        host=service.settings.web.host,
        port=service.settings.web.port,
        log_level="warning",
        timeout_graceful_shutdown=5,
    )
    running = _Server(config, service)
    sys.setswitchinterval(SWITCH_S)
    with suppress(SystemExit):  # uvicorn has said what was wrong, such as a port that is taken
        running.run()
    return running.started


class _Server(uvicorn.Server):
    """Says where it is reached, and ends open streams when it is told to stop."""

    def __init__(self, config: uvicorn.Config, service: Service) -> None:
        super().__init__(config)
        self._service = service

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """Start, then print the login link with the port that was taken."""
        await super().startup(sockets)
        if self.started:
            port = self.servers[0].sockets[0].getsockname()[1]
            click.echo(f"Vitrina is ready: {login_link(self._service, port)}")
            sys.stdout.flush()

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        """Close the live streams first, which would otherwise keep the server waiting."""
        self._service.bus.close()
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop as asked. Unlike uvicorn's own it does not raise the signal again: an asked-for end is exit code 0."""
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True


def login_link(service: Service, port: int) -> str:
    """A new link that signs in as administrator, good for `access.link_hours`."""
    web = service.settings.web
    host = "127.0.0.1" if web.host in {"0.0.0.0", "::"} else web.host  # noqa: S104 - compared, not bound
    lasts_s = service.settings.access.link_hours * 3600.0
    with service.engine.begin() as conn:
        secret = auth.create_link(conn, role="admin", now=service.clock(), lasts_s=lasts_s)
    return f"{web.public_url or f'http://{host}:{port}'}/login?token={secret}"


@server.group()
def token() -> None:
    """API tokens for programs."""


@token.command("create")
@config_option
@token_role_option
@click.argument("name")
def token_create(config: Path, role: str, name: str) -> None:
    """Create a token for NAME and print it; it is not shown again."""
    with _database(load(config)) as conn:
        _, secret = auth.create_token(conn, name=name, role=known_scope(role), now=time.time())
    click.echo(secret)


@token.command("list")
@config_option
def token_list(config: Path) -> None:
    """List all tokens, without their secrets."""
    with _database(load(config)) as conn:
        tokens = access.list_tokens(conn)
    click.echo(f"{'id':>4}  {'role':<12} {'created':<17} {'last used':<17} {'revoked':<17} name")
    for one in tokens:
        times = [_minute(t) for t in (one.created, one.last_used, one.revoked)]
        click.echo(f"{one.id:>4}  {one.role:<12} {times[0]:<17} {times[1]:<17} {times[2]:<17} {one.name}")


@token.command("revoke")
@config_option
@click.argument("token_id", type=int)
def token_revoke(config: Path, token_id: int) -> None:
    """Make the token TOKEN_ID worthless at once."""
    with _database(load(config)) as conn:
        if not access.revoke_token(conn, token_id, now=time.time()):
            raise ServerError(f"there is no working token {token_id}; `vitrina server token list` shows them")


@server.group()
def user() -> None:
    """People who sign in with a password."""


@user.command("add")
@config_option
@role_option
@click.argument("name")
@click.password_option(help="Asked for when not given.")
def user_add(config: Path, role: str, name: str, password: str) -> None:
    """Add NAME, or give NAME a new password and role; their sessions end."""
    with _database(load(config)) as conn:
        auth.add_user(conn, name=name, password=password, role=known_role(role), now=time.time())


@server.group()
def link() -> None:
    """Login links."""


@link.command("create")
@config_option
@role_option
def link_create(config: Path, role: str) -> None:
    """Print a new login link, good for `access.link_hours`."""
    settings = load(config)
    with _database(settings) as conn:
        lasts_s = settings.access.link_hours * 3600.0
        secret = auth.create_link(conn, role=known_role(role), now=time.time(), lasts_s=lasts_s)
    web = settings.web
    click.echo(f"{web.public_url or f'http://{web.host}:{web.port}'}/login?token={secret}")


@link.command("revoke")
@config_option
def link_revoke(config: Path) -> None:
    """Make all login links worthless; open sessions stay."""
    with _database(load(config)) as conn:
        click.echo(f"{access.revoke_links(conn)} login links revoked")


@contextmanager
def _database(settings: Settings) -> Iterator[Connection]:
    engine = connect(settings.database)
    try:
        migrate(engine)
        with engine.begin() as conn:
            yield conn
    finally:
        engine.dispose()


def _minute(t: float | None) -> str:
    return "-" if t is None else f"{datetime.fromtimestamp(t, UTC):%Y-%m-%d %H:%M}Z"


def _log_as(settings: Settings) -> None:
    # The fancy one prints local variables: secrets, and minutes of work on a large array.
    plain = structlog.dev.plain_traceback
    text = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *(
                [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
                if settings.log == "json"
                else [text]
            ),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
