"""Players for the simulated store's screens, over MQTT as players of another make would speak."""

import queue
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import numpy as np
import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from contract.errors import MessageError
from contract.screens import Played, PlayedMessage, Show, ShowMessage, read_screen_message
from contract.topics import played_topic, screen_of, show_topic
from vitrina.demo_screens import Aired
from vitrina.simulate.players import Player, payload
from vitrina.simulate.programme import Turn

_TICK_S = 0.5
_WAITING_MOST = 1000


@contextmanager
def performing(broker_port: int, aired: Aired) -> Iterator[None]:
    """While this lasts every screen of the site plays what it is told, and that it did is added to what was aired."""
    stop = threading.Event()
    thread = threading.Thread(target=_perform, args=(broker_port, aired, stop), name="players", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(10)


def _perform(broker_port: int, aired: Aired, stop: threading.Event) -> None:
    rng, site = np.random.default_rng(), aired.site
    players = {screen: Player(site.site, screen, rng) for screen in site.screens}
    told: queue.Queue[tuple[str, Show]] = queue.Queue(_WAITING_MOST)
    client = paho.Client(CallbackAPIVersion.VERSION2, protocol=paho.MQTTv5)
    client.on_message = lambda _client, _data, message: _take(told, message)
    client.connect("127.0.0.1", broker_port)
    client.loop_start()
    client.subscribe(show_topic(site.site), qos=1)
    try:
        while not stop.is_set():
            for message in _proofs(players, told):
                client.publish(played_topic(site.site, message.data.screen), payload(message), qos=1)
                aired.turns.append(_turn(message.data))
    finally:
        client.disconnect()
        client.loop_stop()


def _turn(played: Played) -> Turn:
    return Turn(played.screen, played.campaign, played.creative, played.started_at.timestamp(), played.seconds)


def _take(told: "queue.Queue[tuple[str, Show]]", message: paho.MQTTMessage) -> None:
    try:
        told.put_nowait((screen_of(message.topic)[1], read_screen_message(ShowMessage, bytes(message.payload)).data))
    except (MessageError, queue.Full):  # not ours, or far behind: the next decision comes soon
        return


def _proofs(players: dict[str, Player], told: "queue.Queue[tuple[str, Show]]") -> Iterable[PlayedMessage]:
    """What is to be proved after the next decision, or after `_TICK_S` without one."""
    try:
        screen, show = told.get(timeout=_TICK_S)
    except queue.Empty:
        return [message for player in players.values() for message in player.tick(time.time())]
    return players[screen].hear(show, time.time()) if screen in players else []
