import base64

import cv2
import numpy as np
import pytest

from server.web import heat_image, png
from server.web.heat_image import Scale


def read(uri):
    raw = np.frombuffer(base64.b64decode(uri.removeprefix("data:image/png;base64,")), np.uint8)
    return cv2.cvtColor(cv2.imdecode(raw, cv2.IMREAD_UNCHANGED), cv2.COLOR_BGRA2RGBA)


def test_png_comes_back_as_it_was():
    image = np.random.default_rng(0).integers(0, 256, (7, 5, 4), dtype=np.uint8)
    image[..., 3] = 255
    assert np.array_equal(read(png.data_uri(image)), image)


def test_nobody_is_plain_floor_and_not_the_darkest_colour():
    rate = np.zeros((20, 20))
    rate[5:15, 5:15] = 0.01
    image = read(heat_image.paint(rate, Scale(300)))
    z = heat_image.zoom_of((20, 20))
    assert image[0, 0, 3] == 0
    assert tuple(image[10 * z, 10 * z]) == (0x44, 0x01, 0x54, 255)


def test_from_the_top_on_it_is_brightest():
    image = read(heat_image.paint(np.full((20, 20), 500.0), Scale(300)))
    assert tuple(image[80, 80][:3]) == (0xFD, 0xE7, 0x25)


def test_a_lone_visited_cell_is_seen():
    rate = np.zeros((20, 20))
    rate[10, 10] = 50
    z = heat_image.zoom_of((20, 20))
    assert read(heat_image.paint(rate, Scale(300)))[10 * z + z // 2, 10 * z + z // 2, 3] == 255


def test_smoothing_stops_at_what_is_blocked():
    rate = np.full((20, 20), 100.0)
    rate[:, 10:] = 0
    z = heat_image.zoom_of((20, 20))
    blocked = np.zeros((20 * z, 20 * z), bool)
    blocked[:, 10 * z :] = True
    image = read(heat_image.paint(rate, Scale(300), blocked))
    assert image[:, 10 * z :, 3].max() == 0
    inner, edge = image[10 * z, 4 * z, :3].astype(int), image[10 * z, 10 * z - 1, :3].astype(int)
    assert np.abs(inner - edge).max() <= 2  # no dark rim where the shelf begins


@pytest.mark.parametrize("top", [0.37, 4, 87, 300, 12_345])
def test_ticks_rise_along_the_root_of_the_ramp(top):
    rate = np.full((10, 10), float(top))
    ticks = heat_image.scale_of(rate).ticks()
    shares = [share for share, _ in ticks]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0, 1)
    assert heat_image.scale_of(rate).top >= top


def test_an_empty_grid_has_a_scale():
    assert heat_image.scale_of(np.zeros((3, 3))).top == 1


def test_inside_by_the_even_odd_rule():
    x, y = np.meshgrid(heat_image.middles(4), heat_image.middles(4))
    mask = heat_image.inside([(1, 1), (3, 1), (3, 3), (1, 3)], x, y)
    assert mask.sum() == 4
    assert mask[1:3, 1:3].all()
