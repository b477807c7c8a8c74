"""Tables of what is sold and what the loyalty programme tells. Money is kept in whole hundredths (`_c`).

Of receipts only sums remain: by bin and category, by day with card and offer, and how often a set of categories was
bought together in a week. No row is one receipt, and `receipts_seen` holds a keyed hash and a day, nothing else.
"""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    Float,
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


def _sums() -> tuple[Column[int] | Column[float], ...]:
    return (
        Column(
            "receipts", BigInteger, nullable=False, comment="with this category; all of the store where it is empty"
        ),
        Column("card_receipts", BigInteger, nullable=False),
        Column("returns", BigInteger, nullable=False, comment="receipts of kind return"),
        Column("quantity", Float, nullable=False),
        Column("gross_c", BigInteger, nullable=False, comment="less what was brought back"),
        Column("margin_c", BigInteger, nullable=False, comment="of the lines that said their margin"),
        Column("margin_gross_c", BigInteger, nullable=False, comment="gross of the lines that said their margin"),
        Column("discount_c", BigInteger, nullable=False),
    )


sales = Table(
    "sales",
    metadata,
    _site(primary_key=True),
    Column("bin_ms", BigInteger, primary_key=True, comment="start of a quarter of an hour"),
    Column("category", String(64), primary_key=True, comment="empty: the whole store"),
    *_sums(),
    sqlite_with_rowid=False,
)

sales_days = Table(
    "sales_days",
    metadata,
    _site(primary_key=True),
    Column("day", Date, primary_key=True, comment="of the store's own calendar"),
    Column("category", String(64), primary_key=True, comment="empty: the whole store"),
    Column("offer", String(64), primary_key=True, comment="lines of this offer; empty: all lines, with it and without"),
    *_sums(),
    sqlite_with_rowid=False,
)

baskets = Table(
    "baskets",
    metadata,
    _site(primary_key=True),
    Column("week", Date, primary_key=True, comment="its Monday"),
    Column("part", Integer, primary_key=True, comment="of the day: hour of the store's clock divided by 6"),
    Column("categories", Text, primary_key=True, comment="ids in order, with commas"),
    Column("n", Integer, nullable=False),
    sqlite_with_rowid=False,
)

