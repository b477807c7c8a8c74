import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from edge.data_files import find_data
from edge.errors import ModelError
from edge.io.onnx import OnnxDetector
from edge.models import DEFAULT_MODEL, find_model, load_models
from vitrina.cli import main
from vitrina.model_build import build_model
from vitrina.model_import import import_onnx, inspect

CELLS_640 = 80 * 80 + 40 * 40 + 20 * 20
COCO_NAMES = {"names": "{0: 'person', 1: 'bicycle'}", "license": "AGPL-3.0 License (https://ultralytics.com/license)"}


class Outcome(NamedTuple):
    exit_code: int
    output: str
    error: str


@pytest.fixture
def run(tmp_path: Path, monkeypatch, capsys) -> Callable[..., Outcome]:
    """`run("list")`: `vitrina models list`, with a models folder of its own."""
    monkeypatch.setenv("VITRINA_MODELS", str(tmp_path / "own"))

    def call(*arguments: object) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["vitrina", "models", *map(str, arguments)])
        try:
            main()
            code = 0
        except SystemExit as done:
            code = done.code
        return Outcome(code, *capsys.readouterr())

    return call


def yolo(classes: int = 2) -> list[np.ndarray]:
    raw = np.zeros((1, 4 + classes, CELLS_640))
    raw[0, :5, 100] = [320, 240, 100, 200, 0.9]
    return [raw]


def test_list_shows_the_bundled_model_whole(run):
    result = run("list")
    assert result.exit_code == 0
    header, *rows = result.output.splitlines()
    assert header.split() == ["NAME", "FILE", "MB", "LICENCE", "SHA256"]
    assert [DEFAULT_MODEL, "nanodet_g.onnx", "7.6", "Apache-2.0", "ok"] in [row.split() for row in rows]


def test_check_runs_each_model_once(run):
    result = run("check")
    assert result.exit_code == 0
    assert result.output.startswith(f"{DEFAULT_MODEL}: ok, 416x416 px in ")


def test_a_changed_file_differs_in_the_list_and_fails_the_check(run, make_model):
    assert run("import", make_model(yolo(), metadata=COCO_NAMES, name="shop.onnx")).exit_code == 0
    find_model("shop").path.write_bytes(b"changed")
    assert "differs" in run("list").output
    result = run("check", "shop")
    assert result.exit_code == 1
    assert result.error.startswith("error: ")
    assert "not the file that the manifest names for 'shop'" in result.error
    find_model("shop").path.unlink()
    assert "missing" in run("list").output


def test_check_of_an_unknown_model_fails_in_one_line(run):
    result = run("check", "yolo99")
    assert result.exit_code == 1
    assert result.error.count("\n") == 1
    assert "no model 'yolo99'" in result.error


def test_an_imported_model_detects_with_what_the_file_says_of_itself(run, make_model):
    result = run("import", make_model(yolo(), metadata=COCO_NAMES, name="My Shop-v2.onnx"))
    assert result.exit_code == 0, result.error
    entry = load_models()["my_shop_v2"]
    assert (entry.decoder, entry.classes) == ("yolo", {"person": 0, "bicycle": 1})
    assert entry.licence.startswith("AGPL-3.0")
    assert entry.input.colour == "rgb"
    found = OnnxDetector(entry).detect(np.zeros((640, 640, 3), np.uint8))
    np.testing.assert_allclose(found.xyxy_px, [[270, 140, 370, 340]])


def test_import_again_replaces_and_keeps_the_others(run, make_model):
    run("import", make_model(yolo(), metadata=COCO_NAMES, name="a.onnx"))
    run("import", make_model(yolo(), metadata=COCO_NAMES, name="b.onnx"))
    assert run("import", make_model(yolo(1), name="a.onnx"), "--licence", "MIT").exit_code == 0
    known = load_models()
    assert {"a", "b", DEFAULT_MODEL} <= known.keys()
    assert (known["a"].classes, known["a"].licence) == ({"person": 0}, "MIT")


def test_coco_is_known_by_its_eighty_classes(make_model):
    assert inspect(make_model(yolo(80))).classes["suitcase"] == 28


def test_classes_nobody_names_are_asked_for(run, make_model):
    path = make_model(yolo(7), name="seven.onnx")
    result = run("import", path)
    assert result.exit_code == 1
    assert "does not say which of its 7 classes is a person; give --person ID" in result.error
    assert run("import", path, "--person", 3).exit_code == 0
    assert find_model("seven").classes == {"person": 3}


@pytest.mark.parametrize("outputs", [[np.zeros((1, 1000))], [np.zeros((1, 3, 2, 2))]])
def test_an_unknown_layout_is_refused_and_leaves_nothing_behind(make_model, tmp_path, outputs):
    path = make_model(outputs, name="odd.onnx")
    with pytest.raises(ModelError, match=r"odd\.onnx: outputs of shapes .* fit none of the decoders"):
        import_onnx(path, user_dir=tmp_path / "own")
    assert not (tmp_path / "own").exists()


def test_a_person_class_that_the_model_lacks_leaves_nothing_behind(make_model, tmp_path):
    with pytest.raises(ModelError, match="class 9, the model has 2"):
        import_onnx(make_model(yolo()), person=9, user_dir=tmp_path / "own")
    assert list((tmp_path / "own").iterdir()) == []


def test_ultralytics_weights_say_their_licence_before_anything_else(run, tmp_path):
    (tmp_path / "yolo.pt").write_bytes(b"not weights")
    result = run("import", tmp_path / "yolo.pt")
    assert result.exit_code == 1
    assert result.error.startswith("Ultralytics models and code are AGPL-3.0")
    assert "error: " in result.error


def test_a_model_without_a_recipe_cannot_be_built(run, make_model):
    run("import", make_model(yolo(), metadata=COCO_NAMES, name="shop.onnx"))
    result = run("build", "shop")
    assert result.exit_code == 1
    assert "does not say how 'shop' is made" in result.error


def pack(folder: Path, files: dict[str, bytes]) -> str:
    """A package as npm takes it from a folder instead of the registry."""
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    (folder / "package.json").write_text('{"name": "weights", "version": "1.0.0"}')
    return str(folder)


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"other.txt": b""}, "the package has no file models/nanodet.json"),
        ({"models/nanodet.json": b"{}"}, "the package's models/nanodet.json has sha256 44136fa3.*manifest says"),
    ],
)
def test_a_package_with_other_weights_is_not_built(tmp_path, files, told):
    entry = find_model()
    build = entry.build.model_copy(update={"npm": pack(tmp_path / "package", files)})
    with pytest.raises(ModelError, match=told):
        build_model(entry.model_copy(update={"build": build}), tmp_path / "made.onnx")
    assert not (tmp_path / "made.onnx").exists()


def test_a_package_that_is_not_there_is_told_in_one_line(tmp_path):
    entry = find_model()
    build = entry.build.model_copy(update={"npm": str(tmp_path / "nowhere")})
    with pytest.raises(ModelError, match="nanodet_g: npm failed: ") as refusal:
        build_model(entry.model_copy(update={"build": build}), tmp_path / "made.onnx")
    assert "\n" not in str(refusal.value)


def test_without_npm_building_says_what_is_missing(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ModelError, match="building needs npm, which is not here"):
        build_model(find_model(), tmp_path / "made.onnx")


def test_the_recipe_s_script_is_part_of_the_installation():
    assert find_data(f"models/{find_model().build.script}").is_file()
