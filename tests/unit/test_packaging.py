"""What is installed: the whole by default, one side where only that is wanted, and whose work it holds."""

import ast
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = {name: set(listed) for name, listed in PROJECT["optional-dependencies"].items()}
IMPORTED_AS = {
    "pyyaml": "yaml", "opencv-python-headless": "cv2", "paho-mqtt": "paho", "sqlite-utils": "sqlite_utils",
    "python-multipart": None, "prometheus-client": "prometheus_client",
    "pillow": "PIL", "resvg-py": "resvg_py",
}  # fmt: skip
COMES_ALONG = {"starlette": "fastapi", "markupsafe": "jinja2", "paho": "aiomqtt", "openvino": "openvino"}
"""Imported, and brought by another package."""


def name(requirement):
    return requirement.partition(">=")[0].partition("[")[0]


def imports(package):
    for file in (ROOT / package).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                yield from (alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                yield node.module.partition(".")[0]


def test_the_whole_is_both_sides_and_the_broker():
    assert set(PROJECT["dependencies"]) == EXTRAS["edge"] | EXTRAS["server"] | {"iotcore>=0.4"}
    assert {"openvino", "ultralytics", "postgres", "dev"} < EXTRAS.keys()


@pytest.mark.parametrize("side", ["edge", "server"])
def test_a_lean_install_has_what_its_side_imports(side):
    brought = {IMPORTED_AS.get(name(one), name(one)) for one in EXTRAS[side]}
    needed = {*imports("contract"), *imports(side)} - sys.stdlib_module_names - {"contract", side}
    assert {one for one in needed if one not in brought and COMES_ALONG.get(one) not in {*brought, one}} == set()


def test_every_notice_that_is_named_is_there():
    for page in ("NOTICE", "README.md"):
        text = (ROOT / page).read_text(encoding="utf-8")
        for notice in ("models/NOTICE.md", "config/demo/NOTICE.md"):
            assert notice in text
            assert (ROOT / notice).is_file()
