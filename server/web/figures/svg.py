"""SVG elements as safe markup; every attribute and text is escaped."""

from collections.abc import Iterable

from markupsafe import Markup, escape

Attribute = str | float | int | None
Point = tuple[float, float]


def written(value: Attribute) -> str:
    """A number with at most two decimals and no trailing zeros; a text as it is."""
    if not isinstance(value, float):
        return str(value)
    return f"{round(value, 2) + 0.0:.2f}".rstrip("0").rstrip(".")


def element(name: str, *content: str, **attributes: Attribute) -> Markup:
    """`element("rect", class_="bar", x=1.0)`; a trailing `_` is dropped, `_` becomes `-`, None is left out."""
    given = {key.rstrip("_").replace("_", "-"): value for key, value in attributes.items() if value is not None}
    inside = "".join(f' {key}="{escape(written(value))}"' for key, value in given.items())
    return Markup(f"<{name}{inside}>{join(content)}</{name}>")  # noqa: S704 - every part is escaped


def join(parts: Iterable[str]) -> Markup:
    """One piece of markup; plain strings are escaped."""
    return Markup("").join(parts)


def text(content: str, x: float, y: float, *, class_: str = "", anchor: str = "start") -> Markup:
    """A label; `anchor` is start, middle or end."""
    return element("text", content, x=x, y=y, class_=class_ or None, text_anchor=None if anchor == "start" else anchor)


def line(a: Point, b: Point, class_: str) -> Markup:
    """A straight line."""
    return element("line", x1=a[0], y1=a[1], x2=b[0], y2=b[1], class_=class_)


def path(points: Iterable[Point], *, closed: bool = False) -> str:
    """The `d` of a polyline or polygon."""
    steps = "L".join(f"{written(float(x))} {written(float(y))}" for x, y in points)
    return f"M{steps}{'Z' if closed else ''}" if steps else ""


def svg(*content: str, width: float, height: float, label: str, class_: str = "chart", role: str = "img") -> Markup:
    """A drawing that is as wide as its place and is told to a screen reader by `label`.

    `role` is `group` where something in it can be pressed or moved.
    """
    box = f"0 0 {written(width)} {written(height)}"
    return element("svg", *content, viewBox=box, class_=class_, role=role, aria_label=label)


def mark(*content: str, tip: str, class_: str = "mark") -> Markup:
    """Marks that tell more on hover and on focus: `tip` is lines of text, the first is the value."""
    return element("g", *content, class_=class_, data_tip=tip)
