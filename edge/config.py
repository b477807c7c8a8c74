"""`edge.yaml`: this box, its cameras, its broker, its speed. `site.yaml`, the store, is `contract.site`."""

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt, StringConstraints, model_validator

from contract.documents import Model, validate
from contract.errors import DocumentError
from contract.ids import Id
from contract.segments import SMALLEST_CELL, Profile
from contract.site import Site
from edge.errors import ConfigError
from edge.runtime import Runtime

_SECRET_PLACES = re.compile(r"broker\.(username|password)|cameras\.[^.]+\.source")
_REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_OPEN_CREDENTIALS = re.compile(r"://[^/@:]*:[^/@]+@")
_PATHS = ("site", "broker.tls.ca", "broker.tls.cert", "broker.tls.key")

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
"""Text for people to read."""


class Settings(BaseModel):
    """Base of the document's parts: frozen, unknown keys refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Tls(Settings):
    """Encryption to the broker, whose certificate is always checked; `tls: {}` trusts the system's authorities."""

    ca: Path | None = Field(default=None, description="certificate authority, PEM; the system's where missing")
    cert: Path | None = Field(default=None, description="this box's certificate, PEM, where the broker asks for one")
    key: Path | None = Field(default=None, description="private key of `cert`, PEM")

    @model_validator(mode="after")
    def _pair(self) -> Self:
        if (self.cert is None) != (self.key is None):
            raise ValueError("cert and key belong together; give both or none")
        return self


class Broker(Settings):
    """Where the box publishes; MQTT 5."""

    host: Annotated[str, Field(min_length=1)] = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 1883
    username: str | None = None
    password: str | None = Field(default=None, repr=False, description="only as ${NAME} of an environment variable")
    tls: Tls | None = None


class OutboxSettings(Settings):
    """What waits on disk while the broker is away; beyond the bounds the oldest is given up."""

    path: Path = Path("outbox.db")
    max_mb: PositiveFloat = 200.0
    max_age_days: PositiveFloat = 14.0


class CameraSettings(Settings):
    """One camera: an address (`rtsp://`, `http://`), a device, a video file or a folder of images."""

    source: Annotated[str, Field(min_length=1, repr=False)]
    fps: Annotated[float, Field(gt=0, le=60)] = Field(default=8.0, description="frames analysed per second, at most")
    loop: bool = Field(default=False, description="start a file again at its end, as if it were a camera")


class Demographics(Settings):
    """On what grounds age and gender are estimated; the sign at the door says it (`vitrina notice`)."""

    basis: Words = Field(description="the legal basis, in writing: law, article, assessment, who decided it and when")
    notice: Words = Field(description="what visitors are told, in your own words")
    contact: Words = Field(description="whom visitors ask or object to: address, e-mail or telephone")
    until: date = Field(description="the last day on which it holds, in the site's time zone")


class EdgeConfig(Settings):
    """The whole document."""

    box: Id
    site: Path = Field(description="site.yaml, relative to this file")
    broker: Broker = Broker()
    model: Annotated[str, Field(min_length=1)] = "nanodet_g"
    input_side: Annotated[int, Field(ge=32, le=2048, multiple_of=32)] = Field(
        default=416, description="longer side of what the model looks at, pixels"
    )
    runtime: Runtime = Field(default="onnxruntime", description="what runs the model; openvino is an extra")
    threads: Annotated[int, Field(ge=1, le=64)] = Field(default=1, description="CPU threads of each worker's model")
    workers: Annotated[int, Field(ge=1, le=64)] = Field(default=1, description="eye processes that share the cameras")
    window_s: Annotated[PositiveInt, Field(le=3600)] = 60
    outbox: OutboxSettings = OutboxSettings()
    profile: Profile = Field(
        default="objects",
        description="what the eyes may know of someone: where they are; what they have with them; age and gender too",
    )
    operator: Words | None = Field(default=None, description="who runs the cameras, for the sign at the door")
    demographics: Demographics | None = Field(default=None, description="required in profile demographics")
    smallest_cell: Annotated[int, Field(ge=SMALLEST_CELL, le=100)] = Field(
        default=SMALLEST_CELL,
        description="people that a count split by a segment of the audience must hold before it leaves the box",
    )
    cameras: Annotated[dict[Id, CameraSettings], Field(min_length=1)]

    @model_validator(mode="after")
    def _grounds(self) -> Self:
        if self.profile == "demographics" and (self.demographics is None or self.operator is None):
            lacking = [name for name in ("demographics", "operator") if getattr(self, name) is None]
            raise ValueError(
                f"profile demographics needs {' and '.join(lacking)}: who runs the cameras, and under `demographics` "
                "the basis, the notice to visitors, a contact and the last day it holds (until)"
            )
        return self


