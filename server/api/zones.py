"""What happened in the zones."""

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.responses import Response

from contract.messages import DWELL_BINS_S
from server.api.period import Asked, AskedHours, PeriodBody, Site, period_body
from server.api.tabular import AsTable, table_response
from server.db.sites import SiteRecord
from server.db.zones import ZoneTotals, zone_totals
from server.domain.survival import survival
from server.session import Db

router = APIRouter(prefix="/sites/{site}/zones", tags=["zones"])


class DwellBody(BaseModel):
    """Finished visits by dwell bin."""

    edges_s: tuple[int, ...] = Field(description="left edges of the bins in seconds; the last bin is open")
    left: list[int] = Field(description="came and went over the zone's edge")
    lost: list[int] = Field(description="came over the edge, then the track broke: the dwell was at least so long")
    late_left: list[int] = Field(description="already inside when first seen, went over the edge")
    late_lost: list[int] = Field(description="already inside when first seen, then the track broke")


class ZoneBody(BaseModel):
    """One zone."""

    zone: str
    name: str
    entries: int = Field(description="visits that began by coming in")
    visits: int = Field(description="visits that ended: n of the dwell figures")
    stops: int = Field(description="visits in which the person stood still: within 0.5 m for 3 s")
    reentries: int = Field(description="entries of someone who was in the zone before, in one track")
    presence_s: float = Field(description="person-seconds inside")
    dwell_median_s: float | None = Field(description="Kaplan-Meier median dwell in seconds; null when too few ended")
    dwell_median_low_s: float | None = Field(description="lower end of its 95 % interval, seconds")
    dwell_median_high_s: float | None = Field(description="upper end of its 95 % interval, seconds; null when open")
    presence_per_entry_s: float | None = Field(
        description="presence_s / entries: a mean dwell that broken tracks do not shorten"
    )
    occupancy_max: int = Field(description="most people inside at one instant, as one camera saw it")
    observed_s: float = Field(description="seconds the zone was watched")
    dwell: DwellBody


class ZonesBody(BaseModel):
    """The zones over a period."""

    site: str
    period: PeriodBody
    simulated: bool
    zones: list[ZoneBody] = Field(description="zones with data; one that is missing was not watched")


COLUMNS = (
    "zone",
    "name",
    "entries",
    "visits",
    "stops",
    "reentries",
    "presence_s",
    "dwell_median_s",
    "dwell_median_low_s",
    "dwell_median_high_s",
    "presence_per_entry_s",
    "occupancy_max",
    "observed_s",
)


@router.get("", summary="Visits, presence and dwell by zone", response_model=ZonesBody)
def zones(site: Site, period: Asked, hours: AskedHours, db: Db, as_table: AsTable) -> ZonesBody | Response:
    """Totals of every zone over the period, all cameras together."""
    totals = zone_totals(db, site=site.site, start=period.start, end=period.end, hours=hours)
    bodies = [_body(zone, total, site) for zone, total in totals.items()]
    if as_table:
        return table_response(bodies, COLUMNS, name=f"zones-{site.site}", kind=as_table)
    return ZonesBody(site=site.site, period=period_body(period, site, hours), simulated=site.simulated, zones=bodies)


def _body(zone: str, total: ZoneTotals, site: SiteRecord) -> ZoneBody:
    stay = survival(total.dwell, DWELL_BINS_S)
    low, high = stay.median_interval_s() if stay.n else (None, None)
    tables = total.dwell.astype(int).tolist()
    known = site.document.zones.get(zone)
    return ZoneBody(
        zone=zone,
        name=known.name or zone if known else zone,
        entries=total.entries,
        visits=total.visits,
        stops=total.stops,
        reentries=total.reentries,
        presence_s=total.presence_s,
        dwell_median_s=stay.median_s() if stay.n else None,
        dwell_median_low_s=low,
        dwell_median_high_s=high,
        presence_per_entry_s=total.presence_s / total.entries if total.entries else None,
        occupancy_max=total.occupancy_max,
        observed_s=total.observed_s,
        dwell=DwellBody(edges_s=DWELL_BINS_S, left=tables[0], lost=tables[1], late_left=tables[2], late_lost=tables[3]),
    )
