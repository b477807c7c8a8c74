"""What belongs to the installation as a whole: its secret, and which of its servers decides for which site."""

from secrets import token_hex

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from server.db.screen_tables import installation, leases
from server.db.spans import to_ms

SEED = "seed"


def seed(conn: Connection) -> str:
    """The secret of draws and holdouts: drawn once, then the same for as long as the database lives."""
    known = select(installation.c.value).where(installation.c.name == SEED)
    found = conn.execute(known).scalar()
    if found is not None:
        return str(found)
    try:
        with conn.begin_nested():
            conn.execute(insert(installation).values(name=SEED, value=token_hex(16)))
    except IntegrityError:
        pass  # another server was first
    return str(conn.execute(known).scalar_one())


def take_lease(conn: Connection, site: str, *, holder: str, now: float, lasts_s: float) -> bool:
    """Whether `holder` decides for the site from `now`, seconds UTC, for `lasts_s`: it did, or nobody does any more."""
    mine = leases.c.site == site
    free = (leases.c.holder == holder) | (leases.c.until_ms <= to_ms(now))
    values = {"holder": holder, "until_ms": to_ms(now + lasts_s)}
    if conn.execute(update(leases).where(mine & free).values(values)).rowcount:
        return True
    if conn.execute(select(leases.c.site).where(mine)).first():
        return False
    try:
        with conn.begin_nested():
            conn.execute(insert(leases).values(site=site, **values))
    except IntegrityError:
        return False
    return True


def give_up_lease(conn: Connection, site: str, *, holder: str) -> None:
    """Let another server decide at once."""
    conn.execute(update(leases).where((leases.c.site == site) & (leases.c.holder == holder)).values(until_ms=0))
