"""How a page becomes a player: it shows a code, an administrator types it in, and the page's secret becomes its token.

The secret never travels back: the page drew it out of the server's hand when it got the code, so that no answer that
is lost on the way can leave a player without its token.
"""

import secrets
from dataclasses import dataclass

from sqlalchemy import Connection

from server.auth import digest
from server.db import players
from server.db.players import PairingRecord, PlayerRecord
from server.errors import AccessError

TOKEN_PREFIX = "vtp_"  # noqa: S105 - the mark that secret scanners look for, not a secret
CODE_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""Without those that are read as one another on a screen across the shop."""
CODE_LENGTH = 6
CODE_LASTS_S = 600.0
WAITING_MOST = 2000
"""Codes at one time; beyond, somebody plays with the address of the page."""


class PairingError(AccessError):
    """A page and a screen are not brought together."""


class NoCodeError(PairingError):
    """Nobody shows this code, or it has expired."""


class OtherScreenError(PairingError):
    """The code stands on a page that was opened for another screen; `found` says which."""

    def __init__(self, found: PairingRecord) -> None:
        super().__init__(f"the code stands on a page opened for screen {found.screen!r} of site {found.site!r}")
        self.found = found


class TakenError(PairingError):
    """The screen has a player already: `present`."""

    def __init__(self, present: PlayerRecord) -> None:
        super().__init__(f"screen {present.screen!r} is played by {present.player}, paired by {present.paired_by}")
        self.present = present


class TooManyError(PairingError):
    """More codes wait than shops have screens."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A code to show, and the secret by which the page asks what became of it."""

    code: str
    secret: str
    expires: float


def begin(conn: Connection, *, site: str, screen: str, now: float) -> Begun:
    """Draw a code for a page. Whether there is such a screen is told to the administrator, not to whoever asks.

    Raises:
        TooManyError: wait for some to expire.
    """
    players.forget_pairings(conn, now=now)
    if players.waiting_pairings(conn, now=now) >= WAITING_MOST:
        raise TooManyError(f"{WAITING_MOST} codes wait already; try again in some minutes")
    begun = Begun(_new_code(conn, now), TOKEN_PREFIX + secrets.token_urlsafe(32), now + CODE_LASTS_S)
    waiting = PairingRecord(begun.code, site, screen, begun.expires)
    players.add_pairing(conn, digest(begun.secret), waiting, now=now)
    return begun


def confirm(
    conn: Connection, *, site: str, screen: str, code: str, by: str, replace: bool, now: float
) -> tuple[PlayerRecord, list[PlayerRecord]]:
    """Let the page that shows `code` play the screen: the new player, and those whose tokens were revoked for it.

    Raises:
        NoCodeError: nobody shows it, or it has expired.
        OtherScreenError: the page was opened for another screen.
        TakenError: the screen has a player, and `replace` was not asked for.
    """
    found = players.pairing_of_code(conn, plain(code), now=now)
    if found is None:
        raise NoCodeError(f"nobody shows the code {code!r}, or it has expired; read it off the screen again")
    pairing, secret_hash = found
    if (pairing.site, pairing.screen) != (site, screen):
        raise OtherScreenError(pairing)
    present = players.players_of(conn, site, screen)
    if present and not replace:
        raise TakenError(present[0])
    for old in present:
        players.revoke_player(conn, site, screen, old.player, now=now)
    player = PlayerRecord(secrets.token_hex(8), site, screen, by, now, None, None, None)
    players.add_player(conn, secret_hash, player)
    return player, present


def plain(code: str) -> str:
    """A code as people type it, as it is kept: capitals, without what separates its halves."""
    return "".join(letter for letter in code.upper() if letter.isalnum())


def _new_code(conn: Connection, now: float) -> str:
    while True:
        code = "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))
        if players.pairing_of_code(conn, code, now=now) is None:
            return code
