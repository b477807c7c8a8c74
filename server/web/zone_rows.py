"""A zone's figures, row by row: value, interval, and what changed against another period."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from contract.site import Zone
from server.db.zones import ZoneTotals
from server.domain import stays
from server.domain.intervals import Estimate, Share, count_interval
from server.domain.queues import Queue, queue
from server.domain.stays import Check
from server.web import dwell
from server.web.dwell import MEAN_UP_TO_S, Stay
from server.web.language import Words


@dataclass(frozen=True, slots=True)
class PanelRow:
    """A figure: `key` is its entry in the catalogue, `more` its interval or what it is of, `delta` the change."""

    key: str
    name: str
    value: str
    more: str = ""
    delta: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """A zone's stay now, held against the one before."""

    words: Words
    now: Stay
    past: Stay | None


def rows(zone: Zone, held: Held, everywhere: Mapping[str, ZoneTotals]) -> list[PanelRow]:
    """The panel's rows: of a queue how long people wait, elsewhere how long they stay.

    Args:
        zone: whose figures they are.
        held: now and before.
        everywhere: all zones' totals, of which presence is a share.
    """
    first = _waiting(held) if zone.kind == "queue" else _staying(held, zone)
    return [*first, *_doing(held), *_presence(held, everywhere, waits=zone.kind == "queue")]


def _staying(held: Held, zone: Zone) -> list[PanelRow]:
    text = held.words.gettext

    def engaged(stay: Stay) -> Share | None:
        return stays.engagement(stay.curve, engaged_s=zone.engaged_s) if stay.enough else None

    over = text("Stayed over %(time)s") % {"time": held.words.seconds(zone.engaged_s)}
    return [
        _visits(held),
        _share(held, "engagement", over, engaged),
        _median(held, "dwell_median", text("Median stay")),
        _mean(held, "dwell_mean", text("Mean to 5 min")),
        _per_entry(held),
    ]


def _waiting(held: Held) -> list[PanelRow]:
    words, text, found = held.words, held.words.gettext, queue_of(held.now)
    longer = _change(held, _queue_length, lambda a, b: signed(words, a - b, 1))
    per_hour = words.number(found.arrivals_per_h, 0 if found.arrivals_per_h >= 10 else 1) if found else "–"
    mean, most = words.number(found.length.value, 1) if found else "–", held.now.totals.occupancy_max
    return [
        PanelRow("queue_length", text("Waiting, mean"), mean, _interval(words, found.length) if found else "", longer),
        PanelRow("occupancy_max", text("Waiting, most"), words.number(most), text("one camera")),
        _median(held, "queue_wait", text("Wait, median")),
        _mean(held, "queue_wait", text("Wait, mean to 5 min")),
        PanelRow("entries", text("Came to wait"), per_hour, text("per hour")),
        _visits(held),
        _per_entry(held),
    ]


def _queue_length(stay: Stay) -> float | None:
    found = queue_of(stay)
    return found.length.value if found else None


def _doing(held: Held) -> list[PanelRow]:
    text = held.words.gettext

    def stopped(stay: Stay) -> Share | None:
        return stays.stopping(stops=stay.totals.stops, visits=stay.totals.visits)

    def returned(stay: Stay) -> Share | None:
        return stays.returning(reentries=stay.totals.reentries, entries=stay.totals.entries)

    def bounced(stay: Stay) -> Share | None:
        return stays.bounce(stay.curve) if stay.enough else None

    bounce = text("Left within %(time)s") % {"time": held.words.quantity(stays.BOUNCE_S, text("s"))}
    return [
        _share(held, "stops", text("Stopped"), stopped),
        _share(held, "bounce", bounce, bounced),
        _share(held, "reentries", text("Came back"), returned),
    ]


def _presence(held: Held, everywhere: Mapping[str, ZoneTotals], *, waits: bool) -> list[PanelRow]:
    words, text, total = held.words, held.words.gettext, held.now.totals
    all_s = sum(other.presence_s for other in everywhere.values())
    share = text("%(share)s of zones") % {"share": words.percent(total.presence_s / all_s if all_s else None)}
    change = _change(held, lambda s: s.totals.presence_s, lambda a, b: relative(words, a, b))
    most = PanelRow("occupancy_max", text("Most at once"), words.number(total.occupancy_max), text("one camera"))
    entries = PanelRow("entries", text("Entries"), words.number(total.entries), text("came in"))
    return [
        PanelRow("presence", text("Presence"), words.seconds(total.presence_s), share, change),
        *([] if waits else [entries, most]),
        PanelRow("observed", text("Observed"), words.seconds(total.observed_s)),
    ]


