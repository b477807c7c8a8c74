"""Every picture that people may upload, the honest and the hostile; each is drawn by the real process."""

import io
import struct
import time
import zlib

import pypdfium2
import pytest
from PIL import Image

from server.pictures.draw import PLAN_MOST_PX, PictureError, draw_plan, draw_still


def raster(size, mode="RGB", form="PNG", colour="red", **more):
    out = io.BytesIO()
    Image.new(mode, size, colour).save(out, form, **more)
    return out.getvalue()


def svg(body, attributes='width="300" height="200"', before=""):
    spaces = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    return f"<?xml version='1.0'?>{before}<svg {spaces} {attributes}>{body}</svg>".encode()


def pdf(*sizes):
    out = io.BytesIO()
    with pypdfium2.PdfDocument.new() as document:
        for size in sizes:
            document.new_page(*size)
        document.save(out)
    return out.getvalue()


def opened(picture):
    return Image.open(io.BytesIO(picture.content))


def colours(picture):
    return {colour for _, colour in opened(picture).convert("RGB").getcolors(1 << 24)}


BLUE_BOX = '<rect width="300" height="200" fill="#0000ff"/>'


@pytest.mark.parametrize(
    ("content", "size"),
    [
        (raster((300, 200)), (300, 200)),
        (raster((300, 200), "RGBA", colour=(255, 0, 0, 0)), (300, 200)),
        (raster((300, 200), "P", colour=3), (300, 200)),
        (raster((300, 200), "I;16", colour=40000), (300, 200)),
        (raster((300, 200), "CMYK", "JPEG", colour=(0, 0, 0, 0)), (300, 200)),
        (raster((5000, 1000), "L", colour=200), (4000, 800)),
        (pdf((300, 600)), (2000, 4000)),
        (svg(BLUE_BOX), (4000, 2667)),
        (b"\xef\xbb\xbf" + svg(BLUE_BOX), (4000, 2667)),
        (svg(BLUE_BOX, 'viewBox="0 0 300 200"'), (4000, 2667)),
    ],
    ids=["png", "clear", "palette", "16 bit", "cmyk", "large", "pdf", "svg", "svg with a mark", "svg without a size"],
)
def test_a_plan_becomes_a_plain_png(content, size):
    picture = draw_plan(content)
    with opened(picture) as drawn:
        assert (drawn.format, drawn.mode, drawn.size) == ("PNG", "RGB", size)
    assert (picture.width, picture.height) == size


def test_an_svg_is_drawn_as_it_says():
    assert colours(draw_plan(svg(BLUE_BOX))) == {(0, 0, 255)}


def test_what_is_clear_lies_on_white():
    assert colours(draw_plan(raster((30, 20), "RGBA", colour=(255, 0, 0, 0)))) == {(255, 255, 255)}


def test_a_page_of_a_pdf_is_chosen():
    two = pdf((300, 600), (600, 300))
    assert draw_plan(two, page=2).width == PLAN_MOST_PX
    with pytest.raises(PictureError, match="it has 2 pages; there is no page 3"):
        draw_plan(two, page=3)


def test_metadata_goes_and_the_way_the_camera_was_held_stays():
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "Mrs Smith's shop"  # turned by 90 degrees; a description
    picture = draw_still(raster((40, 20), form="JPEG", exif=exif, comment=b"secret"))
    with opened(picture) as drawn:
        assert (drawn.format, drawn.size) == ("JPEG", (20, 40))
        assert not drawn.getexif()
    assert b"Smith" not in picture.content
    assert b"secret" not in picture.content


def test_a_picture_of_two_as_phones_take_them():
    second = Image.new("RGB", (40, 20), "blue")
    assert colours(draw_still(raster((40, 20), form="MPO", save_all=True, append_images=[second]))) == {(254, 0, 0)}


def test_text_of_an_svg_is_told_because_it_is_not_drawn():
    assert draw_plan(svg(BLUE_BOX + "<text>Bakery</text>")).notes == ("text",)


def png_that_says(width, height):
    """A PNG whose header promises more than its bytes hold."""

    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


