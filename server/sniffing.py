"""What a file is by what it holds, whatever it is called."""

from typing import Literal, NamedTuple

Form = Literal["picture", "svg", "mp4", "webm", "package"]


class Found(NamedTuple):
    """`form` None: nothing a screen can show, and `name` says what it is instead."""

    form: Form | None
    type: str
    name: str


HEAD_BYTES = 1024
"""Enough of a file's beginning to know it by."""

PNG = Found("picture", "image/png", "a PNG picture")
JPEG = Found("picture", "image/jpeg", "a JPEG picture")
GIF = Found("picture", "image/gif", "a GIF picture")
WEBP = Found("picture", "image/webp", "a WebP picture")
SVG = Found("svg", "image/svg+xml", "an SVG drawing")
MP4 = Found("mp4", "video/mp4", "an MP4 video")
WEBM = Found("webm", "video/webm", "a WebM video")
ZIP = Found("package", "application/zip", "a ZIP archive")
UNKNOWN = Found(None, "", "nothing that a screen can show")

_BEGINNINGS: tuple[tuple[bytes, Found], ...] = (
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"\xff\xd8\xff", JPEG),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
    (b"PK\x03\x04", ZIP),
    (b"PK\x05\x06", ZIP),
    (b"%PDF-", Found(None, "application/pdf", "a PDF; save its page as PNG")),
    (b"MZ", Found(None, "application/x-msdownload", "a Windows program")),
    (b"\x7fELF", Found(None, "application/x-executable", "a program")),
    (b"BM", Found(None, "image/bmp", "a BMP picture; save it as PNG")),
    (b"II*\x00", Found(None, "image/tiff", "a TIFF picture; save it as PNG")),
    (b"MM\x00*", Found(None, "image/tiff", "a TIFF picture; save it as PNG")),
    (b"8BPS", Found(None, "image/vnd.adobe.photoshop", "a Photoshop file; save it as PNG")),
    (b"Rar!", Found(None, "application/vnd.rar", "a RAR archive; pack it as ZIP")),
    (b"7z\xbc\xaf", Found(None, "application/x-7z-compressed", "a 7z archive; pack it as ZIP")),
    (b"\x1f\x8b", Found(None, "application/gzip", "a gzip archive; pack it as ZIP")),
    (b"ID3", Found(None, "audio/mpeg", "sound without pictures")),
    (b"OggS", Found(None, "application/ogg", "an Ogg file; encode it as MP4 with H.264")),
)
_BRANDS: dict[bytes, Found] = {
    b"qt  ": Found(None, "video/quicktime", "a QuickTime video; encode it as MP4 with H.264"),
    b"heic": Found(None, "image/heic", "a HEIC picture; save it as JPEG"),
    b"heix": Found(None, "image/heic", "a HEIC picture; save it as JPEG"),
    b"mif1": Found(None, "image/heif", "a HEIF picture; save it as JPEG"),
    b"avif": Found(None, "image/avif", "an AVIF picture; save it as JPEG or WebP"),
}

_SAME_KIND = {
    "image/jpg": "image/jpeg",
    "image/pjpeg": "image/jpeg",
    "video/x-m4v": "video/mp4",
    "application/x-zip-compressed": "application/zip",
}
_BY_ENDING = {
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "gif": "image/gif",
    "webp": "image/webp",
    "svg": "image/svg+xml",
    "mp4": "video/mp4",
    "m4v": "video/mp4",
    "webm": "video/webm",
    "zip": "application/zip",
}


def sniff(head: bytes) -> Found:
    """What begins so (the first `HEAD_BYTES` of it)."""
    for beginning, found in _BEGINNINGS:
        if head.startswith(beginning):
            return found
    if head[:4] == b"RIFF":
        return WEBP if head[8:12] == b"WEBP" else Found(None, "video/x-msvideo", "an AVI or WAV file; encode it as MP4")
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12], MP4)
    if head[:4] == b"\x1a\x45\xdf\xa3":
        matroska = Found(None, "video/x-matroska", "a Matroska video; encode it as MP4 with H.264")
        return WEBM if b"webm" in head[:128] else matroska
    return _by_text(head)


def _by_text(head: bytes) -> Found:
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:HEAD_BYTES].lower()
    if text.startswith(b"<svg") or (text.startswith(b"<") and b"<svg" in text and b"<html" not in text):
        return SVG
    if text.startswith((b"<!doctype html", b"<html")) or b"<script" in text:
        return Found(None, "text/html", "an HTML page; pack it as ZIP with everything it needs, as index.html")
    return UNKNOWN


def said_otherwise(found: Found, *, declared: str, filename: str) -> str | None:
    """As what else it was sent, by media type or by the ending of its name; None where they agree or say nothing."""
    media_type = declared.partition(";")[0].strip().lower()
    media_type = _SAME_KIND.get(media_type, media_type)
    ending = filename.rpartition(".")[2].lower() if "." in filename else ""
    if media_type not in {"", "application/octet-stream", "binary/octet-stream", found.type}:
        return media_type
    if _BY_ENDING.get(ending, found.type) != found.type:
        return f".{ending}"
    return None
