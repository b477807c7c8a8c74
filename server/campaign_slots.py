"""A campaign's test, slot by slot: which slots it could run in, which arm each screen drew, and what happened.

Arms are derived from the holdout's key and never stored; outcomes are whatever happened in the slot, whatever was
played, so that what a campaign displaced counts against it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, tzinfo
from typing import TypeVar
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection

from contract.site import Site
from server.db.slots import DeedSlot, Key, ScreenSlot, ZoneSlot, deed_slots, screen_slots, zone_slots
from server.domain import uplift
from server.domain.campaigns import Campaign, Daypart
from server.domain.holdout import ARMS, SLOT_S, WASH_OUT_S, Shares, arm, slots_between
from server.stages import leads

WEEK = 7 * 24 * 6
"""Slots."""
LEAST_OBSERVED_S = (SLOT_S - WASH_OUT_S) / 2
"""A slot that was watched for less has no outcome."""

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Spans = Sequence[tuple[float, float]]
Slot = TypeVar("Slot", ScreenSlot, ZoneSlot)


@dataclass(frozen=True, slots=True)
class Trial:
    """The slots in which a campaign could run, one row per slot and screen, arrays (n,), in order of time."""

    screens: tuple[str, ...]
    screen: Ints
    """Index into `screens`."""
    slot: Ints
    """As `holdout.slot_of` says."""
    arm: Ints
    """Index into `holdout.ARMS`."""
    ahead: Ints
    """(m,) slots that are still to come, each on every screen."""
    shares: Shares

    def __len__(self) -> int:
        return len(self.slot)

    @property
    def keys(self) -> list[Key]:
        """Screen and slot of each row."""
        return [(self.screens[i], slot) for i, slot in zip(self.screen.tolist(), self.slot.tolist(), strict=True)]


@dataclass(frozen=True, slots=True)
class Counts:
    """What happened in the trial's rows, arrays (n,); nan where it was not watched, or cannot be."""

    watched: Floats
    """Share of the slot after the wash-out."""
    passed: Floats
    """People who came into the screen's zone."""
    attention: Floats
    """Person-seconds turned towards the screen."""
    viewers: Floats
    visits: Floats
    """Visits to the zone that the campaign promotes, that began by coming in."""
    stops: Floats
    """Of them, those in which the person stood still."""
    scans: Floats
    redeemed: Floats


OUTCOMES = tuple(each.name for each in fields(Counts) if each.name not in ("watched", "passed"))


@dataclass(frozen=True, slots=True)
class Outcomes:
    """A trial with what happened, and what happened in the same slots a week before."""

    trial: Trial
    counts: Counts
    before: Counts
    passing: bool
    """Rates are per person who passed the screen; else per slot, because a screen has no zone to pass."""

    def of(self, outcome: str) -> uplift.Slots:
        """The outcome as the statistics take it."""
        now, before = (self._over(counts, outcome) for counts in (self.counts, self.before))
        return self._slots(*now, np.divide(*before, out=np.full(len(self.trial), np.nan), where=before[1] > 0))

    def week_before(self, outcome: str) -> uplift.Slots:
        """Last week's outcome under this week's arms: nothing can differ, unless something is wrong."""
        return self._slots(*self._over(self.before, outcome), np.full(len(self.trial), np.nan))

    def known(self, outcome: str) -> bool:
        """Whether anything is counted that tells of it."""
        return bool(np.isfinite(getattr(self.counts, outcome)).any())

    def _over(self, counts: Counts, outcome: str) -> tuple[Floats, Floats]:
        value, exposure = getattr(counts, outcome), counts.passed if self.passing else counts.watched
        known = np.isfinite(value) & np.isfinite(exposure)
        return np.where(known, value, 0.0), np.where(known, exposure, 0.0)

    def _slots(self, value: Floats, exposure: Floats, before: Floats) -> uplift.Slots:
        trial = self.trial
        return uplift.Slots(trial.screen, trial.slot, trial.arm, value, exposure, before)


