"""What tills tell of a campaign's coupons: receipts that named a code of the pages behind its creatives."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from server.campaign_document import CampaignDocument
from server.db import sales
from server.db.landings import landing_of
from server.landing_document import Coupon


@dataclass(frozen=True, slots=True)
class CouponSales:
    """Receipts with one of the codes; money in whole hundredths."""

    receipts: int
    gross_c: int
    discount_c: int


def coupon_sales(
    conn: Connection, site: str, document: CampaignDocument, *, first: date, last: date
) -> CouponSales | None:
    """From `first` to `last`, both with; None for a campaign without a coupon, and where no till ever told of one.

    A code that two campaigns share counts in both: a receipt does not say which screen it came from.
    """
    codes = _codes(conn, site, document)
    told = [each for each in sales.coupons(conn, site, first, last) if each.coupon in codes]
    if not told:
        return None
    return CouponSales(
        sum(each.receipts for each in told), sum(each.gross_c for each in told), sum(each.discount_c for each in told)
    )


def _codes(conn: Connection, site: str, document: CampaignDocument) -> set[str]:
    pages = (landing_of(conn, site, creative) for creative in document.creatives)
    return {page.document.page.code for page in pages if page and isinstance(page.document.page, Coupon)}
