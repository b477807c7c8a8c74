"""A week by the hour: when something is on."""

from collections.abc import Collection, Sequence

from markupsafe import Markup

from contract.segments import WEEKDAYS
from server.web.figures import svg

LEFT, CELL, ROW, TOP = 36.0, 11.0, 15.0, 16.0


def week(parts: Sequence[tuple[Collection[str], str]], names: Sequence[str], *, label: str) -> Markup:
    """Seven rows of 24 hours; `parts` are (weekdays, `07:00-10:30`), none at all is the whole week."""
    width = LEFT + 24 * CELL + 4
    layers = [svg.text(str(hour), LEFT + hour * CELL, 11, class_="tick", anchor="middle") for hour in range(0, 25, 6)]
    for day in range(7):
        y = TOP + day * ROW
        layers.append(svg.text(names[day], 0, y + 11, class_="tick"))
        layers.append(svg.element("rect", class_="band", x=LEFT, y=y + 2, width=24 * CELL, height=ROW - 4))
        for start, end in _spans(parts, day):
            x, length = LEFT + start / 60 * CELL, (end - start) / 60 * CELL
            layers.append(svg.element("rect", class_="amount", x=x, y=y + 2, width=length, height=ROW - 4))
    return svg.svg(*layers, width=width, height=TOP + 7 * ROW, label=label, class_="chart week")


def _spans(parts: Sequence[tuple[Collection[str], str]], day: int) -> list[tuple[int, int]]:
    """Minutes [start, end) of one day, what came over midnight included."""
    found = [] if parts else [(0, 1440)]
    for weekdays, hours in parts:
        start, end = (int(clock[:2]) * 60 + int(clock[3:]) for clock in hours.split("-"))
        if WEEKDAYS[day] in weekdays:
            found.append((start, end if start < end else 1440))
        if end <= start and WEEKDAYS[day - 1] in weekdays:
            found.append((0, end))
    return found
