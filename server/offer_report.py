"""Offers with what came of each: as they were told, as the newest round judged them, and where their advice stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection

from contract.loyalty import Offer
from server.advice.gather import PAST_DAYS
from server.advice.standing import Standing, standings
from server.db.offer_results import offer_results
from server.db.offers import list_offers
from server.domain.offer_results import OfferResult
from server.domain.offers import LONG_AGO_DAYS

_ADVICE = ("drop_offer", "retarget_offer")


@dataclass(frozen=True, slots=True)
class ReportedOffer:
    """One offer; `result` is None where no round has looked at it yet."""

    offer: Offer
    result: OfferResult | None
    advice: Standing | None
    """Advice to end it or to give it to others, where there is one or a test of it was made."""

    @property
    def loses(self) -> bool:
        """Whether it costs more than it brings, beyond chance."""
        net = self.result.net if self.result else None
        return net is not None and net.high < 0 and self.verdict in {"loses", "others"}

    @property
    def verdict(self) -> str:
        """In one word; `waits` before the first round."""
        return self.result.verdict if self.result else "waits"


@dataclass(frozen=True, slots=True)
class OfferReport:
    """Those of about the last year and those to come; what brings most first, then those not judged yet."""

    worked_out: float | None
    """Seconds UTC; None before the first round that had offers."""
    offers: Sequence[ReportedOffer]

    @property
    def judged(self) -> list[ReportedOffer]:
        """Those of which something can be said."""
        return [each for each in self.offers if each.verdict != "waits"]


def offer_report(conn: Connection, site: str, *, today: date) -> OfferReport:
    """Of one site."""
    told = {offer.offer: offer for offer in list_offers(conn, site, first=today - timedelta(days=PAST_DAYS))}
    found = offer_results(conn, site)
    results = {each.offer: each for each in (found.results if found else ()) if each.offer in told}
    advice = {one.record.advice.subject: one for one in standings(conn, site) if one.record.advice.kind in _ADVICE}
    lately = today - timedelta(days=LONG_AGO_DAYS)
    ordered = [*results, *(key for key, offer in told.items() if key not in results and offer.end >= lately)]
    reported = [ReportedOffer(told[key], results.get(key), advice.get(key)) for key in ordered]
    return OfferReport(found.t if found else None, reported)
