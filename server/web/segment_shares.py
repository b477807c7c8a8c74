"""Shares of segments in a reader's words: how many visits, with what interval, and what is held back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

from contract.segments import SMALLEST_CELL
from server.db.segment_shares import Counted, segment_days, segment_zones
from server.domain.intervals import Share, wilson
from server.web import segment_words
from server.web.figures import strokes
from server.web.language import Words
from server.web.plan import name_of
from server.web.view import View


@dataclass(frozen=True, slots=True)
class SegmentShares:
    """One segment over the page's period."""

    whole: Counted
    zones: Mapping[str, Counted]
    days: Mapping[date, Counted]

    @property
    def share(self) -> Share | None:
        """Of all visits; None where it is held back, or nothing came."""
        return share_of(self.whole)


@dataclass(frozen=True, slots=True)
class ZoneShare:
    """A segment's share of the visits to one zone."""

    name: str
    href: str
    share: str
    n: str
    whisker: Markup
    covers: str


def read_shares(view: View) -> dict[str, SegmentShares]:
    """Of every segment that has a cell in the period, under the definition in force."""
    digests = {key: segment.digest for key, segment in view.site.document.segments.items()}
    zones = segment_zones(view.conn, site=view.site.site, segments=digests, **view.span)
    days = segment_days(view.conn, site=view.site.site, segments=digests, **view.span)
    return {
        key: SegmentShares(sum(found.values(), Counted()), found, days.get(key, {})) for key, found in zones.items()
    }


def share_of(counted: Counted) -> Share | None:
    """With its interval; None where too few are in it, or too few outside."""
    return wilson(counted.n, counted.of) if counted.tells(SMALLEST_CELL) else None


def written(counted: Counted | None, words: Words) -> str:
    """34 %; held back; or –."""
    if counted is None:
        return "–"
    share = share_of(counted)
    if share is None:
        return words.gettext("held back, fewer than %(n)s") % {"n": SMALLEST_CELL}
    return words.percent(share.value, 0 if share.value >= 0.1 else 1)


def interval(counted: Counted | None, words: Words) -> str:
    """The 95 % interval, and of how many."""
    share = share_of(counted) if counted is not None else None
    if share is None or counted is None:
        return ""
    low, high = (words.number(end * 100, 1) for end in (share.low, share.high))
    reach = words.gettext("%(low)s to %(high)s %%") % {"low": low, "high": high}
    return f"{reach}, n {words.number(counted.of)}"


def course(found: SegmentShares, label: str, *, width: float = 92.0) -> Markup:
    """Day by day; days that are held back are gaps."""
    shares = (share_of(counted) for counted in found.days.values())
    return strokes.sparkline([share.value * 100 if share else None for share in shares], label=label, width=width)


@dataclass(frozen=True, slots=True)
class SegmentOfZone:
    """A segment's share of the visits to the zone that is looked at."""

    name: str
    href: str
    share: str
    note: str


def segments_of(view: View, zone: str) -> list[SegmentOfZone]:
    """Of every segment that has a cell of this zone in the period."""
    words, segments = view.words, view.site.document.segments
    digests = {key: segment.digest for key, segment in segments.items()}
    if not digests:
        return []
    found = segment_zones(view.conn, site=view.site.site, segments=digests, **view.span)
    return [
        SegmentOfZone(
            name=segment_words.name(segments[key], key),
            href=view.link("/audience", segment=key),
            share=written(found[key][zone], words),
            note=interval(found[key][zone], words),
        )
        for key in segments
        if zone in found.get(key, {})
    ]


def zone_shares(view: View, found: SegmentShares) -> list[ZoneShare]:
    """The zones, highest share first."""
    known = view.site.document.zones
    told = {key: share_of(counted) for key, counted in found.zones.items() if key in known}
    top = max([share.high for share in told.values() if share] + [1e-9])
    order = sorted(told, key=lambda key: -(share.value if (share := told[key]) else -1.0))
    return [_zone(view, key, found.zones[key], top) for key in order]


def _zone(view: View, key: str, counted: Counted, top: float) -> ZoneShare:
    words, share = view.words, share_of(counted)
    label = interval(counted, words)
    first, last = (view.moment_of(t) for t in (counted.start, counted.end))
    return ZoneShare(
        name=name_of(view.site.document.zones[key], key),
        href=view.link("/floor", zone=key),
        share=written(counted, words),
        n=words.number(counted.n) if share else "–",
        whisker=strokes.whisker(share.low, share.value, share.high, top=top, label=label) if share else Markup(""),
        covers=f"{words.moment(first)} – {words.moment(last)}",
    )
