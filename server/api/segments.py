"""The segments of a site, and which share of the visits they make."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from contract.ids import Id
from server.api.period import Asked, PeriodBody, Site, local, period_body
from server.api.tabular import AsTable, table_response
from server.db.segment_shares import Counted, segment_zones
from server.db.site_versions import versions
from server.db.sites import SiteRecord
from server.domain.intervals import wilson
from server.segment_versions import MOST_VERSIONS, SegmentVersion, segment_versions
from server.session import Db

router = APIRouter(prefix="/sites/{site}", tags=["audience"])

SMALLEST_EXPORTED = 10
"""Cells that leave the house hold at least so many, and so do the others of the same visits."""


class VersionBody(BaseModel):
    """When a definition came into force."""

    version: int = Field(description="of the site document")
    author: str
    created: datetime
    digest: str | None = Field(description="null: the segment was taken out")


class SegmentBody(BaseModel):
    """One segment as it is defined now."""

    segment: str
    name: str
    digest: str = Field(description="of what it means; counts of different digests are never added up")
    when: dict[str, Any] = Field(description="as in site.yaml")
    profile: str = Field(description="the least profile of a box that can know it")
    sensitive: bool = Field(description="never used to choose what a screen shows")
    versions: list[VersionBody] = Field(description="of its definition, newest first")


class SegmentsBody(BaseModel):
    """All segments of a site."""

    site: str
    segments: list[SegmentBody]


class CellBody(BaseModel):
    """Visits to one zone. Counts are null where too few are in them, or too few outside."""

    segment: str
    digest: str
    zone: str
    n: int | None = Field(description=f"visits by people of the segment; null under {SMALLEST_EXPORTED}: held back")
    of: int | None = Field(description="all visits to the zone in the same span")
    share: float | None
    share_low: float | None = Field(description="95 % interval, visits taken as independent")
    share_high: float | None
    dwell_mean_s: float | None = Field(description="of the segment's visits")
    covers_start: datetime = Field(description="cells wait until they hold enough: the span these cover")
    covers_end: datetime


class AudienceBody(BaseModel):
    """Shares of the visits by segment and zone."""

    site: str
    period: PeriodBody
    simulated: bool
    smallest_cell: int
    cells: list[CellBody] = Field(description="a segment or zone that is missing has no cell in the period")


@router.get("/segments", summary="How the audience is told apart", response_model=SegmentsBody)
def segments(site: Site, db: Db) -> SegmentsBody:
    """Definitions, and when they changed."""
    made = versions(db, site.site, MOST_VERSIONS)
    return SegmentsBody(
        site=site.site,
        segments=[
            SegmentBody(
                segment=key,
                name=segment.name or key,
                digest=segment.digest,
                when=segment.when.model_dump(mode="json", exclude_none=True),
                profile=segment.when.profile,
                sensitive=segment.sensitive,
                versions=[_version(each, site) for each in segment_versions(made, key)],
            )
            for key, segment in site.document.segments.items()
        ],
    )


@router.get("/audience", summary="Shares of the visits by segment", response_model=AudienceBody)
def audience(
    *,
    site: Site,
    period: Asked,
    db: Db,
    as_table: AsTable,
    segment: Annotated[list[Id] | None, Query(description="only these")] = None,
) -> AudienceBody | Response:
    """By segment and zone, cells that end within the period, under the definitions in force now."""
    known = site.document.segments
    digests = {key: known[key].digest for key in known if segment is None or key in segment}
    found = segment_zones(db, site=site.site, segments=digests, start=period.start, end=period.end)
    cells = [
        _cell(key, digests[key], zone, counted, site) for key, zones in found.items() for zone, counted in zones.items()
    ]
    if as_table:
        return table_response(cells, tuple(CellBody.model_fields), name=f"audience-{site.site}", kind=as_table)
    return AudienceBody(
        site=site.site,
        period=period_body(period, site),
        simulated=site.simulated,
        smallest_cell=SMALLEST_EXPORTED,
        cells=cells,
    )


def _version(made: SegmentVersion, site: SiteRecord) -> VersionBody:
    digest = made.segment.digest if made.segment else None
    return VersionBody(version=made.version, author=made.author, created=local(made.created, site), digest=digest)


def _cell(segment: str, digest: str, zone: str, counted: Counted, site: SiteRecord) -> CellBody:
    told = counted.tells(SMALLEST_EXPORTED)
    share = wilson(counted.n, counted.of) if told else None
    return CellBody(
        segment=segment,
        digest=digest,
        zone=zone,
        n=counted.n if told else None,
        of=counted.of if told else None,
        share=share.value if share else None,
        share_low=share.low if share else None,
        share_high=share.high if share else None,
        dwell_mean_s=counted.dwell_sum_s / counted.n if told else None,
        covers_start=local(counted.start, site),
        covers_end=local(counted.end, site),
    )
