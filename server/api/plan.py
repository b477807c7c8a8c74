"""The picture of the floor plan."""

import hashlib
from typing import Annotated

from fastapi import APIRouter, Body, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from server.api.period import Site
from server.api.problems import Problem
from server.db.plans import Plan, add_plan, get_plan
from server.pictures.draw import PictureError, draw_plan
from server.session import Admin, Db, Running

router = APIRouter(prefix="/sites/{site}", tags=["setup"])

LARGEST_PLAN = 20 * 1024 * 1024
FOR_EVER = "private, max-age=31536000, immutable"
"""The address holds the picture's hash, so what is there never changes."""

Upload = Annotated[bytes, Body(media_type="application/octet-stream", min_length=1)]


class PlanBody(BaseModel):
    """The plan as it is kept; name it in the document's `floor.plan` and save that."""

    sha256: str = Field(description="of the PNG; what `floor.plan.sha256` and `plan.png` take")
    width: int = Field(description="px")
    height: int = Field(description="px")
    notes: list[str] = Field(description="`text`: the SVG holds text, which is not drawn; turn it into paths")


@router.put("/plan", summary="Upload a floor plan", max_body_size=LARGEST_PLAN)
def upload_plan(
    site: Site,
    content: Upload,
    service: Running,
    _: Admin,
    page: Annotated[int, Query(ge=1, le=10_000, description="of a PDF")] = 1,
) -> PlanBody:
    """PNG, JPEG, PDF or SVG as the request's body, whatever its content type says; at most 20 MB.

    It becomes a PNG of at most 4,000 px, without metadata; SVG without scripts and without anything from outside.
    """
    try:
        picture = draw_plan(content, page=page)
    except PictureError as error:
        raise Problem(422, "Plan refused", f"The plan cannot be taken: {error}.") from None
    plan = Plan(hashlib.sha256(picture.content).hexdigest(), picture.content, picture.width, picture.height)
    with service.engine.begin() as conn:
        add_plan(conn, site.site, plan, now=service.clock())
    return PlanBody(sha256=plan.sha256, width=plan.width, height=plan.height, notes=list(picture.notes))


@router.get(
    "/plan.png",
    summary="A floor plan's picture",
    response_class=Response,
    responses={200: {"content": {"image/png": {}}}},
)
def plan_png(
    site: Site, db: Db, sha256: Annotated[str, Query(pattern=r"^[0-9a-f]{64}$", description="as the document names it")]
) -> Response:
    """The PNG, to be kept for ever."""
    plan = get_plan(db, site.site, sha256)
    if plan is None:
        raise Problem(404, "Not found", "There is no plan of this hash; upload it again.")
    return Response(plan.png, media_type="image/png", headers={"Cache-Control": FOR_EVER, "ETag": f'"{sha256}"'})
