"""Files on their way in: streamed to a folder, looked at, taken, and gone; at the latest after a day."""

import shutil
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.concurrency import run_in_threadpool

from server.imports.file_errors import FileError
from server.receiving import Received, receive

LARGEST_BYTES = 1_000_000_000
LEFT_FREE_BYTES = 500_000_000
"""Of the disk, which the database needs too."""
KEPT_S = 86_400.0
WAITING_MOST = 100
"""Files that may lie here at one time."""

EMPTY = "The file is empty; send it as the request's body."


class TooLargeError(FileError):
    """It is larger than a file may be."""


class NoRoomError(FileError):
    """The disk is full, or cannot be written."""


class Upload(BaseModel):
    """A file that has come in whole."""

    model_config = ConfigDict(frozen=True)

    id: str
    site: str
    name: str
    who: str
    sha256: str
    size_bytes: int


class Uploads:
    """A folder with a file and a note for each upload; only the server's own user may read it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, upload: Upload) -> Path:
        """Where its bytes lie."""
        return self._folder / f"{upload.id}.table"

    async def receive(
        self, chunks: AsyncIterator[bytes], *, site: str, name: str, who: str, declared: int | None
    ) -> Upload:
        """Take a file in, of which `declared` bytes are announced.

        Raises:
            TooLargeError: it is larger than allowed, by what is announced or by what comes.
            NoRoomError: the disk would be full, or cannot be written.
            FileError: nothing came.
        """
        key = uuid4().hex
        try:
            await run_in_threadpool(self._make_ready, declared or 0)
            found = await receive(self._folder / f"{key}.table", chunks, self._check)
            upload = Upload(id=key, site=site, name=name, who=who, sha256=found.sha256, size_bytes=found.size_bytes)
            await run_in_threadpool(self._note, upload, found)
        except OSError as error:
            raise NoRoomError("The server cannot keep the file (%(why)s).", why=str(error.strerror)) from None
        return upload

    def find(self, site: str, key: str) -> Upload | None:
        """An upload that is still there."""
        try:
            upload = Upload.model_validate_json((self._folder / f"{key}.json").read_bytes())
        except (OSError, ValidationError):
            return None
        return upload if upload.site == site and self.path(upload).is_file() else None

    def forget(self, upload: Upload) -> None:
        """Delete it."""
        self.path(upload).unlink(missing_ok=True)
        (self._folder / f"{upload.id}.json").unlink(missing_ok=True)

    def sweep(self) -> None:
        """Delete what is older than a day, and what was broken off."""
        for left in self._folder.glob("*"):
            with suppress(FileNotFoundError):  # another server sweeps too
                if time.time() - left.stat().st_mtime > KEPT_S:
                    left.unlink()

    def _make_ready(self, declared: int) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._folder.chmod(0o700)
        self.sweep()
        if len(list(self._folder.glob("*.json"))) >= WAITING_MOST:
            raise NoRoomError("Too many files wait to be imported; import them first, or delete them.")
        self._check(max(declared, 1), declared)

    def _check(self, size: int, batch: int) -> None:
        if not size:
            raise FileError(EMPTY)
        if size > LARGEST_BYTES:
            most = f"{LARGEST_BYTES / 1e6:,.0f}"
            raise TooLargeError("The file is larger than %(most)s MB; send it in parts.", most=most)
        if shutil.disk_usage(self._folder).free - batch < LEFT_FREE_BYTES:
            raise NoRoomError("The server's disk is nearly full; nothing more is taken until there is room.")

    def _note(self, upload: Upload, found: Received) -> None:
        found.path.chmod(0o600)
        (self._folder / f"{upload.id}.json").write_text(upload.model_dump_json())
