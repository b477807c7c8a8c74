"""The models this box may run: what `models/manifest.toml` says about each, bundled ones and the user's own."""

import hashlib
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt, ValidationError

from edge.data_files import find_data
from edge.errors import ModelError

Digest = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Score = Annotated[float, Field(ge=0, le=1)]
DEFAULT_MODEL = "nanodet_g"


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ModelInput(_Entry):
    """What the network is fed: NCHW, one picture, `(byte - mean) / std` per channel in the order of `colour`.

    `long_side` px is the default for the longer side; both sides are multiples of `side_multiple` px.
    """

    colour: Literal["bgr", "rgb"]
    mean: tuple[float, float, float]
    std: tuple[PositiveFloat, PositiveFloat, PositiveFloat]
    long_side: PositiveInt
    side_multiple: PositiveInt = 32


class Thresholds(_Entry):
    """On this model's own scale of scores: a detection, a sure one, and one that may begin a track.

    `faint`, where given: below `low`, but still a sign that somebody known is there.
    """

    faint: Score | None = None
    low: Score
    high: Score
    new: Score

    @property
    def floor(self) -> float:
        """What is weaker is of no use to anybody."""
        return self.low if self.faint is None else min(self.faint, self.low)


class ModelBuild(_Entry):
    """How the file was made: an npm package, files in it with their digests, and the script that turns them round."""

    npm: str
    script: str
    files: dict[str, Digest]


class ModelEntry(_Entry):
    """One model of the manifest. `classes` maps our names to the model's class ids; `path` is the file's place."""

    name: str
    path: Path
    sha256: Digest
    licence: str
    copyright: str
    source: str
    decoder: str
    classes: dict[str, int]
    nms_iou: Score = 0.6
    input: ModelInput
    thresholds: Thresholds
    build: ModelBuild | None = None

    def verify(self) -> None:
        """Compare the file with the digest in the manifest.

        Raises:
            ModelError: missing, or another file than the manifest names.
        """
        found = file_sha256(self.path)
        if found != self.sha256:
            raise ModelError(
                f"{self.path}: not the file that the manifest names for {self.name!r} (sha256 {found}, expected "
                f"{self.sha256}); restore the file, or import your own with `vitrina models import`"
            )


def file_sha256(path: Path) -> str:
    """Hexadecimal SHA-256 of a model file.

    Raises:
        ModelError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelError(f"{path}: cannot read the model file ({error.strerror}); see `vitrina models list`") from error


def user_models_dir(environ: Mapping[str, str] = os.environ) -> Path:
    """Where imported models lie: $VITRINA_MODELS, else ~/.local/share/vitrina/models."""
    named = environ.get("VITRINA_MODELS")
    return Path(named) if named else Path.home() / ".local" / "share" / "vitrina" / "models"


def read_manifest(path: Path) -> dict[str, ModelEntry]:
    """The models of one manifest by name; their files lie beside it.

    Raises:
        ModelError: unreadable, not TOML, or an entry lacks something or has a key nobody knows.
    """
    try:
        entries = tomllib.loads(path.read_text())["models"]
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError) as error:
        raise ModelError(f"{path}: not a model manifest ({error!r}); it needs [models.NAME] tables") from error
    return {name: _read_entry(path, name, entry) for name, entry in entries.items()}


def _read_entry(manifest: Path, name: str, entry: dict[str, object]) -> ModelEntry:
    fields = {key: value for key, value in entry.items() if key != "file"}
    try:
        return ModelEntry.model_validate(fields | {"name": name, "path": manifest.parent / str(entry["file"])})
    except KeyError as error:
        raise ModelError(f"{manifest}: models.{name}.file is missing") from error
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(["models", name, *map(str, first["loc"])])
        raise ModelError(f"{manifest}: {key}: {first['msg']} (got {first['input']!r})") from error


def load_models(user_dir: Path | None = None) -> dict[str, ModelEntry]:
    """All models by name; the user's own, one manifest each, come over the bundled ones.

    Raises:
        ModelError: a manifest is wrong.
    """
    models = read_manifest(find_data("models/manifest.toml"))
    for manifest in sorted((user_dir or user_models_dir()).glob("*.toml")):
        models |= read_manifest(manifest)
    return models


def find_model(name: str = DEFAULT_MODEL, user_dir: Path | None = None) -> ModelEntry:
    """One model by its name in the manifests.

    Raises:
        ModelError: nobody knows it, or a manifest is wrong.
    """
    models = load_models(user_dir)
    if name not in models:
        raise ModelError(f"no model {name!r}; there are {', '.join(sorted(models))}; see `vitrina models list`")
    return models[name]
