"""Campaigns as they stand, and all that was ever done to them."""

from dataclasses import dataclass
from typing import Any, Literal, get_args

from sqlalchemy import Connection, Row, Select, insert, select, update

from server.campaign_document import CampaignDocument
from server.db.screen_tables import campaign_log, campaigns
from server.db.spans import to_ms
from server.errors import ServerError

Status = Literal["draft", "waiting", "approved", "paused", "ended"]
STATUSES: tuple[Status, ...] = get_args(Status)
Deed = Literal["saved", "submitted", "withdrawn", "approved", "refused", "paused", "resumed", "ended"]


class ChangedMeanwhileError(ServerError):
    """The campaign is not any more as who changes it has seen it; `current` is how it is."""

    def __init__(self, current: "CampaignRecord") -> None:
        super().__init__(f"campaign {current.id!r} has been changed meanwhile: it is at version {current.version} now")
        self.current = current


@dataclass(frozen=True, slots=True)
class CampaignRecord:
    """One campaign as it stands. `version` grows with everything that is done to it."""

    id: str
    version: int
    status: Status
    document: CampaignDocument
    author: str
    """Who wrote its first draft."""
    created: float
    changed: float
    approved_by: str | None
    """Of what stands now; None while it waits."""
    approved: float | None


@dataclass(frozen=True, slots=True)
class LogEntry:
    """Something that was done to a campaign, and how it was afterwards."""

    version: int
    t: float
    who: str
    what: Deed
    note: str
    document: dict[str, Any]


def list_campaigns(conn: Connection, site: str, *statuses: Status) -> list[CampaignRecord]:
    """The site's campaigns, newest first; only those of `statuses`, where given."""
    query = _query(site).order_by(campaigns.c.created_ms.desc(), campaigns.c.campaign)
    if statuses:
        query = query.where(campaigns.c.status.in_(statuses))
    return [_record(row) for row in conn.execute(query)]


def on_air(conn: Connection, site: str) -> list[CampaignRecord]:
    """Approved, neither paused nor ended: those that may play when flights, dayparts and rules say so."""
    return list_campaigns(conn, site, "approved")


def get_campaign(conn: Connection, site: str, campaign: str) -> CampaignRecord | None:
    """One campaign."""
    row = conn.execute(_query(site).where(campaigns.c.campaign == campaign)).first()
    return _record(row) if row else None


def campaign_ids(conn: Connection, site: str) -> set[str]:
    """Of all campaigns of the site."""
    return set(conn.execute(select(campaigns.c.campaign).where(campaigns.c.site == site)).scalars())


def add_campaign(conn: Connection, site: str, record: CampaignRecord, *, note: str) -> None:
    """A new draft."""
    conn.execute(insert(campaigns).values(site=site, campaign=record.id, **_values(record)))
    _log(conn, site, record, what="saved", who=record.author, note=note)


def change_campaign(
    conn: Connection, site: str, record: CampaignRecord, *, based_on: int, who: str, what: Deed, note: str
) -> None:
    """Let the campaign be as `record` says.

    Raises:
        ChangedMeanwhileError: it is not at version `based_on` any more.
    """
    mine = (campaigns.c.site == site) & (campaigns.c.campaign == record.id) & (campaigns.c.version == based_on)
    if not conn.execute(update(campaigns).where(mine).values(_values(record))).rowcount:
        current = get_campaign(conn, site, record.id)
        raise ChangedMeanwhileError(current or record)
    _log(conn, site, record, what=what, who=who, note=note)


def history(conn: Connection, site: str, campaign: str, limit: int = 200) -> list[LogEntry]:
    """What was done to it, newest first."""
    c = campaign_log.c
    query = select(c.version, c.t_ms, c.who, c.what, c.note, c.document)
    mine = query.where(c.site == site, c.campaign == campaign).order_by(c.id.desc()).limit(limit)
    return [LogEntry(row.version, row.t_ms / 1000, *row[2:]) for row in conn.execute(mine)]


def _log(conn: Connection, site: str, record: CampaignRecord, *, what: Deed, who: str, note: str) -> None:
    told = {"version": record.version, "t_ms": to_ms(record.changed), "who": who, "what": what, "note": note}
    conn.execute(insert(campaign_log).values(site=site, campaign=record.id, document=_json(record), **told))


def _values(record: CampaignRecord) -> dict[str, Any]:
    return {
        "version": record.version,
        "status": record.status,
        "document": _json(record),
        "author": record.author,
        "created_ms": to_ms(record.created),
        "changed_ms": to_ms(record.changed),
        "approved_by": record.approved_by,
        "approved_ms": None if record.approved is None else to_ms(record.approved),
    }


def _json(record: CampaignRecord) -> dict[str, Any]:
    return record.document.model_dump(mode="json")


def _query(site: str) -> Select[*tuple[Any, ...]]:
    return select(campaigns).where(campaigns.c.site == site)


def _record(row: Row[*tuple[Any, ...]]) -> CampaignRecord:
    return CampaignRecord(
        id=row.campaign,
        version=row.version,
        status=row.status,
        document=CampaignDocument.model_validate(row.document),
        author=row.author,
        created=row.created_ms / 1000,
        changed=row.changed_ms / 1000,
        approved_by=row.approved_by,
        approved=None if row.approved_ms is None else row.approved_ms / 1000,
    )
