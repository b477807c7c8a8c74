"""The box: a supervisor that starts one gate and some eyes, and starts again whichever dies."""

import fcntl
import logging
import os
import signal
import tempfile
import threading
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from secrets import token_hex
from typing import IO, Literal

from contract.messages import Event
from contract.site import Site
from edge.child import Child
from edge.config import CameraSettings, EdgeConfig, load_config
from edge.errors import ConfigError
from edge.faces.manifest import face_models_dir, load_face_manifest, verify_face_models
from edge.io.channel import Uplink
from edge.io.clock import SystemClock
from edge.io.tls import tls_context
from edge.jobs import EyeJob, GateJob
from edge.models import find_model
from edge.ports import Clock
from edge.process import EXIT_RESTART
from edge.profile import check_profile, profile_in_force
from edge.runtime import check_runtime
from edge.sharing import borders, share_out
from edge.site_file import site_in_force

_LOOK_S = 0.2
_EYE_ENDS_S = 8.0
_GATE_ENDS_S = 10.0

log = logging.getLogger(__name__)


class Box:
    """Supervises. `folder` is private to the box and holds the socket between its processes."""

    def __init__(self, config: EdgeConfig, site: Site, folder: Path, clock: Clock) -> None:
        self._config, self._site, self._clock = config, site, clock
        self._address = folder / "gate"
        self._profile = profile_in_force(config, site, clock.now())
        self._confusion = load_face_manifest(face_models_dir()).confusion if self._profile == "demographics" else {}
        environ = dict(os.environ)
        self._gate = Child("gate", "edge.gate", self._gate_job, environ)
        self._shares = self._share_out()
        blind = {name: value for name, value in environ.items() if value != config.broker.password}
        self._eyes = [Child(name, "edge.eye", partial(self._eye_job, name), blind) for name in self._shares]
        self._uplink = Uplink(self._address, token_hex(8), most=1000)

    def run(self, stop: threading.Event) -> None:
        """Until `stop`; every process has ended then."""
        for child in [self._gate, *self._eyes]:
            child.start()
        try:
            while not stop.wait(_LOOK_S):
                self._look_after_profile()
                self._look_after_gate()
                for eye in self._eyes:
                    self._look_after_eye(eye)
        finally:
            self._end_eyes()
            self._uplink.drain(1.0)
            self._uplink.close()
            self._gate.end(_GATE_ENDS_S)

    def _look_after_profile(self) -> None:
        """When the basis for demographics ends, the eyes end first, and go on with less; never the other way."""
        now = self._clock.now()
        if self._profile != "demographics" or profile_in_force(self._config, self._site, now) == "demographics":
            return
        self._profile = "objects"
        text = "the basis for profile demographics has ended; going on in profile objects, without age and gender"
        log.warning("%s", text)
        self._end_eyes()
        self._gate.end(_GATE_ENDS_S)
        self._gate.start()
        for eye in self._eyes:
            eye.start()
        self._uplink.keep(_event(now, "profile_ended", text))

    def _look_after_gate(self) -> None:
        code = self._gate.ended()
        if code == EXIT_RESTART:
            self._start_again()
        elif code is not None:
            log.error("the gate died (%s); starting it again, the eyes keep their windows for it", _told(code))
        elif self._gate.is_due():
            self._gate.restart()

    def _look_after_eye(self, eye: Child) -> None:
        code = eye.ended()
        if code is not None:
            cameras = ", ".join(self._shares[eye.name])
            text = f"{eye.name} ({cameras}) died ({_told(code)}); starting it again"
            log.error("%s", text)
            self._uplink.keep(_event(self._clock.now(), "eye_restarted", text))
        elif eye.is_due():
            eye.restart()

    def _start_again(self) -> None:
        """The gate first, so that the eyes can hand it their last windows before they see the new site."""
        try:
            self._site = site_in_force(self._config)
        except ConfigError as error:
            log.error("%s; going on with version %d", error, self._site.version)
        log.info("starting again with site version %d", self._site.version)
        self._shares = self._share_out()
        self._gate.start()
        self._end_eyes()
        for eye in self._eyes:
            eye.start()

    def _end_eyes(self) -> None:
        for eye in self._eyes:
            eye.ask_to_end()
        for eye in self._eyes:
            eye.end(_EYE_ENDS_S)

    def _gate_job(self, _restarts: int) -> GateJob:
        return GateJob(
            config=self._config,
            site=self._site,
            profile=self._profile,
            confusion=self._confusion,
            address=self._address,
        )

    def _share_out(self) -> dict[str, dict[str, CameraSettings]]:
        shares = share_out(self._config.cameras, self._config.workers, borders(self._site))
        return {f"eye {number}": share for number, share in enumerate(shares, start=1)}

    def _eye_job(self, eye: str, restarts: int) -> EyeJob:
        return EyeJob(
            cameras=self._shares[eye],
            site=self._site,
            profile=self._profile,
            model=self._config.model,
            input_side=self._config.input_side,
            runtime=self._config.runtime,
            threads=self._config.threads,
            window_s=self._config.window_s,
            smallest_cell=self._config.smallest_cell,
            address=self._address,
            restarts=restarts,
        )


def run_box(config_path: Path) -> None:
    """Run the box of `edge.yaml` until SIGTERM or SIGINT.

    Raises:
        EdgeError: the configuration, the site or the model is wrong; nothing was started.
    """
    config, clock = load_config(config_path, os.environ), SystemClock()
    site = site_in_force(config)
    check_profile(config, site, clock.now())
    find_model(config.model).verify()
    if config.profile == "demographics":
        verify_face_models(load_face_manifest(face_models_dir()), face_models_dir())
    check_runtime(config.runtime)
    if config.broker.tls is not None:
        tls_context(config.broker.tls)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with hold(config.outbox.path), tempfile.TemporaryDirectory(prefix="vitrina-") as folder:
        Box(config, site, Path(folder), clock).run(stop)


def hold(outbox: Path) -> IO[str]:
    """Hold the outbox for this box until the file is closed: two on one would throw each other out at the broker.

    Raises:
        ConfigError: another box runs on it, or its folder cannot be written.
    """
    try:
        outbox.parent.mkdir(parents=True, exist_ok=True)
        lock = outbox.with_name(outbox.name + ".lock").open("w")
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise ConfigError(f"{outbox}: another box runs on it; end that one, or give outbox.path another name") from None
    except OSError as error:
        raise ConfigError(f"{outbox}: cannot be written ({error.strerror}); check the path and its rights") from None
    return lock


def _event(t: float, kind: Literal["eye_restarted", "profile_ended"], text: str) -> Event:
    return Event(t=datetime.fromtimestamp(t, UTC), kind=kind, level="warning", text=text[:500])


def _told(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
