"""Reports of campaigns, kept until their next slot is over: nothing they say changes before."""

from collections import OrderedDict
from threading import Lock

from sqlalchemy import Connection

from contract.site import Site
from server.campaign_report import CampaignReport, campaign_report
from server.db.campaigns import CampaignRecord
from server.db.installation import seed
from server.domain.holdout import slot_of

KEPT_MOST = 64

Key = tuple[str, str, int, int]
"""Site, campaign, its version, the slot under way."""


class Findings:
    """Of any site and campaign; may be asked from several threads."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Key, CampaignReport] = OrderedDict()
        self._lock = Lock()

    def of(self, conn: Connection, site: Site, record: CampaignRecord, *, now: float) -> CampaignReport:
        """The report as it was first asked for in the slot of `now`, seconds UTC."""
        key = site.site, record.id, record.version, slot_of(now)
        with self._lock:
            kept = self._kept.get(key)
        if kept is not None:
            return kept
        found = campaign_report(conn, site, record, now=now, seed=seed(conn))
        with self._lock:
            self._kept[key] = found
            while len(self._kept) > KEPT_MOST:
                self._kept.popitem(last=False)
        return found
