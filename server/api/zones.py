"""What happened in the zones."""

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.responses import Response

from contract.messages import DWELL_BINS_S
from contract.site import Zone
from server.api.period import Asked, AskedHours, PeriodBody, Site, period_body
from server.api.tabular import AsTable, table_response
from server.db.sites import SiteRecord
from server.db.zones import ZoneTotals, zone_totals
from server.domain.stays import engagement
from server.domain.survival import Survival, survival
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
    dwell_mean_s: float | None = Field(description="Kaplan-Meier mean dwell, every stay cut at 300 seconds")
    dwell_mean_low_s: float | None = Field(description="lower end of its 95 % interval, seconds")
    dwell_mean_high_s: float | None = Field(description="upper end of its 95 % interval, seconds")
    engaged_share: float | None = Field(
        description="share of the visits that last `engaged_s` of the zone or longer; null when no visit is known whole"
    )
    engaged_share_low: float | None = Field(description="lower end of its 95 % interval")
    engaged_share_high: float | None = Field(description="upper end of its 95 % interval")
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


MEAN_UP_TO_S = 300.0
ENGAGED_S = float(Zone.model_fields["engaged_s"].default)
"""For zones of an earlier version of the document."""
STAY = (
    "dwell_median_s",
    "dwell_median_low_s",
    "dwell_median_high_s",
    "dwell_mean_s",
    "dwell_mean_low_s",
    "dwell_mean_high_s",
    "engaged_share",
    "engaged_share_low",
    "engaged_share_high",
)
COUNTS = ("entries", "visits", "stops", "reentries", "presence_s")
COLUMNS = ("zone", "name", *COUNTS, *STAY, "presence_per_entry_s", "occupancy_max", "observed_s")


@router.get("", summary="Visits, presence and dwell by zone", response_model=ZonesBody)
def zones(site: Site, period: Asked, hours: AskedHours, db: Db, as_table: AsTable) -> ZonesBody | Response:
    """Totals of every zone over the period, all cameras together."""
    totals = zone_totals(db, site=site.site, start=period.start, end=period.end, hours=hours)
    bodies = [_body(zone, total, site) for zone, total in totals.items()]
    if as_table:
        return table_response(bodies, COLUMNS, name=f"zones-{site.site}", kind=as_table)
    return ZonesBody(site=site.site, period=period_body(period, site, hours), simulated=site.simulated, zones=bodies)


def _body(zone: str, total: ZoneTotals, site: SiteRecord) -> ZoneBody:
    known = site.document.zones.get(zone)
    return ZoneBody(
        zone=zone,
        name=known.name or zone if known else zone,
        entries=total.entries,
        visits=total.visits,
        stops=total.stops,
        reentries=total.reentries,
        presence_s=total.presence_s,
        **_stay(survival(total.dwell, DWELL_BINS_S), known.engaged_s if known else ENGAGED_S),
        presence_per_entry_s=total.presence_s / total.entries if total.entries else None,
        occupancy_max=total.occupancy_max,
        observed_s=total.observed_s,
        dwell=_dwell(total),
    )


def _stay(stay: Survival, engaged_s: float) -> dict[str, float | None]:
    if not stay.n:
        return dict.fromkeys(STAY)
    low, high = stay.median_interval_s()
    mean, engaged = stay.mean(MEAN_UP_TO_S), engagement(stay, engaged_s=engaged_s)
    share = (engaged.value, engaged.low, engaged.high) if engaged else (None, None, None)
    values = (stay.median_s(), low, high, mean.value_s, mean.low_s, mean.high_s, *share)
    return dict(zip(STAY, values, strict=True))


def _dwell(total: ZoneTotals) -> DwellBody:
    left, lost, late_left, late_lost = total.dwell.astype(int).tolist()
    return DwellBody(edges_s=DWELL_BINS_S, left=left, lost=lost, late_left=late_left, late_lost=late_lost)
