"""Do the cameras know where the floor is? The editor of the store's document: plan, cameras, zones, versions."""

import json
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.responses import HTMLResponse

from server.db.boxes import BoxRecord
from server.db.site_versions import versions
from server.web.setup_texts import texts
from server.web.state import State
from server.web.view import Page, View

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Tool:
    """One button of the tool bar."""

    key: str
    title: str


@dataclass(frozen=True, slots=True)
class InForce:
    """The version in force, and what the boxes say to it."""

    version: int
    previous: int | None
    """The one before it; None for the first."""
    saved: str
    state: State


@dataclass(frozen=True, slots=True)
class SetupPage:
    """Everything the template shows; the rest is the scripts'."""

    may: bool
    tools: list[Tool]
    layers: list[Tool]
    texts: str
    cameras: str
    in_force: InForce


@router.get("/setup", response_class=HTMLResponse)
def setup(view: Page) -> HTMLResponse:
    """The page; who is no administrator may look."""
    return view.render("setup.html", page=_page(view))


def _page(view: View) -> SetupPage:
    return SetupPage(
        may=view.user.may("admin"),
        tools=_tools(view),
        layers=_layers(view),
        texts=json.dumps(texts(view.words), ensure_ascii=False),
        cameras=json.dumps(_cameras(view)),
        in_force=_in_force(view),
    )


def _tools(view: View) -> list[Tool]:
    text = view.words.gettext
    return [
        Tool("select", text("Select")),
        Tool("pair", text("Point pair")),
        Tool("zone", text("Zone")),
        Tool("line", text("Line")),
        Tool("entrance", text("Entrance")),
        Tool("screen", text("Screen")),
        Tool("category", text("Category")),
        Tool("mask", text("Mask")),
        Tool("fixture", text("Fixture")),
    ]


def _layers(view: View) -> list[Tool]:
    text = view.words.gettext
    return [
        Tool("grid", text("1 m grid")),
        Tool("errors", text("Error ×10")),
        Tool("warp", text("Warped still on plan")),
    ]


def _cameras(view: View) -> list[str]:
    """Those of the document in its order, then those that a box has and the document does not know."""
    known = list(view.site.document.cameras)
    more = {camera.camera for box in view.boxes for camera in box.cameras} - set(known)
    return known + sorted(more)


def _in_force(view: View) -> InForce:
    words, found = view.words, versions(view.conn, view.site.site, 2)
    last = found[0] if found else None
    version = last.version if last else view.site.document.version
    previous = found[1].version if len(found) > 1 else None
    saved = words.gettext("from the site file")
    if last is not None and last.author != "file":
        saved = words.gettext("by %(author)s, %(when)s") % {
            "author": words.gettext("a login link") if last.author == "link" else last.author,
            "when": words.moment(view.moment_of(last.created)),
        }
    waiting = [box for box in view.boxes if not _confirmed(box, version)]
    return InForce(version, previous, saved, _state(view, waiting, version))


def _confirmed(box: BoxRecord, version: int) -> bool:
    return box.reported is not None and box.reported.site_version == version


def _refused(box: BoxRecord, version: int) -> bool:
    return box.reported is not None and box.reported.refused_version == version


def _state(view: View, waiting: list[BoxRecord], version: int) -> State:
    words, n = view.words, len(view.boxes)
    if not n:
        return State("stale", words.gettext("no box yet"))
    refused = [box for box in waiting if _refused(box, version)]
    if refused:
        reasons = "; ".join(f"{box.box}: {box.reported.reason}" for box in refused if box.reported)
        return State("bad", words.gettext("refused by %(boxes)s") % {"boxes": reasons})
    if waiting:
        told = words.ngettext("%(done)s of %(n)s box confirmed it", "%(done)s of %(n)s boxes confirmed it", n)
        return State("stale", told % {"done": n - len(waiting), "n": n})
    return State("fine", words.ngettext("%(n)s box confirmed it", "all %(n)s boxes confirmed it", n) % {"n": n})
