import base64

import cv2
import numpy as np
import pytest

from contract.grid import Grid
from server.web import heat_image, png
from server.web.heat_image import Scale

OPEN = np.zeros((20, 20), bool)


def read(uri):
    raw = np.frombuffer(base64.b64decode(uri.removeprefix("data:image/png;base64,")), np.uint8)
    return cv2.cvtColor(cv2.imdecode(raw, cv2.IMREAD_UNCHANGED), cv2.COLOR_BGRA2RGBA)


def test_png_comes_back_as_it_was():
    image = np.random.default_rng(0).integers(0, 256, (7, 5, 4), dtype=np.uint8)
    image[..., 3] = 255
    assert np.array_equal(read(png.data_uri(image)), image)


def test_a_png_with_a_palette_comes_back_in_its_colours():
    palette = np.random.default_rng(0).integers(0, 256, (6, 4), dtype=np.uint8)
    numbers = np.random.default_rng(1).integers(0, 6, (9, 4), dtype=np.uint8)
    assert np.array_equal(read(png.data_uri(numbers, palette)), palette[numbers])


def test_nobody_where_a_camera_sees_is_the_darkest_colour_and_the_unseen_has_none():
    shown = OPEN.copy()
    shown[5:15, 5:15] = True
    image = read(heat_image.paint(np.zeros((20, 20)), Scale(300), shown, hidden=OPEN))
    z = heat_image.zoom_of((20, 20))
    assert image[0, 0, 3] == 0
    assert tuple(image[10 * z, 10 * z]) == (0x44, 0x01, 0x54, 255)


def test_from_the_top_on_it_is_brightest():
    image = read(heat_image.paint(np.full((20, 20), 500.0), Scale(300), ~OPEN, hidden=OPEN))
    assert tuple(image[80, 80][:3]) == (0xFD, 0xE7, 0x25)


def test_what_is_not_shown_does_not_darken_what_is():
    """Half of the floor is seen: its amount is the same up to the edge."""
    rate = np.full((20, 20), 100.0)
    shown = OPEN.copy()
    shown[:, :10] = True
    image = read(heat_image.paint(np.where(shown, rate, 0), Scale(300), shown, hidden=OPEN))
    z = heat_image.zoom_of((20, 20))
    assert image[:, 10 * z + z :, 3].max() == 0
    inner, edge = image[10 * z, 4 * z, :3].astype(int), image[10 * z, 10 * z - 2, :3].astype(int)
    assert np.abs(inner - edge).max() <= 2


def test_mask_and_picture_share_their_edge():
    shown = OPEN.copy()
    shown[:, :10] = True
    image = read(heat_image.paint(np.zeros((20, 20)), Scale(1), shown, hidden=OPEN))
    mask = read(heat_image.paint_mask(~shown))
    both = image[..., 3].astype(int) + mask[..., 0].astype(int)
    assert np.abs(both - 255).max() <= 60  # opacity comes in six steps


def test_under_a_shelf_both_sides_carry_on_to_its_middle():
    shown, shelf = OPEN.copy(), OPEN.copy()
    shown[:, :8], shelf[:, 8:12] = True, True
    grown = heat_image.grown(shown, shelf)
    other = heat_image.grown(~shown & ~shelf, shelf)
    assert grown[0].tolist() == [True] * 10 + [False] * 10
    assert (grown ^ other).all()


def test_a_difference_of_nothing_has_the_middle_colours():
    scale = Scale(40, signed=True)
    shades = scale.shades(np.array([-99, -0.1, 0.1, 99], dtype=np.float32))
    assert shades.tolist() == [0, 3, 4, 7]
    assert [value for _, value in scale.ticks()] == [-40, -15, 0, 15, 40]
    assert [share for share, _ in scale.ticks()] == pytest.approx([0, 0.3125, 0.5, 0.6875, 1])


@pytest.mark.parametrize(("top", "inner"), [(50, 20), (30, 10), (1.5, 0.5), (100, 40), (8, 3)])
def test_a_differences_ticks_are_round(top, inner):
    assert [value for _, value in Scale(top, signed=True).ticks()] == pytest.approx([-top, -inner, 0, inner, top])


@pytest.mark.parametrize("top", [0.37, 4, 87, 300, 12_345])
def test_ticks_rise_along_the_root_of_the_ramp(top):
    scale = heat_image.scale_of(np.full((10, 10), float(top)))
    shares = [share for share, _ in scale.ticks()]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0, 1)
    assert scale.top >= top


def test_an_empty_grid_has_a_scale():
    assert heat_image.scale_of(np.zeros((3, 3))).top == 1


def test_without_coverage_a_lone_visited_cell_is_shown_with_its_neighbours():
    visits = np.zeros((9, 9))
    visits[4, 4] = 1
    shown = heat_image.recorded(visits, np.ones((9, 9), bool))
    assert shown[4, 3:6].all()
    assert not shown[0].any()


def test_smoothing_is_as_wide_as_a_person_whatever_the_cell():
    wide, fine = (heat_image.sigma_of(Grid("m", cell, (0, 0), (9, 9))) * cell for cell in (0.5, 0.25))
    assert wide == pytest.approx(fine)
