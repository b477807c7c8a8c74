"""From an advice to a test of it: what it is judged on, from when to when, and what else goes on then."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from sqlalchemy import Connection

from server.change_document import ChangeDocument, Days
from server.db.campaigns import list_campaigns
from server.db.changes import list_changes
from server.db.offers import list_offers
from server.domain.advice import Advice
from server.domain.trial import SETTLING_DAYS, Trial

SOONEST_DAYS = 2
"""People need a day to prepare a change."""


@dataclass(frozen=True, slots=True)
class Clash:
    """Something else that happens to the same goods or at the same place within the test."""

    what: Literal["change", "campaign", "offer"]
    name: str
    first: date
    last: date


def next_monday(today: date) -> date:
    """The day a change is proposed for: the first Monday that leaves time to prepare."""
    soonest = today + timedelta(days=SOONEST_DAYS)
    return soonest + timedelta(days=-soonest.weekday() % 7)


def sides(day: date, *, before: int, after: int) -> tuple[Days, Days]:
    """The days before a change and those after it; while goods settle in, none count."""
    settled = day + timedelta(days=SETTLING_DAYS)
    ahead = Days(first=day - timedelta(days=before), last=day - timedelta(days=1))
    return ahead, Days(first=settled, last=settled + timedelta(days=after - 1))


def as_change(advice: Advice, trial: Trial, *, day: date, days: int | None = None) -> ChangeDocument:
    """The advice as a planned change on `day`.

    Args:
        advice: what is changed.
        trial: what a test of it would take.
        day: of the change.
        days: after it; by default as advised.
    """
    length = next((each for each in trial.lengths if each.days == days), None)
    before, after = sides(day, before=trial.before, after=length.days if length else trial.days)
    return ChangeDocument(
        kind=advice.kind,
        subject=advice.subject,
        other=advice.other,
        origin=advice.origin,
        target=advice.target,
        design=trial.design,
        before=before,
        after=after,
        stores=list(trial.stores),
        categories=list(trial.categories),
        zones=list(trial.zones),
        sees=length.sees if length else trial.sees,
    )


def clashes(conn: Connection, site: str, document: ChangeDocument, *, but: int | None = None) -> list[Clash]:
    """What else touches the same categories or zones within the test; `but` is the change itself, once it is kept."""
    first, last = document.before.first, document.after.last
    found = [*_changes(conn, site, document, but), *_campaigns(conn, site, document), *_offers(conn, site, document)]
    return [clash for clash in found if clash.first <= last and clash.last >= first]


def concerned(advice: Advice, of_offers: Mapping[str, Sequence[str]], categories: Sequence[str]) -> tuple[str, ...]:
    """The categories whose margin an advice is about.

    Args:
        advice: the advice.
        of_offers: categories by offer.
        categories: those that are known.
    """
    if advice.kind in {"drop_offer", "retarget_offer"}:
        return tuple(of_offers.get(advice.subject, ())) or tuple(categories)  # one without categories holds for all
    named = (advice.subject, advice.other or "")
    return tuple(category for category in named if category in categories)


def _changes(conn: Connection, site: str, document: ChangeDocument, but: int | None) -> Iterator[Clash]:
    places = {document.origin, document.target, *document.zones} - {None}
    for change in list_changes(conn, site, "planned", "running", "done"):
        other = change.document
        shared = set(other.categories) & set(document.categories) or {other.origin, other.target} & places
        if change.id != but and shared:
            yield Clash("change", change.name, change.day, other.after.last)


def _campaigns(conn: Connection, site: str, document: ChangeDocument) -> Iterator[Clash]:
    for record in list_campaigns(conn, site, "approved", "paused"):
        campaign = record.document
        if campaign.category in document.categories or (campaign.promotes and campaign.promotes in document.zones):
            for flight in campaign.flights:
                yield Clash("campaign", campaign.name, flight.first, flight.last)


def _offers(conn: Connection, site: str, document: ChangeDocument) -> Iterator[Clash]:
    subject = document.subject if document.kind in {"drop_offer", "retarget_offer"} else None
    for offer in list_offers(conn, site):
        if offer.offer != subject and (not offer.categories or set(offer.categories) & set(document.categories)):
            yield Clash("offer", offer.name, offer.start, offer.end)
