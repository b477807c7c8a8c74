"""What is on the screens, as the server tells the players: passed on to the eyes, so that attention has a creative."""

import logging
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from time import monotonic

from contract.errors import MessageError
from contract.screens import Show, ShowMessage, read_screen_message
from contract.topics import screen_of
from edge.ports import Clock
from edge.wire import Showing

_LARGEST = 16 * 1024
"""Bytes; a decision has its place in a tenth of it."""

_LONGEST = timedelta(days=8)
"""From now, either way; what lies beyond was told by a clock that is wrong."""

_SAY_EVERY_S = 60.0

log = logging.getLogger(__name__)


class Showings:
    """Reads `screens/+/show`, which is retained: what is over when it comes is passed over, what is no show counted.

    Of each screen what is on and what comes next is kept, so that an eye that starts later can be told; `order` says
    it to the eyes that are there.
    """

    def __init__(self, *, site: str, screens: Iterable[str], order: Callable[[Showing], int], clock: Clock) -> None:
        self._site, self._order, self._clock = site, order, clock
        self._known: dict[str, list[Showing]] = {screen: [] for screen in screens}
        self._said_at = -_SAY_EVERY_S
        self.refused = 0

    def read(self, topic: str, payload: bytes) -> None:
        """One message came on a screen's topic; an empty one takes back what was retained there."""
        now = self._now()
        try:
            screen = self._screen(topic)
            if payload:
                self._put_on(self._show(screen, payload, now), now)
            else:
                self._take_off(screen, now)
        except MessageError as error:
            self._refuse(error)

    def tell(self) -> None:
        """Say everything again, for an eye that has just come."""
        now = self._now()
        for showing in (showing for known in self._known.values() for showing in known if showing.until > now):
            self._order(showing)

    def _put_on(self, showing: Showing, now: datetime) -> None:
        if showing.until <= now:
            return
        on = [known for known in self._known[showing.screen] if known.at <= now < min(known.until, showing.at)]
        self._known[showing.screen] = [*on[-1:], showing]
        self._order(showing)

    def _take_off(self, screen: str, now: datetime) -> None:
        known, self._known[screen] = self._known[screen], []
        last = max((showing.until for showing in known), default=now)
        if last > now:
            self._order(Showing(screen=screen, creative=None, at=now, until=last))

    def _screen(self, topic: str) -> str:
        site, screen = screen_of(topic)
        if site != self._site or screen not in self._known:
            raise MessageError(f"{topic[:120]!r}: the site has no such screen")
        return screen

    def _show(self, screen: str, payload: bytes, now: datetime) -> Showing:
        if len(payload) > _LARGEST:
            raise MessageError(f"show of screen {screen}: {len(payload)} bytes, more than {_LARGEST}")
        message = read_screen_message(ShowMessage, payload)
        show = message.data
        if (message.site, show.screen) != (self._site, screen):
            raise MessageError(f"show of screen {screen}: is addressed to {message.site}/{show.screen}")
        if not _is_near(show, now):
            raise MessageError(f"show of screen {screen}: from {show.at} until {show.until}; check the server's clock")
        return Showing(screen=screen, creative=show.creative, at=show.at, until=show.until)

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock.now(), UTC)

    def _refuse(self, error: MessageError) -> None:
        self.refused += 1
        if monotonic() - self._said_at >= _SAY_EVERY_S:
            self._said_at = monotonic()
            log.warning("passed over what a screen is to show (%d so far): %s", self.refused, str(error)[:300])


def _is_near(show: Show, now: datetime) -> bool:
    return now - show.at < _LONGEST and show.until - now < _LONGEST
