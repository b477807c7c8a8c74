"""Tells the director that something it decides from has changed, once the route has done so."""

from collections.abc import Iterator

from fastapi import Depends, Request

from server.api.period import SiteId
from server.director import Director


def nudge_after(request: Request, site: SiteId) -> Iterator[None]:
    """What failed changed nothing, and is told to nobody."""
    yield
    nudge(request, site)


def nudge(request: Request, site: str) -> None:
    """Let the director look again at campaigns, creatives, defaults and triggers of `site`."""
    director: Director = request.app.state.director
    director.nudge(site)


NUDGED = [Depends(nudge_after, scope="function")]
"""Of a route that changes what may play."""
