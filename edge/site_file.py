"""The site document in force on this box: the one beside edge.yaml, or a newer one that the server sent."""

import logging
import os
from pathlib import Path

from contract.documents import validate
from contract.errors import ContractError
from contract.messages import Desired
from contract.site import Site
from edge.config import EdgeConfig, check_cameras, load_site
from edge.errors import ConfigError, DiskError, EdgeError
from edge.layout import site_layout

_ANY_SIZE = (1920, 1080)
"""Calibrations are in shares of the picture: one that holds at this size holds at any."""

log = logging.getLogger(__name__)


def sent_site_path(config: EdgeConfig) -> Path:
    """Where a document from the server is kept: beside the outbox."""
    return config.outbox.path.with_name(f"{config.box}.site.json")


def site_in_force(config: EdgeConfig) -> Site:
    """The newer of the two; the one beside edge.yaml where they are of one version.

    Raises:
        ConfigError: the document beside edge.yaml is wrong, or lacks one of the box's cameras.
    """
    local = load_site(config.site)
    sent = _sent_site(config)
    if sent is not None and sent.site == local.site and sent.version > local.version:
        return sent
    _check(config, local)
    return local


def _check(config: EdgeConfig, site: Site) -> None:
    """Whether each camera of the box can be counted with: it is there, and its calibration holds."""
    check_cameras(config, site)
    for camera in config.cameras:
        site_layout(site, camera, site.cameras[camera].resolution_px or _ANY_SIZE)


def _sent_site(config: EdgeConfig) -> Site | None:
    path = sent_site_path(config)
    if not path.exists():
        return None
    try:
        site = load_site(path)
        _check(config, site)
    except EdgeError as error:
        log.warning("the site document that the server sent does not fit any more: %s; using %s", error, config.site)
        return None
    return site


def judge(desired: Desired, *, config: EdgeConfig, in_force: Site) -> Site | None:
    """The document to put in force; None where it is in force already.

    Raises:
        ConfigError: says why the box refuses it.
    """
    try:
        site = validate(Site, desired.site, name="desired")
    except ContractError as error:
        raise ConfigError(str(error)) from None
    if site.version != desired.site_version:
        raise ConfigError(f"desired: site_version {desired.site_version}, but the document says {site.version}")
    if site.site != in_force.site:
        raise ConfigError(f"desired: is for site {site.site!r}, this box is in {in_force.site!r}")
    if site == in_force:
        return None
    if site.version <= in_force.version:
        raise ConfigError(f"desired: version {in_force.version} is in force; send a higher one than {site.version}")
    _check(config, site)
    return site


def keep_site(site: Site, path: Path) -> None:
    """Write it so that a power cut leaves the old or the new, never half of one.

    Raises:
        DiskError: the disk does not take it.
    """
    beside = path.with_name(path.name + ".new")
    try:
        with beside.open("w", encoding="utf-8") as file:
            file.write(site.model_dump_json(exclude_defaults=True))
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        raise DiskError(f"{path}: cannot be written ({error.strerror})") from error
