"""The files of creatives: taken in as a stream, known by what they hold, kept by their SHA-256."""

import shutil
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

from starlette.concurrency import run_in_threadpool

from server import packages
from server.db.creatives import MediaRecord
from server.errors import ServerError
from server.pictures import shown
from server.pictures.process import PictureError
from server.receiving import Received, receive
from server.settings import MediaStore as Settings
from server.sniffing import HEAD_BYTES, Found, said_otherwise, sniff

LEFT_FREE_BYTES = 500_000_000
"""Of the disk, which the database needs too."""
SVG_MOST_BYTES = 10_000_000
UNFINISHED_S = 6 * 3600.0
"""An upload that has not grown for so long was broken off."""


class MediaError(ServerError):
    """A file cannot be taken; the message says why, and what to do."""


class TooLargeError(MediaError):
    """It is larger than one file may be."""


class NoRoomError(MediaError):
    """The store or the disk is full."""


class MediaStore:
    """A folder: one file per hash, one folder per hash of a package, and what is coming in beside them."""

    def __init__(self, settings: Settings) -> None:
        self._folder = settings.folder
        self._incoming = settings.folder / "incoming"
        self.largest_bytes = round(settings.largest_mb * 1e6)
        self._most_bytes = round(settings.most_gb * 1e9)

    def path(self, digest: str) -> Path:
        """Where a file, or a package's folder, lies."""
        return self._folder / digest

    async def receive(self, chunks: AsyncIterator[bytes], *, declared: int | None, used: int) -> Received:
        """Take a file in, of which `declared` bytes are announced; `used` bytes are in the store already.

        Raises:
            TooLargeError: it is larger than allowed, by what is announced or by what comes.
            NoRoomError: the store or the disk would be full, or cannot be written.
            MediaError: nothing came.
        """
        try:
            await run_in_threadpool(self._make_ready, declared or 0, used)
            return await self._kept_if_whole(chunks, used)
        except OSError as error:
            raise self._unwritable(error) from None

    def take(self, incoming: Received, *, declared_type: str, filename: str, now: float) -> MediaRecord:
        """Look at what came in, and keep it under its hash; nothing stays of what is refused.

        Raises:
            MediaError: it is nothing a screen can show, broken, or not what it was sent as.
            NoRoomError: the disk is full.
        """
        try:
            found = _known(incoming.path, declared_type, filename)
            record = MediaRecord(incoming.sha256, "image", found.type, incoming.size_bytes, 0, 0, None, None, now)
            return self._keep(incoming.path, found, record)
        except PictureError as error:
            raise MediaError(f"The file cannot be taken: {error}.") from None
        except packages.PackageError as error:
            raise MediaError(f"The package cannot be taken: {error}.") from None
        except OSError as error:
            raise self._unwritable(error) from None
        finally:
            incoming.path.unlink(missing_ok=True)

    def delete(self, digest: str) -> None:
        """Let a file or package go that nothing names any more."""
        path = self.path(digest)
        if path.is_dir():
            shutil.rmtree(path)
        path.unlink(missing_ok=True)

    def check_room(self, more: int, used: int) -> None:
        """See whether `more` bytes find room beside the `used` ones.

        Raises:
            NoRoomError: they do not.
        """
        if used + more > self._most_bytes:
            raise NoRoomError(
                f"The media store holds {used / 1e9:.1f} of {self._most_bytes / 1e9:g} GB; delete creatives that were "
                "never shown, or raise media.most_gb in server.yaml."
            )
        if shutil.disk_usage(self._folder).free - more < LEFT_FREE_BYTES:
            raise NoRoomError("The server's disk is nearly full; nothing more is taken until there is room.")

    def _make_ready(self, declared: int, used: int) -> None:
        if declared > self.largest_bytes:
            raise self._too_large(f"has {declared / 1e6:,.0f} MB")
        self._incoming.mkdir(parents=True, exist_ok=True)
        self.check_room(declared, used)
        for left in self._incoming.iterdir():
            with suppress(FileNotFoundError):  # another upload sweeps too
                if time.time() - left.stat().st_mtime > UNFINISHED_S:
                    shutil.rmtree(left) if left.is_dir() else left.unlink()

    async def _kept_if_whole(self, chunks: AsyncIterator[bytes], used: int) -> Received:
        def check(size: int, batch: int) -> None:
            if not size:
                raise MediaError("The file is empty; send it as the request's body.")
            if size > self.largest_bytes:
                raise self._too_large(f"has more than {self.largest_bytes / 1e6:,.0f} MB")
            self.check_room(batch, used + size - batch)

        return await receive(self._incoming / f"{uuid4().hex}.part", chunks, check)

    def _too_large(self, what: str) -> TooLargeError:
        return TooLargeError(
            f"The file {what}; at most {self.largest_bytes / 1e6:g} MB are taken. Make the video shorter, or encode "
            "it with a lower bit rate."
        )

    def _unwritable(self, error: OSError) -> NoRoomError:
        return NoRoomError(
            f"The server cannot write to {self._folder} ({error.strerror}); make room there, or set media.folder in "
            "server.yaml to a folder it may write to."
        )

    def _keep(self, path: Path, found: Found, record: MediaRecord) -> MediaRecord:
        match found.form:
            case "package":
                return self._keep_package(path, record)
            case "svg":
                return self._keep_drawing(path, record)
            case "mp4" | "webm":
                seen = shown.look_at_film(path, found.form)
                record = replace(record, kind="video", seconds=seen.seconds)
            case _:
                seen = shown.look_at_picture(path)
        path.replace(self.path(record.sha256))
        return replace(record, width=seen.width, height=seen.height, preview=seen.preview)

    def _keep_drawing(self, path: Path, record: MediaRecord) -> MediaRecord:
        if record.size_bytes > SVG_MOST_BYTES:
            raise TooLargeError(f"The drawing has {record.size_bytes / 1e6:.0f} MB; save it as PNG.")
        png = shown.draw_svg(path)
        path.write_bytes(png)
        drawn = replace(record, sha256=sha256(png).hexdigest(), type="image/png", size_bytes=len(png))
        return self._keep(path, Found("picture", "image/png", ""), drawn)

    def _keep_package(self, path: Path, record: MediaRecord) -> MediaRecord:
        folder = path.with_suffix(".folder")
        package = packages.unpack(path, folder, most_bytes=self.largest_bytes)
        try:
            folder.rename(self.path(record.sha256))
        except OSError:
            shutil.rmtree(folder)
            if not self.path(record.sha256).is_dir():  # else it was there already
                raise
        record = replace(record, kind="html", type="text/html", size_bytes=package.size_bytes)
        return replace(record, width=package.width, height=package.height)


def _known(path: Path, declared_type: str, filename: str) -> Found:
    with path.open("rb") as file:
        found = sniff(file.read(HEAD_BYTES))
    if found.form is None:
        raise MediaError(f"The file is {found.name}. JPEG, PNG, WebP, GIF, SVG, MP4, WebM or a ZIP are taken.")
    said = said_otherwise(found, declared=declared_type, filename=filename)
    if said is not None:
        raise MediaError(f"The file is {found.name}, but was sent as {said}; give it its right name and send it again.")
    return found
