"""Segments in words: who is meant, as one would say it."""

from collections.abc import Mapping, Sequence

from contract.segments import WEEKDAYS, GroupSize, Interest, Predicate, Segment
from contract.site import Site
from server.web import times
from server.web.language import Words
from server.web.plan import name_of


def name(segment: Segment, key: str) -> str:
    """The name people gave it, else its id."""
    return segment.name or key


def explain(segment: Segment, site: Site, words: Words) -> str:
    """Its definition as a sentence."""
    return words.sentence(_who(segment.when, site, words)) + "."


def _who(when: Predicate, site: Site, words: Words) -> str:
    """All keys hold together; `any` stands in brackets where it is not alone."""
    text = words.gettext
    parts = [part for part in _facts(when, site, words) if part]
    if when.any:
        one = text(", or ").join(_who(part, site, words) for part in when.any)
        parts.append(f"({one})" if parts or when.unless else one)
    if when.unless:
        parts.append(text("not (%(what)s)") % {"what": _who(when.unless, site, words)})
    return text(", and ").join(parts)


def _facts(when: Predicate, site: Site, words: Words) -> list[str]:
    """What is said of a person or of the time; empty for what is not asked."""
    return [
        _transport(when, words),
        _group(when.group, words) if when.group else "",
        _pace(when, words),
        _interest(when.visited, site, words, still=False) if when.visited else "",
        _interest(when.stopped, site, words, still=True) if when.stopped else "",
        _gender(when, words),
        _age(when, words),
        _or([span.replace("-", "–") for span in when.hours or []], words),
        _or([times.weekday(WEEKDAYS.index(day), words) for day in when.weekdays or []], words),
    ]


def _transport(when: Predicate, words: Words) -> str:
    if not when.transport:
        return ""
    names = _transports(words)
    return words.gettext("with %(what)s") % {"what": _or([names[key] for key in when.transport], words)}


def _transports(words: Words) -> Mapping[str, str]:
    text = words.gettext
    return {
        "bicycle": text("a bicycle"),
        "motorcycle": text("a motorcycle"),
        "car": text("a car"),
        "bus": text("a bus"),
        "truck": text("a truck"),
        "suitcase": text("a suitcase"),
        "backpack": text("a backpack"),
        "handbag": text("a handbag"),
        "umbrella": text("an umbrella"),
        "skateboard": text("a skateboard"),
        "dog": text("a dog"),
        "stroller": text("a stroller"),
        "cart": text("a trolley"),
    }


def _group(group: GroupSize, words: Words) -> str:
    text, low, high = words.gettext, group.at_least, group.at_most
    if high is None:
        return text("alone or in a group") if low == 1 else text("in a group of %(n)s or more") % {"n": low}
    if high == 1:
        return text("alone")
    if low == 1:
        return text("alone or with others, %(n)s at most") % {"n": high}
    return text("in a group of %(n)s") % {"n": low if low == high else f"{low}–{high}"}


def _pace(when: Predicate, words: Words) -> str:
    text = words.gettext
    names = {"passing": text("walking past"), "strolling": text("strolling"), "standing": text("standing")}
    return _or([names[key] for key in when.pace or []], words)


def _interest(interest: Interest, site: Site, words: Words, *, still: bool) -> str:
    """Where someone was or stopped, and how long."""
    text, zone = words.gettext, site.zones.get(interest.zone)
    place = {"zone": name_of(zone, interest.zone) if zone else interest.zone}
    place["time"] = words.seconds(interest.at_least_s)
    if not interest.at_least_s:
        return (text("stopped at %(zone)s") if still else text("was at %(zone)s")) % place
    stopped, was = text("stopped at %(zone)s for %(time)s or longer"), text("was at %(zone)s for %(time)s or longer")
    return (stopped if still else was) % place


def _gender(when: Predicate, words: Words) -> str:
    text = words.gettext
    names = {"female": text("seems a woman"), "male": text("seems a man"), "unknown": text("gender not known")}
    return _or([names[key] for key in when.gender or []], words)


def _age(when: Predicate, words: Words) -> str:
    if not when.age:
        return ""
    bands = [words.gettext("age not known") if band == "unknown" else band.replace("-", "–") for band in when.age]
    return words.gettext("seems aged %(bands)s") % {"bands": _or(bands, words)}


def _or(names: Sequence[str], words: Words) -> str:
    """One, one or other, one, other or third."""
    if len(names) < 2:
        return "".join(names)
    return words.gettext("%(some)s or %(last)s") % {"some": ", ".join(names[:-1]), "last": names[-1]}