LAUGHS = "<!DOCTYPE l [<!ENTITY a 'ha'>" + "".join(
    f"<!ENTITY {chr(98 + i)} '{f'&{chr(97 + i)};' * 10}'>" for i in range(12)
) + "]>"  # fmt: skip

REFUSED = {
    "nothing": (b" ", "neither PNG, JPEG, PDF nor SVG"),
    "gif": (raster((3, 2), "P", "GIF", colour=1), "neither PNG, JPEG, PDF nor SVG"),
    "page of html": (b"<html><script>alert(1)</script></html>", "neither PNG, JPEG, PDF nor SVG"),
    "20,000 pixels": (raster((20_000, 20_000), "1", colour=0), "20000 x 20000 pixels, at most 60 million"),
    "promises a terapixel": (png_that_says(1_000_000, 1_000_000), "at most 60 million"),
    "a line": (raster((5000, 1)), "that is no plan"),
    "cut off": (raster((300, 200))[:150], "broken"),
    "half a jpeg": (raster((300, 200), form="JPEG")[:400], "broken"),
    "broken pdf": (b"%PDF-1.7 nonsense", "the PDF cannot be read"),
    "no svg": (b"<svg", "the SVG cannot be read"),
    "svg in another code": (svg(BLUE_BOX).decode().encode("utf-16"), "neither"),
    "billion laughs": (svg("<text>&l;</text>", before=LAUGHS), "entity"),
    "entity of a file": (
        svg("<text>&x;</text>", before="<!DOCTYPE l [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>"),
        "entity",
    ),
    "a thread of an svg": (svg(BLUE_BOX, 'width="1" height="1000000"'), "too much memory or time"),
    "a million groups": (svg("<g>" * 200_000 + "</g>" * 200_000), "too much memory or time"),
}


@pytest.mark.parametrize(("content", "told"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_plan_is_refused_in_words_and_soon(content, told):
    begun = time.monotonic()
    with pytest.raises(PictureError, match=told):
        draw_plan(content)
    assert time.monotonic() - begun < 15


def test_a_jpeg_of_20000_pixels_is_scaled_as_it_is_decoded():
    assert draw_plan(raster((20_000, 20_000), "L", "JPEG", colour=90)).width == PLAN_MOST_PX


def test_an_svg_of_huge_measures_is_drawn_small():
    assert draw_plan(svg(BLUE_BOX, 'width="1e9" height="1e9"')).width == PLAN_MOST_PX


def test_scripts_of_an_svg_are_nothing():
    hostile = '<script>fetch("http://127.0.0.1:1/")</script><foreignObject><body onload="x()"/></foreignObject>'
    assert colours(draw_plan(svg(BLUE_BOX + hostile))) == {(0, 0, 255)}


@pytest.mark.parametrize("address", ["{file}", "file://{file}", "http://127.0.0.1:{port}/x.png"])
def test_an_svg_gets_no_file_and_no_address(tmp_path, address, tcp_door):
    file = tmp_path / "secret.png"
    file.write_bytes(raster((300, 200)))
    image = f'<image xlink:href="{address.format(file=file, port=tcp_door.port)}" width="300" height="200"/>'
    assert colours(draw_plan(svg(image))) == {(255, 255, 255)}
    assert not tcp_door.knocked()


def test_the_same_image_within_the_svg_is_drawn():
    import base64

    inner = base64.b64encode(raster((300, 200))).decode()
    image = f'<image xlink:href="data:image/png;base64,{inner}" width="300" height="200"/>'
    assert colours(draw_plan(svg(image))) == {(255, 0, 0)}


@pytest.fixture
def tcp_door():
    """A port that notes whether anyone came."""
    import socket

    class Door:
        def __init__(self):
            self.socket = socket.create_server(("127.0.0.1", 0))
            self.socket.settimeout(0.05)
            self.port = self.socket.getsockname()[1]

        def knocked(self):
            try:
                self.socket.accept()[0].close()
            except TimeoutError:
                return False
            return True

    door = Door()
    yield door
    door.socket.close()
