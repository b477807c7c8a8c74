"""Taking a user's own detector in: looking at what it puts out, and writing its manifest."""

import ast
import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from edge.errors import ModelError
from edge.io.onnx import OnnxDetector
from edge.io.onnx_runtime import OnnxRuntimeSession
from edge.models import DEFAULT_MODEL, ModelEntry, ModelInput, file_sha256, find_model, read_manifest, user_models_dir
from edge.vision.decode import guess_decoder

_PROBE_SIDE = 640
_RGB = ModelInput(colour="rgb", mean=(0, 0, 0), std=(255, 255, 255), long_side=_PROBE_SIDE)
_YOLOX = ModelInput(colour="bgr", mean=(0, 0, 0), std=(1, 1, 1), long_side=_PROBE_SIDE)
_BEFORE_CLASSES = {"yolo": 4, "yolox": 5, "rtdetr": 4, "rtdetr_logits": 0}


@dataclass(frozen=True, slots=True)
class Findings:
    """What a model file tells of itself: `decoder`; `classes` by name; `licence`, "" where it says nothing."""

    decoder: str
    classes: dict[str, int]
    licence: str


def import_onnx(
    path: Path, *, name: str | None = None, person: int | None = None, licence: str = "", user_dir: Path | None = None
) -> ModelEntry:
    """Copy a model to the user's models and write its manifest, which can then be edited by hand.

    `person` is the class id of a person where the file does not say.

    Raises:
        ModelError: not a detector of a known layout, or nobody knows which class is a person.
    """
    folder = user_dir or user_models_dir()
    name = re.sub(r"[^a-z0-9_]+", "_", (name or path.stem).lower())
    findings = inspect(path, person)
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder) as trial:
        copy, manifest = Path(trial, f"{name}.onnx"), Path(trial, f"{name}.toml")
        shutil.copyfile(path, copy)
        manifest.write_text(_manifest(name, copy, findings, licence))
        OnnxDetector(read_manifest(manifest)[name]).detect(np.zeros((_PROBE_SIDE, _PROBE_SIDE, 3), np.uint8))
        for file in (copy, manifest):
            file.replace(folder / file.name)
    return read_manifest(folder / manifest.name)[name]


def export_ultralytics(path: Path) -> Path:
    """The ONNX file that Ultralytics makes of its own weights, beside them.

    Raises:
        ModelError: the extra is not installed, or Ultralytics refuses the file.
    """
    try:
        from ultralytics import YOLO  # noqa: PLC0415 an optional extra of 200 MB
    except ImportError as error:
        raise ModelError(f"{path}: needs Ultralytics; pip install 'vitrina[ultralytics]' (AGPL-3.0)") from error
    try:
        return Path(YOLO(path).export(format="onnx", dynamic=True))
    except Exception as error:  # whatever a foreign library raises on a foreign file
        raise ModelError(f"{path}: Ultralytics cannot export it ({error})") from error


def inspect(path: Path, person: int | None = None) -> Findings:
    """Find out how a model's outputs are laid out by giving it one black picture.

    Raises:
        ModelError: not a model, or one of an unknown layout.
    """
    session = OnnxRuntimeSession(path)
    height, width = (side or _PROBE_SIDE for side in session.fixed_size)
    outputs = session.run(np.zeros((1, 3, height, width), np.float32))
    shapes = [tuple(output.shape) for output in outputs]
    try:
        decoder = guess_decoder(shapes, (width, height))
    except ModelError as error:
        raise ModelError(f"{path}: {error}") from error
    named = _classes(path, session.metadata, decoder, shapes, person)
    return Findings(decoder, named, session.metadata.get("license", ""))


def _classes(
    path: Path, metadata: dict[str, str], decoder: str, shapes: list[tuple[int, ...]], person: int | None
) -> dict[str, int]:
    """Class ids by name: as told, as the file says, or COCO's where it has COCO's 80."""
    if person is not None:
        return {"person": person}
    named = _named_classes(metadata.get("names", ""))
    if "person" in named:
        return named
    count = shapes[0][1 if decoder == "yolo" else 2] - _BEFORE_CLASSES.get(decoder, 0)
    if count == 1:
        return {"person": 0}
    if count == 80 or decoder == "yolo_end_to_end":
        return dict(find_model(DEFAULT_MODEL).classes)
    raise ModelError(f"{path}: does not say which of its {count} classes is a person; give --person ID")


def _named_classes(names: str) -> dict[str, int]:
    """Ultralytics writes `{0: 'person', ...}` into its files."""
    try:
        return {str(name): int(class_id) for class_id, name in ast.literal_eval(names).items()}
    except (ValueError, SyntaxError, AttributeError):
        return {}


def _input(decoder: str) -> ModelInput:
    if decoder == "nanodet":
        return find_model(DEFAULT_MODEL).input
    return _YOLOX if decoder == "yolox" else _RGB


def _manifest(name: str, copy: Path, findings: Findings, licence: str) -> str:
    """A JSON string or list of numbers is also one in TOML."""
    given = _input(findings.decoder)
    classes = "\n".join(f"{json.dumps(key)} = {value}" for key, value in findings.classes.items())
    return f"""# Written by `vitrina models import`. Look over licence, input and thresholds: no file tells all of them.

[models.{name}]
file = {json.dumps(copy.name)}
sha256 = "{file_sha256(copy)}"
licence = {json.dumps(licence or findings.licence or "unknown: ask its author")}
copyright = "unknown"
source = "imported"
decoder = "{findings.decoder}"
nms_iou = 0.6

[models.{name}.classes]
{classes}

[models.{name}.input]
colour = "{given.colour}"
mean = {json.dumps(given.mean)}
std = {json.dumps(given.std)}
long_side = {given.long_side}
side_multiple = {given.side_multiple}

[models.{name}.thresholds]  # on this model's own scale of scores
low = 0.25
high = 0.40
new = 0.50
"""
