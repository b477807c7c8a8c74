"""Shares of gender and age, where boxes estimate them: as counted, and set right for how the networks err."""

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field
from sqlalchemy import Connection

from contract.messages import Confusion, Trait, TraitClass
from server.api.period import Asked, Period, PeriodBody, Site, period_body
from server.api.segments import SMALLEST_EXPORTED
from server.db.boxes import boxes
from server.db.segment_shares import Counted, segment_zones
from server.db.sites import SiteRecord
from server.domain.traits import trait_segments, trait_shares
from server.session import Db, Running

router = APIRouter(prefix="/sites/{site}", tags=["audience"])

Why = Literal["too few", "boxes disagree"]


class TraitClassBody(BaseModel):
    """One class of a trait, among those who were taken for any."""

    of_class: TraitClass
    segment: str = Field(description="the segment that means just this class")
    counted: float = Field(description="share as counted")
    share: float = Field(description="most likely true share, given how the networks err")
    share_low: float = Field(description="95 % interval, if the networks err as their manifest says")
    share_high: float


class TraitBody(BaseModel):
    """One trait."""

    trait: Trait
    how_known: Literal["measured", "published", "assumed"] = Field(description="how the networks' errors are known")
    n: int | None = Field(description="visits behind the shares; null: held back")
    held_back: Why | None = Field(description="too few visits in a class, or boxes whose networks err differently")
    classes: list[TraitClassBody]


class TraitsBody(BaseModel):
    """Shares of gender and age over a period, all zones together."""

    site: str
    period: PeriodBody
    simulated: bool
    traits: list[TraitBody] = Field(description="only those that a box tells and all of whose classes have a segment")


@router.get("/audience/traits", summary="Shares of gender and age, corrected")
def traits(site: Site, period: Asked, db: Db, service: Running) -> TraitsBody:
    """Estimates over many people, with the networks' own errors taken out as far as they are known."""
    records = boxes(db, site=site.site, start=period.start, end=period.end, at=service.clock())
    births = [box.birth for box in records if box.birth is not None]
    found = []
    for trait, segments in trait_segments(site.document.segments).items():
        confusions = [birth.confusion[trait] for birth in births if trait in birth.confusion]
        if confusions:
            found.append(_trait(trait, _counted(segments, site, period, db), confusions))
    return TraitsBody(site=site.site, period=period_body(period, site), simulated=site.simulated, traits=found)


def _counted(segments: list[str], site: SiteRecord, period: Period, db: Connection) -> dict[str, Counted]:
    """Of each segment, all zones together."""
    digests = {key: site.document.segments[key].digest for key in segments}
    zones = segment_zones(db, site=site.site, segments=digests, start=period.start, end=period.end)
    return {key: sum(zones.get(key, {}).values(), Counted()) for key in segments}


def _trait(trait: Trait, counted: dict[str, Counted], confusions: list[Confusion]) -> TraitBody:
    held_back = _held_back(counted, confusions)
    n = sum(each.n for each in counted.values())
    rates = [] if held_back else [each.n / each.of for each in counted.values()]
    shares = trait_shares(trait, rates, n, confusions[0]) if rates else []
    return TraitBody(
        trait=trait,
        how_known=confusions[0].how_known,
        n=n if rates else None,
        held_back=held_back,
        classes=[
            TraitClassBody(
                of_class=each.of_class,
                segment=segment,
                counted=each.counted,
                share=each.share,
                share_low=each.low,
                share_high=each.high,
            )
            for segment, each in zip(counted, shares, strict=bool(shares))
        ],
    )


def _held_back(counted: dict[str, Counted], confusions: list[Confusion]) -> Why | None:
    if any(confusion != confusions[0] for confusion in confusions):
        return "boxes disagree"
    return None if all(each.tells(SMALLEST_EXPORTED) for each in counted.values()) else "too few"
