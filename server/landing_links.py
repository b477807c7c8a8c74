"""Addresses of landing pages and their QR codes: campaign, creative, screen and day, and no visitor.

https://vitrina.example/q/store014/winter-tea/tea-1/entrance/20261122
"""

import io
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import segno

from contract.site import Site
from server.settings import Settings

NO_CAMPAIGN = "-"
"""In an address: the creative was on as the screen's default."""
OLDEST = timedelta(days=400)
"""A code that hung longer ago leads nowhere: it was invented, or printed and forgotten."""

_DAY = re.compile(r"\d{8}")


@dataclass(frozen=True, slots=True)
class LandingLink:
    """What a code holds."""

    site: str
    campaign: str
    """Empty without one."""
    creative: str
    screen: str
    day: date

    @property
    def path(self) -> str:
        """On this server."""
        return f"/q/{self.site}/{self.campaign or NO_CAMPAIGN}/{self.creative}/{self.screen}/{self.day:%Y%m%d}"


def read_day(text: str, *, today: date) -> date | None:
    """The day of an address; None if it is none, or none on which a code can have hung."""
    if not _DAY.fullmatch(text):
        return None
    try:
        day = date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None
    return day if today - OLDEST <= day <= today + timedelta(days=1) else None


def qr_address(settings: Settings, site: Site, *, campaign: str | None, creative: str, screen: str, t: float) -> str:
    """What the QR code of a creative says on a screen at `t` seconds UTC; its picture is at the same with `.svg`."""
    day = datetime.fromtimestamp(t, ZoneInfo(site.timezone)).date()
    web = settings.web
    base = web.public_url or f"http://{web.host}:{web.port}"
    return base + LandingLink(site.site, campaign or "", creative, screen, day).path


def qr_svg(address: str) -> bytes:
    """The code as SVG, black on white with its quiet zone; error correction Q, for it is read off a lit screen."""
    out = io.BytesIO()
    segno.make_qr(address, error="q", boost_error=False).save(out, kind="svg", scale=8, border=4, light="#fff")
    return out.getvalue()


def qr_png(address: str) -> bytes:
    """The code as PNG, for print."""
    out = io.BytesIO()
    segno.make_qr(address, error="q", boost_error=False).save(out, kind="png", scale=16, border=4, light="#fff")
    return out.getvalue()
