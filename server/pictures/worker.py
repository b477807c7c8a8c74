"""Runs alone, as a script: one picture or film from stdin, a plain raster of it to stdout, and nothing else.

What it reads may be made to do harm, so before it looks at a byte it gives up what it does not need: it can open no
file and no socket (no new file descriptors), start no process, write no file, and use only so much memory and time.
It imports nothing of ours, so that it starts fast and there is nothing to find in it.

Asked by its argument, JSON {"form", "page", "most_px"}; the file is its stdin. Out: a line of JSON {"width", "height",
"notes"} (of a film also "seconds") and the bytes, or {"error"}. Forms: `png` and `jpeg` draw a plan or a still;
`picture`, `mp4` and `webm` tell whether a screen can show the file, and draw a small JPEG of it.
"""

import io
import json
import resource
import sys
from itertools import islice
from typing import TYPE_CHECKING, Any

import pypdfium2
import resvg_py
from PIL import (
    GifImagePlugin,
    Image,
    ImageFile,
    ImageOps,
    JpegImagePlugin,
    MpoImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.frame import VideoFrame

MEMORY_BYTES = 1_500_000_000
CPU_S = 15
MOST_PIXELS = 60_000_000
"""What is decoded whole, in pixels: a quarter of a gigabyte. A larger JPEG is scaled as it is decoded."""
MOST_SHAPE = 400
"""How many times as long as wide a picture may be."""
IMAGE_IN_SVG_MOST_PX = 2000
SHOWN = ("PNG", "JPEG", "WEBP", "GIF")
SHOWN_MOST_PX = 8192
"""Sides of what a screen shows: browsers hand larger ones to no graphics card."""
ANIMATED_MOST_PIXELS = 1_000_000_000
JPEG_QUALITY = 85
FILMS = {
    "mp4": ("mov", ("h264", "av1"), ("aac", "mp3")),
    "webm": ("matroska", ("vp8", "vp9", "av1"), ("opus", "vorbis")),
}
"""By form: the one reader that looks at it, and the codecs that every kiosk browser plays."""
FILM_LONGEST_S = 600.0
"""A play ends within its ten-minute slot."""
FILM_MOST_PIXELS = 4096 * 2304
CUT_OFF_S = 1.0
"""A film whose pictures end so much before it says is not whole."""
LOOKED_AT_S = 3.0
"""Into a film, for its small picture: many begin with an empty one."""
DECODED_MOST = 250
"""Pictures of a film, on the way there."""
_IMPORTED_EARLY = (GifImagePlugin, MpoImagePlugin, TiffImagePlugin, WebPImagePlugin)
"""Pillow imports these when a file asks for them, and none can be opened by then."""


class RefusedError(Exception):
    """The picture is none, or too much; the message is for the person who uploaded it."""


def main() -> None:
    """Look at one file."""
    asked = json.loads(sys.argv[1])
    form, most_px = str(asked["form"]), int(asked["most_px"])
    if form in FILMS:
        # A tenth of a second that only films need. Opening one imports subtitles, and then no file can be opened.
        import av.subtitles.stream  # noqa: F401, PLC0415
    lock_in()
    told: dict[str, Any] = {"notes": []}
    try:
        if form in FILMS:
            picture, told["seconds"], (told["width"], told["height"]) = look_at_film(form, most_px)
        elif form == "picture":
            picture, (told["width"], told["height"]) = look_at_picture(sys.stdin.buffer.read(), most_px)
        else:
            picture = flat(draw(sys.stdin.buffer.read(), int(asked["page"]), most_px, told["notes"]))
            told["width"], told["height"] = picture.size
        body = encode(picture, "png" if form == "png" else "jpeg")
    except RefusedError as error:
        answer({"error": str(error)}, b"")
    except MemoryError:
        answer({"error": "it needs too much memory; make it smaller or simpler"}, b"")
    else:
        answer(told, body)


def lock_in() -> None:
    """Give up files, network, processes, and all but so much memory and time."""
    Image.preinit()
    Image.MAX_IMAGE_PIXELS = None  # judged here, before decoding, and told in our words
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    warm_up()
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


def warm_up() -> None:
    """Decode one small picture of each kind, so that whatever that imports is there."""
    small = Image.new("RGB", (2, 2))
    for form in SHOWN:
        out = io.BytesIO()
        small.save(out, form, **({"save_all": True, "append_images": [small]} if form in {"GIF", "WEBP"} else {}))
        with Image.open(out, formats=[form]) as picture:
            picture.seek(int(getattr(picture, "n_frames", 1)) - 1)
            picture.load()


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


def look_at_picture(content: bytes, most_px: int) -> tuple[Image.Image, tuple[int, int]]:
    """A small picture of what a browser would show, every frame of it decoded, and its size."""
    try:
        with Image.open(io.BytesIO(content), formats=SHOWN) as picture:
            frames = int(getattr(picture, "n_frames", 1))
            check_shown(*picture.size)
            if frames * picture.width * picture.height > ANIMATED_MOST_PIXELS:
                raise RefusedError(
                    f"it has {frames} frames of {picture.width} x {picture.height}; send a video instead"
                )
            for frame in reversed(range(frames)):
                picture.seek(frame)
                picture.load()
            upright = ImageOps.exif_transpose(picture)
            small = upright.convert("RGBA")
            small.thumbnail((most_px, most_px))
            return flat(small), upright.size
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise RefusedError(f"it is broken ({str(error)[:100]})") from None


def check_shown(width: int, height: int) -> None:
    """Refuse what no screen shows."""
    check_size(width, height)
    if max(width, height) > SHOWN_MOST_PX:
        raise RefusedError(
            f"it is {width} x {height} pixels; screens show at most {SHOWN_MOST_PX} a side, scale it down"
        )


def look_at_film(form: str, most_px: int) -> tuple[Image.Image, float, tuple[int, int]]:
    """A picture out of a film, its seconds and its size; all its packets are there."""
    import av  # noqa: PLC0415 - see main
    import av.error  # noqa: PLC0415

    try:
        with av.open(sys.stdin.buffer, "r", format=FILMS[form][0]) as film:
            check_codecs(film, form)
            seconds = whole_seconds(film)
            frame = frame_at(film, min(LOOKED_AT_S, seconds / 2))
            small: Image.Image = frame.to_image()  # type: ignore[no-untyped-call] # av leaves its arguments open
            small.thumbnail((most_px, most_px))
            return small, seconds, (frame.width, frame.height)
    except (av.error.FFmpegError, ValueError) as error:
        raise RefusedError(f"it is broken ({str(error)[:100]})") from None


def frame_at(film: "InputContainer", t: float) -> "VideoFrame":
    """The first picture from `t` seconds on, or one before it where it is far from where decoding can begin."""
    film.seek(round(t * 1_000_000))
    frame = None
    for frame in islice(film.decode(video=0), DECODED_MOST):
        if frame.time is None or frame.time >= t:
            break
    if frame is None:
        raise RefusedError("none of its pictures can be decoded")
    return frame


def check_codecs(film: "InputContainer", form: str) -> None:
    """Refuse what some browser does not play."""
    _, pictures, sounds = FILMS[form]
    if not film.streams.video:
        raise RefusedError("it has sound, but no pictures")
    context = film.streams.video[0].codec_context
    context.thread_count = 1  # no more processes: see lock_in
    if context.name not in pictures:
        raise RefusedError(f"its pictures are {context.name}, which not every browser plays; encode them as H.264")
    if not str(context.pix_fmt).endswith("420p"):
        raise RefusedError(f"its colours are {context.pix_fmt}, which browsers do not play; encode as yuv420p")
    if context.width * context.height > FILM_MOST_PIXELS:
        raise RefusedError(f"it is {context.width} x {context.height} pixels; 4096 x 2304 are the most")
    check_shape(context.width, context.height)
    for sound in film.streams.audio:
        if sound.codec_context.name not in sounds:
            raise RefusedError(
                f"its sound is {sound.codec_context.name}, which not every browser plays; use AAC or none"
            )


def whole_seconds(film: "InputContainer") -> float:
    """How long the film is, by its packets and not by what it says."""
    stream, last = film.streams.video[0], 0.0
    for packet in film.demux(stream):
        if packet.pts is not None:
            last = max(last, float((packet.pts + (packet.duration or 0)) * (packet.time_base or 0)))
    own = stream.duration * (stream.time_base or 0) if stream.duration else (film.duration or 0) / 1_000_000
    if last <= 0:
        raise RefusedError("it has no pictures in time")
    if last < float(own) - CUT_OFF_S:
        raise RefusedError(f"it is cut off: it says {float(own):.0f} s and has {last:.0f} s; upload it again")
    if last > FILM_LONGEST_S:
        raise RefusedError(f"it lasts {last / 60:.0f} min; {FILM_LONGEST_S / 60:.0f} min are the most")
    return last


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
