"""The networks of profile demographics, loaded: one finds a face, two judge it."""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from edge.arrays import F32, F64, U8
from edge.errors import ModelError
from edge.faces.centerface import FoundFaces, decode_faces
from edge.faces.crops import chip
from edge.faces.manifest import Estimate, FaceManifest, Finder, SquareInput, verify_face_models
from edge.io.onnx_runtime import OnnxRuntimeSession

_CENTERFACE_OUTPUTS = ("537", "538", "539", "540")


class FaceFinder:
    """CenterFace, run by OpenCV: its file names one size of picture, to which ONNX Runtime would hold it."""

    def __init__(self, finder: Finder, folder: Path) -> None:
        path = folder / finder.file
        self._finder = finder
        try:
            self._net = cv2.dnn.readNetFromONNX(str(path))
        except cv2.error as error:
            raise ModelError(f"{path}: OpenCV cannot load it ({_told(error)})") from error

    @property
    def side(self) -> int:
        """Of the pictures it takes, px."""
        return self._finder.input.side

    def find(self, square: U8) -> FoundFaces:
        """Faces in `square` u8 (side, side, 3) BGR, in its pixels.

        Raises:
            ModelError: the network does not work as CenterFace does.
        """
        self._net.setInput(_batch(square, self._finder.input))
        try:
            outputs: list[F32] = list(self._net.forward(_CENTERFACE_OUTPUTS))  # type: ignore[arg-type]  # all float32
        except cv2.error as error:
            raise ModelError(f"{self._finder.file}: does not run as CenterFace does ({_told(error)})") from error
        return decode_faces(outputs, least_score=self._finder.least_score)


class Judge:
    """Tells one trait from an upright face."""

    def __init__(self, estimate: Estimate, folder: Path) -> None:
        self._estimate = estimate
        self._session = OnnxRuntimeSession(folder / estimate.file)

    def judge(self, image: U8, points_px: F32) -> F64:
        """Probability of each class (k,), for the face at `points_px` (5, 2) of `image` u8 (h, w, 3) BGR.

        Raises:
            ModelError: the network answers something else than probabilities.
        """
        face = chip(image, points_px, self._estimate.input.side)
        answers = self._session.run(_batch(face, self._estimate.input))
        starts, shapes = self._estimate.starts, [answer.shape for answer in answers]
        if len(shapes) != 1 or len(shapes[0]) != 2 or shapes[0][1] <= starts[-1]:
            raise ModelError(
                f"{self._estimate.file}: answers {shapes}; its manifest wants one (1, {starts[-1] + 1}) or longer"
            )
        return np.add.reduceat(answers[0][0].astype(np.float64), starts)


@dataclass(frozen=True, slots=True)
class Networks:
    """All three; they keep nothing between pictures, so that the cameras of an eye share them."""

    finder: FaceFinder
    gender: Judge
    age: Judge


def load_networks(manifest: FaceManifest, folder: Path, *, threads: int = 1) -> Networks:
    """Verify, load and try what `manifest` names from `folder`. `threads`: of OpenCV, in this whole process.

    Raises:
        ModelError: a file is missing, another one, no model, or one that does not answer as the manifest says.
    """
    verify_face_models(manifest, folder)
    cv2.setNumThreads(threads)
    networks = Networks(
        FaceFinder(manifest.finder, folder), Judge(manifest.gender, folder), Judge(manifest.age, folder)
    )
    _try(networks)
    return networks


def _try(networks: Networks) -> None:
    side = networks.finder.side
    blank = np.zeros((side, side, 3), np.uint8)
    networks.finder.find(blank)
    for judge in (networks.gender, networks.age):
        judge.judge(blank, np.array([[30, 40], [70, 40], [50, 60], [35, 80], [65, 80]], np.float32))


def _batch(square: U8, wants: SquareInput) -> F32:
    """(1, 3, side, side) in RGB."""
    rgb = square[:, :, ::-1].astype(np.float32)
    scaled = (rgb - np.array(wants.mean, np.float32)) * np.float32(wants.scale)
    return np.ascontiguousarray(scaled.transpose(2, 0, 1)[None])


def _told(error: cv2.error) -> str:
    return str(error).strip().splitlines()[-1][:200]
