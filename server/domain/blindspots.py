"""Blind spots: places of a floor that do not work, in four kinds that are never mixed.

- **uncovered**: no camera sees it. Geometry, and certain.
- **weakly tracked**: tracks are lost there, far from any exit and from what no camera sees, over twice as often per
  person-second as on the rest of the floor.
- **cold**: seen and well tracked, and visited less than half as much, per m² and observed hour, as the floor's mean
  (visit index under 0.5).
- **passed by**: beside a fixture in a zone, surely not cold (visit index over 0.5), and stopped at less than half as
  often, per visit, as the other such places; without zones, beside any fixture.

Each is asked of tiles of three metres and of whole zones. "Half" and "twice" are meant beyond chance: the 95 %
interval, from the spread between the days, lies wholly beyond, and so does the test after Benjamini and Hochberg over
all places and kinds, so that at most 5 % of what is named is a false alarm. Neighbouring places of a kind are one
patch, as far as they are in one zone, and it is measured anew. A cell has one kind, the first of those above that
holds, because the next might follow from it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csr_matrix

from server.domain.fdr import FDR, q_values
from server.domain.ground import Counts, Floats, Ground, Mask, Unseen
from server.domain.intervals import Estimate
from server.domain.patches import Advice, Certainty, Evidence, Kind, More, Patch
from server.domain.questions import BESIDE_M, HALF, Question, cold, passed_by, weakly_tracked
from server.domain.ratios import Ratios
from server.domain.units import Labels, Units, hanging_together, units, zone_labels

DAYS_NEEDED = 4
SMALLEST_M2 = 4.0
"""Smaller places are not named: nothing can be placed there."""
SMALLEST_UNSEEN_M2 = 1.0
"""Nor smaller pieces of what no camera sees."""
VERY_SURE = 0.01
WHOLE_ZONE = 0.8
LONGEST_WAIT = 8.0
"""A place that takes over so many times the data is too near to the bound to promise anything."""
_UNCOVERED: dict[Unseen, Advice] = {
    Unseen.NO_CAMERA: "add_camera",
    Unseen.SHADOWED: "move_fixture_or_camera",
    Unseen.MASKED: "shrink_mask",
    Unseen.TOO_SMALL: "raise_resolution",
}


@dataclass(frozen=True, slots=True)
class BlindSpots:
    """All that was found."""

    patches: list[Patch]
    """Uncovered, weakly tracked, cold, passed by, unknown; within a kind the largest first. No two share a cell."""
    walkable_m2: float
    uncovered_m2: float
    """All of it, also pieces too small to be named."""
    places: int
    """How many places were judged."""
    days_missing: int
    """How many more days it takes before anything but geometry can be told."""


@dataclass(frozen=True, slots=True)
class _Answers:
    """One question's answers, unit by unit."""

    question: Question
    found: Ratios
    asked: Mask
    """(k,) units it makes sense of."""


def find_blind_spots(ground: Ground, counts: Counts) -> BlindSpots:
    """Find the places that do not work; from fewer than DAYS_NEEDED days only those that no camera sees."""
    judged = units(ground.seen, ground.zones, cell_m=ground.cell_m)
    missing = max(0, DAYS_NEEDED - counts.days)
    found = _uncovered(ground)
    if not missing:
        found += _counted(ground, counts, judged)
    return BlindSpots(
        patches=found,
        walkable_m2=ground.area_m2(ground.walkable),
        uncovered_m2=ground.area_m2(ground.walkable & ~ground.seen),
        places=judged.count,
        days_missing=missing,
    )


def _uncovered(ground: Ground) -> list[Patch]:
    found = []
    for reason, advice in _UNCOVERED.items():
        pieces = hanging_together(ground.walkable & (ground.unseen == reason))
        for mask in _masks(pieces, fewest=SMALLEST_UNSEEN_M2 / ground.cell_m**2):
            patch = _patch(ground, "uncovered", mask, certainty="certain", advice=advice)
            found.append(replace(patch, reason=reason))
    return _largest_first(found)


def _counted(ground: Ground, counts: Counts, judged: Units) -> list[Patch]:
    index = cold(ground, counts)
    visited = index.ratios(judged).low > HALF
    answers = [
        _answers(weakly_tracked(ground, counts), judged),
        _answers(index, judged),
        _answers(passed_by(ground, counts), judged, among=visited),
    ]
    q = q_values(np.array([np.where(a.asked, a.question.p(a.found), np.nan) for a in answers]))
    taken, found = np.zeros_like(ground.walkable), list[Patch]()
    for answer, sure in zip(answers, q, strict=True):
        patches = list(_named(ground, judged, answer, sure, ~taken))
        taken |= np.logical_or.reduce([taken, *(patch.mask for patch in patches)])
        found += _largest_first(patches)
    return found + _largest_first(list(_unknown(ground, judged, answers[1], ~taken, counts.days)))


def _answers(question: Question, judged: Units, among: Mask | None = None) -> _Answers:
    """A unit is asked where most of it is in question and something was to be expected."""
    found = question.ratios(judged)
    asked = (judged.share_in(question.where) > 0.5) & (found.expected > 0)
    return _Answers(question, found, asked if among is None else asked & among)