coupons = Table(
    "coupons",
    metadata,
    _site(primary_key=True),
    Column("day", Date, primary_key=True),
    Column("coupon", String(64), primary_key=True),
    Column("receipts", Integer, nullable=False),
    Column("gross_c", BigInteger, nullable=False),
    Column("discount_c", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

receipts_seen = Table(
    "receipts_seen",
    metadata,
    _site(primary_key=True),
    Column("digest", LargeBinary(12), primary_key=True, comment="keyed hash of the sender's receipt id"),
    Column("day", Date, nullable=False, index=True),
    sqlite_with_rowid=False,
)

sales_rows = Table(
    "sales_rows",
    metadata,
    _site(primary_key=True),
    Column("start_ms", BigInteger, primary_key=True),
    Column("minutes", Integer, primary_key=True),
    Column("category", String(64), primary_key=True, comment="empty: the whole store"),
    *_sums(),
)

money = Table(
    "money",
    metadata,
    _site(primary_key=True),
    Column("currency", String(3), nullable=False, comment="of the first document that named one; others are refused"),
)

imports = Table(
    "imports",
    metadata,
    Column("id", ROW, primary_key=True, autoincrement=True),
    _site(),
    Column("subject", String(16), nullable=False),
    Column("by", String(8), nullable=False, comment="rest, mqtt, upload or folder"),
    Column("name", String(200), nullable=False, comment="of the file; or of who sent it"),
    Column("digest", String(64), nullable=False, comment="SHA-256 of what came"),
    Column("who", String(80), nullable=False),
    Column("received_ms", BigInteger, nullable=False),
    Column("done_ms", BigInteger),
    Column("status", String(8), nullable=False, comment="running, done, partly or refused"),
    Column("lines", BigInteger, nullable=False),
    Column("taken", BigInteger, nullable=False),
    Column("known", BigInteger, nullable=False, comment="had been taken before, and changed nothing"),
    Column("refused", BigInteger, nullable=False),
    Column("trouble", Text, comment="why nothing of it could be read"),
    Index(None, "site", "received_ms"),
)

import_faults = Table(
    "import_faults",
    metadata,
    Column("import_id", ROW, ForeignKey("imports.id", ondelete="CASCADE"), primary_key=True),
    Column("line", BigInteger, primary_key=True),
    Column("column", String(80), nullable=False),
    Column("fault", Text, nullable=False, comment="never the value itself"),
)

mappings = Table(
    "mappings",
    metadata,
    _site(primary_key=True),
    Column("name", ID, primary_key=True),
    Column("subject", String(16), nullable=False),
    Column("document", JSON, nullable=False),
    Column("author", String(80), nullable=False),
    Column("changed_ms", BigInteger, nullable=False),
)

categories = Table(
    "categories",
    metadata,
    _site(primary_key=True),
    Column("category", ID, primary_key=True),
    Column("name", String(120), nullable=False),
    Column("parent", ID),
    Column("needs", String(8), nullable=False),
    Column("movable", Boolean, nullable=False),
)

articles = Table(
    "articles",
    metadata,
    _site(primary_key=True),
    Column("sku", String(64), primary_key=True),
    Column("name", String(120), nullable=False),
    Column("category", ID, nullable=False),
)

placings = Table(
    "placings",
    metadata,
    _site(primary_key=True),
    Column("category", ID, primary_key=True),
    Column("since", Date, primary_key=True),
    Column("zone", ID, comment="null: it left the floor"),
    Column("shelf_m", Float),
)

places = Table(
    "places",
    metadata,
    _site(primary_key=True),
    Column("zone", ID, primary_key=True),
    Column("shelf_m", Float),
    Column("has", JSON, nullable=False),
    Column("feature", Boolean, nullable=False),
)

offers = Table(
    "offers",
    metadata,
    _site(primary_key=True),
    Column("offer", ID, primary_key=True),
    Column("start", Date, nullable=False),
    Column("end", Date, nullable=False),
    Column("document", JSON, nullable=False, comment="contract.loyalty.Offer"),
)

affinities = Table(
    "affinities",
    metadata,
    _site(primary_key=True),
    Column("segment", ID, primary_key=True),
    Column("category", ID, primary_key=True),
    Column("weekdays", String(16), primary_key=True, comment="digits 0 to 6"),
    Column("from_hour", Integer, primary_key=True),
    Column("to_hour", Integer, primary_key=True),
    Column("start", Date, primary_key=True),
    Column("end", Date, nullable=False),
    Column("share", Float, nullable=False),
    Column("receipts", BigInteger, nullable=False),
)

programme_periods = Table(
    "programme_periods",
    metadata,
    _site(primary_key=True),
    Column("segment", ID, primary_key=True),
    Column("start", Date, primary_key=True),
    Column("end", Date, primary_key=True),
    Column("document", JSON, nullable=False, comment="contract.loyalty.ProgrammePeriod"),
)

cohorts = Table(
    "cohorts",
    metadata,
    _site(primary_key=True),
    Column("joined", String(7), primary_key=True),
    Column("month", Integer, primary_key=True),
    Column("members", Integer, nullable=False),
    Column("active", Integer, nullable=False),
    Column("gross_c", BigInteger, nullable=False),
    Column("margin_c", BigInteger),
)

surveys = Table(
    "surveys",
    metadata,
    _site(primary_key=True),
    Column("survey", ID, primary_key=True),
    Column("question", ID, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("answer", String(80), primary_key=True),
    Column("name", String(120), nullable=False),
    Column("nps", Boolean, nullable=False),
    Column("n", Integer, nullable=False),
)

weather = Table(
    "weather",
    metadata,
    _site(primary_key=True),
    Column("day", Date, primary_key=True),
    Column("temperature_c", Float, nullable=False),
    Column("rain_mm", Float, nullable=False),
    Column("forecast", Boolean, nullable=False),
)

special_days = Table(
    "special_days",
    metadata,
    _site(primary_key=True),
    Column("day", Date, primary_key=True),
    Column("name", String(120), nullable=False),
    Column("closed", Boolean, nullable=False),
)
