"""A still for set-up in the making: some seconds of pictures become one of the scene without its people."""

from base64 import b64encode
from datetime import UTC, datetime

import cv2
import numpy as np

from contract.messages import Still
from edge.arrays import F32, U8, Detections
from edge.errors import StillError
from edge.ports import Detector
from edge.vision.landmarks import find_landmarks
from edge.vision.mask import Mask, people_area
from edge.vision.still import Still as PeopleFree

COLLECT_S = 20.0
WIDTH_PX = 1280
LARGEST_JPEG = 300_000
"""Bytes; base64 makes 400 kB of them."""

_PICTURES = 16
_LEAST_PICTURES = 4
_MOST_UNKNOWN = 0.5
"""Of the picture; with more behind people there is nothing to set a camera up by."""

_QUALITIES = (80, 65, 50, 35)


class Exposure:
    """Open for COLLECT_S from `start`, seconds UTC."""

    def __init__(self, camera: str, *, start: float) -> None:
        self._camera, self._until = camera, start + COLLECT_S
        self._still = PeopleFree(samples=_PICTURES, width_px=WIDTH_PX)

    def is_over(self, now: float) -> bool:
        """Whether it has had its time."""
        return now >= self._until

    def show(self, image: U8, found: Detections) -> None:
        """One picture (h, w, 3), its masks black, with everyone found in it."""
        self._still.offer(image, found)

    def develop(self, detector: Detector, mask: Mask, *, now: float) -> Still:
        """The still. Whoever the detector finds on it all the same is painted over from around.

        Raises:
            StillError: there were too few pictures, or too many people.
        """
        picture, unknown = self._still.median(), self._still.never_free()
        if picture is None or unknown is None or len(self._still) < _LEAST_PICTURES:
            raise StillError(f"the camera gave {len(self._still)} pictures in {COLLECT_S:.0f} s; see to the camera")
        if unknown.mean() > _MOST_UNKNOWN:
            raise StillError(f"people hid {unknown.mean():.0%} of the picture all the time; try when it is quieter")
        someone = people_area(picture.shape, find_small(detector, picture))
        picture = np.asarray(cv2.inpaint(picture, someone.astype(np.uint8), 5, cv2.INPAINT_TELEA), np.uint8)
        return Still(
            camera=self._camera,
            t=datetime.fromtimestamp(now, UTC),
            jpeg=b64encode(jpeg(picture)).decode(),
            landmarks=find_landmarks(picture, mask.area(picture.shape) | unknown | someone).parts(),
        )


def find_small(detector: Detector, picture: U8) -> F32:
    """Boxes (n, 4) of people in `picture` (h, w, 3), also of small ones: it is looked at whole and in quarters."""
    height, width = picture.shape[:2]
    found = [detector.detect(picture).xyxy_px]
    for top in (0, height * 3 // 8):
        for left in (0, width * 3 // 8):
            part = np.ascontiguousarray(picture[top : top + height * 5 // 8, left : left + width * 5 // 8])
            found.append(detector.detect(part).xyxy_px + np.array([left, top, left, top], np.float32))
    return np.concatenate(found)


def jpeg(picture: U8) -> bytes:
    """At most LARGEST_JPEG bytes: first of lower quality, then smaller."""
    while True:
        for quality in _QUALITIES:
            data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()
            if len(data) <= LARGEST_JPEG:
                return data
        picture = np.asarray(cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8)