def _named(ground: Ground, judged: Units, answer: _Answers, q: Floats, free: Mask) -> Iterator[Patch]:
    """Patches of the units that are sure, less the tiles of a zone that surely are not like it."""
    question, found = answer.question, answer.found
    sure = np.nan_to_num(q, nan=1.0) <= FDR
    others = question.contrary(found) & (np.arange(judged.count) < judged.tiles)
    shape = ground.walkable.shape
    cells = judged.cells(sure, shape) & ~judged.cells(others, shape) & question.where & free
    for mask in _pieces(ground, cells):
        part = sure & (judged.share_in(mask) > 0)
        evidence, holds = _measured(question, mask, float(found.dispersion[part].max()))
        if holds:
            certainty: Certainty = "very_sure" if q[part].max() <= VERY_SURE else "fairly_sure"
            patch = _patch(ground, question.kind, mask, certainty=certainty, advice=_advice(ground, question, mask))
            yield replace(patch, evidence=evidence, q=float(q[part].max()), exit_m=_exit_m(ground, question, mask))


def _unknown(ground: Ground, judged: Units, answer: _Answers, free: Mask, days: int) -> Iterator[Patch]:
    """Tiles that seem cold, and cannot be called so yet."""
    question, found = answer.question, answer.found
    seem = answer.asked & (found.value < HALF) & (np.arange(judged.count) < judged.tiles)
    for mask in _pieces(ground, judged.cells(seem, ground.walkable.shape) & free):
        part = seem & (judged.share_in(mask) > 0)
        measured = question.ratios(_unit(mask), usual_dispersion=float(found.dispersion[part].max()))
        times = _times_needed(question, measured)
        if times is not None and measured.value[0] < HALF:
            patch = _patch(ground, "unknown", mask, certainty="not_enough_data", advice="wait")
            more = More(round((times - 1) * measured.events[0]), int(np.ceil((times - 1) * days)))
            yield replace(patch, evidence=_evidence(question, mask, measured), more=more)


def _times_needed(question: Question, found: Ratios) -> float | None:
    """How many times the data until the place would be called very sure, the first of a few hundred."""
    for times in np.geomspace(1.05, LONGEST_WAIT, 40):
        if question.p(found.grown(times))[0] <= FDR * VERY_SURE:
            return float(times)
    return None


def _measured(question: Question, mask: Mask, usual_dispersion: float) -> tuple[Evidence, bool]:
    found = question.ratios(_unit(mask), usual_dispersion=usual_dispersion)
    return _evidence(question, mask, found), bool(question.holds(found)[0])


def _evidence(question: Question, mask: Mask, found: Ratios) -> Evidence:
    events, exposure = float((question.events * mask).sum()), float((question.exposure * mask).sum())
    rate = events / exposure
    ratio = Estimate(float(found.value[0]), float(found.low[0]), float(found.high[0]))
    return Evidence(round(events), exposure, rate, float(found.expected[0]) / exposure, ratio)


def _unit(mask: Mask) -> Units:
    return Units(csr_matrix(mask.ravel().astype(np.float64)), 1)


def _pieces(ground: Ground, cells: Mask) -> Iterator[Mask]:
    """The pieces that hang together within one zone or outside of all, but for the smallest."""
    pieces = hanging_together(cells, zone_labels(ground.zones, cells.shape))
    return _masks(pieces, fewest=SMALLEST_M2 / ground.cell_m**2)


def _masks(pieces: Labels, *, fewest: float) -> Iterator[Mask]:
    for i, size in enumerate(np.bincount(pieces[pieces >= 0])):
        if size >= fewest:
            yield pieces == i


def _patch(ground: Ground, kind: Kind, mask: Mask, *, certainty: Certainty, advice: Advice) -> Patch:
    inside = {key: int((zone & mask).sum()) for key, zone in ground.zones.items()}
    zone = max(inside, key=lambda key: inside[key], default=None)
    if zone is not None and inside[zone] < mask.sum() / 2:
        zone = None
    of = ground.walkable if kind == "uncovered" else ground.seen
    return Patch(
        kind=kind,
        mask=mask,
        area_m2=ground.area_m2(mask),
        certainty=certainty,
        advice=advice,
        zone=zone,
        whole_zone=zone is not None and inside[zone] >= WHOLE_ZONE * (ground.zones[zone] & of).sum(),
        fixtures=_beside(ground, mask),
    )


def _beside(ground: Ground, mask: Mask) -> tuple[str, ...]:
    near = ground.distance_m(mask) <= BESIDE_M
    return tuple(key for key, fixture in ground.fixtures.items() if (fixture & near).any())


def _advice(ground: Ground, question: Question, mask: Mask) -> Advice:
    beside = len(_beside(ground, mask))
    if question.kind == "weakly_tracked":
        shadows = ground.walkable & (ground.unseen == Unseen.SHADOWED)
        return "clear_view" if (ground.distance_m(mask) <= 2 * BESIDE_M)[shadows].any() else "turn_camera"
    if question.kind == "cold":
        return "place_attraction" if beside else "clear_the_way"
    return "swap_goods" if beside > 1 else "turn_fixture"


def _exit_m(ground: Ground, question: Question, mask: Mask) -> float | None:
    middle = float(np.median(ground.exit_m[mask]))
    return middle if question.kind == "weakly_tracked" and np.isfinite(middle) else None


def _largest_first(patches: list[Patch]) -> list[Patch]:
    return sorted(patches, key=lambda patch: -patch.area_m2)
