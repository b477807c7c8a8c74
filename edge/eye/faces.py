"""Faces, where the profile allows them: the one place from which an eye can reach face code."""

from collections.abc import Callable

from contract.segments import Profile
from edge.ports import FaceReading
from edge.process import bar


def face_readers(profile: Profile, *, threads: int) -> Callable[[], FaceReading] | None:
    """Makes a reader for each camera; None in a profile without faces, and their code is barred from then on.

    Raises:
        ModelError: the networks were not pulled, or are not what their manifest names.
    """
    if profile != "demographics":
        bar("edge.faces")
        return None
    from edge.faces.manifest import face_models_dir, load_face_manifest  # noqa: PLC0415 - barred in other profiles
    from edge.faces.networks import load_networks  # noqa: PLC0415
    from edge.faces.reader import FaceReader  # noqa: PLC0415

    folder = face_models_dir()
    networks = load_networks(load_face_manifest(folder), folder, threads=threads)
    return lambda: FaceReader(networks)
