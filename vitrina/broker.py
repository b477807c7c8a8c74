"""The MQTT broker that pip installs: rumqttd (in the wheel of `iotcore`), for the demo, the tests and one small shop.

It speaks MQTT 5 only, keeps everything in memory and has users but no per-topic rights: a chain of shops runs
Mosquitto or EMQX.
"""

import socket
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import iotcore

from vitrina.errors import VitrinaError

LARGEST_PAYLOAD = 4 * 1024 * 1024
"""Bytes. A window with a full heatmap of a large floor has its place in it."""

_CONFIG = """
id = 0
[router]
id = 0
max_connections = 1000
max_outgoing_packet_count = 200
max_segment_size = 16777216
max_segment_count = 10
[v5.main]
name = "main"
listen = "{host}:{port}"
next_connection_delay_ms = 1
[v5.main.connections]
connection_timeout_ms = 10000
max_payload_size = {largest}
max_inflight_count = 100
dynamic_filters = true
"""


class BrokerError(VitrinaError):
    """The broker does not start; says where and why."""


def free_port(host: str = "127.0.0.1") -> int:
    """A TCP port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Certificate:
    """PEM files that a broker shows to who connects by TLS."""

    cert: Path
    key: Path


@dataclass
class Broker:
    """A broker process on `host:port`. It ends with `stop`, or with the process that started it.

    `users` maps names to passwords; without it everybody on `host` may connect, so keep to 127.0.0.1 then.
    With a `certificate` it speaks TLS only.
    """

    host: str = "127.0.0.1"
    port: int = field(default_factory=free_port)
    users: Mapping[str, str] = field(default_factory=dict, repr=False)
    certificate: Certificate | None = None
    _process: iotcore.Broker | None = field(default=None, init=False, repr=False)

    def start(self, timeout_s: float = 10.0) -> Self:
        """Start and wait until it accepts connections.

        Raises:
            BrokerError: the port is taken, or the broker did not come up in time.
        """
        with tempfile.TemporaryDirectory(prefix="vitrina-broker-") as private:
            path = Path(private, "rumqttd.toml")
            path.touch(mode=0o600)
            path.write_text(self._config(), encoding="utf-8")
            process = iotcore.Broker(config_path=str(path))
            try:
                process.start(timeout_s)
            except (OSError, RuntimeError) as error:
                raise BrokerError(f"MQTT broker on {self.host}:{self.port}: {error}; choose another port") from error
        self._process = process
        return self

    def stop(self) -> None:
        """End it at once and free the port; `start` opens the same port again, with nothing remembered."""
        if self._process is not None:
            self._process.stop()
            self._process = None

    @property
    def running(self) -> bool:
        """Whether the process is alive."""
        return self._process is not None and self._process.is_running

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def _config(self) -> str:
        config = _CONFIG.format(host=self.host, port=self.port, largest=LARGEST_PAYLOAD)
        if self.certificate is not None:
            cert, key = _quote(str(self.certificate.cert)), _quote(str(self.certificate.key))
            config += f"[v5.main.tls]\ncertpath = {cert}\nkeypath = {key}\n"
        if self.users:
            users = "".join(f"{_quote(name)} = {_quote(password)}\n" for name, password in self.users.items())
            config += f"[v5.main.connections.auth]\n{users}"
        return config


def _quote(text: str) -> str:
    if "'" in text or not text.isprintable():
        raise BrokerError("a name, password or path for the broker holds a quote or an unprintable character")
    return f"'{text}'"
