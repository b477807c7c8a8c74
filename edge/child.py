"""One process of the box, as its supervisor sees it."""

import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import IO

from pydantic import BaseModel

_SLOWEST_S = 30.0
_HEALTHY_S = 60.0
_LONGEST_LINE = 500

log = logging.getLogger(__name__)


class Child:
    """Started with its job on stdin; asked to end by closing stdin; started again, ever more slowly, when it dies.

    `job` is asked at each start, with the number of restarts so far.
    """

    def __init__(self, name: str, module: str, job: Callable[[int], BaseModel], environ: dict[str, str]) -> None:
        self.name, self._module, self._job, self._environ = name, module, job, environ
        self.restarts = 0
        self._failures = 0
        self._started = self._due = 0.0
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the process."""
        self._started = monotonic()
        self._process = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-P", "-m", self._module],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=self._environ | {"PYTHONPATH": _import_path(self._environ)},
        )
        threading.Thread(target=self._relay, args=(self._process.stderr,), name=self.name, daemon=True).start()
        try:
            self._stdin.write(self._job(self.restarts).model_dump_json().encode() + b"\n")
            self._stdin.flush()
        except BrokenPipeError:
            log.debug("%s died before it had its job", self.name)

    @property
    def pid(self) -> int | None:
        """Of the running process."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    def ended(self) -> int | None:
        """The exit code, once, when the process has ended by itself."""
        if self._process is None or (code := self._process.poll()) is None:
            return None
        self._let_go()
        self._failures = 1 if monotonic() - self._started > _HEALTHY_S else self._failures + 1
        self._due = monotonic() + min(_SLOWEST_S, 2.0 ** (self._failures - 2))
        return code

    def is_due(self) -> bool:
        """Whether a process that died is to be started again now."""
        return self._process is None and monotonic() >= self._due

    def restart(self) -> None:
        """Start it again, and count that."""
        self.restarts += 1
        self.start()

    def ask_to_end(self) -> None:
        """Close its stdin: it finishes and goes."""
        if self._process is not None:
            try:
                self._stdin.close()
            except BrokenPipeError:
                log.debug("%s is gone already", self.name)

    def end(self, within_s: float) -> None:
        """Ask, wait, and kill what does not go."""
        if self._process is None:
            return
        self.ask_to_end()
        try:
            self._process.wait(within_s)
        except subprocess.TimeoutExpired:
            log.warning("%s did not end within %.0f s; killed it", self.name, within_s)
            self._process.kill()
            self._process.wait()
        self._let_go()

    @property
    def _stdin(self) -> IO[bytes]:
        assert self._process is not None and self._process.stdin is not None  # noqa: S101 - opened above
        return self._process.stdin

    def _let_go(self) -> None:
        self.ask_to_end()
        self._process = None

    def _relay(self, stream: IO[bytes]) -> None:
        with stream:
            for line in stream:
                log.info("%s: %s", self.name, line.decode(errors="replace").rstrip()[:_LONGEST_LINE])


def _import_path(environ: dict[str, str]) -> str:
    ours = str(Path(__file__).resolve().parents[1])
    return os.pathsep.join([ours, *filter(None, [environ.get("PYTHONPATH")])])
