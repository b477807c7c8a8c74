"""The floor page in words: its question and answer, what stands behind a place, and what to beware of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from server.db.footfall import LineTotal
from server.db.zones import ZoneTotals
from server.domain.intervals import Estimate
from server.web import compare, plan
from server.web import period as periods
from server.web.amounts import Amounts
from server.web.change import Change
from server.web.dwell import median_words, stay_of
from server.web.period import Period
from server.web.plan import Ground
from server.web.view import View

ENOUGH_VISITS = 30
"""Before that many visits nobody can say that a zone is passed by."""
NAMED_ZONES = 2


@dataclass(frozen=True, slots=True)
class Note:
    """Something to beware of when reading the page, and where to look."""

    kind: str
    """`warn` or `plain`."""
    text: str
    href: str = ""
    link: str = ""


def name(view: View, key: str) -> str:
    """A zone's name."""
    return plan.name_of(view.site.document.zones[key], key)


def answer(view: View, amounts: Amounts | None, totals: Mapping[str, ZoneTotals], ground: Ground) -> Markup:
    """Where people go and stop, in at most three facts."""
    words, known = view.words, view.site.document.zones
    here = {key: totals[key] for key in ground.zones if key in totals}
    inner = {key: total for key, total in here.items() if known[key].kind != "view"}
    if amounts is None and not any(total.presence_s for total in here.values()):
        seen = any(total.observed_s for total in here.values())
        none = words.gettext("<b>Nobody</b> was recorded here in this time.")
        return Markup(none if seen else words.gettext("<b>Not observed</b> in this time, so nobody can say."))  # noqa: S704 - our own text
    if not any(total.presence_s for total in here.values()):
        person_s = float(amounts.heat.person_s.sum()) if amounts else 0.0
        if not person_s:
            return Markup(words.gettext("<b>Nobody</b> was recorded here in this time."))  # noqa: S704 - our own text
        text = words.gettext("People spent <b>%(time)s</b> here; no zone is drawn to say where.")
        return Markup(text) % {"time": words.seconds(person_s)}  # noqa: S704 - our own text
    passed = _passed(view, inner)
    return Markup(" ").join(
        part for part in (passed or _most(view, inner or here), _longest(view, inner or here)) if part
    )


def _passed(view: View, zones: Mapping[str, ZoneTotals]) -> Markup | None:
    """The zone in which the fewest of those who come stop; None where stops are not counted."""
    kinds = view.site.document.zones
    enough = {
        key: total
        for key, total in zones.items()
        if total.visits >= ENOUGH_VISITS and kinds[key].kind in {"area", "category"}
    }
    if not any(total.stops for total in zones.values()) or not enough:
        return None
    key = min(enough, key=lambda key: (enough[key].stops / enough[key].visits, key))
    text = view.words.ngettext(
        "<b>%(zone)s</b> was passed by <b>%(n)s</b> person, <b>%(stops)s</b> stopped.",
        "<b>%(zone)s</b> was passed by <b>%(n)s</b> people, <b>%(stops)s</b> stopped.",
        enough[key].visits,
    )
    figures = {"n": view.words.number(enough[key].visits), "stops": view.words.number(enough[key].stops)}
    return Markup(text) % ({"zone": name(view, key)} | figures)  # noqa: S704 - our own text


def _most(view: View, zones: Mapping[str, ZoneTotals]) -> Markup:
    key = max(zones, key=lambda key: zones[key].presence_s)
    share = zones[key].presence_s / sum(total.presence_s for total in zones.values())
    text = view.words.gettext("Most time is spent in <b>%(zone)s</b>: <b>%(share)s</b> of the time in the zones.")
    return Markup(text) % {"zone": name(view, key), "share": view.words.percent(share)}  # noqa: S704 - our own text


def _longest(view: View, zones: Mapping[str, ZoneTotals]) -> Markup | None:
    """Where half of the visits last longest; a queue is no place that holds people."""
    kinds = view.site.document.zones
    stays = {key: stay_of(total) for key, total in zones.items() if kinds[key].kind != "queue"}
    medians = {key: stay.median_s for key, stay in stays.items() if stay.median_s is not None}
    if not medians:
        return None
    key = max(medians, key=lambda key: medians[key])
    text = view.words.ngettext(
        "<b>%(zone)s</b> holds them longest: half of %(n)s visit lasts over %(time)s.",
        "<b>%(zone)s</b> holds them longest: half of %(n)s visits last over %(time)s.",
        stays[key].curve.n,
    )
    figures = {"n": view.words.number(stays[key].curve.n), "time": view.words.seconds(medians[key])}
    return Markup(text) % ({"zone": name(view, key)} | figures)  # noqa: S704 - our own text


