import numpy as np
import pytest

from edge.errors import ModelError
from edge.faces.centerface import decode_faces


def outputs(cells=8):
    return [np.zeros((1, channels, cells, cells), np.float32) for channels in (1, 2, 2, 10)]


def test_a_face_is_decoded_as_the_paper_says():
    heat, size, offset, places = outputs()
    heat[0, 0, 3, 5] = 0.9
    size[0, :, 3, 5] = np.log([6, 4])  # 24 px tall, 16 wide
    offset[0, :, 3, 5] = [0.25, -0.25]
    places[0, :, 3, 5] = [0.4, 0.3, 0.4, 0.7, 0.6, 0.5, 0.8, 0.35, 0.8, 0.65]
    found = decode_faces([heat, size, offset, places], least_score=0.5)
    np.testing.assert_allclose(found.xyxy_px, [[21 - 8, 15 - 12, 21 + 8, 15 + 12]], atol=1e-5)
    np.testing.assert_allclose(found.score, [0.9])
    eyes_and_nose = [[13 + 4.8, 3 + 9.6], [13 + 11.2, 3 + 9.6], [21, 3 + 14.4]]
    np.testing.assert_allclose(found.points_px[0, :3], eyes_and_nose, atol=1e-4)


def test_what_is_not_sure_enough_is_no_face():
    heat, *rest = outputs()
    heat[0, 0, 3, 5] = 0.5
    assert len(decode_faces([heat, *rest], least_score=0.5)) == 0
    assert len(decode_faces([heat, *rest], least_score=0.49)) == 1


def test_another_layout_is_told():
    with pytest.raises(ModelError, match="heat, size, offset and ten places"):
        decode_faces(outputs()[:3], least_score=0.5)
