"""The tables of the loyalty page, in the reader's words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from markupsafe import Markup

from contract.site import Site
from server.db.news import Bulletin
from server.domain.likes import Reached
from server.domain.programme import Cohort, weighted
from server.programme_report import EVERYONE, Period, Question
from server.web import times
from server.web.figures import strokes
from server.web.language import Words
from server.web.money import Money

_STRENGTHS = 8
"""Shades of a cohort's cells."""


@dataclass(frozen=True, slots=True)
class SegmentRow:
    """One segment of the members in the newest period."""

    name: str
    members: str
    basket: str
    frequency: str
    active: str
    retention: str
    value: str
    href: str
    """To its counterpart in the audience; empty where the cameras know none of this id."""


@dataclass(frozen=True, slots=True)
class CohortCell:
    """One month of a cohort: its shade from 0 to 7."""

    share: str
    tip: str
    shade: int


@dataclass(frozen=True, slots=True)
class CohortRow:
    """Those who joined in one month."""

    joined: str
    members: str
    cells: list[CohortCell]
    margin: str


@dataclass(frozen=True, slots=True)
class ReachRow:
    """A liking, and where those who have it are reached."""

    what: str
    when: str
    share: str
    whisker: Markup
    usual: str
    screen: str
    people: str


@dataclass(frozen=True, slots=True)
class NewsRow:
    """Something that changed by itself."""

    what: str
    reach: str
    why: str


@dataclass(frozen=True, slots=True)
class AnswersPanel:
    """A survey's question and its answers."""

    name: str
    score: str
    rows: list[tuple[str, str, Markup]]
    """(answer, how often, its share as a bar)."""


def segment(words: Words, of: Period, money: Money, site: Site) -> SegmentRow:
    """A row of the newest period."""
    found, known = of.figures, site.segments.get(of.segment)
    name = words.gettext("All members") if of.segment == EVERYONE else (known.name if known else "") or of.segment
    return SegmentRow(
        name=name,
        members=words.number(of.sums.members),
        basket=_or_dash(found.basket, money.price),
        frequency="–" if found.frequency is None else words.number(found.frequency, 1),
        active=words.percent(found.active.value if found.active else None),
        retention=words.percent(found.retention.value if found.retention else None),
        value=_or_dash(found.value, money.price),
        href=f"/audience?segment={of.segment}" if known else "",
    )


def cohort(words: Words, of: Cohort, money: Money) -> CohortRow:
    """A row of the cohort table."""
    year, month = map(int, of.joined.split("-"))
    cells = [
        CohortCell("–", words.gettext("not told"), 0)
        if kept is None
        else CohortCell(
            words.percent(kept.value),
            words.gettext("%(low)s to %(high)s of %(n)s")
            % {"low": words.percent(kept.low), "high": words.percent(kept.high), "n": words.number(kept.n)},
            min(int(kept.value * _STRENGTHS), _STRENGTHS - 1),
        )
        for kept in of.kept
    ]
    earned = next((margin for margin in reversed(of.margin) if margin is not None), None)
    return CohortRow(words.month(date(year, month, 1)), words.number(of.members), cells, _or_dash(earned, money.price))


def all_cohorts(words: Words, known: Sequence[Cohort]) -> CohortRow:
    """The row below: of all cohorts that reached a month, who bought in it."""
    shares = [weighted(known, month) for month in range(max(len(each.kept) for each in known))]
    cells = [CohortCell(words.percent(each.value if each else None), "", 0) for each in shares]
    members = sum(each.members for each in known)
    return CohortRow(words.gettext("Together"), words.number(members), cells, "")


def reach(words: Words, of: Reached, names: dict[str, str], site: Site, *, top: float) -> ReachRow:
    """A row of who likes what, when; `top` is the end of the intervals' axis."""
    liking = of.liking
    known = site.segments.get(liking.segment)
    who = (
        words.gettext("all members") if liking.segment == EVERYONE else (known.name if known else "") or liking.segment
    )
    what = f"{names.get(liking.category, liking.category)}: {who}"
    label = f"{words.percent(of.share.low)} – {words.percent(of.share.high)}"
    return ReachRow(
        what=what,
        when=_when(words, liking.weekdays, liking.hours),
        share=words.percent(of.share.value),
        whisker=strokes.whisker(of.share.low, of.share.value, of.share.high, top=top, label=label),
        usual=words.percent(of.usual),
        screen=site.screen_name(of.screen) if of.screen else "–",
        people="–" if of.people is None else words.number(of.people),
    )


def news_note(words: Words, found: Bulletin | None) -> str:
    """How many series were looked at, and when."""
    if found is None:
        return words.gettext("looked for each night")
    told = {"n": words.number(found.looked_at), "when": words.moment(datetime.fromtimestamp(found.t, UTC))}
    return words.gettext("%(n)s series looked at, %(when)s; of those named at most one in twenty is chance") % told


def answers(words: Words, of: Question) -> AnswersPanel:
    """A question's answers, grades from 10 down."""
    total = sum(of.answers.values())
    graded = of.score is not None
    ordered = sorted(of.answers.items(), key=lambda each: (-int(each[0]) if graded else 0, each[0]))
    rows = [
        (answer, words.number(n), strokes.share_bar(n / total, label=words.percent(n / total)))
        for answer, n in ordered
        if total
    ]
    return AnswersPanel(of.name, _score(words, of), rows)


def _score(words: Words, of: Question) -> str:
    if of.score is None:
        return ""
    points = of.score.points
    told = {"n": _signed(words, points.value), "low": _signed(words, points.low), "high": _signed(words, points.high)}
    return words.gettext("NPS %(n)s (%(low)s to %(high)s)") % told


def _signed(words: Words, value: float) -> str:
    return f"+{words.number(value)}" if round(value) > 0 else words.number(value)


def _when(words: Words, weekdays: tuple[int, ...], hours: tuple[int, int]) -> str:
    days = words.gettext("every day") if len(weekdays) == 7 else times.weekdays(weekdays, words)
    return days if hours == (0, 24) else f"{days}, {hours[0]}–{hours[1]}"


def _or_dash(value: float | None, write: Callable[[float], str]) -> str:
    return "–" if value is None else write(value)
