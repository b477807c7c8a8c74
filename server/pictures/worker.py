"""Runs alone, as a script: one picture from stdin, a plain raster of it to stdout, and nothing else.

What it reads may be made to do harm, so before it looks at a byte it gives up what it does not need: it can open no
file and no socket (no new file descriptors), start no process, write no file, and use only so much memory and time.
It imports nothing of ours, so that it starts fast and there is nothing to find in it.

In: a line of JSON {"form", "page", "most_px"} and the bytes. Out: a line of JSON {"width", "height", "notes"} and the
bytes, or {"error"}.
"""

import io
import json
import resource
import sys

import pypdfium2
import resvg_py
from PIL import Image, ImageFile, ImageOps, JpegImagePlugin, MpoImagePlugin, TiffImagePlugin

MEMORY_BYTES = 1_500_000_000
CPU_S = 15
MOST_PIXELS = 60_000_000
"""What is decoded whole, in pixels: a quarter of a gigabyte. A larger JPEG is scaled as it is decoded."""
MOST_SHAPE = 400
"""How many times as long as wide a picture may be."""
IMAGE_IN_SVG_MOST_PX = 2000
JPEG_QUALITY = 85
_IMPORTED_EARLY = (MpoImagePlugin, TiffImagePlugin)
"""Pillow imports these when a JPEG asks for them, and no file can be opened by then."""


class RefusedError(Exception):
    """The picture is none, or too much; the message is for the person who uploaded it."""


def main() -> None:
    """Make one picture."""
    lock_in()
    asked = json.loads(sys.stdin.buffer.readline())
    content = sys.stdin.buffer.read()
    notes: list[str] = []
    try:
        picture = flat(draw(content, int(asked["page"]), int(asked["most_px"]), notes))
        body = encode(picture, asked["form"])
    except RefusedError as error:
        answer({"error": str(error)}, b"")
    except MemoryError:
        answer({"error": "it needs too much memory; make it smaller or simpler"}, b"")
    else:
        answer({"width": picture.width, "height": picture.height, "notes": notes}, body)


def lock_in() -> None:
    """Give up files, network, processes, and all but so much memory and time."""
    Image.preinit()
    Image.MAX_IMAGE_PIXELS = None  # judged here, before decoding, and told in our words
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    with pypdfium2.PdfDocument.new() as warm:
        warm.new_page(10, 10).render().to_pil()
    resvg_py.svg_to_bytes('<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>', skip_system_fonts=True)
    for limit, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_S),
        (resource.RLIMIT_NOFILE, 0),
    ):
        resource.setrlimit(limit, (most, most))


def draw(content: bytes, page: int, most_px: int, notes: list[str]) -> Image.Image:
    """The picture in `content`, found by what it is and not by what it is called; its long side at most `most_px`."""
    if content.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")):
        return draw_raster(content, most_px)
    if b"%PDF-" in content[:1024]:
        return draw_pdf(content, page, most_px)
    head = content[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith(b"<") and b"<svg" in content[:65536]:
        return draw_svg(content, most_px, notes)
    raise RefusedError("it is neither PNG, JPEG, PDF nor SVG")


def draw_raster(content: bytes, most_px: int) -> Image.Image:
    """A PNG or JPEG, turned as its camera held it."""
    try:
        with Image.open(io.BytesIO(content), formats=["PNG", "JPEG"]) as picture:
            if isinstance(picture, JpegImagePlugin.JpegImageFile):
                picture.draft("RGB", (most_px, most_px))  # decodes at 1/2, 1/4 or 1/8
            check_size(*picture.size)
            upright = ImageOps.exif_transpose(picture)
            upright.thumbnail((most_px, most_px), Image.Resampling.BOX if upright.mode == "P" else None)  # type: ignore[arg-type]
            return upright
    except (OSError, SyntaxError, ValueError) as error:
        raise RefusedError(f"it is broken ({str(error)[:100]})") from None


def draw_pdf(content: bytes, page: int, most_px: int) -> Image.Image:
    """One page of a PDF."""
    try:
        with pypdfium2.PdfDocument(content) as document:
            if not 1 <= page <= len(document):
                raise RefusedError(f"it has {len(document)} pages; there is no page {page}")
            sheet = document[page - 1]
            width, height = sheet.get_size()
            check_shape(width, height)
            drawn: Image.Image = sheet.render(scale=most_px / max(width, height), may_draw_forms=False).to_pil()
            return drawn
    except pypdfium2.PdfiumError as error:
        raise RefusedError(f"the PDF cannot be read ({str(error)[:100]}); is it protected by a password?") from None


def draw_svg(content: bytes, most_px: int, notes: list[str]) -> Image.Image:
    """An SVG without anything from outside: no scripts, no files, no addresses, no fonts of this machine."""
    try:
        text = content.decode().removeprefix("\ufeff")
        if "<image" in text:  # resvg scales pictures at a million pixels a second
            most_px = min(most_px, IMAGE_IN_SVG_MOST_PX)
        small = Image.open(io.BytesIO(svg(text, width=100)))
        check_shape(*small.size)
        scale = most_px / max(small.size)
        width, height = (max(1, round(side * scale)) for side in small.size)
        drawn = Image.open(io.BytesIO(svg(text, width=width, height=height)))
    except UnicodeDecodeError:
        raise RefusedError("the SVG is not UTF-8") from None
    except ValueError as error:
        raise RefusedError(f"the SVG cannot be read ({str(error)[:100]})") from None
    if "<text" in text:
        notes.append("text")
    drawn.thumbnail((most_px, most_px))
    return drawn


def svg(text: str, *, width: int, height: int | None = None) -> bytes:
    """PNG of an SVG."""
    return bytes(resvg_py.svg_to_bytes(text, width=width, height=height, background="white", skip_system_fonts=True))


def check_size(width: int, height: int) -> None:
    """Refuse what would be too much to decode."""
    check_shape(width, height)
    if width * height > MOST_PIXELS:
        raise RefusedError(
            f"it has {width} x {height} pixels, at most {MOST_PIXELS // 1_000_000} million are taken; scale it down"
        )


def check_shape(width: float, height: float) -> None:
    """Refuse what is no area."""
    if min(width, height) <= 0 or max(width, height) > MOST_SHAPE * min(width, height):
        raise RefusedError(f"it is {width:g} wide and {height:g} high; that is no plan")


def flat(picture: Image.Image) -> Image.Image:
    """RGB on white; only the pixels, none of what came with them."""
    if picture.mode in {"I;16", "I", "F"}:
        picture = picture.convert("F").point(lambda value: value / 257).convert("L")
    coloured = picture.convert("RGBA")
    white = Image.new("RGB", picture.size, "white")
    white.paste(coloured, mask=coloured.getchannel("A"))
    return white


def encode(picture: Image.Image, form: str) -> bytes:
    """PNG or JPEG."""
    out = io.BytesIO()
    if form == "png":
        picture.save(out, "PNG", optimize=False, compress_level=6)
    else:
        picture.save(out, "JPEG", quality=JPEG_QUALITY)
    return out.getvalue()


def answer(head: dict[str, object], body: bytes) -> None:
    """Write the answer."""
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + body)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
