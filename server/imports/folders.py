"""Folders that a till or an exchange fills: which of their files are whole, and where they go afterwards.

A file is whole when its size and its time of change are as they were at the last look, or when it has just lost the
ending `.part`. What was taken moves to `done`, what was not to `refused`, with a text beside it where anything was
wrong. A file that cannot be moved away is not taken again until it changes.
"""

import os
import stat
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from server.db.imports import FaultRecord
from server.settings import WatchedFolder

UNFINISHED = (".part", ".tmp", ".filepart", ".crdownload", "~")
FILES_A_LOOK = 100


class Seen(NamedTuple):
    """By what a file is known to be the same."""

    size_bytes: int
    changed_ns: int


class Waiting(NamedTuple):
    """A whole file."""

    folder: WatchedFolder
    path: Path
    seen: Seen


@dataclass(slots=True)
class Folders:
    """The watched folders, and what was seen in them at the last look."""

    folders: Sequence[WatchedFolder]
    _before: dict[Path, Seen] = field(default_factory=dict)
    _unfinished: set[Path] = field(default_factory=set)
    """What files will be called that are `.part` now."""
    _handled: dict[Path, Seen] = field(default_factory=dict)

    def look(self, folder: WatchedFolder) -> list[Waiting]:
        """The files that are whole now, the oldest first.

        Raises:
            OSError: the folder is not there, or cannot be read.
        """
        found, unfinished = _files(folder.folder)
        whole = [path for path, seen in found.items() if self._before.get(path) == seen or path in self._unfinished]
        mine = {path for path in (*self._before, *self._handled) if path.parent == folder.folder}
        for path in mine - found.keys():
            self._before.pop(path, None)
            self._handled.pop(path, None)
        self._before |= found
        self._unfinished = {path for path in self._unfinished if path.parent != folder.folder} | unfinished
        waiting = [path for path in whole if self._handled.get(path) != found[path]]
        in_turn = sorted(waiting, key=lambda path: (found[path].changed_ns, path.name))
        return [Waiting(folder, path, found[path]) for path in in_turn[:FILES_A_LOOK]]

    def put_away(self, file: Waiting, *, taken: bool, told: Sequence[str]) -> None:
        """Move a file to `done` or `refused`, with what there is to tell of it.

        Raises:
            OSError: it cannot be moved; it stays, and is not taken again.
        """
        self._handled[file.path] = file.seen
        goal = file.folder.folder / ("done" if taken else "refused")
        goal.mkdir(exist_ok=True)
        target = _free(goal / file.path.name)
        file.path.replace(target)
        if told:
            target.with_name(f"{target.name}.txt").write_text("\n".join([*told, ""]), encoding="utf-8")


def in_lines(trouble: str | None, faults: Iterable[FaultRecord]) -> list[str]:
    """What is to be told of a file, a line each."""
    lines = [trouble] if trouble else []
    for fault in faults:
        where = f"line {fault.line}" if fault.line else "file"
        lines.append(f"{where}{', ' if fault.column else ''}{fault.column}: {fault.fault}")
    return lines


def _files(folder: Path) -> tuple[dict[Path, Seen], set[Path]]:
    files, unfinished = dict[Path, Seen](), set[Path]()
    with os.scandir(folder) as entries:
        for entry in entries:
            path = Path(entry.path)
            if entry.name.endswith(UNFINISHED):
                unfinished.add(path.with_suffix("") if entry.name.endswith(".part") else path)
            elif not entry.name.startswith("."):
                with suppress(FileNotFoundError):  # its sender renamed it
                    found = entry.stat(follow_symlinks=False)
                    if stat.S_ISREG(found.st_mode):
                        files[path] = Seen(found.st_size, found.st_mtime_ns)
    return files, unfinished


def _free(path: Path) -> Path:
    n = 2
    while path.exists():
        path = path.with_name(f"{path.stem.removesuffix(f'-{n - 1}')}-{n}{path.suffix}")
        n += 1
    return path
