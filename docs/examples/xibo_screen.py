"""Lets a Xibo display show what Vitrina decides for a screen. Written against the Xibo CMS API (v3 and v4).

    pip install vitrina
    XIBO_CLIENT_ID=... XIBO_CLIENT_SECRET=... python xibo_screen.py --broker broker.shop:1883 --site store_014 \
        --screen bakery --cms https://cms.shop --display 12 --group 34 --layouts warm=101 skyr=102

Make a layout of each creative and name its number in --layouts; register an application in the CMS with the grant
`client_credentials` for the two secrets. --group is the display's own display group.

A decision triggers `changeLayout` (or `revertToSchedule` for the default) through the CMS, which reaches the player by
Xibo's message relay. Proof of play is Xibo's own: the display's statistics for layouts, collected as individual records
(Displays > Settings > Statistics), are asked for every minute and told to Vitrina, each once.
"""

import argparse
import hashlib
import json
import logging
import os
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import deque
from datetime import UTC, datetime, timedelta
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from contract.errors import MessageError
from contract.screens import Played, PlayedMessage, Show, ShowMessage, read_screen_message
from contract.topics import played_topic, show_topic

PATIENCE_S = 10.0
LOOK_BACK = timedelta(hours=2)
"""Displays hand their statistics in when they next collect: what began so long ago may only come now."""
REMEMBERED = 2000
"""Decisions and plays."""

log = logging.getLogger("xibo")


