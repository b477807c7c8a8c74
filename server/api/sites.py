"""The stores."""

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from server.api.period import Site
from server.db.sites import SiteRecord, list_sites
from server.session import Db

router = APIRouter(prefix="/sites", tags=["sites"])


class SiteBody(BaseModel):
    """One store."""

    site: str = Field(description="its id, as the other paths take it", examples=["demo"])
    name: str
    timezone: str = Field(description="days are cut in it", examples=["Europe/Berlin"])
    version: int = Field(description="of its document")
    simulated: bool = Field(description="its figures come from a simulation or a looped clip")


class SiteDocumentBody(SiteBody):
    """One store with its document."""

    document: dict[str, Any] = Field(description="site.yaml: floor, zones, lines, cameras")


@router.get("", summary="All stores")
def all_sites(db: Db) -> list[SiteBody]:
    """The stores this server receives figures of, by id."""
    return [SiteBody(**_body(record)) for record in list_sites(db)]


@router.get("/{site}", summary="One store")
def one_site(site: Site) -> SiteDocumentBody:
    """The store with the document its zones and lines are defined in."""
    return SiteDocumentBody(**_body(site), document=site.document.model_dump(mode="json", exclude_none=True))


def _body(record: SiteRecord) -> dict[str, Any]:
    return {
        "site": record.site,
        "name": record.name,
        "timezone": record.timezone,
        "version": record.document.version,
        "simulated": record.simulated,
    }
