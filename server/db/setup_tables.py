"""Tables of setting a store up: saved versions of its document, floor plans, stills and who was asked for them."""

from sqlalchemy import JSON, BigInteger, Column, ForeignKey, Integer, LargeBinary, String, Table, Text

from server.db.tables import ID, metadata

site_versions = Table(
    "site_versions",
    metadata,
    Column("site", ID, ForeignKey("sites.site", ondelete="CASCADE"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("document", JSON, nullable=False),
    Column("author", String(80), nullable=False, comment="a user's or token's name, or `file`"),
    Column("created_ms", BigInteger, nullable=False),
    Column("note", Text, nullable=False),
    Column("based_on", Integer, comment="the version it was made from; none for the first"),
)

plans = Table(
    "plans",
    metadata,
    Column("site", ID, ForeignKey("sites.site", ondelete="CASCADE"), primary_key=True),
    Column("sha256", String(64), primary_key=True),
    Column("png", LargeBinary, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
)

stills = Table(
    "stills",
    metadata,
    Column("site", ID, ForeignKey("sites.site", ondelete="CASCADE"), primary_key=True),
    Column("camera", ID, primary_key=True),
    Column("t_ms", BigInteger, nullable=False, index=True),
    Column("jpeg", LargeBinary, nullable=False),
    Column("landmarks", JSON, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
)

still_requests = Table(
    "still_requests",
    metadata,
    Column("site", ID, ForeignKey("sites.site", ondelete="CASCADE"), primary_key=True),
    Column("box", ID, primary_key=True),
    Column("camera", ID, primary_key=True),
    Column("expires_ms", BigInteger, nullable=False, index=True, comment="a still that comes later is not taken"),
)
