"""The tables. SQLAlchemy Core only, for SQLite and PostgreSQL alike.

Instants are whole milliseconds since 1970 UTC (`_ms`): exact, indexable, and grouped by integer division.
What adds up is kept as windows (the facts), and added up in `server.db.rollup_tables`. `cells` holds a packed grid of
`server.db.packing`, by HEAT_LAYERS of `server.db.rollup`; `dwell` a packed table.
"""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = MetaData(naming_convention=NAMING)

ID = String(64)
ROW = BigInteger().with_variant(Integer, "sqlite")  # only INTEGER PRIMARY KEY numbers itself in SQLite

sites = Table(
    "sites",
    metadata,
    Column("site", ID, primary_key=True),
    Column("name", Text, nullable=False),
    Column("timezone", String(64), nullable=False),
    Column("version", Integer, nullable=False),
    Column("document", JSON, nullable=False),
    Column("simulated", Boolean, nullable=False, default=False),
)

boxes = Table(
    "boxes",
    metadata,
    Column("site", ID, ForeignKey("sites.site", ondelete="CASCADE"), primary_key=True),
    Column("box", ID, primary_key=True),
    Column("status", String(16)),
    Column("birth", JSON),
    Column("reported", JSON),
    Column("health", JSON),
    Column("health_ms", BigInteger),
    Column("last_seen_ms", BigInteger, nullable=False),
)

windows = Table(
    "windows",
    metadata,
    Column("id", ROW, primary_key=True, autoincrement=True),
    Column("site", ID, ForeignKey("sites.site", ondelete="CASCADE"), nullable=False),
    Column("box", ID, nullable=False),
    Column("camera", ID, nullable=False),
    Column("t_start_ms", BigInteger, nullable=False),
    Column("t_end_ms", BigInteger, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("site_version", Integer, nullable=False),
    Column("observed_s", Float, nullable=False),
    Column("frames", BigInteger, nullable=False),
    Column("presence_s", Float, nullable=False),
    Column("occupancy_max", Integer, nullable=False),
    Column("moved", Boolean, nullable=False),
    Column("handovers_taken", Integer, nullable=False),
    Column("handovers_guessed", Integer, nullable=False),
    Column("handovers_missed", Integer, nullable=False),
    # The newest revision takes the place of the earlier one, so one row per window is enough to count each once.
    UniqueConstraint("site", "box", "camera", "t_start_ms"),
    Index(None, "site", "t_start_ms"),
    Index(None, "site", "camera", "t_start_ms"),
)

window_lines = Table(
    "window_lines",
    metadata,
    Column("window_id", ROW, ForeignKey("windows.id", ondelete="CASCADE"), primary_key=True),
    Column("line", ID, primary_key=True),
    Column("entered", Integer, nullable=False),
    Column("left", Integer, nullable=False),
)

window_zones = Table(
    "window_zones",
    metadata,
    Column("window_id", ROW, ForeignKey("windows.id", ondelete="CASCADE"), primary_key=True),
    Column("zone", ID, primary_key=True),
    Column("entries", Integer, nullable=False),
    Column("visits", Integer, nullable=False),
    Column("presence_s", Float, nullable=False),
    Column("dwell_sum_s", Float, nullable=False),
    Column("occupancy_max", Integer, nullable=False),
    Column("stops", Integer, nullable=False),
    Column("reentries", Integer, nullable=False),
    Column("dwell", LargeBinary, comment="packed counts, 4 tables one after the other; empty when no visit ended"),
)

window_flows = Table(
    "window_flows",
    metadata,
    Column("window_id", ROW, ForeignKey("windows.id", ondelete="CASCADE"), primary_key=True),
    Column("source", ID, primary_key=True),
    Column("target", ID, primary_key=True),
    Column("n", Integer, nullable=False),
    sqlite_with_rowid=False,  # nearly all of a row is its key: no second copy of it
)

heat_grids = Table(
    "heat_grids",
    metadata,
    Column("id", ROW, primary_key=True, autoincrement=True),
    Column("site", ID, ForeignKey("sites.site", ondelete="CASCADE"), nullable=False),
    Column("camera", ID, nullable=False, comment="empty for the floor, which all cameras share"),
    Column("unit", String(8), nullable=False),
    Column("cell", Float, nullable=False),
    Column("origin_x", Float, nullable=False),
    Column("origin_y", Float, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("columns", Integer, nullable=False),
    UniqueConstraint("site", "camera", "unit", "cell", "origin_x", "origin_y", "rows", "columns", name="uq_heat_grids"),
)

window_heat = Table(
    "window_heat",
    metadata,
    Column("window_id", ROW, ForeignKey("windows.id", ondelete="CASCADE"), primary_key=True),
    Column("grid_id", ROW, ForeignKey("heat_grids.id", ondelete="CASCADE"), nullable=False),
    Column("cells", LargeBinary),
)

live = Table(
    "live",
    metadata,
    Column("site", ID, ForeignKey("sites.site", ondelete="CASCADE"), primary_key=True),
    Column("box", ID, primary_key=True),
    Column("camera", ID, primary_key=True),
    Column("t_ms", BigInteger, nullable=False),
    Column("expires_ms", BigInteger, nullable=False),
    Column("occupancy", Integer, nullable=False),
    Column("zones", JSON, nullable=False),
)

messages_seen = Table(
    "messages_seen",
    metadata,
    Column("source", String(160), primary_key=True),
    Column("id", String(120), primary_key=True),
    Column("received_ms", BigInteger, nullable=False, index=True),
)

events = Table(
    "events",
    metadata,
    Column("id", ROW, primary_key=True, autoincrement=True),
    Column("site", ID, ForeignKey("sites.site", ondelete="CASCADE"), nullable=False),
    Column("box", ID),
    Column("camera", ID),
    Column("t_ms", BigInteger, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("level", String(8), nullable=False),
    Column("text", Text, nullable=False),
    Index(None, "site", "t_ms"),
)

users = Table(
    "users",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("password_hash", Text, nullable=False),
    Column("role", String(16), nullable=False),
    Column("created_ms", BigInteger, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("name", String(80), nullable=False),
    Column("role", String(16), nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("expires_ms", BigInteger, nullable=False, index=True),
)

login_links = Table(
    "login_links",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("role", String(16), nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("expires_ms", BigInteger, nullable=False, index=True),
)

api_tokens = Table(
    "api_tokens",
    metadata,
    Column("id", ROW, primary_key=True, autoincrement=True),
    Column("name", String(80), nullable=False),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("role", String(16), nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("last_used_ms", BigInteger),
    Column("revoked_ms", BigInteger),
)
