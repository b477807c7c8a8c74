"""HTML packages: a ZIP with an index.html, unpacked with a suspicious eye."""

import re
import shutil
import stat
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from server.errors import ServerError

FILES_MOST = 500
DEEPEST = 8
INDEX = "index.html"
TYPES: Mapping[str, str] = {
    "html": "text/html; charset=utf-8",
    "htm": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "mjs": "text/javascript; charset=utf-8",
    "json": "application/json",
    "txt": "text/plain; charset=utf-8",
    "svg": "image/svg+xml",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
    "avif": "image/avif",
    "ico": "image/x-icon",
    "mp4": "video/mp4",
    "webm": "video/webm",
    "mp3": "audio/mpeg",
    "woff": "font/woff",
    "woff2": "font/woff2",
    "ttf": "font/ttf",
    "otf": "font/otf",
}
"""By ending: all that a package may hold, and as what it is served."""
_LEFT_OUT = re.compile(r"(^|/)(__MACOSX/|\.DS_Store$|Thumbs\.db$|\.git/)|/$")
"""What packing programs add, and folders."""
_CHUNK = 256 * 1024
_HEAD_BYTES = 64 * 1024


class PackageError(ServerError):
    """A package cannot be taken; the message says why."""


class Package(NamedTuple):
    """What was unpacked; both sides 0 where it does not say its size."""

    size_bytes: int
    width: int
    height: int


def unpack(archive: Path, folder: Path, *, most_bytes: int) -> Package:
    """Unpack `archive` into the new `folder`; where it is refused, nothing of it stays.

    Raises:
        PackageError: not a ZIP, no index.html, something in it that no page needs, or too much.
    """
    folder.mkdir()
    try:
        with zipfile.ZipFile(archive) as opened:
            members = _members(opened)
            left = most_bytes
            for place, member in members.items():
                left -= _extract(opened, member, folder / place, left)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        shutil.rmtree(folder)
        raise PackageError(f"the ZIP is broken or locked ({str(error)[:100]})") from None
    except (FileExistsError, NotADirectoryError) as error:
        shutil.rmtree(folder)
        raise PackageError(f"a file and a folder have the same name, {Path(str(error.filename)).name!r}") from None
    except BaseException:
        shutil.rmtree(folder)
        raise
    return Package(most_bytes - left, *_said_size(folder / INDEX))


def _members(opened: zipfile.ZipFile) -> dict[PurePosixPath, zipfile.ZipInfo]:
    """What to unpack, and where to; a single folder around everything is taken off."""
    wanted = [member for member in opened.infolist() if not _LEFT_OUT.search(member.filename)]
    if len(wanted) > FILES_MOST:
        raise PackageError(f"it holds {len(wanted)} files; {FILES_MOST} are the most")
    places = [_checked(member) for member in wanted]
    tops = {place.parts[0] for place in places}
    if PurePosixPath(INDEX) not in places and len(tops) == 1 and all(len(place.parts) > 1 for place in places):
        places = [PurePosixPath(*place.parts[1:]) for place in places]
    if PurePosixPath(INDEX) not in places:
        raise PackageError("there is no index.html at its top")
    if len({str(place).lower() for place in places}) != len(places):
        raise PackageError("two of its files have the same name")
    return dict(zip(places, wanted, strict=True))


def _checked(member: zipfile.ZipInfo) -> PurePosixPath:
    name = member.filename
    place = PurePosixPath(name)
    if place.is_absolute() or ".." in place.parts or re.search(r"[\\:\x00-\x1f\x7f]", name):
        raise PackageError(f"{name[:80]!r} would be put outside its folder")
    if stat.S_ISLNK(member.external_attr >> 16):
        raise PackageError(f"{name[:80]!r} is a link")
    if len(place.parts) > DEEPEST or len(name) > 300:
        raise PackageError(f"{name[:80]!r} lies more than {DEEPEST} folders deep, or its name is too long")
    if place.suffix.lower().removeprefix(".") not in TYPES:
        raise PackageError(f"{name[:80]!r} is nothing a page needs; it may hold {', '.join(sorted(TYPES))}")
    return place


def _extract(opened: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path, most_bytes: int) -> int:
    """Its bytes, counted as they come and not as the archive says."""
    target.parent.mkdir(parents=True, exist_ok=True)
    written = 0
    with opened.open(member) as packed, target.open("xb") as out:
        while chunk := packed.read(_CHUNK):
            written += len(chunk)
            if written > most_bytes:
                raise PackageError("unpacked it is larger than a file may be")
            out.write(chunk)
    return written


def _said_size(index: Path) -> tuple[int, int]:
    """By the tag that advertisements carry: <meta name="ad.size" content="width=1080,height=1920">."""
    with index.open("rb") as file:
        head = file.read(_HEAD_BYTES).decode(errors="replace")
    tag = re.search(r"<meta[^>]+ad\.size[^>]*>", head, re.IGNORECASE)
    found = re.search(r"width\s*=\s*(\d{1,5})\s*,\s*height\s*=\s*(\d{1,5})", tag[0]) if tag else None
    return (int(found[1]), int(found[2])) if found else (0, 0)
