"""Flows as told to people: places by name, shares with their interval."""

from server.domain.flows import ENTRY, EXIT, LOST, Transition
from server.domain.intervals import Estimate, Share
from server.web.language import Words
from server.web.plan import name_of
from server.web.view import View

ENDS = (ENTRY, EXIT, LOST)


def name(view: View, key: str) -> str:
    """A zone's name, or how a way began or ended."""
    ends = {
        ENTRY: view.words.gettext("came in"),
        EXIT: view.words.gettext("went out"),
        LOST: view.words.gettext("lost"),
    }
    if key in ends:
        return ends[key]
    zone = view.site.document.zones.get(key)
    return name_of(zone, key) if zone else key


def interval(share: Share | Estimate, words: Words) -> str:
    """54 to 62 %."""
    return words.gettext("%(low)s to %(high)s") % {
        "low": _hundredths(share.low, words),
        "high": words.percent(share.high),
    }


def _hundredths(share: float, words: Words) -> str:
    return words.number(share * 100)


def tip(view: View, step: Transition) -> str:
    """What stands behind a ribbon or an arrow."""
    words = view.words
    lines = [
        words.number(step.n),
        words.gettext("%(source)s → %(target)s")
        % {"source": name(view, step.source), "target": name(view, step.target)},
        words.gettext("%(share)s of the ways on from there, %(interval)s")
        % {"share": words.percent(step.share.value), "interval": interval(step.share, words)},
    ]
    return "\n".join(lines)
