"""Tables of screens: what may be shown, what was decided, what was played, who was there, and what it brought."""

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
    String,
    Table,
    Text,
    UniqueConstraint,
)

from server.db.tables import ID, ROW, metadata


def _site(*, primary_key: bool = False) -> Column[str]:
    reference = ForeignKey("sites.site", ondelete="CASCADE")
    return Column("site", ID, reference, primary_key=primary_key, nullable=False)


media = Table(
    "media",
    metadata,
    Column("sha256", String(64), primary_key=True, comment="also the name of its file, or of its folder for a package"),
    Column("kind", String(8), nullable=False, comment="image, video or html"),
    Column("type", String(80), nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("seconds", Float, comment="of a video"),
    Column("preview", LargeBinary, comment="JPEG, at most 640 px; none where it could not be drawn"),
    Column("created_ms", BigInteger, nullable=False),
)

creatives = Table(
    "creatives",
    metadata,
    _site(primary_key=True),
    Column("creative", ID, primary_key=True),
    Column("name", String(120), nullable=False),
    Column("media", String(64), ForeignKey("media.sha256"), nullable=False),
    Column("seconds", Float, nullable=False, comment="how long one play lasts"),
    Column("portrait", Boolean, comment="null fits any screen"),
    Column("landing", ID, comment="its QR code leads to this page"),
    Column("author", String(80), nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("archived_ms", BigInteger),
)

campaigns = Table(
    "campaigns",
    metadata,
    _site(primary_key=True),
    Column("campaign", ID, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("status", String(12), nullable=False, comment="draft, waiting, approved, paused or ended"),
    Column("document", JSON, nullable=False),
    Column("author", String(80), nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("changed_ms", BigInteger, nullable=False),
    Column("approved_by", String(80)),
    Column("approved_ms", BigInteger),
)

campaign_log = Table(
    "campaign_log",
    metadata,
    Column("id", ROW, primary_key=True, autoincrement=True),
    _site(),
    Column("campaign", ID, nullable=False),
    Column("version", Integer, nullable=False),
    Column("t_ms", BigInteger, nullable=False),
    Column("who", String(80), nullable=False),
    Column("what", String(24), nullable=False, comment="saved, submitted, approved, refused, paused, resumed, ended"),
    Column("note", Text, nullable=False),
    Column("document", JSON, nullable=False),
    Index(None, "site", "campaign", "t_ms"),
)

screen_settings = Table(
    "screen_settings",
    metadata,
    _site(primary_key=True),
    Column("screen", ID, primary_key=True),
    Column("default_creative", ID, comment="plays when nothing else may; null: the player's own house picture"),
    Column("screenshots", Boolean, nullable=False, comment="whether an administrator may ask what it shows"),
)

players = Table(
    "players",
    metadata,
    Column("player", String(32), primary_key=True),
    _site(),
    Column("screen", ID, nullable=False),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("paired_by", String(80), nullable=False),
    Column("paired_ms", BigInteger, nullable=False),
    Column("seen_ms", BigInteger),
    Column("health", JSON, comment="what it last said of itself"),
    Column("revoked_ms", BigInteger),
    Index(None, "site", "screen"),
)

pairings = Table(
    "pairings",
    metadata,
    Column("code", String(12), primary_key=True, comment="shown on the screen, typed in by an administrator"),
    Column("secret_hash", String(64), nullable=False, unique=True, comment="by which the player asks for its token"),
    Column("site", ID, nullable=False),
    Column("screen", ID, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("expires_ms", BigInteger, nullable=False, index=True),
    Column("player", String(32), comment="once an administrator said yes"),
)

screenshots = Table(
    "screenshots",
    metadata,
    _site(primary_key=True),
    Column("screen", ID, primary_key=True),
    Column("asked_ms", BigInteger, nullable=False),
    Column("t_ms", BigInteger),
    Column("jpeg", LargeBinary),
)

decisions = Table(
    "decisions",
    metadata,
    Column("decision", String(64), primary_key=True),
    _site(),
    Column("screen", ID, nullable=False),
    Column("t_ms", BigInteger, nullable=False),
    Column("campaign", ID, comment="chosen, also where its arm put the default in its place; null: nothing to choose"),
    Column("creative", ID, comment="what is shown; null: the default"),
    Column("arm", String(10)),
    Column("propensity", Float, nullable=False, comment="chance of this creative in this context"),
    Column("reason", JSON, nullable=False, comment="code and figures, for a sentence in any language"),
    Column("context", JSON, nullable=False, comment="what the decision was made from, to be replayed"),
    Index(None, "site", "t_ms"),
    Index(None, "site", "campaign", "t_ms"),
    Index(None, "site", "screen", "t_ms"),
)

plays = Table(
    "plays",
    metadata,
    Column("play", String(64), primary_key=True),
    _site(),
    Column("screen", ID, nullable=False),
    Column("player", String(32), nullable=False, comment="or `mqtt` for other players"),
    Column("decision", String(64)),
    Column("campaign", ID),
    Column("campaign_name", String(120), nullable=False, comment="as it was called then"),
    Column("creative", ID),
    Column("creative_name", String(120), nullable=False),
    Column("started_ms", BigInteger, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("outcome", String(8), nullable=False),
    Column("cached", Boolean, nullable=False),
    Column("trouble", Text),
    Column("received_ms", BigInteger, nullable=False),
    Index(None, "site", "started_ms"),
    Index(None, "site", "campaign", "started_ms"),
    Index(None, "site", "screen", "started_ms"),
)

triggers = Table(
    "triggers",
    metadata,
    _site(primary_key=True),
    Column("name", ID, primary_key=True),
    Column("value", String(80), nullable=False),
    Column("set_ms", BigInteger, nullable=False),
    Column("until_ms", BigInteger, nullable=False),
)

window_screens = Table(
    "window_screens",
    metadata,
    Column("window_id", ROW, ForeignKey("windows.id", ondelete="CASCADE"), primary_key=True),
    Column("screen", ID, primary_key=True),
    Column("creative", String(64), primary_key=True, comment="empty for the default, or what the box did not know"),
    Column("shown_s", Float, nullable=False),
    Column("ots", Integer, nullable=False),
    Column("viewers", Integer, nullable=False),
    Column("attention_s", Float, nullable=False),
)

audience = Table(
    "audience",
    metadata,
    Column("id", ROW, primary_key=True, autoincrement=True),
    _site(),
    Column("box", ID, nullable=False),
    Column("camera", ID, nullable=False),
    Column("zone", ID, nullable=False),
    Column("segment", ID, nullable=False),
    Column("digest", String(12), nullable=False, comment="of the segment's definition: others are never added up"),
    Column("t_start_ms", BigInteger, nullable=False),
    Column("t_end_ms", BigInteger, nullable=False),
    Column("n", Integer, nullable=False),
    Column("of", Integer, nullable=False),
    Column("dwell_sum_s", Float, nullable=False),
    UniqueConstraint("site", "box", "camera", "zone", "segment", "digest", "t_start_ms", name="uq_audience"),
    Index(None, "site", "t_end_ms"),
)

landings = Table(
    "landings",
    metadata,
    _site(primary_key=True),
    Column("landing", ID, primary_key=True),
    Column("document", JSON, nullable=False),
    Column("author", String(80), nullable=False),
    Column("changed_ms", BigInteger, nullable=False),
)

scans = Table(
    "scans",
    metadata,
    Column("id", ROW, primary_key=True, autoincrement=True),
    _site(),
    Column("landing", ID, nullable=False),
    Column("campaign", ID, nullable=False, comment="empty without one"),
    Column("creative", ID, nullable=False),
    Column("screen", ID, nullable=False),
    Column("slot_ms", BigInteger, nullable=False, comment="ten-minute slot: no finer, so that nobody is found again"),
    Column("what", String(12), nullable=False, comment="scan, redeem, join or answer"),
    Column("answer", String(40), nullable=False, comment="of a poll; empty otherwise"),
    Column("n", Integer, nullable=False),
    UniqueConstraint("site", "landing", "creative", "screen", "campaign", "slot_ms", "what", "answer", name="uq_scans"),
    Index(None, "site", "campaign", "slot_ms"),
)
"""Counts only: no visitor, no address, no time finer than a slot."""

installation = Table(
    "installation",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("value", String(200), nullable=False),
)

leases = Table(
    "leases",
    metadata,
    _site(primary_key=True),
    Column("holder", String(64), nullable=False, comment="the server that decides for its screens"),
    Column("until_ms", BigInteger, nullable=False),
)
