"""What eye and gate have in common as processes: their job on the first line of stdin, their end when stdin ends."""

import ctypes
import logging
import os
import resource
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from importlib.abc import MetaPathFinder
from types import ModuleType
from typing import TypeVar

from pydantic import BaseModel

from edge.errors import EdgeError

EXIT_FAILED = 1
EXIT_RESTART = 75
"""Start the whole box again, with the site document that is now in force."""

_PR_SET_DUMPABLE = 4

Job = TypeVar("Job", bound=BaseModel)

log = logging.getLogger(__name__)


def run_process(job_type: type[Job], run: Callable[[Job, threading.Event], int]) -> int:
    """Read the job, run it until stdin ends or the job is done, and give its exit code.

    Signals of a terminal or a service manager go to the supervisor, which ends its processes in their order. Should
    the supervisor die, stdin ends too.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(levelname)s %(message)s")
    job = job_type.model_validate_json(sys.stdin.buffer.readline())
    stop = threading.Event()
    threading.Thread(target=_wait_for_end, args=(stop,), name="stdin", daemon=True).start()
    try:
        return run(job, stop)
    except EdgeError as error:
        log.error("%s", error)
        return EXIT_FAILED


def seal() -> None:
    """From now on this process cannot write a file, nor leave its memory in a core dump or to a debugger.

    The kernel enforces it: pixels, tracks and paths exist in the memory of an eye only.
    """
    sys.dont_write_bytecode = True
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    stay_in_memory()


def stay_in_memory() -> None:
    """From now on what this process knows is left neither to a core dump nor to a debugger.

    For the gate too: it holds counts by segment that are too small to be told.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def bar(package: str) -> None:
    """From now on nothing in this process can import `package` or a part of it.

    Raises:
        RuntimeError: it was imported already.
    """
    if any(_is_part(name, package) for name in sys.modules):
        raise RuntimeError(f"{package} was loaded before it was barred")
    sys.meta_path.insert(0, _Barred(package))


class _Barred(MetaPathFinder):
    def __init__(self, package: str) -> None:
        self._package = package

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> None:
        if _is_part(fullname, self._package):
            raise ImportError(f"{fullname} is barred from this process: its profile has no use for it", name=fullname)


def _is_part(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def _wait_for_end(stop: threading.Event) -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    stop.set()
