"""Tables of what the server says by itself: alarms, and what webhooks still wait for."""

from sqlalchemy import BigInteger, Column, Float, ForeignKey, Index, Integer, LargeBinary, String, Table, Text

from server.db.tables import ID, ROW, metadata

alarms = Table(
    "alarms",
    metadata,
    Column("id", ROW, primary_key=True, autoincrement=True),
    Column("site", ID, ForeignKey("sites.site", ondelete="CASCADE"), nullable=False),
    Column("kind", String(24), nullable=False),
    Column("subject", ID, nullable=False, comment="zone or camera; empty for the store"),
    Column("raised_ms", BigInteger, nullable=False),
    Column("held_ms", BigInteger, nullable=False),
    Column("cleared_ms", BigInteger),
    Column("value", Float),
    Column("limit", Float),
    Column("seen_by", String(80)),
    Column("seen_ms", BigInteger),
    Index(None, "site", "raised_ms"),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", ROW, primary_key=True, autoincrement=True),
    Column("url", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("due_ms", BigInteger, index=True, comment="null: given up"),
    Column("tries", Integer, nullable=False),
    Column("trouble", Text),
)
