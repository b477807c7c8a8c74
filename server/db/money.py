"""In which currency a site tells its amounts."""

from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import IntegrityError

from server.db.trade_tables import money


def currency(conn: Connection, site: str) -> str | None:
    """ISO 4217; None while none was named."""
    return conn.execute(select(money.c.currency).where(money.c.site == site)).scalar()


def take_currency(conn: Connection, site: str, named: str) -> str:
    """The site's currency, which is `named` from now on if none was named before."""
    known = currency(conn, site)
    if known is not None:
        return known
    try:
        with conn.begin_nested():
            conn.execute(insert(money).values(site=site, currency=named))
    except IntegrityError:
        pass  # another message was first
    return str(currency(conn, site))
