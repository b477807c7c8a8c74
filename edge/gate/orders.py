"""What the server asks of the box: a site document to put in force, a command."""

import json
import logging
from collections.abc import Callable

from contract.errors import MessageError
from contract.messages import Command, Desired, Message, Reported, decode
from contract.site import Site
from contract.topics import parse
from edge.config import EdgeConfig
from edge.errors import ConfigError, DiskError
from edge.gate.outbox import Outbox
from edge.ports import Clock
from edge.site_file import judge, keep_site, sent_site_path

_COMMANDS_REMEMBERED = 32
"""What the broker sends again after a break is among the newest."""

log = logging.getLogger(__name__)


class Orders:
    """Reads letters to the box. `restart` turns true when one of them needs the box to start again.

    A letter that is none, is late or came before is passed over; a site document that does not fit is refused in
    `reported`, and the one in force stays. `on_still` hears of which camera a still is wanted.
    """

    def __init__(
        self, *, config: EdgeConfig, site: Site, outbox: Outbox, clock: Clock, on_still: Callable[[str], None]
    ) -> None:
        self._config, self._site, self._outbox, self._clock = config, site, outbox, clock
        self._on_still = on_still
        self.reported = Reported(site_version=site.version)
        self.restart = False

    def read(self, topic: str, payload: bytes) -> bool:
        """Take in one letter; whether the box shall say again what it is."""
        try:
            place = parse(topic)
            message = decode(place.channel, payload)
            self._check_address(message)
        except MessageError as error:
            log.warning("passed over a message to this box: %s", error)
            return False
        match message.data:
            case Desired():
                return self._put_in_force(message.data)
            case Command():
                return self._obey(message.data, message.id)
        return False

    def _check_address(self, message: Message) -> None:
        if (message.site, message.box) != (self._site.site, self._config.box):
            raise MessageError(f"is addressed to {message.site}/{message.box}")

    def _put_in_force(self, desired: Desired) -> bool:
        try:
            site = judge(desired, config=self._config, in_force=self._site)
            if site is not None:
                keep_site(site, sent_site_path(self._config))
        except (ConfigError, DiskError) as error:
            log.warning("refused site version %d: %s", desired.site_version, error)
            self.reported = Reported(
                site_version=self._site.version, refused_version=desired.site_version, reason=str(error)[:500]
            )
            return True
        if site is not None:
            log.info("site version %d from the server is in force from now on", site.version)
            self.restart = True
        return False

    def _obey(self, command: Command, message_id: str) -> bool:
        if command.expires_at.timestamp() < self._clock.now():
            log.info("passed over a command %r that has expired", command.command)
            return False
        if not self._is_new(message_id):
            return False
        if command.camera is not None:
            self._on_still(command.camera)
        self.restart |= command.command == "restart"
        return command.command == "send_birth"

    def _is_new(self, message_id: str) -> bool:
        """Whether this command was not obeyed before; what cannot be remembered is not obeyed, or it would be twice."""
        obeyed: list[str] = json.loads(self._outbox.noted("commands") or "[]")
        if message_id in obeyed:
            return False
        try:
            self._outbox.note("commands", json.dumps([*obeyed, message_id][-_COMMANDS_REMEMBERED:]))
        except DiskError as error:
            log.error("passed over a command: %s", error)
            return False
        return True
