from pathlib import Path

import pytest

from edge.data_files import find_data
from edge.errors import ConfigError, ModelError
from edge.models import DEFAULT_MODEL, find_model, load_models, read_manifest, user_models_dir
from edge.vision.decode import DECODERS

ENTRY = """
[models.mine]
file = "mine.onnx"
sha256 = "{digest}"
licence = "MIT"
copyright = "me"
source = "here"
decoder = "yolo"
classes = {{ person = 0 }}
input = {{ colour = "rgb", mean = [0, 0, 0], std = [255, 255, 255], long_side = 640 }}
thresholds = {{ low = 0.2, high = 0.5, new = 0.6 }}
{more}
"""


def manifest(folder: Path, *, digest: str = "a" * 64, more: str = "", name: str = "mine.toml") -> Path:
    path = folder / name
    path.write_text(ENTRY.format(digest=digest, more=more))
    return path


def test_every_bundled_model_is_there_verified_licensed_and_readable():
    models = load_models(Path("/nowhere"))
    assert DEFAULT_MODEL in models
    notices = find_data("models/NOTICE.md").read_text()
    for entry in models.values():
        entry.verify()
        assert entry.decoder in DECODERS
        assert entry.classes["person"] == 0
        assert entry.thresholds.low <= entry.thresholds.high <= entry.thresholds.new
        assert entry.path.name in notices
        assert entry.licence.split("-")[0] in notices


def test_the_user_s_own_models_come_over_the_bundled_ones(tmp_path: Path):
    manifest(tmp_path)
    (tmp_path / "other.toml").write_text(
        ENTRY.format(digest="b" * 64, more="").replace("models.mine", f"models.{DEFAULT_MODEL}")
    )
    models = load_models(tmp_path)
    assert models["mine"].path == tmp_path / "mine.onnx"
    assert models[DEFAULT_MODEL].sha256 == "b" * 64


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"more": "speed = 3"}, r"models\.mine\.speed"),
        ({"digest": "xyz"}, r"models\.mine\.sha256"),
        ({"more": "nms_iou = 2"}, r"models\.mine\.nms_iou"),
        ({"more": "= ="}, "not a model manifest"),
    ],
)
def test_a_wrong_manifest_is_refused_by_file_and_key(tmp_path: Path, change, told):
    path = manifest(tmp_path, **change)
    with pytest.raises(ModelError, match=told) as refusal:
        read_manifest(path)
    assert str(path) in str(refusal.value)


def test_a_manifest_without_a_file_key(tmp_path: Path):
    path = tmp_path / "m.toml"
    path.write_text(ENTRY.format(digest="a" * 64, more="").replace('file = "mine.onnx"', ""))
    with pytest.raises(ModelError, match=r"models\.mine\.file is missing"):
        read_manifest(path)


def test_a_model_nobody_knows_is_told_with_those_there_are():
    with pytest.raises(ModelError, match="no model 'yolo99'; there are .*nanodet_g"):
        find_model("yolo99", Path("/nowhere"))


def test_the_user_s_folder_follows_the_environment():
    assert user_models_dir({"VITRINA_MODELS": "/srv/models"}) == Path("/srv/models")
    assert user_models_dir({}) == Path.home() / ".local/share/vitrina/models"


def test_a_data_file_that_is_not_there_says_what_to_do():
    with pytest.raises(ConfigError, match="models/none.onnx is missing.*install"):
        find_data("models/none.onnx")
