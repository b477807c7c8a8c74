"""Processes that the demo starts: each says when it is ready, all end with the demo."""

import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from vitrina.errors import DemoError

_PATIENCE_S = 15.0
"""How long a process may take to end before it is killed."""


class Child:
    """One `vitrina …` process. Its output goes to `log`; lines of its standard output can be waited for."""

    def __init__(self, name: str, arguments: Sequence[str], log: Path) -> None:
        self.name, self.log = name, log
        self._lines: queue.Queue[str | None] = queue.Queue(maxsize=1000)
        self._process = subprocess.Popen(  # noqa: S603 - our own command line
            [sys.executable, "-m", "vitrina", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log.open("wb"),
            text=True,
            start_new_session=True,  # Ctrl-C reaches the demo alone, which ends its processes in order
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
        )
        threading.Thread(target=self._read, name=f"{name}-output", daemon=True).start()

    def _read(self) -> None:
        assert self._process.stdout is not None  # noqa: S101 - a pipe was asked for
        for line in self._process.stdout:
            if not self._lines.full():
                self._lines.put(line.rstrip("\n"))
        self._lines.put(None)

    def wait_for(self, wanted: Callable[[str], bool], *, timeout_s: float) -> str:
        """The first line that is `wanted`.

        Raises:
            DemoError: the process ended, or `timeout_s` passed.
        """
        try:
            while (line := self._lines.get(timeout=timeout_s)) is not None:
                if wanted(line):
                    return line
        except queue.Empty:
            raise DemoError(f"the {self.name} was not ready after {timeout_s:g} s; {self._last_words()}") from None
        raise DemoError(f"the {self.name} ended while starting; {self._last_words()}")

    @property
    def ended(self) -> bool:
        """Whether it is gone."""
        return self._process.poll() is not None

    def check(self) -> None:
        """Raise when it is gone.

        Raises:
            DemoError: with the last line it wrote.
        """
        if self.ended:
            raise DemoError(f"the {self.name} ended by itself; {self._last_words()}")

    def stop(self) -> None:
        """Ask it to end, and end it when it does not."""
        if not self.ended:
            self._process.terminate()
        try:
            self._process.wait(_PATIENCE_S)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def _last_words(self) -> str:
        written = self.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return f"its last words: {written[-1]}" if written else f"it said nothing; see {self.log}"
