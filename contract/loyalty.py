"""What till and loyalty programme tell Vitrina: aggregates, and receipts without a person. Nothing here names one.

The same documents come by REST, on `vitrina/v1/{site}/loyalty/in/{subject}`, and from files. A key that could name a
person is refused with the reason, not passed over: who sends it should stop sending it.
"""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import AwareDatetime, Field, NonNegativeInt, PositiveInt, model_validator

from contract.ids import Id
from contract.messages import Part
from contract.money import Amount, Currency
from contract.personal import Impersonal, refuse_key, refuse_personal
from contract.site import Finite, Share

BIN_S = 900
"""Times of receipts are floored to this on arrival, and the order within it is dropped."""

Sku = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,63}$")]
Name = Annotated[Impersonal, Field(min_length=1, max_length=120)]
Code = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
Quantity = Annotated[float, Field(gt=0, le=100_000, allow_inf_nan=False, description="pieces or kilograms")]
Weekday = Annotated[int, Field(ge=0, le=6, description="0 is Monday")]
_NOTHING = Decimal(0)
HourOfDay = Annotated[int, Field(ge=0, le=24)]


class Told(Part):
    """Base of what is told: a key that could name a person is refused as that, at any depth.

    Only goods, offers, questions and days have a `name`.
    """

    @model_validator(mode="before")
    @classmethod
    def _impersonal(cls, raw: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
        refuse_personal(raw)
        if isinstance(raw, dict) and "name" in raw and "name" not in cls.model_fields:
            raise refuse_key("name")
        return raw


class ReceiptLine(Told):
    """One line of a receipt, with its category or an article of the catalogue, which says it.

    Amounts are of the whole line, after the discount, and above zero also of goods that are brought back.
    """

    category: Id | None = None
    sku: Sku | None = None
    quantity: Quantity = 1.0
    gross: Amount = Field(description="paid, with tax")
    margin: Amount | None = Field(default=None, description="gross less tax and cost of goods; may be below zero")
    discount: Amount = Field(default=_NOTHING, description="taken off the usual price")
    offer: Id | None = Field(default=None, description="the campaign or offer behind the discount")
    coupon: Code | None = Field(
        default=None, description="one that many people have, printed on a flyer or a screen; never one person's own"
    )

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.category is None and self.sku is None:
            raise ValueError("category: missing, and there is no sku to know it by")
        if self.gross < 0 or self.discount < 0:
            raise ValueError("gross and discount are not negative; goods brought back are a receipt of kind return")
        return self


class Receipt(Told):
    """One receipt. `id` only serves to take it once, and is kept as a keyed hash apart from everything else.

    So it may be any number of the sender's; `t` is floored to the quarter of an hour.
    """

    id: Annotated[str, Field(min_length=1, max_length=120)]
    t: AwareDatetime
    kind: Literal["sale", "return"] = "sale"
    has_card: bool = Field(description="whether a loyalty card was shown; never whose")
    lines: Annotated[list[ReceiptLine], Field(min_length=1, max_length=1000)]


class Receipts(Told):
    """`receipts`: any number up to a thousand; more go in several messages or in a file."""

    currency: Currency
    receipts: Annotated[list[Receipt], Field(min_length=1, max_length=1000)]


class SalesRow(Told):
    """Sales of a category in one span, for shops that send no receipts; `category` null is the whole store.

    A span of 1440 minutes is a day of the store's own calendar, on which its clocks may change; others begin where the
    store's clock shows a whole span.
    """

    start: AwareDatetime
    minutes: Literal[15, 30, 60, 1440] = 60
    category: Id | None = None
    receipts: NonNegativeInt = Field(description="receipts with this category; all receipts where it is null")
    card_receipts: NonNegativeInt = Field(description="of them with a loyalty card; 0 where there are no cards")
    returns: NonNegativeInt = Field(default=0, description="receipts by which something was brought back")
    quantity: Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)] = 0.0
    gross: Amount
    margin: Amount | None = None
    discount: Amount = Field(default=_NOTHING)

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.card_receipts > self.receipts:
            raise ValueError(f"card_receipts {self.card_receipts} is more than receipts {self.receipts}")
        if self.start.timestamp() % BIN_S:
            raise ValueError("start: lies on a quarter of an hour")
        return self