def _visits(held: Held) -> PanelRow:
    words, n = held.words, held.now.totals.visits
    low, high = count_interval(n)
    change = _change(held, lambda s: float(s.totals.visits), lambda a, b: relative(words, a, b))
    return PanelRow("visits", words.gettext("Visits"), words.number(n), _range(words, low, high), change)


def _median(held: Held, key: str, name: str) -> PanelRow:
    change = _change(held, lambda s: s.median_s, lambda a, b: _seconds(held.words, a, b))
    now = held.now
    return PanelRow(key, name, dwell.median_words(now, held.words), dwell.interval_words(now, held.words), change)


def _mean(held: Held, key: str, name: str) -> PanelRow:
    words, mean = held.words, held.now.mean
    more = dwell.span_words(mean.low_s, mean.high_s, words) if mean else ""
    change = _change(held, lambda s: s.mean_s, lambda a, b: _seconds(words, a, b))
    return PanelRow(key, name, words.seconds(held.now.mean_s), more, change)


def _per_entry(held: Held) -> PanelRow:
    words, check = held.words, held.now.check
    name = words.gettext("Presence/entry")
    if check is None:
        return PanelRow("presence_per_entry", name, "–")
    ratio = words.gettext("ratio %(ratio)s") % {"ratio": words.number(check.ratio.value, 2)}
    change = _change(held, lambda s: s.check.per_entry_s if s.check else None, lambda a, b: _seconds(words, a, b))
    return PanelRow("presence_per_entry", name, words.seconds(check.per_entry_s), ratio, change)


def _share(held: Held, key: str, name: str, share_of: Callable[[Stay], Share | None]) -> PanelRow:
    words, share = held.words, share_of(held.now)
    if share is None:
        return PanelRow(key, name, "–", words.gettext("not enough data"))

    def points(now: float, past: float) -> str:
        change = round((now - past) * 100)
        return "\u00a0".join([signed(words, change, 0), words.gettext("pts")])

    change = _change(held, lambda s: found.value if (found := share_of(s)) else None, points)
    bounds = {"low": words.number(share.low * 100), "high": words.percent(share.high)}
    return PanelRow(key, name, words.percent(share.value), words.gettext("%(low)s to %(high)s") % bounds, change)


def _change(held: Held, of: Callable[[Stay], float | None], write: Callable[[float, float], str]) -> str:
    """What `write` makes of (now, past); empty where one of them is not known."""
    now, past = of(held.now), of(held.past) if held.past else None
    return "" if now is None or past is None else write(now, past)


def relative(words: Words, now: float, past: float) -> str:
    """+18 %; empty where there was nothing before."""
    return f"{signed(words, (now / past - 1) * 100, 0)}\u202f%" if past > 0 else ""


def signed(words: Words, value: float, digits: int) -> str:
    """+8, 0 or −8."""
    written = words.number(value, digits)
    return f"+{written}" if round(value, digits) > 0 else written


def _seconds(words: Words, now: float, past: float) -> str:
    digits = 0 if abs(now - past) >= 1 else 1
    return "\u00a0".join([signed(words, now - past, digits), words.gettext("s")])


def _interval(words: Words, found: Estimate) -> str:
    return _range(words, found.low, found.high, 1)


def _range(words: Words, low: float, high: float, digits: int = 0) -> str:
    bounds = {"low": words.number(low, digits), "high": words.number(high, digits)}
    return words.gettext("%(low)s to %(high)s") % bounds


def queue_of(stay: Stay) -> Queue | None:
    """The zone as a queue; None with too few visits."""
    if not stay.enough:
        return None
    return queue(
        stay.curve,
        presence_s=stay.totals.presence_s,
        entries=stay.totals.entries,
        observed_s=stay.totals.observed_s,
        up_to_s=MEAN_UP_TO_S,
    )


def remark(words: Words, check: Check | None, *, waits: bool) -> str:
    """What two ways to the same mean stay say of each other; of places that are no queue only when they disagree."""
    if check is None or not (check.alarm or waits):
        return ""
    told = {
        "tracks_begin_inside": words.gettext(
            "Presence per entry is %(ratio)s times the mean stay: people are first seen inside, so entries are missed. "
            "Trust presence, not visits."
        ),
        "entries_counted_twice": words.gettext(
            "Presence per entry is only %(ratio)s times the mean stay: who is lost from sight enters again. "
            "Trust presence, not visits."
        ),
        "agree": words.gettext("Length, arrivals and wait agree (Little’s law, ratio %(ratio)s)."),
        "unsure": words.gettext(
            "Whether length, arrivals and wait agree is not sure yet (Little’s law, ratio %(ratio)s, %(interval)s)."
        ),
    }
    ratio = check.ratio
    interval = _range(words, ratio.low, ratio.high, 2)
    return told[check.verdict] % {"ratio": words.number(ratio.value, 2), "interval": interval}
