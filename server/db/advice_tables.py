"""Tables of what Vitrina makes of it: forecasts, advice and its tests, tips, and what was told to the outside."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
)

from server.db.tables import ID, ROW, metadata


def _site(*, primary_key: bool = False) -> Column[str]:
    reference = ForeignKey("sites.site", ondelete="CASCADE")
    return Column("site", ID, reference, primary_key=primary_key, nullable=False)


advice_runs = Table(
    "advice_runs",
    metadata,
    _site(primary_key=True),
    Column("t_ms", BigInteger, nullable=False, comment="when the newest round was worked out"),
    Column("basis", JSON, nullable=False, comment="days, receipts and stores it was made from"),
)

advice = Table(
    "advice",
    metadata,
    _site(primary_key=True),
    Column("key", String(300), primary_key=True, comment="what is advised; the same advice keeps its key"),
    Column("document", JSON, nullable=False, comment="the advice, and what a test of it would take"),
    Column("rank", Integer, comment="in the newest round; null: not advised any more"),
    Column("first_ms", BigInteger, nullable=False),
    Column("changed_ms", BigInteger, nullable=False),
    Column("set_aside_by", String(80), comment="who said not now"),
    Column("set_aside_ms", BigInteger),
)

changes = Table(
    "changes",
    metadata,
    Column("id", ROW, primary_key=True, autoincrement=True),
    _site(),
    Column("advice", String(300), comment="where it came from an advice"),
    Column("name", String(160), nullable=False),
    Column("document", JSON, nullable=False, comment="what is changed where, and how it is judged"),
    Column("status", String(10), nullable=False, comment="planned, running, done or cancelled"),
    Column("day", Date, nullable=False, comment="of the change"),
    Column("promised", JSON, comment="the effect as it was advised when it was planned"),
    Column("result", JSON, comment="once it is over"),
    Column("author", String(80), nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("changed_ms", BigInteger, nullable=False),
    Index(None, "site", "day"),
)

forecasts = Table(
    "forecasts",
    metadata,
    _site(primary_key=True),
    Column("series", String(80), primary_key=True, comment="entrants, occupancy, or sales: and a category"),
    Column("made_ms", BigInteger, primary_key=True),
    Column("start_ms", BigInteger, nullable=False, comment="of its first hour"),
    Column(
        "cells",
        LargeBinary,
        nullable=False,
        comment="deflated float32: hours, then days; each middle, 80 % low and high, 95 % low and high",
    ),
)

tips = Table(
    "tips",
    metadata,
    Column("id", ROW, primary_key=True, autoincrement=True),
    _site(),
    Column("bank", ID, nullable=False, comment="a queue zone, or `all`"),
    Column("from_ms", BigInteger, nullable=False),
    Column("until_ms", BigInteger, nullable=False),
    Column("given", ID, comment="the category it goes with; null: with anything"),
    Column("then", ID, nullable=False, comment="the category to offer"),
    Column("document", JSON, nullable=False, comment="contract.tips.Tip: why"),
    Column("offered", Integer, nullable=False),
    Column("accepted", Integer, nullable=False),
    Index(None, "site", "from_ms"),
)

published = Table(
    "published",
    metadata,
    _site(primary_key=True),
    Column("subject", String(16), primary_key=True),
    Column("grain", String(8), primary_key=True, comment="of its rows: slot, hour, day or week"),
    Column("start_ms", BigInteger, primary_key=True),
    Column("end_ms", BigInteger, nullable=False),
    Column("t_ms", BigInteger, nullable=False, comment="when it was told first; it is never told otherwise"),
    Column("sent_ms", BigInteger, comment="when it was left for broker and webhooks; null: only who asks is told"),
    Column("document", JSON, nullable=False),
)

news = Table(
    "news",
    metadata,
    _site(primary_key=True),
    Column("t_ms", BigInteger, nullable=False, comment="when it was looked for last"),
    Column("document", JSON, nullable=False, comment="trends and breaks that nobody asked about: server.db.news"),
)

offer_results = Table(
    "offer_results",
    metadata,
    _site(primary_key=True),
    Column("offer", ID, primary_key=True),
    Column("rank", Integer, nullable=False, comment="by what it brings less what it costs"),
    Column("t_ms", BigInteger, nullable=False, comment="when it was worked out"),
    Column("document", JSON, nullable=False, comment="server.domain.offer_results.OfferResult"),
)

reports_sent = Table(
    "reports_sent",
    metadata,
    _site(primary_key=True),
    Column("week", Date, primary_key=True, comment="its Monday"),
    Column("recipient", String(200), primary_key=True, comment="keyed hash of the address"),
    Column("sent_ms", BigInteger),
    Column("tries", Integer, nullable=False),
    Column("trouble", Text),
)
