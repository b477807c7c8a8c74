"""One creative: how it looks, what it is called, how long it plays, where its QR code leads."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException
from starlette.responses import HTMLResponse, RedirectResponse, Response

from server.api.creatives import STANDS
from server.api.nudging import nudge
from server.db import creatives as records
from server.db.campaigns import list_campaigns
from server.db.creatives import CreativeRecord
from server.db.landings import get_landing, list_landings
from server.service import of
from server.session import require
from server.web.campaign_deeds import Sent
from server.web.campaign_form import Fields, first
from server.web.creative_tiles import Tile, tiles
from server.web.view import Page, View

router = APIRouter()

SECONDS_MOST = 600.0
MayPlan = Annotated[None, Depends(require("merchandiser"))]


@dataclass(frozen=True, slots=True)
class CreativePage:
    """Everything the template shows."""

    tile: Tile
    fits: str
    landings: list[str]
    campaigns: list[tuple[str, str]]
    """(name, address) of those that show it."""
    facts: list[str]
    may: bool
    trouble: str


@router.get("/creatives/{creative}", response_class=HTMLResponse)
def creative_page(view: Page, creative: str) -> Response:
    """The page."""
    return _render(view, _found(view, creative))


@router.post("/creatives/{creative}", response_class=HTMLResponse)
def change_creative(view: Page, creative: str, sent: Sent, _: MayPlan) -> Response:
    """Save what can be changed: everything but the file."""
    record = _found(view, creative)
    values = _values(view, sent, record)
    if values is None:
        trouble = view.words.gettext("Give it a name, and 1 to 600 seconds.")
        return _render(view, record, status=422, trouble=trouble)
    with of(view.request).engine.begin() as conn:
        records.change_creative(conn, view.site.site, creative, **values)
    nudge(view.request, view.site.site)
    return RedirectResponse(view.link(f"/creatives/{creative}"), 303)


def _values(view: View, sent: Fields, record: CreativeRecord) -> dict[str, object] | None:
    name, landing = first(sent, "name"), first(sent, "landing")
    try:
        seconds = float(first(sent, "seconds").replace(",", "."))
    except ValueError:
        return None
    if not 0 < len(name) <= 120 or not 1 <= seconds <= SECONDS_MOST:
        return None
    known = get_landing(view.conn, view.site.site, landing) if landing else None
    archived = record.archived if record.archived is not None else view.at
    return {
        "name": name,
        "seconds": seconds,
        "portrait": next((stands for fits, stands in STANDS.items() if fits == first(sent, "fits")), record.portrait),
        "landing": known.landing if known else None,
        "archived_ms": round(archived * 1000) if sent.get("archived") else None,
    }


def _render(view: View, record: CreativeRecord, *, status: int = 200, trouble: str = "") -> Response:
    campaigns = list_campaigns(view.conn, view.site.site)
    showing = [one for one in campaigns if record.id in one.document.creatives]
    words = view.words
    size = f"{record.width} × {record.height}" if record.width else words.gettext("any size")
    (tile,) = tiles(view, [record], campaigns)
    page = CreativePage(
        tile=tile,
        fits=next(fits for fits, stands in STANDS.items() if stands == record.portrait),
        landings=[landing.landing for landing in list_landings(view.conn, view.site.site)],
        campaigns=[(one.document.name, view.link(f"/campaigns/{one.id}")) for one in showing],
        facts=[record.type, size, words.size(record.size_bytes), words.moment(view.moment_of(record.created))],
        may=view.user.may("merchandiser"),
        trouble=trouble,
    )
    return view.render("creative.html", status=status, page=page)


def _found(view: View, creative: str) -> CreativeRecord:
    record = records.get_creative(view.conn, view.site.site, creative)
    if record is None:
        raise HTTPException(404, f"There is no creative {creative!r}.")
    return record
