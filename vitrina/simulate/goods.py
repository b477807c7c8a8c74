"""What a store sells and where it stands: goods, offers and places. A document of its own (YAML)."""

from pathlib import Path
from typing import Annotated, Literal, Self

import yaml
from pydantic import Field, model_validator

from contract.documents import validate
from contract.errors import DocumentError
from contract.ids import Id
from contract.money import Currency
from contract.site import Document, Share, Site
from vitrina.errors import SimulationError

Factor = Annotated[float, Field(gt=0, le=20)]
Hour = Annotated[int, Field(ge=0, le=24)]
Needs = Literal["nothing", "cold", "frozen", "tap", "counter"]


class Pair(Document):
    """How buyers of one category take another."""

    lift: Factor = Field(description="so many times as often as other buyers do")
    beside: Factor = Field(default=1.0, description="and so many times that where both stand in one zone")


class Good(Document):
    """A category: where it stands, what it costs, who takes it."""

    name: str
    zone: Id
    price: Annotated[float, Field(gt=0, le=1e5)] = Field(description="of a piece, in the currency's unit")
    margin: Annotated[float, Field(ge=-1, le=1)] = Field(description="share of the usual price")
    sought: Share = Field(default=0.0, description="share of those who come in who want it, wherever it stands")
    impulse: Share = Field(default=0.0, description="share of the engaged visits of its zone that take it along")
    pieces: Annotated[float, Field(ge=1, le=100)] = Field(default=1.3, description="mean of a line")
    elasticity: Annotated[float, Field(ge=0, le=10)] = Field(
        default=1.0, description="demand goes with price to the power of minus this"
    )
    hours: dict[Hour, Factor] = Field(default={}, description="how much more is wanted at an hour; 1 where not named")
    weekend: Factor = Field(default=1.0, description="how much more on Saturdays and Sundays")
    warm: Annotated[float, Field(ge=-2, le=2)] = Field(default=0.0, description="log of demand for each 10 °C more")
    pairs: dict[Id, Pair] = Field(default={}, description="what its buyers take more often than others")
    needs: Needs = "nothing"
    movable: bool = True
    shelf_m: Annotated[float, Field(gt=0, le=1000)] = 4.0


class Promotion(Document):
    """An offer that comes back: in week w of the calendar where w modulo `every_weeks` is one of `weeks`.

    Each time it is an offer of its own, named after its first Monday; with `every_weeks` 1 it never ends.
    """

    name: str
    categories: Annotated[list[Id], Field(min_length=1)]
    share_off: Share
    every_weeks: Annotated[int, Field(ge=1, le=52)] = 1
    weeks: list[Annotated[int, Field(ge=0, le=51)]] = Field(default=[0], min_length=1)
    from_hour: Hour = 0
    to_hour: Hour = 24
    card_only: bool = False
    elasticity: Annotated[float, Field(ge=0, le=10)] | None = Field(default=None, description="else the category's")


class Place(Document):
    """A zone where goods can stand."""

    passing: Share = Field(description="share of those who come in who come past, whatever stands here")
    holding: Share = Field(default=0.3, description="share of those who come past who stay to look")
    shelf_m: Annotated[float, Field(gt=0, le=10_000)] = 20.0
    has: list[Literal["cold", "frozen", "tap", "counter"]] = Field(default=[])
    feature: bool = False


class Assortment(Document):
    """The whole document."""

    currency: Currency = "EUR"
    has_card: Share = Field(default=0.6, description="share of the receipts with a loyalty card")
    returns: Annotated[float, Field(ge=0, le=0.5)] = Field(default=0.005, description="share of lines brought back")
    categories: Annotated[dict[Id, Good], Field(min_length=1)]
    places: Annotated[dict[Id, Place], Field(min_length=1)]
    offers: dict[Id, Promotion] = Field(default={})

    @model_validator(mode="after")
    def _fits(self) -> Self:
        for key, good in self.categories.items():
            if good.zone not in self.places:
                raise ValueError(f"categories.{key}.zone: {good.zone!r} is none of places")
            if strange := sorted(set(good.pairs) - set(self.categories) | ({key} & set(good.pairs))):
                raise ValueError(f"categories.{key}.pairs: {strange[0]!r} is no other category")
        for key, offer in self.offers.items():
            if strange := sorted(set(offer.categories) - set(self.categories)):
                raise ValueError(f"offers.{key}.categories: {strange[0]!r} is no category")
        return self


def read_goods(path: Path, site: Site) -> Assortment:
    """The document at `path`.

    Raises:
        SimulationError: it cannot be read.
        DocumentError: it does not fit, or names zones the site does not have.
    """
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError, UnicodeDecodeError) as error:
        raise SimulationError(f"{path}: cannot be read as YAML ({' '.join(str(error).split())[:200]})") from None
    goods = validate(Assortment, raw, name=str(path))
    if strange := sorted(set(goods.places) - set(site.zones)):
        raise DocumentError(f"{path}: places.{strange[0]} is no zone of site {site.site!r}")
    return goods
