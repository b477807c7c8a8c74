"""A window that came in two pieces, because its eye was started again within it, becomes one."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from contract.messages import DwellTable, Flow, Handovers, Heatmap, LineStats, ScreenStats, Window, ZoneStats

Stats = TypeVar("Stats")


def is_next_piece(before: Window | None, window: Window) -> bool:
    """Whether `window` goes on where `before` was broken off: same camera, same start."""
    return before is not None and (before.camera, before.t_start) == (window.camera, window.t_start)


def join(before: Window, after: Window) -> Window:
    """Both pieces as one window: sums, the larger of the maxima, the next revision.

    Where the floor's grid has changed between them, the heat of the second stands alone: cells of two grids do not
    add up.
    """
    return after.model_copy(
        update={
            "revision": before.revision + 1,
            "observed_s": before.observed_s + after.observed_s,
            "frames": before.frames + after.frames,
            "presence_s": before.presence_s + after.presence_s,
            "occupancy_max": max(before.occupancy_max, after.occupancy_max),
            "lines": before.lines | after.lines | _both(before.lines, after.lines, _join_lines),
            "zones": before.zones | after.zones | _both(before.zones, after.zones, _join_zones),
            "heatmap": _join_heat(before.heatmap, after.heatmap),
            "flows": _join_flows(before.flows, after.flows),
            "handovers": _join_handovers(before.handovers, after.handovers),
            "screens": _join_screens(before.screens, after.screens),
            "moved": before.moved or after.moved,
        }
    )


def _both(one: Mapping[str, Stats], two: Mapping[str, Stats], add: Callable[[Stats, Stats], Stats]) -> dict[str, Stats]:
    return {key: add(one[key], two[key]) for key in one.keys() & two.keys()}


def _join_lines(one: LineStats, two: LineStats) -> LineStats:
    return LineStats(in_=one.in_ + two.in_, out=one.out + two.out)


def _join_zones(one: ZoneStats, two: ZoneStats) -> ZoneStats:
    return ZoneStats(
        entries=one.entries + two.entries,
        visits=one.visits + two.visits,
        presence_s=one.presence_s + two.presence_s,
        dwell_sum_s=one.dwell_sum_s + two.dwell_sum_s,
        dwell=_join_dwell(one.dwell, two.dwell),
        occupancy_max=max(one.occupancy_max, two.occupancy_max),
        stops=one.stops + two.stops,
        reentries=one.reentries + two.reentries,
    )


def _join_flows(one: Sequence[Flow], two: Sequence[Flow]) -> list[Flow]:
    counts: Counter[tuple[str, str]] = Counter()
    for flow in (*one, *two):
        counts[flow.source, flow.target] += flow.n
    return [Flow(source=source, target=target, n=n) for (source, target), n in sorted(counts.items())]


def _join_handovers(one: Handovers, two: Handovers) -> Handovers:
    return Handovers(taken=one.taken + two.taken, guessed=one.guessed + two.guessed, missed=one.missed + two.missed)


def _join_screens(one: Sequence[ScreenStats], two: Sequence[ScreenStats]) -> list[ScreenStats]:
    joined: dict[tuple[str, str | None], ScreenStats] = {}
    for stats in (*one, *two):
        key = stats.screen, stats.creative
        joined[key] = _add_screens(joined[key], stats) if key in joined else stats
    return list(joined.values())


def _add_screens(one: ScreenStats, two: ScreenStats) -> ScreenStats:
    return ScreenStats(
        screen=one.screen,
        creative=one.creative,
        shown_s=one.shown_s + two.shown_s,
        ots=one.ots + two.ots,
        viewers=one.viewers + two.viewers,
        attention_s=one.attention_s + two.attention_s,
    )


def _join_dwell(one: DwellTable, two: DwellTable) -> DwellTable:
    def add(name: str) -> list[int]:
        return [a + b for a, b in zip(getattr(one, name), getattr(two, name), strict=True)]

    return DwellTable(left=add("left"), lost=add("lost"), late_left=add("late_left"), late_lost=add("late_lost"))


def _join_heat(one: Heatmap | None, two: Heatmap | None) -> Heatmap | None:
    if one is None or two is None or _grid(one) != _grid(two):
        return two or one
    index = sorted({*one.index, *two.index})
    layers = {name: _join_layer(index, one, two, name) for name in ("person_s", "visits", "stops", "lost")}
    return two.model_copy(update={"index": index, **layers})


def _join_layer(index: list[int], one: Heatmap, two: Heatmap, layer: str) -> list[float]:
    """Both layers on the cells of `index`; one that a piece does not carry is nothing there."""
    cells: Counter[int] = Counter()
    for heat in (one, two):
        values = getattr(heat, layer)
        cells.update(dict(zip(heat.index, values, strict=True)) if values else {})
    return [cells[cell] for cell in index]


def _grid(heatmap: Heatmap) -> tuple[object, ...]:
    return heatmap.unit, heatmap.cell, heatmap.origin, heatmap.shape
