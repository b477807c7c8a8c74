"""Pictures of the scene without people, for setting a camera up. For administrators only."""

from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Annotated

from fastapi import APIRouter, Body, Depends
from fastapi import Path as PathParameter
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from contract.ids import Id
from contract.messages import Command
from server.api.period import Site, local
from server.api.problems import Problem
from server.db.boxes import BoxRecord, boxes
from server.db.events import EventRecord, add_event
from server.db.sites import SiteRecord
from server.db.stills import StillRecord, all_stills, delete_still, empty_log, get_still, put_still, request_still
from server.outgoing import NoLineError, Order
from server.pictures.draw import PictureError, draw_still
from server.service import Service
from server.session import Admin, Db, Running, require

router = APIRouter(prefix="/sites/{site}", tags=["setup"], dependencies=[Depends(require("admin"))])

LARGEST_STILL = 10 * 1024 * 1024
COMMAND_S = 30.0
"""A box that does not hear the command within this time passes it over."""
ANSWER_S = 180.0
"""How long its still is taken: it collects pictures for some time, and retries while the broker is away."""

CameraId = Annotated[Id, PathParameter(description="the camera's id")]


class StillBody(BaseModel):
    """A camera's still, without the picture."""

    camera: str
    t: datetime = Field(description="when it was taken or uploaded")
    width: int = Field(description="px")
    height: int = Field(description="px")
    landmarks: int = Field(description="corners of the background in it, by which a moved camera is known")


class AskedBody(BaseModel):
    """Which box was asked."""

    box: str
    expires_at: datetime = Field(description="the box passes the command over after this")


@router.get("/stills", summary="The cameras' stills (admin)")
def stills(site: Site, db: Db) -> list[StillBody]:
    """Which cameras have a still. None is older than 30 days."""
    return [_still(still, site) for still in all_stills(db, site.site)]


@router.get(
    "/cameras/{camera}/still",
    summary="A camera's still (admin)",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {}}}},
)
def still_picture(site: Site, camera: CameraId, db: Db) -> Response:
    """The JPEG; `Last-Modified` says when it was taken."""
    still = get_still(db, site.site, camera)
    if still is None:
        raise Problem(404, "Not found", f"Camera {camera!r} has no still; take one, or upload one.")
    taken = format_datetime(datetime.fromtimestamp(int(still.t), UTC), usegmt=True)
    headers = {"Cache-Control": "private, no-store", "Last-Modified": taken}
    return Response(still.jpeg, media_type="image/jpeg", headers=headers)


@router.put("/cameras/{camera}/still", summary="Upload a still (admin)", max_body_size=LARGEST_STILL)
def upload_still(
    site: Site,
    camera: CameraId,
    content: Annotated[bytes, Body(media_type="application/octet-stream", min_length=1)],
    service: Running,
) -> StillBody:
    """A picture taken by hand, JPEG or PNG, without people in it; at most 10 MB. It is encoded anew."""
    _check_camera(site, camera)
    try:
        picture = draw_still(content)
    except PictureError as error:
        raise Problem(422, "Still refused", f"The still cannot be taken: {error}.") from None
    still = StillRecord(camera, service.clock(), picture.content, [], picture.width, picture.height)
    with service.engine.begin() as conn:
        put_still(conn, site.site, still)
    empty_log(service.engine)
    return _still(still, site)


@router.delete("/cameras/{camera}/still", status_code=204, summary="Delete a still (admin)")
def remove_still(site: Site, camera: CameraId, user: Admin, service: Running) -> None:
    """Gone at once, from the database's pages too; who did it stands among the events."""
    with service.engine.begin() as conn:
        if not delete_still(conn, site.site, camera):
            raise Problem(404, "Not found", f"Camera {camera!r} has no still.")
        text = f"{user.name} deleted the still of camera {camera}"
        add_event(conn, site.site, EventRecord(service.clock(), None, camera, "still_deleted", "info", text))
    empty_log(service.engine)


@router.post("/cameras/{camera}/still/take", status_code=202, summary="Ask for a still (admin)")
async def take_still(site: Site, camera: CameraId, user: Admin, service: Running) -> AskedBody:
    """Ask the box that has the camera; `still` in the live news says when it is there."""
    _check_camera(site, camera)
    now = service.clock()
    box = await run_in_threadpool(_box_of, service, site, camera, now)
    expires_at = datetime.fromtimestamp(now + COMMAND_S, UTC)
    order = Order(site.site, box, Command(command="take_still", camera=camera, expires_at=expires_at))
    await run_in_threadpool(_remember, service, order, user.name, now)
    try:
        service.outgoing.command(order)
    except NoLineError as error:
        raise Problem(503, "Box not reached", f"{error}.", {"Retry-After": "5"}) from None
    return AskedBody(box=box, expires_at=local(now + COMMAND_S, site))


def _check_camera(site: SiteRecord, camera: str) -> None:
    if camera not in site.document.cameras:
        raise Problem(404, "Not found", f"Site {site.site!r} has no camera {camera!r}.")


def _box_of(service: Service, site: SiteRecord, camera: str, now: float) -> str:
    with service.engine.connect() as conn:
        found = boxes(conn, site=site.site, start=now, end=now, at=now)
    mine = [box for box in found if box.birth is not None and camera in box.birth.cameras]
    if not mine:
        raise Problem(409, "No box", f"No box has camera {camera!r}; name it in its edge.yaml, or upload a still.")
    awake = [box for box in mine if box.state == "online"]
    if not awake:
        raise Problem(409, "Box is away", f"Box {mine[0].box!r} does not answer at the moment; upload a still instead.")
    return _newest(awake).box


def _newest(found: list[BoxRecord]) -> BoxRecord:
    return max(found, key=lambda box: box.last_seen)


def _remember(service: Service, order: Order, who: str, now: float) -> None:
    camera = order.command.camera or ""
    text = f"{who} asked for a still of camera {camera}"
    with service.engine.begin() as conn:
        request_still(conn, order.site, order.box, camera, until=now + ANSWER_S)
        add_event(conn, order.site, EventRecord(now, order.box, camera, "still_asked", "info", text))


def _still(still: StillRecord, site: SiteRecord) -> StillBody:
    return StillBody(
        camera=still.camera,
        t=local(still.t, site),
        width=still.width,
        height=still.height,
        landmarks=len(still.landmarks),
    )
