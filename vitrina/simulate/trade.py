"""How shoppers behave in a store: when they come, what they want, where they pay. A document of its own (YAML)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import yaml
from pydantic import Field

from contract.documents import validate
from contract.errors import DocumentError
from contract.ids import Id
from contract.site import Document, PointM, Share, Site
from vitrina.errors import SimulationError

Seconds = Annotated[float, Field(gt=0, le=7200)]
Spread = Annotated[float, Field(ge=0, le=3, description="sigma of the lognormal")]
Weight = Annotated[float, Field(ge=0, le=1000)]
_STEP_M = 0.8
"""From one to the next in a queue."""


class Goal(Document):
    """A zone shoppers stop in."""

    popularity: Share = Field(description="share of the shoppers who want something here")
    stay_s: Seconds = Field(default=25.0, description="median of one stop")
    spread: Spread = 0.7
    stops: Annotated[float, Field(ge=1, le=20)] = Field(default=1.4, description="mean stops of who comes for it")


class Door(Document):
    """Where people come in and go out."""

    at_m: PointM
    enters: Weight = 1.0
    leaves: Weight = 1.0


class Till(Document):
    """One queue before one or more places to pay at; first come, first served."""

    servers_m: Annotated[list[PointM], Field(min_length=1)]
    queue_m: Annotated[list[PointM], Field(min_length=1, description="places to wait at, the first in front")]
    service_s: Seconds = 45.0
    spread: Spread = 0.5


class Trade(Document):
    """The whole document. Hours are of the site's local day."""

    opens: Annotated[int, Field(ge=0, le=23)] = 7
    closes: Annotated[int, Field(ge=1, le=24)] = 22
    shoppers_per_hour: Annotated[float, Field(gt=0, le=5000)] = Field(default=120.0, description="mean of open hours")
    hours: dict[int, Weight] = Field(default={}, description="how busy an hour is; 1 where not named")
    weekdays: Annotated[list[Weight], Field(min_length=7, max_length=7, description="Monday first")] = [1.0] * 7
    companions: Annotated[float, Field(ge=0, le=5)] = Field(default=0.3, description="mean of who come along with one")
    speed_m_s: tuple[Annotated[float, Field(gt=0.1, le=3)], Annotated[float, Field(gt=0.1, le=3)]] = (0.6, 1.3)
    buys: Share = Field(default=0.85, description="share of the shoppers who pass the tills")
    goals: Annotated[dict[Id, Goal], Field(min_length=1)]
    doors: Annotated[dict[Id, Door], Field(min_length=1)]
    tills: dict[Id, Till] = Field(default={}, description="without any, nobody pays")
    shunned: list[Id] = Field(default=[], description="zones that people walk around")
    segments: dict[Id, Share] = Field(default={}, description="share of the shoppers who are of a segment of the site")
    turns: Share = Field(default=0.35, description="share of those near a screen who turn towards it")

    def busy(self, weekday: int, hour: int) -> float:
        """How busy an hour is against the mean open hour of a week; 0 when closed."""
        if not self.opens <= hour < self.closes:
            return 0.0
        shape = [self.hours.get(h, 1.0) for h in range(self.opens, self.closes)]
        mean = float(np.mean(shape) * np.mean(self.weekdays))
        return self.hours.get(hour, 1.0) * self.weekdays[weekday] / mean if mean else 0.0


Effect = Callable[[float, Mapping[str, Goal]], Mapping[str, Goal]]
"""What is planted: changes what is wanted at a time (seconds UTC). Effects follow each other."""


@dataclass(frozen=True, slots=True)
class MoreStops:
    """In `slots` (start, end seconds UTC) `factor` times as many shoppers stop in `zone`, as an advertisement does."""

    zone: str
    factor: float
    slots: tuple[tuple[float, float], ...]

    def __call__(self, t: float, goals: Mapping[str, Goal]) -> Mapping[str, Goal]:
        """The goals at `t`."""
        if self.zone not in goals or not any(start <= t < end for start, end in self.slots):
            return goals
        goal = goals[self.zone]
        more = min(1.0, goal.popularity * self.factor)
        return {**goals, self.zone: goal.model_copy(update={"popularity": more})}


def read_trade(path: Path, site: Site) -> Trade:
    """The document at `path`.

    Raises:
        SimulationError: it cannot be read, or names zones the site does not have.
        DocumentError: it does not fit; names key and what was expected.
    """
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError, UnicodeDecodeError) as error:
        raise SimulationError(f"{path}: cannot be read as YAML ({' '.join(str(error).split())[:200]})") from None
    trade = validate(Trade, raw, name=str(path))
    unknown = [zone for zone in (*trade.goals, *trade.shunned) if zone not in site.zones]
    if unknown:
        raise DocumentError(f"{path}: goals or shunned name {unknown[0]!r}, which is no zone of site {site.site!r}")
    if strange := sorted(set(trade.segments) - set(site.segments)):
        raise DocumentError(f"{path}: segments.{strange[0]} is no segment of site {site.site!r}")
    return trade


def usual_trade(site: Site) -> Trade:
    """What a site's zones suggest: goods in areas and categories, tills in queues, people through entrances.

    Raises:
        SimulationError: the site has no floor, no way in, or nothing to go to.
    """
    if site.floor is None:
        raise SimulationError(f"site {site.site!r} has no floor to walk on; the simulator needs one in metres")
    drawn = {key: zone for key, zone in site.zones.items() if zone.polygon_m is not None}
    goods = [key for key, zone in drawn.items() if zone.kind in ("area", "category")]
    doors = {key: _middle(zone.polygon_m or []) for key, zone in drawn.items() if zone.kind == "entrance"}
    doors = doors or {key: _middle(list(line.ends_m)) for key, line in site.lines.items() if line.ends_m}
    if not goods or not doors:
        raise SimulationError(
            f"site {site.site!r} needs at least one zone of kind area or category to go to, and one of kind entrance "
            "or a line to come in by"
        )
    queues = {key: _usual_till(zone.polygon_m or []) for key, zone in drawn.items() if zone.kind == "queue"}
    return Trade(
        goals={key: Goal(popularity=min(1.0, 4 / len(goods))) for key in goods},
        doors={key: Door(at_m=at) for key, at in doors.items()},
        tills=queues,
    )


def _middle(points: list[PointM]) -> PointM:
    x, y = np.mean(points, axis=0).tolist()
    return x, y


def _usual_till(polygon: list[PointM]) -> Till:
    """Paying in the middle, waiting in a row towards the farther side."""
    x, y = _middle(polygon)
    half = np.ptp(np.array(polygon), axis=0) / 2
    along = (1.0, 0.0) if half[0] >= half[1] else (0.0, 1.0)
    places = max(1, int(half.max() / _STEP_M))
    queue = [(x + along[0] * _STEP_M * i, y + along[1] * _STEP_M * i) for i in range(1, places + 1)]
    return Till(servers_m=[(x, y)], queue_m=queue)