def load_config(path: Path, environ: Mapping[str, str]) -> EdgeConfig:
    """Read `edge.yaml`. Relative paths are relative to the file.

    Raises:
        ConfigError: names the file, the key and what was expected.
    """
    folder = path.resolve().parent
    raw = _read_yaml(path)
    try:
        settled = _settle(raw, "", folder, environ)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from None
    config = _validate(EdgeConfig, settled, path)
    outbox = config.outbox.model_copy(update={"path": folder / config.outbox.path})
    return config.model_copy(update={"outbox": outbox})


def load_site(path: Path) -> Site:
    """Read `site.yaml`.

    Raises:
        ConfigError: names the file, the key and what was expected.
    """
    return _validate(Site, _read_yaml(path), path)


def check_cameras(config: EdgeConfig, site: Site) -> None:
    """Every camera of the box must be one of the site.

    Raises:
        ConfigError: names the cameras that are not.
    """
    if strangers := [camera for camera in config.cameras if camera not in site.cameras]:
        known = ", ".join(site.cameras) or "none"
        raise ConfigError(
            f"site {site.site!r} version {site.version} has no camera {', '.join(strangers)}; it has {known}"
        )


def _read_yaml(path: Path) -> Any:  # noqa: ANN401 - whatever YAML holds
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror}); check the path and its rights") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not YAML: {' '.join(str(error).split())}") from None


def _validate(model: type[Model], raw: object, path: Path) -> Model:
    try:
        return validate(model, raw, name=str(path))
    except DocumentError as error:
        raise ConfigError(str(error)) from None


def _settle(raw: Any, key: str, folder: Path, environ: Mapping[str, str]) -> Any:  # noqa: ANN401 - as YAML gave it
    """Put in secrets and make paths absolute, before the document is validated."""
    if isinstance(raw, dict):
        return {name: _settle(value, f"{key}.{name}".lstrip("."), folder, environ) for name, value in raw.items()}
    if not isinstance(raw, str):
        return raw
    if _SECRET_PLACES.fullmatch(key):
        _refuse_open_secret(raw, key)
        raw = _REFERENCE.sub(lambda found: _look_up(found[1], key, environ), raw)
    elif "${" in raw:
        raise ConfigError(f"{key}: ${{NAME}} stands only in broker.username, broker.password and a camera's source")
    beside = key in _PATHS or (key.endswith(".source") and "://" not in raw and (folder / raw).exists())
    return str(folder / raw) if beside else raw


def _refuse_open_secret(text: str, key: str) -> None:
    if (key == "broker.password" and not _REFERENCE.fullmatch(text)) or _OPEN_CREDENTIALS.search(
        _REFERENCE.sub("", text)
    ):
        raise ConfigError(
            f"{key}: a password has no place in this file; write ${{NAME}} and set NAME in the environment"
        )


def _look_up(name: str, key: str, environ: Mapping[str, str]) -> str:
    if name not in environ:
        raise ConfigError(f"{key}: environment variable {name} is not set")
    return environ[name]