def trial_of(campaign: Campaign, site: Site, *, approved: Spans, until: float, goes_on: bool, seed: str) -> Trial:
    """Lay out a campaign's slots.

    Args:
        campaign: with its flights and dayparts.
        site: whose screens are meant where the campaign names none.
        approved: [start, end) seconds UTC in which it could play.
        until: now, seconds UTC; the slot under way is not over.
        goes_on: whether slots are still to come.
        seed: the holdout's key.
    """
    screens = tuple(sorted(key for key in site.screens if not campaign.screens or key in campaign.screens))
    zone = ZoneInfo(site.timezone)
    slots = runnable(campaign, zone)
    over = [slot for slot in slots if (slot + 1) * SLOT_S <= until and _within(slot, approved)]
    ahead = [slot for slot in slots if slot * SLOT_S >= until] if goes_on else []
    of, lead = {"site": site.site, "campaign": campaign.id}, leads(site)
    drawn = [
        ARMS.index(arm(seed, **of, screen=lead[screen], slot=slot, shares=campaign.shares))
        for slot in over
        for screen in screens
    ]
    return Trial(
        screens=screens,
        screen=np.tile(np.arange(len(screens)), len(over)),
        slot=np.repeat(np.array(over, dtype=np.int64), len(screens)),
        arm=np.array(drawn, dtype=np.int64),
        ahead=np.array(ahead, dtype=np.int64),
        shares=campaign.shares,
    )


def runnable(campaign: Campaign, timezone: tzinfo) -> list[int]:
    """Slots wholly within a flight, and within a daypart if it has any, in order."""
    flown = sorted({slot for flight in campaign.flights for slot in slots_between(flight.start, flight.end)})
    if not campaign.dayparts:
        return flown
    return [slot for slot in flown if _in_a_daypart(slot, campaign.dayparts, timezone)]


def _in_a_daypart(slot: int, dayparts: Sequence[Daypart], timezone: tzinfo) -> bool:
    local = datetime.fromtimestamp(slot * SLOT_S, UTC).astimezone(timezone)
    minute = local.hour * 60 + local.minute
    return any(_holds(part, local.weekday(), minute, minute + SLOT_S // 60) for part in dayparts)


def _holds(part: Daypart, weekday: int, first: int, last: int) -> bool:
    """Whether minutes [first, last) of a weekday lie within; what goes over midnight belongs to the day before too."""
    if part.start_min < part.end_min:
        return weekday in part.weekdays and part.start_min <= first and last <= part.end_min
    late = weekday in part.weekdays and part.start_min <= first
    return late or ((weekday - 1) % 7 in part.weekdays and last <= part.end_min)


def _within(slot: int, spans: Spans) -> bool:
    return any(start <= slot * SLOT_S and (slot + 1) * SLOT_S <= end for start, end in spans)


def outcomes_of(conn: Connection, campaign: Campaign, site: Site, trial: Trial) -> Outcomes:
    """What happened in the slots of a trial."""
    zones = [site.screens[screen].zone for screen in trial.screens]
    passing = bool(zones) and all(zone is not None for zone in zones)
    now, before = (_counts(conn, campaign, site, trial, shift) for shift in (0, WEEK))
    return Outcomes(trial, now, before, passing)


def _counts(conn: Connection, campaign: Campaign, site: Site, trial: Trial, shift: int) -> Counts:
    """Of the trial's slots, `shift` slots earlier."""
    if not len(trial):
        return Counts(*(np.empty(0) for _ in fields(Counts)))
    start, end = ((int(slot) - shift) * SLOT_S for slot in (trial.slot[0], trial.slot[-1] + 1))
    rows = [(screen, slot - shift) for screen, slot in trial.keys]
    zones = {screen: site.screens[screen].zone or "" for screen in trial.screens}
    promoted = campaign.promotes or ""
    seen = screen_slots(conn, site=site.site, screens=trial.screens, start=start, end=end)
    walked = zone_slots(conn, site=site.site, start=start, end=end, zones={*zones.values(), promoted} - {""})
    deeds = deed_slots(conn, site=site.site, campaign=campaign.id, start=start, end=end)
    before, passed = _enough(seen, rows), _enough(walked, [(zones[screen], slot) for screen, slot in rows])
    there = _enough(walked, [(promoted, slot) for _, slot in rows])
    done = [deeds.get(row, DeedSlot(0, 0)) for row in rows]
    return Counts(
        watched=_array(before, lambda found: found.observed_s / (SLOT_S - WASH_OUT_S)),
        passed=_array(passed, lambda found: found.entries),
        attention=_array(before, lambda found: found.attention_s),
        viewers=_array(before, lambda found: found.viewers),
        visits=_array(there, lambda found: found.entries),
        stops=_array(there, lambda found: found.stops),
        scans=np.array([deed.scans for deed in done], dtype=np.float64),
        redeemed=np.array([deed.redeemed for deed in done], dtype=np.float64),
    )


def _enough(found: Mapping[Key, Slot], keys: Sequence[Key]) -> list[Slot | None]:
    slots = (found.get(key) for key in keys)
    return [slot if slot is not None and slot.observed_s >= LEAST_OBSERVED_S else None for slot in slots]


def _array(found: Sequence[Slot | None], value: Callable[[Slot], float]) -> Floats:
    return np.array([np.nan if slot is None else value(slot) for slot in found], dtype=np.float64)
