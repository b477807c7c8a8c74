"""The hour brush: low bars by hour, and a frame round the chosen ones whose two handles are sliders."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from server.web.figures import svg

WIDTH, HEIGHT, SIDE, BASE, TALL = 300.0, 62.0, 8.0, 40.0, 32.0
HANDLE = 5.0


@dataclass(frozen=True, slots=True)
class Handles:
    """What a screen reader calls the frame's two sides."""

    start: str
    end: str


def brush_chart(
    bars: Sequence[tuple[str, float | None, str]], framed: range, *, label: str, first: int, handles: Handles
) -> Markup:
    """The chart.

    Args:
        bars: (name, value, tip) by hour; a value of None was not observed.
        framed: positions of the chosen hours.
        label: for a screen reader.
        first: hour of the first bar.
        handles: names of the sliders.
    """
    top = max([value or 0.0 for _, value, _ in bars] + [1e-9])
    slot = (WIDTH - 2 * SIDE) / max(len(bars), 1)
    parts = [
        svg.element("g", *_hour(value, i, slot, top), class_="mark hour", data_hour=i, data_tip=tip)
        for i, (_, value, tip) in enumerate(bars)
    ]
    left, right = (SIDE + edge * slot for edge in (framed.start, framed.stop))
    frame = svg.element("rect", class_="chosen", x=left, y=2, width=right - left, height=BASE - 2)
    ends = (first, first + len(bars))
    sliders = [
        _handle(left, handles.start, first + framed.start, ends, "start"),
        _handle(right, handles.end, first + framed.stop, ends, "end"),
    ]
    every = max(1, round(44 / slot + 0.49))
    names = [*(name for name, _, _ in bars), str(ends[1])]
    words = [
        svg.text(name, SIDE + i * slot, HEIGHT - 4, class_="tick", anchor="middle")
        for i, name in enumerate(names)
        if i % every == 0
    ]
    content = (*parts, frame, *sliders, *words)
    return svg.svg(*content, width=WIDTH, height=HEIGHT, label=label, class_="chart brush", role="group")


def _handle(x: float, name: str, hour: int, ends: tuple[int, int], side: str) -> Markup:
    return svg.element(
        "rect",
        class_="handle",
        x=x - HANDLE / 2,
        y=BASE / 2 - 6,
        width=HANDLE,
        height=14,
        rx=2,
        role="slider",
        tabindex=0,
        aria_label=name,
        aria_valuemin=ends[0],
        aria_valuemax=ends[1],
        aria_valuenow=hour,
        aria_valuetext=f"{hour}:00",
        data_handle=side,
    )


def _hour(value: float | None, i: int, slot: float, top: float) -> list[Markup]:
    tall = max(TALL * (value or 0.0) / top, 0.8)
    x = SIDE + i * slot
    bar = svg.element("rect", class_="past" if value else "none", x=x + 0.5, y=BASE - tall, width=slot - 1, height=tall)
    return [svg.element("rect", class_="hit", x=x, y=2, width=slot, height=BASE - 2), bar]
