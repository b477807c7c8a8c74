"""One zone in numbers: its figures, and the dwell curve with its interval, held against another period."""

from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup

from contract.site import Zone
from server.db.zones import ZoneTotals
from server.web import dwell, plan, seen, segment_shares, zone_rows
from server.web.dwell import Stay, stay_of
from server.web.figures import strokes
from server.web.figures.curve import dwell_curve
from server.web.language import Words
from server.web.parts import Table
from server.web.plan import Ground
from server.web.segment_shares import SegmentOfZone
from server.web.view import View
from server.web.zone_rows import Held, PanelRow


@dataclass(frozen=True, slots=True)
class Lack:
    """Not enough data: how far it is."""

    title: str
    text: str
    bar: Markup


@dataclass(frozen=True, slots=True)
class ZonePanel:
    """The chosen zone. `against` is what the other period is called; empty without one."""

    key: str
    name: str
    sub: str
    now: str
    against: str
    rows: list[PanelRow]
    remark: str
    alarm: bool
    """Whether the remark warns."""
    curve: Markup | None
    past: bool
    curve_note: str
    table: Table
    segments: list[SegmentOfZone]
    lack: Lack | None
    close: str


def zone_panel(
    view: View,
    key: str | None,
    totals: Mapping[str, ZoneTotals],
    before: Mapping[str, ZoneTotals] | None,
    ground: Ground | None,
) -> ZonePanel | None:
    """The panel of the zone the URL names; None without one, or when there is no such zone.

    Args:
        view: the page.
        key: the zone.
        totals: of the page's period.
        before: of the period it is held against.
        ground: the plan on which the zone lies.
    """
    zone = view.site.document.zones.get(key or "")
    if key is None or zone is None:
        return None
    now = stay_of(totals[key]) if key in totals else None
    past = stay_of(before[key]) if before and key in before else None
    name = plan.name_of(zone, key)
    drawn = _curve(view.words, name, now, past) if now and now.enough else None
    check = now.check if now else None
    return ZonePanel(
        key=key,
        name=name,
        sub=_sub(view, zone, key, ground),
        now=_now(view),
        against=view.words.dates(view.against.first_day, view.against.last_day) if past and view.against else "",
        rows=zone_rows.rows(zone, Held(view.words, now, past), totals) if now else [],
        remark=zone_rows.remark(view.words, check, waits=zone.kind == "queue"),
        alarm=bool(check and check.alarm),
        curve=drawn,
        past=bool(past and past.enough),
        curve_note=_lost(view.words, now) if now else "",
        table=_table(view.words, name, now),
        segments=segment_shares.segments_of(view, key),
        lack=None if drawn else _lack(view.words, now),
        close=view.link(zone=None),
    )


def _now(view: View) -> str:
    if view.period.key == "today":
        return view.words.gettext("today")
    return view.words.dates(view.period.first_day, view.period.last_day)


def _sub(view: View, zone: Zone, key: str, ground: Ground | None) -> str:
    if ground is None or key not in ground.zones:
        return view.words.gettext("Zone")
    square = plan.area(ground.zones[key])
    if ground.frame.unit != "m":
        part = square / (ground.frame.size[0] * ground.frame.size[1])
        return view.words.gettext("Zone, %(share)s of the picture") % {"share": view.words.percent(part)}
    place = view.words.gettext("Zone, %(area)s m²") % {"area": view.words.number(square, 1)}
    share = seen.zone_share(view.site.document, zone)
    told = "" if share is None else view.words.gettext("%(share)s of it seen") % {"share": view.words.percent(share)}
    return f"{place}, {told}" if told else place


def _curve(words: Words, name: str, now: Stay, past: Stay | None) -> Markup:
    median = now.median_s
    label = words.gettext("half have left after %(time)s") % {"time": words.seconds(median)}
    title = words.gettext("How long people stay in %(zone)s") % {"zone": name}
    before = past.curve if past and past.enough else None
    return dwell_curve(
        dwell.steps(now, words),
        label=f"{title}; {label}" if median is not None else title,
        unit=words.gettext("s"),
        median_s=median,
        median_label=label,
        past=list(zip(before.t_s.tolist(), before.share.tolist(), strict=True)) if before else [],
    )


def _lost(words: Words, stay: Stay) -> str:
    if stay.lost_share is None:
        return ""
    return words.gettext("%(share)s lost in view") % {"share": words.percent(stay.lost_share)}


def _table(words: Words, name: str, stay: Stay | None) -> Table:
    head = [words.gettext("After"), words.gettext("Still there"), words.gettext("95 % interval")]
    steps = dwell.steps(stay, words) if stay and stay.enough else []
    rows = [
        [
            words.seconds(step.t_s),
            words.percent(step.share),
            f"{words.percent(step.low)} – {words.percent(step.high)}",
        ]
        for step in steps
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
