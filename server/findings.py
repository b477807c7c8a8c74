"""What campaigns brought, kept until their next slot is over: nothing changes sooner, and pages ask all the time."""

from collections import OrderedDict
from threading import Lock

from sqlalchemy import Connection

from contract.site import Site
from server.campaign_slots import Trial, outcomes_of
from server.domain.campaigns import Campaign
from server.uplift_report import UpliftReport, uplift_report

KEPT_MOST = 64

Key = tuple[str, int, str, int, int | None, int]
"""Site and its version, campaign and its version, the newest slot that is over, how many are to come."""


class Findings:
    """Of any site and campaign of one database; may be asked from several threads."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Key, UpliftReport] = OrderedDict()
        self._lock = Lock()

    def of(self, conn: Connection, site: Site, campaign: Campaign, trial: Trial, *, version: int) -> UpliftReport:
        """What the campaign, at `version`, brought in the slots of its trial."""
        newest = int(trial.slot[-1]) if len(trial) else None
        key = site.site, site.version, campaign.id, version, newest, len(trial.ahead)
        with self._lock:
            kept = self._kept.get(key)
        if kept is not None:
            return kept
        found = uplift_report(campaign, outcomes_of(conn, campaign, site, trial))
        with self._lock:
            self._kept[key] = found
            while len(self._kept) > KEPT_MOST:
                self._kept.popitem(last=False)
        return found
