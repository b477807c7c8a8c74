"""Lets an Anthias player show what Vitrina decides for a screen. Written against Anthias' REST API v2.

    pip install vitrina
    python anthias_screen.py --broker broker.shop:1883 --site store_014 --screen bakery --player http://10.0.0.7

Put each creative into Anthias once, as an enabled asset that is called as the creative's id is in Vitrina, and one
called `house` for when nothing is to be advertised. A decision calls `GET /api/v2/assets/control/asset&ID`.

Anthias keeps no proof of play. What is told here is what this program switched, not what was seen on the screen; each
play says so in `trouble`, and a play of which the player did not take the call is told as failed.
"""

import argparse
import base64
import json
import logging
import os
import secrets
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from datetime import UTC, datetime

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from contract.errors import MessageError
from contract.screens import Played, PlayedMessage, Show, ShowMessage, read_screen_message
from contract.topics import played_topic, show_topic

HOUSE = "house"
PATIENCE_S = 5.0
SAID = "told by the adapter: Anthias keeps no proof of play"

log = logging.getLogger("anthias")


class Anthias:
    """The REST API of one player."""

    def __init__(self, address: str, user: str | None, password: str | None) -> None:
        self._address = address.rstrip("/")
        basic = base64.b64encode(f"{user}:{password}".encode()).decode()
        self._headers = {"Authorization": f"Basic {basic}"} if user else {}

    def assets(self) -> dict[str, str]:
        """Ids of its active assets, by name."""
        found = json.loads(self._get("/api/v2/assets"))
        return {asset["name"]: asset["asset_id"] for asset in found if asset["is_active"]}

    def switch(self, asset: str) -> None:
        """Show an asset now.

        Raises:
            OSError: the player does not take it.
        """
        self._get(f"/api/v2/assets/control/asset&{asset}")

    def _get(self, path: str) -> bytes:
        request = urllib.request.Request(self._address + path, headers=self._headers)  # noqa: S310 - the operator's own address
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:  # noqa: S310
            body: bytes = answer.read()
        return body


@dataclass
class On:
    """What was switched on last."""

    show: Show
    since: float


class Adapter:
    """Switches the player and tells what it switched."""

    def __init__(self, client: mqtt.Client, player: Anthias, *, site: str, screen: str) -> None:
        self._client, self._player, self._site, self._screen = client, player, site, screen
        self._on: On | None = None

    def hear(self, payload: bytes) -> None:
        """Take a message of the `show` topic."""
        try:
            show = read_screen_message(ShowMessage, payload).data
        except MessageError as error:
            log.warning("passed over: %s", error)
            return
        now = time.time()
        if show.until.timestamp() <= now or (self._on and self._on.show.decision == show.decision):
            return
        time.sleep(max(0.0, show.at.timestamp() - now))
        self._end()
        self._switch(show)

    def _switch(self, show: Show) -> None:
        name = show.creative or HOUSE
        try:
            asset = self._player.assets().get(name)
            if asset is None:
                raise OSError(f"the player has no active asset called {name!r}")
            self._player.switch(asset)
        except OSError as error:
            log.warning("%s was not shown: %s", name, error)
            self._tell(show, time.time(), 0.0, "failed", str(error))
            return
        log.info("%s is on", name)
        self._on = On(show, time.time())

    def _end(self) -> None:
        if self._on is None:
            return
        show, seconds = self._on.show, time.time() - self._on.since
        whole = show.media is None or seconds >= show.media.seconds - 0.5
        self._tell(show, self._on.since, seconds, "whole" if whole else "cut", SAID)
        self._on = None

    def _tell(self, show: Show, started: float, seconds: float, outcome: str, trouble: str) -> None:
        if show.creative is None:
            return
        played = Played.model_validate(
            {
                "play": secrets.token_hex(16),
                "screen": self._screen,
                "decision": show.decision,
                "campaign": show.campaign,
                "creative": show.creative,
                "started_at": datetime.fromtimestamp(started, UTC),
                "seconds": round(seconds, 3),
                "outcome": outcome,
                "cached": False,
                "trouble": trouble[:200],
            }
        )
        message = PlayedMessage(
            id=played.play,
            source=f"vitrina/{self._site}/screens/{self._screen}",
            time=datetime.now(UTC),
            site=self._site,
            data=played,
        )
        self._client.publish(played_topic(self._site, self._screen), message.model_dump_json(), qos=1)


def main() -> None:
    """Run until interrupted."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--broker", default="127.0.0.1:1883", help="HOST:PORT")
    parser.add_argument("--site", required=True)
    parser.add_argument("--screen", required=True)
    parser.add_argument("--player", required=True, help="address of the Anthias player; ANTHIAS_USER, ANTHIAS_PASSWORD")
    asked = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    host, _, port = asked.broker.partition(":")
    client = mqtt.Client(
        CallbackAPIVersion.VERSION2, client_id=f"anthias-{asked.site}-{asked.screen}", protocol=mqtt.MQTTv5
    )
    player = Anthias(asked.player, os.environ.get("ANTHIAS_USER"), os.environ.get("ANTHIAS_PASSWORD"))
    adapter = Adapter(client, player, site=asked.site, screen=asked.screen)

    def connected(*_: object) -> None:
        client.subscribe(show_topic(asked.site, asked.screen), qos=1)

    client.on_connect = connected
    client.on_message = lambda _client, _userdata, message: adapter.hear(bytes(message.payload))
    client.connect(host, int(port or 1883))
    client.loop_forever()


if __name__ == "__main__":
    main()
