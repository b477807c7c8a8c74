"""Whether boxes and cameras work."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel, Field

from contract.messages import Birth, CameraHealth, Health
from server.api.period import Asked, PeriodBody, Site, local, period_body
from server.db import boxes as records
from server.db.sites import SiteRecord
from server.session import Db, Running

router = APIRouter(prefix="/sites/{site}/boxes", tags=["health"])


class CameraBody(BaseModel):
    """One camera."""

    camera: str
    state: str = Field(description="starting, watching, reconnecting, dead; or stale, offline as its box; or unknown")
    fps: float | None = Field(description="frames analysed per second, last minute")
    observed_share: float | None = Field(description="share of the period that was observed, 0..1; null: nothing")
    last_window: datetime | None = Field(description="end of the newest window in the period")
    report: CameraHealth | None = Field(description="its last health report")


class BoxBody(BaseModel):
    """One box."""

    box: str
    state: records.BoxState = Field(description="stale: it says online and has been silent for a minute and a half")
    last_seen: datetime
    birth: Birth | None = Field(description="what it is: version, model, profile")
    report: Health | None = Field(description="its last health report: outbox, disk")
    cameras: list[CameraBody]


class BoxesBody(BaseModel):
    """The boxes of a store."""

    site: str
    period: PeriodBody
    simulated: bool
    boxes: list[BoxBody]


@router.get("", summary="Boxes and cameras")
def boxes(site: Site, period: Asked, db: Db, service: Running) -> BoxesBody:
    """The state of every box and camera, and how much of the period each camera observed."""
    found = records.boxes(db, site=site.site, start=period.start, end=period.end, at=service.clock())
    return BoxesBody(
        site=site.site,
        period=period_body(period, site),
        simulated=site.simulated,
        boxes=[_box(box, site) for box in found],
    )


def _box(box: records.BoxRecord, site: SiteRecord) -> BoxBody:
    return BoxBody(
        box=box.box,
        state=box.state,
        last_seen=local(box.last_seen, site),
        birth=box.birth,
        report=box.health,
        cameras=[_camera(camera, site) for camera in box.cameras],
    )


def _camera(camera: records.CameraRecord, site: SiteRecord) -> CameraBody:
    return CameraBody(
        camera=camera.camera,
        state=camera.state,
        fps=camera.fps,
        observed_share=camera.observed_share,
        last_window=None if camera.last_window is None else local(camera.last_window, site),
        report=camera.health,
    )
