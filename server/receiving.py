"""A request's body onto disk, whatever its size: hashed on the way, whole or not at all, a megabyte in memory."""

import os
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from starlette.concurrency import run_in_threadpool

BATCH_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Received:
    """A file that has come in whole."""

    path: Path
    sha256: str
    size_bytes: int


async def receive(path: Path, chunks: AsyncIterator[bytes], check: Callable[[int, int], None]) -> Received:
    """Write what comes to a new file `path`; nothing stays of it when that fails.

    `check(size, batch)` is asked before each piece, off the event loop, with the bytes that came so far and those about
    to be written; what it raises ends the reception.

    Raises:
        OSError: it cannot be written.
    """
    try:
        return await _receive(path, chunks, check)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


async def _receive(path: Path, chunks: AsyncIterator[bytes], check: Callable[[int, int], None]) -> Received:
    size, digest, batch = 0, sha256(), bytearray()

    def flush() -> None:
        check(size, len(batch))
        digest.update(batch)
        file.write(batch)
        batch.clear()

    with path.open("xb") as file:
        async for chunk in chunks:
            size += len(chunk)
            batch += chunk
            if len(batch) >= BATCH_BYTES:
                await run_in_threadpool(flush)
        await run_in_threadpool(flush)
        await run_in_threadpool(os.fsync, file.fileno())
    return Received(path, digest.hexdigest(), size)
