"""The report of one campaign: what was delivered, and what it brought."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from contract.site import Site
from server.campaign_document import CampaignDocument, as_domain
from server.campaign_slots import Trial, trial_of
from server.coupon_sales import CouponSales, coupon_sales
from server.db.approvals import approvals
from server.db.campaigns import CampaignRecord
from server.db.creatives import list_creatives
from server.db.installation import seed
from server.db.play_log import PlayFilter
from server.delivery import Cost, Delivered, Row, cost_of, delivered, together
from server.domain.campaigns import Campaign
from server.findings import Findings
from server.uplift_report import UpliftReport

WINDOWS_LATE_S = 180.0
"""A slot's last windows have come by then: it is over so long after its end."""


@dataclass(frozen=True, slots=True)
class CampaignReport:
    """Everything about one campaign, from its first flight until now."""

    record: CampaignRecord
    campaign: Campaign
    start: float
    """Of the first flight, seconds UTC."""
    end: float
    """Of the last flight, or now while it goes on; never before the start."""
    creatives: dict[str, str]
    """Names by id."""
    rows: list[Row]
    cost: Cost | None
    coupons: CouponSales | None
    """What tills told of its coupons' codes."""
    effect: UpliftReport

    @property
    def document(self) -> CampaignDocument:
        """As it was written."""
        return self.record.document

    @property
    def whole(self) -> Delivered:
        """All rows together."""
        return together(self.rows)


def campaign_report(
    conn: Connection, site: Site, record: CampaignRecord, *, now: float, findings: Findings
) -> CampaignReport:
    """The report at `now` seconds UTC; its effect as `findings` know it."""
    campaign, known = domain_of(conn, site, record)
    trial = campaign_trial(conn, site, record, campaign, now=now)
    start = min(flight.start for flight in campaign.flights)
    end = max(start, min(now, max(flight.end for flight in campaign.flights)))
    period = PlayFilter(site.site, start, end)
    rows = delivered(conn, campaign=record.id, document=record.document, of=period, screens=trial.screens)
    return CampaignReport(
        record=record,
        campaign=campaign,
        start=start,
        end=end,
        creatives=known,
        rows=rows,
        cost=cost_of(record.document, together(rows)),
        coupons=coupon_sales(conn, site.site, record.document, first=_day(start, site), last=_day(end, site)),
        effect=findings.of(conn, site, campaign, trial, version=record.version, now=now),
    )


def _day(t: float, site: Site) -> date:
    return datetime.fromtimestamp(t, ZoneInfo(site.timezone)).date()


def domain_of(conn: Connection, site: Site, record: CampaignRecord) -> tuple[Campaign, dict[str, str]]:
    """The campaign as decisions take it, and the names of the site's creatives, archived ones too."""
    creatives = list_creatives(conn, site.site, archived=True)
    known = {creative.id: creative.as_domain for creative in creatives}
    names = {creative.id: creative.name or creative.id for creative in creatives}
    return as_domain(record.document, campaign=record.id, creatives=known, site=site), names


def campaign_trial(conn: Connection, site: Site, record: CampaignRecord, campaign: Campaign, *, now: float) -> Trial:
    """The slots of a campaign until `now` seconds UTC."""
    return trial_of(
        campaign,
        site,
        approved=approvals(conn, site=site.site, campaign=record.id, until=now),
        until=now - WINDOWS_LATE_S,
        goes_on=record.status != "ended",
        seed=seed(conn),
    )