class Xibo:
    """The CMS, as an application that is registered in it."""

    def __init__(self, cms: str, client_id: str, secret: str) -> None:
        self._cms = cms.rstrip("/")
        self._client_id, self._secret = client_id, secret
        self._token, self._good_until = "", 0.0

    def change_layout(self, group: int, layout: int, seconds: float) -> None:
        """Show a layout now, for so long."""
        asked = {"layoutId": layout, "duration": max(1, round(seconds)), "downloadRequired": 1, "changeMode": "replace"}
        self._ask("POST", f"/displaygroup/{group}/action/changeLayout", asked)

    def revert(self, group: int) -> None:
        """Back to the schedule: Xibo's own default."""
        self._ask("POST", f"/displaygroup/{group}/action/revertToSchedule", {})

    def layouts_played(self, display: int, start: datetime, end: datetime) -> list[dict[str, Any]]:
        """Single plays of layouts; times are the CMS's."""
        span = {"fromDt": f"{start:%Y-%m-%d %H:%M:%S}", "toDt": f"{end:%Y-%m-%d %H:%M:%S}"}
        found = self._ask("GET", "/stats", {"type": "layout", "displayId": display, **span})
        return list(found if isinstance(found, list) else found.get("data", []))

    def _ask(self, method: str, path: str, fields: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
        body = urllib.parse.urlencode(fields)
        address = f"{self._cms}/api{path}" + (f"?{body}" if method == "GET" and fields else "")
        return self._send(method, address, None if method == "GET" else body, f"Bearer {self._access()}")

    def _access(self) -> str:
        if time.monotonic() >= self._good_until:
            fields = {"grant_type": "client_credentials", "client_id": self._client_id, "client_secret": self._secret}
            found = self._send("POST", f"{self._cms}/api/authorize/access_token", urllib.parse.urlencode(fields), None)
            self._token, self._good_until = found["access_token"], time.monotonic() + found["expires_in"] * 0.8
        return self._token

    @staticmethod
    def _send(method: str, address: str, body: str | None, leave: str | None) -> Any:  # noqa: ANN401 - JSON
        headers = {"Authorization": leave} if leave else {}
        request = urllib.request.Request(  # noqa: S310 - the operator's own address
            address, data=None if body is None else body.encode(), headers=headers, method=method
        )
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:  # noqa: S310
            content = answer.read()
        return json.loads(content) if content else {}


class Adapter:
    """Triggers what is decided and tells what was played."""

    def __init__(
        self,
        client: mqtt.Client,
        xibo: Xibo,
        *,
        site: str,
        screen: str,
        display: int,
        group: int,
        layouts: dict[str, int],
    ) -> None:
        self._client, self._xibo, self._site, self._screen = client, xibo, site, screen
        self._display, self._group, self._layouts = display, group, layouts
        self._shows: deque[Show] = deque(maxlen=REMEMBERED)
        self._told: deque[str] = deque(maxlen=REMEMBERED)

    def hear(self, payload: bytes) -> None:
        """Take a message of the `show` topic."""
        try:
            show = read_screen_message(ShowMessage, payload).data
        except MessageError as error:
            log.warning("passed over: %s", error)
            return
        left_s = show.until.timestamp() - time.time()
        if left_s <= 0 or any(known.decision == show.decision for known in self._shows):
            return
        self._shows.append(show)
        try:
            self._trigger(show, left_s)
        except OSError as error:
            log.warning("%s was not shown: %s", show.creative, error)
            self._tell(show.decision, show, show.creative, datetime.now(UTC), trouble=str(error))

    def _trigger(self, show: Show, left_s: float) -> None:
        layout = self._layouts.get(show.creative or "")
        if show.creative is None or layout is None:
            self._xibo.revert(self._group)
            log.info("back to Xibo's schedule")
            return
        self._xibo.change_layout(self._group, layout, left_s)
        log.info("%s is triggered as layout %s", show.creative, layout)

    def report(self, now: datetime) -> None:
        """Tell the plays that Xibo has of the last hours and that were not told yet."""
        creatives = {layout: creative for creative, layout in self._layouts.items()}
        for row in self._xibo.layouts_played(self._display, now - LOOK_BACK, now):
            creative = creatives.get(int(row["layoutId"]))
            if creative is None:
                continue
            started = datetime.fromisoformat(row["start"]).replace(tzinfo=UTC)
            show = self._decided(creative, started)
            self._tell(str(row["id"]), show, creative, started, seconds=float(row["duration"]))

    def _decided(self, creative: str, started: datetime) -> Show | None:
        near = timedelta(seconds=5)
        fitting = (s for s in self._shows if s.creative == creative and s.at - near <= started < s.until + near)
        return next(fitting, None)

    def _tell(
        self,
        known_as: str,
        show: Show | None,
        creative: str | None,
        started: datetime,
        *,
        seconds: float = 0.0,
        trouble: str | None = None,
    ) -> None:
        # The same play has the same id, however often the statistics are asked for.
        play = hashlib.sha256(f"{self._display} {known_as}".encode()).hexdigest()[:32]
        if play in self._told or creative is None:
            return
        self._told.append(play)
        whole = show is None or show.media is None or seconds >= show.media.seconds - 0.5
        played = Played(
            play=play,
            screen=self._screen,
            decision=show.decision if show else None,
            campaign=show.campaign if show else None,
            creative=creative,
            started_at=started,
            seconds=seconds,
            outcome="failed" if trouble else "whole" if whole else "cut",
            cached=False,
            trouble=trouble[:200] if trouble else None,
        )
        source = f"vitrina/{self._site}/screens/{self._screen}"
        message = PlayedMessage(id=play, source=source, time=datetime.now(UTC), site=self._site, data=played)
        self._client.publish(played_topic(self._site, self._screen), message.model_dump_json(), qos=1)


def main() -> None:
    """Run until interrupted."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--broker", default="127.0.0.1:1883", help="HOST:PORT")
    parser.add_argument("--site", required=True)
    parser.add_argument("--screen", required=True)
    parser.add_argument("--cms", required=True, help="address of the CMS")
    parser.add_argument("--display", type=int, required=True)
    parser.add_argument("--group", type=int, required=True, help="the display's own display group")
    parser.add_argument("--layouts", nargs="+", required=True, metavar="CREATIVE=LAYOUT")
    parser.add_argument("--report-every-s", type=float, default=60.0)
    asked = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    layouts = {creative: int(layout) for creative, _, layout in (each.partition("=") for each in asked.layouts)}
    host, _, port = asked.broker.partition(":")
    client = mqtt.Client(
        CallbackAPIVersion.VERSION2, client_id=f"xibo-{asked.site}-{asked.screen}", protocol=mqtt.MQTTv5
    )
    xibo = Xibo(asked.cms, os.environ["XIBO_CLIENT_ID"], os.environ["XIBO_CLIENT_SECRET"])
    adapter = Adapter(
        client, xibo, site=asked.site, screen=asked.screen, display=asked.display, group=asked.group, layouts=layouts
    )

    def connected(*_: object) -> None:
        client.subscribe(show_topic(asked.site, asked.screen), qos=1)

    client.on_connect = connected
    client.on_message = lambda _client, _userdata, message: adapter.hear(bytes(message.payload))
    client.connect(host, int(port or 1883))
    client.loop_start()
    while True:
        try:
            adapter.report(datetime.now(UTC))
        except (OSError, KeyError, ValueError) as error:
            log.warning("no statistics: %s", error)
        threading.Event().wait(asked.report_every_s)


if __name__ == "__main__":
    main()