class Sales(Told):
    """`sales`: a row that is sent again takes the place of the earlier one."""

    currency: Currency
    rows: Annotated[list[SalesRow], Field(min_length=1, max_length=5000)]


class Category(Told):
    """A category of goods, and what must be kept in mind when it is moved."""

    category: Id
    name: Name
    parent: Id | None = None
    needs: Literal["nothing", "cold", "frozen", "tap", "counter"] = Field(
        default="nothing", description="what its place must have; it is never advised to move where that is not"
    )
    movable: bool = True


class Article(Told):
    """An article; receipts may name it instead of its category."""

    sku: Sku
    name: Name
    category: Id


class Catalogue(Told):
    """`catalogue`: categories and articles; those named are put in place, others stay."""

    categories: list[Category] = Field(default=[], max_length=2000)
    articles: list[Article] = Field(default=[], max_length=50_000)


class Placing(Told):
    """Where a category stands from a day on; `zone` null means it left the floor."""

    category: Id
    zone: Id | None
    since: date
    shelf_m: Annotated[float, Field(gt=0, le=1000)] | None = Field(default=None, description="metres of shelf")


class Place(Told):
    """What a zone can hold."""

    zone: Id
    shelf_m: Annotated[float, Field(gt=0, le=10_000)] | None = None
    has: list[Literal["cold", "frozen", "tap", "counter"]] = Field(default=[])
    feature: bool = Field(default=False, description="an island or an aisle's end, for goods on show")


class Planogram(Told):
    """`planogram`: which category stands where since when, and what the places can hold."""

    placings: list[Placing] = Field(default=[], max_length=5000)
    places: list[Place] = Field(default=[], max_length=1000)


class GroupResult(Told):
    """What a group of the offer's experiment bought, together; `held_out` did not get the offer."""

    held_out: bool
    members: PositiveInt
    receipts: NonNegativeInt
    gross: Amount
    margin: Amount
    margin_spread: Annotated[float, Field(ge=0, le=1e9)] | None = Field(
        default=None, description="standard deviation of a member's margin; without it no interval can be given"
    )


class Offer(Told):
    """A promotion, discount, coupon or mailing."""

    offer: Id
    name: Name
    kind: Literal["discount", "coupon", "points", "bundle", "mailing", "other"] = "discount"
    categories: list[Id] = Field(default=[], max_length=200)
    start: date
    end: date = Field(description="its last day")
    share_off: Share | None = Field(default=None, description="of the price")
    cost: Amount = Field(default=_NOTHING, description="beyond the discount: print, points, fees")
    groups: list[GroupResult] = Field(default=[], max_length=2)

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.end < self.start:
            raise ValueError(f"end {self.end} lies before start {self.start}")
        if self.groups and {group.held_out for group in self.groups} != {True, False}:
            raise ValueError("groups: give one that got the offer and one held out, or none")
        return self


class Offers(Told):
    """`offers`: an offer that is sent again takes the place of the earlier one."""

    currency: Currency
    offers: Annotated[list[Offer], Field(min_length=1, max_length=1000)]


class Affinity(Told):
    """Which share of a segment's card receipts holds a category, at certain times of the week."""

    segment: Id = Field(description="of the loyalty programme, such as families; `all` for everyone")
    category: Id
    weekdays: list[Weekday] = Field(default=[0, 1, 2, 3, 4, 5, 6], min_length=1, max_length=7)
    from_hour: HourOfDay = 0
    to_hour: HourOfDay = 24
    share: Share
    receipts: NonNegativeInt = Field(description="card receipts that the share is of")
    start: date
    end: date

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.to_hour <= self.from_hour or self.end < self.start:
            raise ValueError("to_hour comes after from_hour, and end not before start")
        return self


class Affinities(Told):
    """`affinities`: what a segment buys, sent again takes the place of the earlier one of the same days."""

    affinities: Annotated[list[Affinity], Field(min_length=1, max_length=5000)]


