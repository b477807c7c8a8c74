"""What campaigns brought, kept until their next slot is over: nothing changes sooner, and pages ask all the time."""

from collections import OrderedDict
from threading import Lock

from sqlalchemy import Connection

from contract.site import Site
from server.campaign_slots import Trial, outcomes_of
from server.domain.campaigns import Campaign
from server.uplift_report import UpliftReport, uplift_report

KEPT_MOST = 64

LATE_S = 3600
"""So often what came late is counted too: boxes tell of an outage when it is over."""

Key = tuple[str, int, str, int, int | None, int, int]
"""Site and its version, campaign and its version, the newest slot that is over, how many are to come, and the hour."""


class Findings:
    """Of any site and campaign of one database; may be asked from several threads."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Key, UpliftReport] = OrderedDict()
        self._lock = Lock()

    def of(
        self, conn: Connection, site: Site, campaign: Campaign, trial: Trial, *, version: int, now: float
    ) -> UpliftReport:
        """What the campaign, at `version`, brought in the slots of its trial, as known at `now`, seconds UTC."""
        newest = int(trial.slot[-1]) if len(trial) else None
        key = site.site, site.version, campaign.id, version, newest, len(trial.ahead), int(now // LATE_S)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        found = uplift_report(campaign, outcomes_of(conn, campaign, site, trial))
        with self._lock:
            self._kept[key] = found
            while len(self._kept) > KEPT_MOST:
                self._kept.popitem(last=False)
        return found
