"""What a running server holds, handed to whoever answers a request."""

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import Engine
from starlette.requests import Request

from server.bus import Bus
from server.findings import Findings
from server.meters import Meters
from server.outgoing import Outgoing
from server.settings import Settings


@dataclass(frozen=True, slots=True)
class Service:
    """One server: its settings, its database, its news, its meters and its clock."""

    settings: Settings
    engine: Engine
    bus: Bus
    meters: Meters
    clock: Callable[[], float]
    """Seconds since 1970 UTC."""
    outgoing: Outgoing
    findings: Findings = field(default_factory=Findings)


def of(request: Request) -> Service:
    """The server that answers `request`."""
    found: Service = request.app.state.service
    return found
