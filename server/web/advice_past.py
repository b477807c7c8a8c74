"""How past advice did: what was promised against what was measured."""

from collections import Counter
from dataclasses import dataclass

from markupsafe import Markup

from server.advice.standing import promises
from server.db.advice import Basis
from server.db.changes import ChangeRecord
from server.domain.promises import Kept, factor_of
from server.web.figures import effects
from server.web.figures.effects import Point
from server.web.language import Words
from server.web.money import Money, plain, rounded
from server.web.parts import Table
from server.web.view import View

_KINDS = {"worked": "held", "no_effect": "no_effect", "wrong": "wrong"}


@dataclass(frozen=True, slots=True)
class PastSection:
    """Everything the section shows."""

    chart: Markup
    table: Table
    sentence: Markup
    factor: str
    note: str


def past_section(view: View, money: Money, basis: Basis) -> PastSection | None:
    """None before the first test is over."""
    tests = promises(view.conn, view.site.site)
    if not tests:
        return None
    words = view.words
    points = [_point(words, change, kept, money) for change, kept in tests]
    sentence = _sentence(words, tests)
    return PastSection(
        chart=effects.promises_chart(
            points,
            label=str(sentence.striptags()),
            written=lambda value: plain(value, words),
            unit=words.gettext("promised"),
        ),
        table=_table(words, tests),
        sentence=sentence,
        factor=_factor(words, [kept for _, kept in tests], basis),
        note=words.gettext("promised against measured, %(unit)s a week") % {"unit": money.symbol},
    )


def _point(words: Words, change: ChangeRecord, kept: Kept, money: Money) -> Point:
    promised, measured = rounded(kept.promised), rounded(kept.measured)
    verdict = change.result.verdict if change.result else "unclear"
    tip = words.gettext("measured %(measured)s, %(interval)s\npromised %(promised)s\n%(name)s") % {
        "measured": money.signed(measured.value),
        "interval": money.reach(measured),
        "promised": money.signed(promised.value),
        "name": change.name,
    }
    return Point(promised.value, measured.value, _KINDS.get(verdict, "no_effect"), tip)


def _sentence(words: Words, tests: list[tuple[ChangeRecord, Kept]]) -> Markup:
    """Of 14 tested, 9 landed inside their interval, 3 showed no effect, 2 were wrong."""
    verdicts = Counter(change.result.verdict for change, _ in tests if change.result)
    landed = sum(kept.inside for change, kept in tests if change.result and change.result.verdict == "worked")
    n = len(tests)
    texts = [
        words.ngettext("Of <b>%(n)s</b> tested", "Of <b>%(n)s</b> tested", n) % {"n": words.number(n)},
        words.ngettext("<b>%(n)s</b> landed inside its interval", "<b>%(n)s</b> landed inside their interval", landed)
        % {"n": words.number(landed)},
        words.ngettext("<b>%(n)s</b> showed no effect", "<b>%(n)s</b> showed no effect", verdicts["no_effect"])
        % {"n": words.number(verdicts["no_effect"])},
        words.ngettext("<b>%(n)s</b> was wrong", "<b>%(n)s</b> were wrong", verdicts["wrong"])
        % {"n": words.number(verdicts["wrong"])},
    ]
    return Markup(", ".join(texts) + ".")  # noqa: S704 - our own texts and numbers


def _factor(words: Words, kept: list[Kept], basis: Basis) -> str:
    factor = factor_of(kept)
    if factor is None:
        return words.gettext("With five tests or more, promises are corrected by what came of earlier ones.")
    told = words.gettext("Measured effects were %(factor)s times those promised.") % {
        "factor": words.number(factor, 1 if abs(factor) >= 0.1 else 2)
    }
    corrected = words.gettext("The figures above are already corrected by that.")
    return f"{told} {corrected}" if basis.factor < 1 else told


def _table(words: Words, tests: list[tuple[ChangeRecord, Kept]]) -> Table:
    text = words.gettext
    rows = [
        [change.name, plain(rounded(kept.promised).value, words), plain(rounded(kept.measured).value, words)]
        for change, kept in tests
    ]
    return Table(text("How past advice did"), [text("Change"), text("Promised"), text("Measured")], rows)
