"""People in view over a recording: the mean as a line, the most as a pale step behind it."""

from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup

from server.web.figures import svg, ticks

WIDTH, HEIGHT = 1128.0, 220.0
LEFT, RIGHT, TOP, BOTTOM = 30.0, 6.0, 12.0, 24.0
MOST_POINTS = 260


@dataclass(frozen=True, slots=True)
class Slice:
    """A stretch of the recording. `start_s`, `end_s` since its start; people in view, mean and most."""

    start_s: float
    end_s: float
    mean: float
    most: int


def slices(seconds: Mapping[int, tuple[float, int]]) -> list[Slice]:
    """Seconds joined into at most MOST_POINTS slices; seconds without an observation leave a gap."""
    if not seconds:
        return []
    width = max(1, -(-(max(seconds) + 1) // MOST_POINTS))
    groups: dict[int, list[tuple[float, int]]] = {}
    for second, seen in sorted(seconds.items()):
        groups.setdefault(second // width, []).append(seen)
    return [
        Slice(k * width, (k + 1) * width, sum(mean for mean, _ in seen) / len(seen), max(most for _, most in seen))
        for k, seen in groups.items()
    ]


def occupancy_chart(shown: list[Slice], *, label: str) -> Markup:
    """The chart; its y axis starts at 0."""
    top = max([part.most for part in shown] + [1])
    end_s = max([part.end_s for part in shown] + [1])

    def x(t_s: float) -> float:
        return LEFT + t_s / end_s * (WIDTH - LEFT - RIGHT)

    def y(people: float) -> float:
        return TOP + (1 - people / top) * (HEIGHT - TOP - BOTTOM)

    layers = [svg.line((LEFT, y(n)), (WIDTH - RIGHT, y(n)), "grid") for n in ticks.counts(top)]
    layers += [svg.text(str(n), LEFT - 6, y(n) + 4, class_="tick", anchor="end") for n in ticks.counts(top)]
    layers += [_most(x(part.start_s), x(part.end_s), y(part.most), y(0)) for part in shown]
    for run in _runs(shown):
        middles = [(x((part.start_s + part.end_s) / 2), y(part.mean)) for part in run]
        layers.append(svg.element("path", class_="now-line", d=svg.path(middles)))
    layers.append(svg.line((LEFT, y(0)), (WIDTH - RIGHT, y(0)), "axis"))
    layers += [svg.text(_clock(t), x(t), HEIGHT - 6, class_="tick", anchor="middle") for t in _round_times(end_s)]
    return svg.svg(*layers, width=WIDTH, height=HEIGHT, label=label, class_="chart")


def _most(left: float, right: float, top: float, base: float) -> Markup:
    return svg.element("rect", class_="band", x=left, y=top, width=right - left, height=base - top)


def _runs(shown: list[Slice]) -> list[list[Slice]]:
    runs: list[list[Slice]] = []
    for part in shown:
        if runs and runs[-1][-1].end_s == part.start_s:
            runs[-1].append(part)
        else:
            runs.append([part])
    return runs


def _round_times(end_s: float) -> list[float]:
    step = next(s for s in (5, 10, 30, 60, 300, 600, 1800, 3600, 7200, 21600, 86400 * 365) if end_s / s <= 10)
    return [k * step for k in range(int(end_s // step) + 1)]


def _clock(t_s: float) -> str:
    hours, rest = divmod(int(t_s), 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"
