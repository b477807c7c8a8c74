"""When a campaign was approved: only then could it play."""

from sqlalchemy import Connection, select

from server.db.screen_tables import campaign_log, campaigns

BEGINS = ("approved", "resumed")
"""What puts a campaign on; every other entry of its log takes it off."""


def approvals(conn: Connection, *, site: str, campaign: str, until: float) -> list[tuple[float, float]]:
    """[start, end) seconds UTC in which it was approved, in order; the last ends at `until` if it still is."""
    log = campaign_log.c
    mine = (log.site == site, log.campaign == campaign)
    entries = conn.execute(select(log.what, log.t_ms).where(*mine).order_by(log.t_ms, log.id)).all()
    if not any(what in BEGINS for what, _ in entries):
        return _without_log(conn, site, campaign, until)
    spans: list[tuple[float, float]] = []
    start: float | None = None
    for what, t_ms in entries:
        if start is None and what in BEGINS:
            start = t_ms / 1000
        elif start is not None and what not in BEGINS:
            spans.append((start, t_ms / 1000))
            start = None
    return spans if start is None else [*spans, (start, max(start, until))]


def _without_log(conn: Connection, site: str, campaign: str, until: float) -> list[tuple[float, float]]:
    c = campaigns.c
    mine = (c.site == site, c.campaign == campaign, c.approved_ms.is_not(None))
    found = conn.execute(select(c.approved_ms, c.changed_ms, c.status).where(*mine)).first()
    if found is None:
        return []
    start = found.approved_ms / 1000
    return [(start, max(start, until if found.status == "approved" else found.changed_ms / 1000))]
