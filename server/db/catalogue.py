"""Categories and articles."""

from collections.abc import Collection, Iterable

from sqlalchemy import Connection, func, select

from contract.loyalty import Article, Category
from server.db.trade_tables import articles as article_table
from server.db.trade_tables import categories as category_table
from server.db.upserts import put_rows

ASKED_MOST = 1000
"""Articles; of more it is quicker to read all."""


def categories(conn: Connection, site: str) -> list[Category]:
    """All categories, by id."""
    c = category_table.c
    query = select(c.category, c.name, c.parent, c.needs, c.movable).where(c.site == site).order_by(c.category)
    return [Category.model_validate(dict(row)) for row in conn.execute(query).mappings()]


def names(conn: Connection, site: str) -> dict[str, str]:
    """What categories are called, by id."""
    c = category_table.c
    return {row.category: row.name for row in conn.execute(select(c.category, c.name).where(c.site == site))}


def articles(conn: Connection, site: str) -> list[Article]:
    """All articles, by sku."""
    c = article_table.c
    query = select(c.sku, c.name, c.category).where(c.site == site).order_by(c.sku)
    return [Article.model_validate(dict(row)) for row in conn.execute(query).mappings()]


def count_articles(conn: Connection, site: str) -> int:
    """How many there are."""
    query = select(func.count()).select_from(article_table).where(article_table.c.site == site)
    return int(conn.execute(query).scalar_one())


def category_of(conn: Connection, site: str, skus: Collection[str] | None = None) -> dict[str, str]:
    """The category of each article, by sku; of a few `skus`, or of all."""
    c = article_table.c
    query = select(c.sku, c.category).where(c.site == site)
    if skus is not None and len(skus) <= ASKED_MOST:
        query = query.where(c.sku.in_(skus))
    return {row.sku: row.category for row in conn.execute(query)}


def put_categories(conn: Connection, site: str, told: Iterable[Category]) -> None:
    """Add them, or put them in the place of those with the same id."""
    put_rows(conn, category_table, [{"site": site} | each.model_dump() for each in told])


def put_articles(conn: Connection, site: str, told: Iterable[Article]) -> None:
    """Add them, or put them in the place of those with the same sku."""
    put_rows(conn, article_table, [{"site": site} | each.model_dump() for each in told])
