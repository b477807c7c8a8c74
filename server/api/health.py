"""Whether the server itself works."""

from fastapi import APIRouter
from prometheus_client import generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from pydantic import BaseModel, Field
from sqlalchemy import text
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from server.ingest import Ingest
from server.session import Db, Running

open_router = APIRouter(include_in_schema=False)
"""For who watches that the process lives; says nothing else, and needs no sign-in."""
router = APIRouter(tags=["health"])
metrics_router = APIRouter(include_in_schema=False)


class HealthBody(BaseModel):
    """The server."""

    ok: bool = Field(description="receives and stores")
    database: str = Field(description="`ok`, or what is wrong")
    broker: str = Field(description="`connected`, or what is wrong")
    lag_s: float = Field(description="seconds from the newest message's time until it was stored")


@open_router.get("/health")
def alive() -> Response:
    """The process answers."""
    return PlainTextResponse("ok")


@router.get("/health", summary="Broker, database, lag", response_model=HealthBody)
def health(request: Request, db: Db, service: Running) -> Response:
    """200 when the server receives and stores, 503 with the reason when not."""
    db.execute(text("SELECT 1"))
    ingest: Ingest = request.app.state.ingest
    lag_s = service.meters.registry.get_sample_value("vitrina_ingest_lag_seconds") or 0.0
    body = HealthBody(
        ok=ingest.trouble is None and ingest.write_trouble is None,
        database=ingest.write_trouble or "ok",
        broker=ingest.trouble or "connected",
        lag_s=lag_s,
    )
    return JSONResponse(body.model_dump(), 200 if body.ok else 503)


@metrics_router.get("/metrics")
def metrics(service: Running) -> Response:
    """Prometheus; scrape it with a viewer's token."""
    return Response(generate_latest(service.meters.registry), media_type=CONTENT_TYPE_PLAIN_0_0_4)
