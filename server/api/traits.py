"""Shares of gender and age, where boxes estimate them: as counted, and set right for how the networks err."""

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from contract.messages import Trait, TraitClass
from server.api.period import Asked, PeriodBody, Site, period_body
from server.api.segments import SMALLEST_EXPORTED
from server.session import Db
from server.trait_readings import TraitReading, Why, read_traits

router = APIRouter(prefix="/sites/{site}", tags=["audience"])


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
def traits(site: Site, period: Asked, db: Db) -> TraitsBody:
    """Estimates over many people, with the networks' own errors taken out as far as they are known."""
    readings = read_traits(db, site.document, start=period.start, end=period.end, smallest=SMALLEST_EXPORTED)
    return TraitsBody(
        site=site.site,
        period=period_body(period, site),
        simulated=site.simulated,
        traits=[_trait(reading) for reading in readings],
    )


def _trait(reading: TraitReading) -> TraitBody:
    return TraitBody(
        trait=reading.trait,
        how_known=reading.how_known,
        n=None if reading.held_back else reading.n,
        held_back=reading.held_back,
        classes=[
            TraitClassBody(
                of_class=each.of_class,
                segment=segment,
                counted=each.counted,
                share=each.share,
                share_low=each.low,
                share_high=each.high,
            )
            for segment, each in reading.shares.items()
        ],
    )