def changes(view: View, change: Change, against: Period) -> Markup:
    """What changed, in words: which zones gained and which lost."""
    words, zones = view.words, change.amounts.ground.zones
    other = compare.title(against, words)
    if change.found is None:
        text = words.gettext("<b>Nothing to compare with</b>: %(other)s or this time was not observed.")
        return Markup(text) % {"other": other}  # noqa: S704 - our own text
    if change.days_missing:
        text = words.ngettext(
            "<b>Not enough data</b> to tell a change from chance: at least %(n)s more day in each of the two times.",
            "<b>Not enough data</b> to tell a change from chance: at least %(n)s more days in each of the two times.",
            change.days_missing,
        )
        return Markup(text) % {"n": change.days_missing}  # noqa: S704 - our own text
    clear = {key: change.zone_clear(key) for key in zones if view.site.document.zones[key].kind != "view"}
    ranked = sorted((key for key in clear if clear[key]), key=lambda key: -abs(clear[key]))
    parts = [
        _gained(view, [key for key in ranked if clear[key] > 0][:NAMED_ZONES]),
        _lost(view, [key for key in ranked if clear[key] < 0][:NAMED_ZONES]),
    ]
    told = [part for part in parts if part]
    if not told:
        text = words.gettext("<b>No zone changed</b> by more than chance against %(other)s.")
        told = [Markup(text) % {"other": other}]  # noqa: S704 - our own text
    return Markup(" ").join([*told, *_whole(view, change.found.floor)])


def _whole(view: View, ratio: Estimate | None) -> list[Markup]:
    """How the floor as a whole changed; places are judged beyond that."""
    if ratio is None:
        return []
    value, low, high = (_signed(view, share - 1) for share in (ratio.value, ratio.low, ratio.high))
    text = view.words.gettext("The floor as a whole: %(change)s (%(low)s to %(high)s).")
    return [Markup(text) % {"change": value, "low": low, "high": high}]  # noqa: S704 - our own text


def _signed(view: View, share: float) -> str:
    written = view.words.percent(share)
    return f"+{written}" if round(share, 2) > 0 else written


def _gained(view: View, keys: Sequence[str]) -> Markup | None:
    text = view.words.ngettext("%(zones)s gained time.", "%(zones)s gained time.", len(keys))
    return Markup(text) % {"zones": _names(view, keys)} if keys else None  # noqa: S704 - our own text


def _lost(view: View, keys: Sequence[str]) -> Markup | None:
    text = view.words.ngettext("%(zones)s lost time.", "%(zones)s lost time.", len(keys))
    return Markup(text) % {"zones": _names(view, keys)} if keys else None  # noqa: S704 - our own text


def _names(view: View, keys: Sequence[str]) -> Markup:
    joint = Markup(" {} ").format(view.words.gettext("and"))
    return joint.join(Markup("<b>{}</b>").format(name(view, key)) for key in keys)


def meta(view: View, amounts: Amounts | None, ground: Ground) -> str:
    """Basis, period, observed time."""
    words = view.words
    place = words.gettext("The picture of one camera")
    if ground.frame.unit == "m":
        square = {"area": words.quantity(plan.area(ground.outline), words.gettext("m²"))}
        place = words.gettext("%(area)s of floor") % square
        if amounts is not None and amounts.seen is not None:
            share = {"share": words.percent(amounts.seen.share)}
            place += ", " + words.gettext("%(share)s of it seen") % share
    hours = words.seconds(amounts.heat.observed_s if amounts else 0.0)
    observed = words.gettext("%(hours)s observed") % {"hours": hours}
    hint = words.gettext("Point at a zone for n and interval.")
    return f"{place}. {words.sentence(periods.span(view.period, words))}, {observed}. {hint}"


def zone_tip(view: View, key: str, total: ZoneTotals | None) -> str:
    """What stands behind a zone."""
    words = view.words
    if total is None:
        return "\n".join([name(view, key), words.gettext("not observed in this time")])
    lines = [
        name(view, key),
        words.ngettext("%(n)s visit", "%(n)s visits", total.visits) % {"n": words.number(total.visits)},
        words.ngettext("%(n)s stopped", "%(n)s stopped", total.stops) % {"n": words.number(total.stops)},
        words.gettext("median stay %(time)s") % {"time": median_words(stay_of(total), words)},
        words.gettext("%(time)s of presence") % {"time": words.seconds(total.presence_s)},
    ]
    return "\n".join(lines)


def line_tip(view: View, key: str, total: LineTotal | None) -> str:
    """What stands behind a line."""
    named = plan.name_of(view.site.document.lines[key], key)
    if total is None:
        return "\n".join([named, view.words.gettext("not observed in this time")])
    counts = {"entered": view.words.number(total.entered), "left": view.words.number(total.left)}
    return "\n".join([named, view.words.gettext("%(entered)s in, %(left)s out") % counts])


def moved(view: View, moved_s: Mapping[str, float]) -> list[Note]:
    """A note for each camera whose picture did not fit its calibration.

    Args:
        view: the page.
        moved_s: seconds of the period that a camera watched while it did not fit.
    """
    text = view.words.gettext(
        "Camera %(camera)s has moved: what it saw for %(time)s of this time may lie elsewhere on the plan; "
        "zones it answers for carry a *."
    )
    known = view.site.document.cameras
    return [
        Note(
            "warn",
            text % {"camera": (known[key].name if key in known else "") or key, "time": view.words.seconds(seconds)},
            view.link("/data-health"),
            view.words.gettext("Data health"),
        )
        for key, seconds in moved_s.items()
        if seconds > 0
    ]
