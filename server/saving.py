"""Saving a new version of a site's document: checked as the file is, against the newest version, never over it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection

from contract.documents import Fault
from contract.site import Site
from server.db.site_versions import SiteVersion, add_version, as_json, get_version, newest
from server.db.stills import get_still
from server.domain.drafts import judge
from server.domain.site_changes import Merge, changed_keys, merge
from server.errors import ServerError


class FaultyDraftError(ServerError):
    """The document is not one; `faults` say where."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("; ".join(f"{key}: {message}" for key, message in faults[:5]))
        self.faults = faults


class EditedMeanwhileError(ServerError):
    """Somebody else saved a version since; nothing is lost, `merge` says whose change is whose."""

    def __init__(self, current: SiteVersion, merged: Merge) -> None:
        super().__init__(f"{current.author} has saved version {current.version} meanwhile")
        self.current, self.merge = current, merged


class NoVersionError(ServerError):
    """There is no version of this number."""


@dataclass(frozen=True, slots=True)
class Edit:
    """What somebody wants to save, made from version `based_on`."""

    document: Mapping[str, Any]
    based_on: int
    author: str
    note: str
    landmarks_from_still: frozenset[str] = frozenset()
    """Cameras that take their still's landmarks although their calibration is as it was."""


def save(conn: Connection, site: str, edit: Edit, *, simulated: bool, now: float) -> SiteVersion:
    """The version in force afterwards; the newest one where nothing was changed. In the caller's transaction.

    Raises:
        NoVersionError: `based_on` is none.
        FaultyDraftError: the document does not hold.
        EditedMeanwhileError: `based_on` is not the newest.
        NewerVersionError: another version was saved in this very moment.
    """
    base, last = version_of(conn, site, edit.based_on), newest(conn, site)
    document = _checked(site, edit.document)
    mine = as_json(_with_landmarks(conn, site, document, base.document, edit.landmarks_from_still), edit.based_on)
    if last is None or last.version != base.version:
        raise EditedMeanwhileError(last or base, _merged(base, mine, last or base))
    if not changed_keys(base.document, mine):
        return last
    number = last.version + 1
    made = SiteVersion(number, edit.author, now, edit.note, base.version, mine | {"version": number})
    add_version(conn, made, simulated=simulated)
    return made


def restore(conn: Connection, site: str, number: int, edit: Edit, *, simulated: bool, now: float) -> SiteVersion:
    """Put an earlier version in force again, as a new one; `edit.based_on` is the newest its author knows.

    Raises:
        NoVersionError: there is no version `number`.
        FaultyDraftError: the document of then does not hold any more.
        EditedMeanwhileError: `based_on` is not the newest.
        NewerVersionError: another version was saved in this very moment.
    """
    earlier = version_of(conn, site, number)
    return save(conn, site, replace(edit, document=earlier.document), simulated=simulated, now=now)


def version_of(conn: Connection, site: str, number: int) -> SiteVersion:
    """A version that must be there.

    Raises:
        NoVersionError: it is not.
    """
    found = get_version(conn, site, number)
    if found is None:
        raise NoVersionError(f"site {site!r} has no version {number}; GET /api/v1/sites/{site}/versions lists them")
    return found


def _checked(site: str, raw: Mapping[str, Any]) -> Site:
    draft = judge(raw)
    faults = list(draft.faults)
    if draft.site is not None and draft.site.site != site:
        faults.append(Fault("site", f"is {draft.site.site!r}, and this is the document of {site!r}"))
    if faults or draft.site is None:
        raise FaultyDraftError(faults)
    return draft.site


def _with_landmarks(
    conn: Connection, site: str, document: Site, base: Mapping[str, Any], asked: frozenset[str]
) -> Site:
    """A camera that was calibrated anew on its still is known by that still's landmarks from now on.

    By none where it was uploaded by hand: better not known than taken for moved.
    """
    changed = changed_keys(base, as_json(document, document.version))
    cameras = dict(document.cameras)
    for key, camera in document.cameras.items():
        if key in asked or {f"cameras.{key}.calibration", f"cameras.{key}.lens"} & changed:
            still = get_still(conn, site, key)
            if still is not None and camera.calibration is not None:
                cameras[key] = camera.model_copy(update={"landmarks": still.landmarks})
    return document.model_copy(update={"cameras": cameras})


def _merged(base: SiteVersion, mine: Mapping[str, Any], last: SiteVersion) -> Merge:
    found = merge(base.document, mine, last.document)
    if found.document is not None and judge(found.document).faults:
        return replace(found, document=None)
    return found
