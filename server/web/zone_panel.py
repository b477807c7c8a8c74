"""One zone in numbers: visits, stay, presence, and the dwell curve with its interval."""

from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup

from server.db.zones import ZoneTotals
from server.web import dwell, plan
from server.web.dwell import Stay, stay_of
from server.web.figures import strokes
from server.web.figures.curve import dwell_curve
from server.web.language import Words
from server.web.parts import Table
from server.web.plan import Ground
from server.web.view import View


@dataclass(frozen=True, slots=True)
class PanelRow:
    """A figure: `key` is its entry in the catalogue, `more` its interval or what it is of."""

    key: str
    name: str
    value: str
    more: str = ""


@dataclass(frozen=True, slots=True)
class Lack:
    """Not enough data: how far it is."""

    title: str
    text: str
    bar: Markup


@dataclass(frozen=True, slots=True)
class ZonePanel:
    """The chosen zone."""

    key: str
    name: str
    sub: str
    rows: list[PanelRow]
    curve: Markup | None
    curve_note: str
    table: Table
    lack: Lack | None
    close: str


def zone_panel(
    view: View, key: str | None, totals: Mapping[str, ZoneTotals], ground: Ground | None
) -> ZonePanel | None:
    """The panel of the zone the URL names; None without one, or when there is no such zone."""
    zone = view.site.document.zones.get(key or "")
    if key is None or zone is None:
        return None
    total = totals.get(key)
    stay = stay_of(total) if total else None
    name = plan.name_of(zone, key)
    drawn = _curve(view.words, name, stay) if stay and stay.enough else None
    return ZonePanel(
        key=key,
        name=name,
        sub=_sub(view, key, ground),
        rows=_rows(view.words, stay, totals) if stay else [],
        curve=drawn,
        curve_note=_lost(view.words, stay) if stay else "",
        table=_table(view.words, name, stay),
        lack=None if drawn else _lack(view.words, stay),
        close=view.link(zone=None),
    )


def _sub(view: View, key: str, ground: Ground | None) -> str:
    if ground is None or key not in ground.zones:
        return view.words.gettext("Zone")
    square = plan.area(ground.zones[key])
    if ground.frame.unit == "m":
        return view.words.gettext("Zone, %(area)s m²") % {"area": view.words.number(square, 1)}
    share = square / (ground.frame.size[0] * ground.frame.size[1])
    return view.words.gettext("Zone, %(share)s of the picture") % {"share": view.words.percent(share)}


def _rows(words: Words, stay: Stay, totals: Mapping[str, ZoneTotals]) -> list[PanelRow]:
    total = stay.totals
    everywhere = sum(other.presence_s for other in totals.values())
    share = total.presence_s / everywhere if everywhere else None
    n = words.gettext("n %(n)s") % {"n": words.number(stay.curve.n)}
    ratio = words.gettext("ratio %(ratio)s") % {"ratio": words.number(stay.ratio, 2)} if stay.ratio is not None else ""
    interval = dwell.interval_words(stay, words)
    return [
        PanelRow("visits", words.gettext("Visits"), words.number(total.visits), words.gettext("ended")),
        PanelRow("entries", words.gettext("Entries"), words.number(total.entries), words.gettext("came in")),
        PanelRow("dwell_median", words.gettext("Median stay"), dwell.median_words(stay, words), interval),
        PanelRow("dwell_mean", words.gettext("Mean to 5 min"), words.seconds(stay.mean_s), n),
        PanelRow("presence_per_entry", words.gettext("Presence/entry"), words.seconds(stay.per_entry_s), ratio),
        PanelRow(
            "presence",
            words.gettext("Presence"),
            words.seconds(total.presence_s),
            words.gettext("%(share)s of zones") % {"share": words.percent(share)},
        ),
        PanelRow(
            "occupancy_max",
            words.gettext("Most at once"),
            words.number(total.occupancy_max),
            words.gettext("one camera"),
        ),
        PanelRow("observed", words.gettext("Observed"), words.seconds(total.observed_s)),
    ]


def _curve(words: Words, name: str, stay: Stay) -> Markup:
    median = stay.median_s
    label = words.gettext("half have left after %(time)s") % {"time": words.seconds(median)}
    title = words.gettext("How long people stay in %(zone)s") % {"zone": name}
    return dwell_curve(
        dwell.steps(stay, words),
        label=f"{title}; {label}" if median is not None else title,
        unit=words.gettext("s"),
        median_s=median,
        median_label=label,
    )


def _lost(words: Words, stay: Stay) -> str:
    if stay.lost_share is None:
        return ""
    return words.gettext("%(share)s lost in view") % {"share": words.percent(stay.lost_share)}


def _table(words: Words, name: str, stay: Stay | None) -> Table:
    head = [words.gettext("After"), words.gettext("Still there"), words.gettext("95 % interval")]
    rows = []
    if stay and stay.enough:
        rows = [
            [
                words.seconds(step.t_s),
                words.percent(step.share),
                f"{words.percent(step.low)} – {words.percent(step.high)}",
            ]
            for step in dwell.steps(stay, words)
        ]
    return Table(words.gettext("How long people stay in %(zone)s") % {"zone": name}, head, rows)


def _lack(words: Words, stay: Stay | None) -> Lack:
    n, needed = stay.curve.n if stay else 0, dwell.FEWEST_VISITS
    text = words.ngettext(
        "%(n)s of about %(needed)s visits seen from their beginning. Until then no curve.",
        "%(n)s of about %(needed)s visits seen from their beginning. Until then no curve.",
        n,
    ) % {"n": n, "needed": needed}
    title = words.gettext("Not enough data")
    return Lack(title, text, strokes.share_bar(n / needed, label=text, width=232.0))
