"""Who is inside now, on the plan: a number at each zone's centre."""

from dataclasses import dataclass

from markupsafe import Markup

from server.covered import covered
from server.db.occupancy import Occupancy
from server.web import layers, plan, seen
from server.web.parts import Table
from server.web.plan import Ground, Overlay, Picture
from server.web.view import View


@dataclass(frozen=True, slots=True)
class NowPlan:
    """The small plan of the overview."""

    title: str
    note: str
    plan: Markup | None
    href: str
    table: Table


def now_plan(view: View, now: Occupancy) -> NowPlan:
    """The plan with most zones, with counts; a stale count is not shown as now."""
    words = view.words
    ground = _busiest(plan.grounds(view.site.document, {}))
    title, note = _title(view, now)
    drawn = None
    if ground:
        overlay = Overlay(
            counts={} if now.stale else now.zones, lines=False, unseen=_unseen(view, ground), hatch=18.0, name="now"
        )
        drawn = plan.draw(ground, overlay, label=title, class_="plan mini")
    rows = [
        [plan.name_of(zone, key), words.number(now.zones.get(key, 0))] for key, zone in view.site.document.zones.items()
    ]
    table = Table(title, [words.gettext("Zone"), words.gettext("Now")], rows)
    return NowPlan(title, note, drawn, view.link("/floor", plan=ground.camera if ground else None), table)


def _unseen(view: View, ground: Ground) -> Picture | None:
    found = covered(view.site.document) if ground.camera is None else None
    known = seen.seen_on(view.site.document, found.grid) if found else None
    return layers.hatched(known.grid, known.free & ~known.seen, known.seen) if known else None


def _title(view: View, now: Occupancy) -> tuple[str, str]:
    words = view.words
    if now.total is None or now.t is None:
        return words.gettext("In the store now"), words.gettext("no live message yet")
    n = words.number(now.total)
    if now.stale:
        at = words.clock(view.moment_of(now.t))
        title = words.gettext("In the store at %(time)s: %(n)s") % {"time": at, "n": n}
        return title, words.gettext("last known, %(ago)s") % {"ago": words.ago(view.at - now.t)}
    return words.gettext("In the store now: %(n)s") % {"n": n}, words.gettext("by zone")


def _busiest(grounds: list[Ground]) -> Ground | None:
    return max(grounds, key=lambda ground: (len(ground.zones), ground.camera is None), default=None)
