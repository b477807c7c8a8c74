"""`server.yaml`: read once at start, passed on as an argument."""

import os
import re
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PositiveInt, SecretStr, model_validator

from contract.documents import validate
from contract.errors import DocumentError
from contract.ids import Id
from contract.loyalty import Subject
from contract.site import Site
from server.errors import SettingsError
from server.holiday_calendar import check_region


class Part(BaseModel):
    """Base of the configuration's parts: frozen, unknown keys refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Tls(Part):
    """Encryption towards the broker; without `ca` the system's authorities are trusted."""

    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None


class Broker(Part):
    """The MQTT broker the boxes publish to."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 1883
    username: str | None = None
    password: SecretStr | None = None
    client_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,60}$")] = Field(
        default="vitrina-server", description="the broker keeps messages for this name while the server is down"
    )
    group: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,60}$")] | None = Field(
        default=None, description="servers of one group share the messages; each needs a client_id of its own"
    )
    tls: Tls | None = None


class Web(Part):
    """Where pages and API are served."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = Field(default=8000, description="0 takes a free one")
    public_url: str | None = Field(
        default=None, pattern=r"^https?://[^/]+$", description="as browsers reach it, for example behind a proxy"
    )


class SiteEntry(Part):
    """One store: its site.yaml, relative to server.yaml."""

    file: Path
    simulated: bool = Field(default=False, description="its figures are shown as simulated")


class Retention(Part):
    """How long facts are kept, in days."""

    windows_days: Annotated[int, Field(ge=2, le=3660)] = 90
    hours_days: Annotated[int, Field(ge=2, le=3660)] = 800
    days_days: Annotated[int, Field(ge=2, le=36600)] = 1830
    events_days: Annotated[int, Field(ge=1, le=3660)] = 90
    decisions_days: Annotated[int, Field(ge=1, le=3660)] = 90
    plays_days: Annotated[int, Field(ge=30, le=3660)] = 800
    sales_days: Annotated[int, Field(ge=30, le=3660)] = Field(
        default=800,
        description="quarters of an hour, baskets and which receipts were taken; older receipts are refused",
    )
    advice_days: Annotated[int, Field(ge=30, le=3660)] = Field(
        default=800, description="forecasts, tips, advice that is not given any more, and what was told outside"
    )

    @model_validator(mode="after")
    def _longer_by_level(self) -> Self:
        # A day is derived anew from its hours when one of its windows comes late: they must all be there still.
        if self.hours_days < self.windows_days + 2:
            raise ValueError(f"hours_days must be at least windows_days + 2, that is {self.windows_days + 2}")
        if self.days_days < self.hours_days:
            raise ValueError(f"days_days must be at least hours_days, {self.hours_days}")
        return self


class Access(Part):
    """How long a sign-in holds."""

    session_days: PositiveInt = 14
    link_hours: PositiveInt = 24


class MediaStore(Part):
    """Where the files of creatives lie, and how much they may take."""

    folder: Path = Field(default=Path("media"), description="relative to server.yaml")
    largest_mb: Annotated[float, Field(gt=0, le=2000)] = Field(default=200.0, description="of one file")
    most_gb: Annotated[float, Field(gt=0, le=10_000)] = Field(default=20.0, description="of all together")


class Webhook(Part):
    """A program that is told of alarms, or of figures for the loyalty programme, by HTTP."""

    url: Annotated[str, Field(pattern=r"^https?://[^/@]+(/.*)?$", max_length=500)]
    secret: SecretStr | None = Field(default=None, description="signs the body: X-Vitrina-Signature, HMAC SHA-256")
    sites: list[Id] | None = Field(default=None, description="of which stores; of all by default")
    allow_private: bool = Field(default=False, description="the address may lie inside the own network")
    tells: Annotated[set[Literal["alarms", "loyalty"]], Field(min_length=1)] = Field(
        default={"alarms"}, description="what of: alarms, or what is published for the loyalty programme"
    )

    @property
    def host(self) -> str:
        """The name to connect to."""
        return urlsplit(self.url).hostname or ""


class WatchedFolder(Part):
    """A folder that a till or an exchange fills; what was taken moves to `done`, what was not to `refused`."""

    site: Id
    folder: Path = Field(description="relative to server.yaml")
    subject: Subject
    mapping: Id | None = Field(default=None, description="a saved mapping; none where columns are named as ours are")