class ProgrammePeriod(Told):
    """The programme's sums over a week, a month or a quarter; ratios are made of them here, by stated formulas."""

    start: date
    end: date = Field(description="its last day")
    segment: Id = "all"
    members: NonNegativeInt = Field(description="enrolled at the end")
    active: NonNegativeInt = Field(description="members who bought")
    joined: NonNegativeInt = 0
    returned: NonNegativeInt = Field(default=0, description="active in this period and in the one before")
    lapsed: NonNegativeInt = Field(default=0, description="active in the one before and not in this")
    card_receipts: NonNegativeInt
    receipts: NonNegativeInt = Field(description="all of the store, with and without a card")
    card_gross: Amount
    gross: Amount
    card_margin: Amount | None = None
    points_issued: NonNegativeInt = 0
    points_redeemed: NonNegativeInt = 0
    rewards_issued: NonNegativeInt = 0
    rewards_redeemed: NonNegativeInt = 0
    cost: Amount = Field(default=_NOTHING, description="of the programme in this period")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.end < self.start:
            raise ValueError(f"end {self.end} lies before start {self.start}")
        for part, whole in (("active", "members"), ("returned", "active"), ("card_receipts", "receipts")):
            if getattr(self, part) > getattr(self, whole):
                raise ValueError(f"{part} {getattr(self, part)} is more than {whole} {getattr(self, whole)}")
        return self


class CohortPeriod(Told):
    """Of those who joined in one month, how many bought in a later one."""

    joined: Annotated[str, Field(pattern=r"^20\d\d-(0[1-9]|1[0-2])$", description="month, such as 2026-03")]
    month: Annotated[int, Field(ge=0, le=120, description="months since; 0 is the month of joining")]
    members: PositiveInt
    active: NonNegativeInt
    gross: Amount
    margin: Amount | None = None


class Programme(Told):
    """`programme`: sums by period and segment, and cohorts."""

    currency: Currency
    periods: list[ProgrammePeriod] = Field(default=[], max_length=2000)
    cohorts: list[CohortPeriod] = Field(default=[], max_length=5000)


class SurveyCount(Told):
    """How many gave an answer on a day; an NPS question's answers are 0 to 10."""

    survey: Id
    question: Id
    name: Name
    nps: bool = False
    day: date
    answer: Annotated[Impersonal, Field(min_length=1, max_length=80)]
    n: NonNegativeInt

    @model_validator(mode="after")
    def _grade(self) -> Self:
        if self.nps and self.answer not in {str(grade) for grade in range(11)}:
            raise ValueError("answer: of an NPS question it is a whole number from 0 to 10")
        return self


class Surveys(Told):
    """`surveys`: counts of answers; sent again takes the place of the earlier one."""

    counts: Annotated[list[SurveyCount], Field(min_length=1, max_length=5000)]


class Weather(Told):
    """One day's weather, measured or foretold."""

    day: date
    temperature_c: Annotated[Finite, Field(ge=-80, le=60)]
    rain_mm: Annotated[Finite, Field(ge=0, le=2000)] = 0.0
    forecast: bool = False


class SpecialDay(Told):
    """A day that is not like its weekday, past or to come."""

    day: date
    name: Name
    closed: bool = False


class Days(Told):
    """`days`: weather and special days, for forecasts and as confounders."""

    weather: list[Weather] = Field(default=[], max_length=1000)
    special: list[SpecialDay] = Field(default=[], max_length=1000)


Subject = Literal["receipts", "sales", "catalogue", "planogram", "offers", "affinities", "programme", "surveys", "days"]

SUBJECTS: dict[Subject, type[Told]] = {
    "receipts": Receipts,
    "sales": Sales,
    "catalogue": Catalogue,
    "planogram": Planogram,
    "offers": Offers,
    "affinities": Affinities,
    "programme": Programme,
    "surveys": Surveys,
    "days": Days,
}
"""What may come in, by the last part of its topic and of its path in the REST interface."""
