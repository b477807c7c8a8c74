"""What moved the takings: the tree of factors, each with what it contributed on one zero line."""

from dataclasses import dataclass

from markupsafe import Markup

from server.domain.intervals import Estimate
from server.domain.takings import PAIRS_NEEDED, Factor, Part, Takings
from server.web import money as moneys
from server.web.figures import effects
from server.web.language import Words
from server.web.money import Money
from server.web.view import View


@dataclass(frozen=True, slots=True)
class Row:
    """One factor; `depth` is how deep it stands in the tree."""

    factor: Factor
    name: str
    depth: int
    before: str
    now: str
    effect: str
    interval: str
    zero: Markup
    drawing: Markup
    clear: bool


@dataclass(frozen=True, slots=True)
class TakingsSection:
    """Everything the section shows; `rows` are empty where nothing can be held against anything."""

    sentence: Markup
    note: str
    head: Markup
    rows: list[Row]


def takings_section(view: View, found: Takings | None, money: Money, against: str) -> TakingsSection:
    """The section.

    Args:
        view: the request.
        found: what moved the takings; None without like days in both periods.
        money: the site's currency.
        against: what the other period is called.
    """
    if found is None:
        text = view.words.gettext(
            "There are no receipts of the same weekdays in both periods to hold against each other."
        )
        return TakingsSection(Markup(text), "", Markup(), [])  # noqa: S704 - our own text
    tree = _tree(found)
    axis = effects.axis_of([_reach(part) for part, _ in tree], most=3)
    days = view.words.ngettext("%(n)s day", "%(n)s days", found.pairs) % {"n": found.pairs}
    return TakingsSection(
        sentence=sentence(view.words, found, money, against),
        note=view.words.gettext("%(days)s against the same weekdays of %(against)s")
        % {"days": days, "against": against},
        head=effects.axis_head(axis, lambda value: moneys.plain(value, view.words)),
        rows=[_row(view, part, depth, money, axis) for part, depth in tree],
    )


def _tree(found: Takings) -> list[tuple[Part, int]]:
    """Takings, their factors, and under the basket what it is made of."""
    if found.basket is None:
        return [(found.change, 0), *((part, 1) for part in found.parts)]
    *first, units, price = found.parts
    return [(found.change, 0), *((part, 1) for part in (*first, found.basket)), (units, 2), (price, 2)]


def _reach(part: Part) -> Estimate:
    return part.interval or Estimate(part.effect, part.effect, part.effect)


def _row(view: View, part: Part, depth: int, money: Money, axis: effects.Axis) -> Row:
    # What the takings came to is no estimate: only what moved them is.
    told = _reach(part) if part.factor == "takings" else moneys.rounded(_reach(part))
    name, reach = factor_name(view.words, part.factor), money.reach(moneys.rounded(told)) if part.interval else ""
    label = f"{name}: {money.signed(told.value)}" + (f", {reach}" if reach else "")
    return Row(
        factor=part.factor,
        name=name,
        depth=depth,
        before=_written(view, part.factor, part.before, money),
        now=_written(view, part.factor, part.now, money),
        effect=money.signed(told.value),
        interval=reach,
        zero=effects.zero_line(axis),
        drawing=effects.effect_row(axis, _reach(part), look="now" if depth == 0 else "plain", label=label),
        clear=part.clear,
    )


def factor_name(words: Words, factor: Factor) -> str:
    """What a factor is called."""
    text = words.gettext
    return {
        "takings": text("Takings"),
        "entrants": text("People who came in"),
        "conversion": text("Conversion"),
        "receipts": text("Receipts"),
        "basket": text("Basket"),
        "units": text("Units per receipt"),
        "price": text("Takings per unit"),
    }[factor]


def _written(view: View, factor: Factor, value: float, money: Money) -> str:
    words = view.words
    match factor:
        case "takings":
            return money.amount(value)
        case "entrants" | "receipts":
            return words.number(value)
        case "conversion":
            return words.percent(value, 1)
        case "units":
            return words.number(value, 2)
        case _:
            return money.price(value)


def sentence(words: Words, found: Takings, money: Money, against: str) -> Markup:
    """How much more or less was taken, and what moved it most."""
    change = found.change
    share = change.now / change.before - 1
    more = words.gettext("<b>%(amount)s</b> (%(share)s) more than on %(against)s.")
    less = words.gettext("<b>%(amount)s</b> (%(share)s) less than on %(against)s.")
    told = {"amount": money.amount(abs(change.effect)), "share": words.percent(abs(share), 1), "against": against}
    first = Markup(more if change.effect >= 0 else less) % told  # noqa: S704 - our own text
    if change.interval is None:
        sure = words.gettext("How sure that is, %(n)s like days in both periods would tell.") % {"n": PAIRS_NEEDED}
        return first + " " + sure
    if found.main is None:
        return first + " " + words.gettext("No part moved surely: days differ by as much anyway.")
    text = words.gettext("Moved most by <b>%(factor)s</b>: %(effect)s.")
    main = {
        "factor": factor_name(words, found.main.factor).lower(),
        "effect": money.signed(moneys.rounded(_reach(found.main)).value),
    }
    return first + " " + Markup(text) % main  # noqa: S704 - our own text