class Mail(Part):
    """The SMTP server by which weekly reports go out."""

    host: Annotated[str, Field(min_length=1, max_length=253)]
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: str | None = None
    password: SecretStr | None = None
    sender: Annotated[str, Field(pattern=r"^[^@\s<>]+@[^@\s<>]+$", max_length=200)]


class WeeklyReport(Part):
    """Who gets a site's week by e-mail, on Mondays."""

    site: Id
    to: Annotated[list[Annotated[str, Field(pattern=r"^[^@\s<>]+@[^@\s<>]+$", max_length=200)]], Field(min_length=1)]
    language: Literal["en", "ru"] = "en"
    hour: Annotated[int, Field(ge=0, le=23)] = Field(default=7, description="of the store's clock")


Region = Annotated[str, AfterValidator(check_region), Field(examples=["NZ-AUK"])]


class Settings(Part):
    """The whole document."""

    database: str = Field(
        default="sqlite:///vitrina.db", description="an SQLAlchemy URL; a relative file lies beside server.yaml"
    )
    broker: Broker = Broker()
    web: Web = Web()
    sites: Annotated[list[SiteEntry], Field(min_length=1)]
    retention: Retention = Retention()
    access: Access = Access()
    media: MediaStore = MediaStore()
    webhooks: Annotated[list[Webhook], Field(max_length=50)] = []
    folders: Annotated[list[WatchedFolder], Field(max_length=100)] = []
    mail: Mail | None = None
    weekly_reports: Annotated[list[WeeklyReport], Field(max_length=500)] = []
    holidays: dict[Id, Region] = Field(
        default={}, description="by store, whose holidays it keeps; by default those of its time zone's country"
    )
    log: Literal["text", "json"] = "text"


_REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


def load(path: Path) -> Settings:
    """Read `path`; relative files and the SQLite database are taken from its folder.

    Raises:
        SettingsError: names the file, the key and what was expected.
    """
    raw = read_yaml(path)
    try:
        settings = validate(Settings, _with_environment(raw, path), name=str(path))
    except DocumentError as error:
        raise SettingsError(str(error)) from None
    return _beside(settings, path.resolve().parent)


def read_sites(settings: Settings) -> list[tuple[Site, bool]]:
    """The site documents and whether each is simulated.

    Raises:
        SettingsError: a document is missing or wrong, or two name the same site.
    """
    found: dict[str, tuple[Site, bool]] = {}
    for entry in settings.sites:
        try:
            site = validate(Site, read_yaml(entry.file), name=str(entry.file))
        except DocumentError as error:
            raise SettingsError(str(error)) from None
        if site.site in found:
            raise SettingsError(f"{entry.file}: site {site.site!r} is given twice; each store needs an id of its own")
        found[site.site] = (site, entry.simulated)
    return list(found.values())


def read_yaml(path: Path) -> Any:  # noqa: ANN401 - whatever YAML holds
    """Read a YAML file.

    Raises:
        SettingsError: it cannot be read or is not YAML.
    """
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read ({error.strerror})") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: not YAML ({' '.join(str(error).split())[:200]})") from None


def _with_environment(raw: Any, path: Path) -> Any:  # noqa: ANN401 - whatever YAML holds
    if isinstance(raw, dict):
        return {key: _with_environment(value, path) for key, value in raw.items()}
    if isinstance(raw, list):
        return [_with_environment(value, path) for value in raw]
    return _REFERENCE.sub(lambda m: _variable(m[1], path), raw) if isinstance(raw, str) else raw


def _variable(name: str, path: Path) -> str:
    if name not in os.environ:
        raise SettingsError(f"{path}: ${{{name}}} is not set in the environment; set it, or write the value")
    return os.environ[name]


def _beside(settings: Settings, folder: Path) -> Settings:
    prefix = "sqlite:///"
    file = settings.database.removeprefix(prefix)
    database = f"{prefix}{folder / file}" if settings.database.startswith(prefix) else settings.database
    sites = [entry.model_copy(update={"file": folder / entry.file}) for entry in settings.sites]
    media = settings.media.model_copy(update={"folder": folder / settings.media.folder})
    watched = [each.model_copy(update={"folder": folder / each.folder}) for each in settings.folders]
    return settings.model_copy(update={"database": database, "sites": sites, "media": media, "folders": watched})
