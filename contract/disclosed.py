"""What the loyalty programme is told: figures of whole hours, days and weeks of the store's clock, never of a person.

A figure under ten, nought too, is held back, and others with it where sums would give it away (docs/privacy.md). What
was told once is never told otherwise.
"""

import json
from datetime import datetime
from typing import Annotated, Literal, get_args

from pydantic import AwareDatetime, Field, NonNegativeFloat, NonNegativeInt

from contract.ids import Id
from contract.messages import SCHEMA_VERSION, Instant, Part
from contract.screens import Arm
from contract.site import Share

OutSubject = Literal["traffic", "zones", "segments", "funnel", "exposure", "experiments", "forecast"]
OUT_SUBJECTS: tuple[OutSubject, ...] = get_args(OutSubject)

Grain = Literal["slot", "hour", "day", "week"]

Count = NonNegativeInt | None


class Figures(Part):
    """One row. A figure that is null and not named in `held` was not measured."""

    start: AwareDatetime = Field(description="of its slot, hour, day or week, by the store's clock")
    held_back: bool = Field(default=False, description="whether any figure of the row is held back")
    held: tuple[str, ...] = Field(default=(), description="which")


class SummedFigures(Figures):
    """A row that a week has too."""

    days: dict[str, NonNegativeInt] = Field(
        default={}, description="of a week: how many of its days each figure adds up, those that told it"
    )


class TrafficRow(SummedFigures):
    """Who came to the store."""

    passers: Count = Field(default=None, description="people in the street before it who did not come in")
    entrants: Count = None
    occupancy_mean: NonNegativeFloat | None = Field(default=None, description="people inside at a time, to 0.1")
    observed_share: Share | None = Field(default=None, description="of the time, in which the doors were watched")


class ZoneRow(SummedFigures):
    """One zone."""

    zone: Id
    visits: Count = None
    engaged: Count = Field(default=None, description="visits of at least the zone's `engaged_s`")
    presence_min: Count = Field(default=None, description="person-minutes")
    observed_share: Share | None = None


class SegmentRow(Figures):
    """Visits by people of one segment of the audience, all zones together, in tens."""

    segment: Id
    digest: str = Field(description="of what the segment means: rows of different digests do not add up")
    visits: Count = None
    of_visits: Count = Field(default=None, description="all visits to the same zones in the same spans")


class FunnelRow(SummedFigures):
    """From the street to the till; of the store, or of one zone and the goods in it."""

    zone: Id | None = Field(default=None, description="null: the store")
    passers: Count = None
    entrants: Count = None
    visits: Count = None
    engaged: Count = None
    receipts: Count = Field(
        default=None, description="with goods of the zone; one with two of its categories counts in both"
    )


class ExposureRow(Figures):
    """One campaign on one screen."""

    campaign: Id
    screen: Id
    plays: NonNegativeInt = Field(description="that players proved")
    played_s: NonNegativeFloat
    ots: Count = Field(default=None, description="opportunities to see: people in the screen's zone while it was on")
    viewers: Count = Field(default=None, description="of them, people who turned towards the screen")


class SlotRow(Figures):
    """What a campaign's test drew for one screen and ten minutes."""

    campaign: Id
    screen: Id
    arm: Arm


class ArmRow(Figures):
    """What happened in all slots of a day that drew one arm; the first minute of each is left out."""

    campaign: Id
    arm: Arm
    slots: NonNegativeInt = Field(description="times screens, of those that were watched")
    passed: Count = Field(default=None, description="people who came into the screens' zones")
    viewers: Count = None
    visits: Count = Field(default=None, description="to the zone that the campaign promotes")
    stops: Count = None
    scans: Count = None
    redeemed: Count = None


class ForecastRow(Figures):
    """One hour to come."""

    series: Annotated[str, Field(max_length=80)] = Field(description="entrants, occupancy, or sales: and a category")
    value: NonNegativeFloat
    low: NonNegativeFloat = Field(description="of the 80 % interval")
    high: NonNegativeFloat


Row = TrafficRow | ZoneRow | SegmentRow | FunnelRow | ExposureRow | SlotRow | ArmRow | ForecastRow

ROWS: dict[tuple[OutSubject, Grain], type[Figures]] = {
    ("traffic", "hour"): TrafficRow,
    ("traffic", "day"): TrafficRow,
    ("traffic", "week"): TrafficRow,
    ("zones", "hour"): ZoneRow,
    ("zones", "day"): ZoneRow,
    ("zones", "week"): ZoneRow,
    ("segments", "day"): SegmentRow,
    ("funnel", "day"): FunnelRow,
    ("funnel", "week"): FunnelRow,
    ("exposure", "day"): ExposureRow,
    ("experiments", "slot"): SlotRow,
    ("experiments", "day"): ArmRow,
    ("forecast", "hour"): ForecastRow,
}
"""What is told of each subject, by how long a time one row is about, in the order in which it is worked out."""


class Disclosed(Part):
    """All rows of one day, or of one week where the grain is `week`; told once."""

    subject: OutSubject
    grain: Grain
    start: AwareDatetime = Field(description="first instant of the day or week, by the store's clock")
    end: AwareDatetime = Field(description="first instant after it")
    told_at: Instant
    settled: bool = Field(description="every box had told all of this time; else it was told without what came later")
    simulated: bool
    smallest_cell: NonNegativeInt = Field(description="what counts fewer is held back")
    rows: list[Row]


class DisclosedMessage(Part):
    """The envelope on `loyalty/out/{subject}` and in webhooks; `(source, id)` is unique for ever."""

    id: Annotated[str, Field(min_length=1, max_length=120)] = Field(description="the same however often it is sent")
    source: str = Field(description="`vitrina/{site}/loyalty`")
    type: Literal["vitrina.disclosed"] = "vitrina.disclosed"
    time: Instant
    schema_version: Literal[1] = SCHEMA_VERSION
    site: Id
    data: Disclosed


def wrap_disclosed(told: Disclosed, *, site: str, time: datetime) -> DisclosedMessage:
    """Put what is told into its envelope."""
    id_ = f"{told.subject}-{told.grain}-{told.start.date().isoformat()}"
    return DisclosedMessage(id=id_, source=f"vitrina/{site}/loyalty", time=time, site=site, data=told)


def encode_disclosed(message: DisclosedMessage) -> bytes:
    """JSON as it travels; keys sorted, so that a signature over it can be checked anywhere."""
    return json.dumps(message.model_dump(mode="json"), sort_keys=True, ensure_ascii=False).encode()
