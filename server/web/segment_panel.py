"""One segment in detail, or two held against each other, with what both together would be."""

from collections.abc import Mapping
from dataclasses import dataclass

import yaml
from markupsafe import Markup

from contract.segments import DEEPEST, Predicate, Segment
from server.db.segment_shares import Counted
from server.db.site_versions import versions
from server.segment_versions import MOST_VERSIONS, SegmentVersion, segment_versions
from server.web import segment_shares, segment_words
from server.web.language import Words
from server.web.plan import name_of
from server.web.segment_shares import SegmentShares, ZoneShare
from server.web.view import View

_WIDE = 320.0


@dataclass(frozen=True, slots=True)
class Version:
    """When the definition came into force."""

    when: str
    who: str
    what: str


@dataclass(frozen=True, slots=True)
class SegmentPanel:
    """The chosen segment. `others` are (name, address) to compare with."""

    name: str
    explained: str
    facts: list[tuple[str, str]]
    yaml: str
    course: Markup
    zones: list[ZoneShare]
    versions: list[Version]
    others: list[tuple[str, str]]
    close: str


@dataclass(frozen=True, slots=True)
class PairRow:
    """A zone, or all, with the share of either segment."""

    name: str
    first: str
    second: str
    note: str


@dataclass(frozen=True, slots=True)
class Pair:
    """Two segments side by side; `merged` is site.yaml's text of both together, empty where it would be too deep."""

    names: tuple[str, str]
    explained: tuple[str, str]
    courses: tuple[Markup, Markup]
    rows: list[PairRow]
    merged: str
    merged_as: str
    close: str


def segment_panel(view: View, key: str, shares: Mapping[str, SegmentShares]) -> SegmentPanel:
    """The panel of one of the site's segments."""
    segments, words = view.site.document.segments, view.words
    segment, made = segments[key], versions(view.conn, view.site.site, MOST_VERSIONS)
    found, name = shares.get(key), segment_words.name(segment, key)
    return SegmentPanel(
        name=name,
        explained=segment_words.explain(segment, view.site.document, words),
        facts=_facts(segment, words),
        yaml=_yaml(key, segment),
        course=segment_shares.course(found, name, width=_WIDE) if found else Markup(""),
        zones=segment_shares.zone_shares(view, found) if found else [],
        versions=[_version(view, each) for each in segment_versions(made, key)],
        others=[
            (segment_words.name(other, one), view.link(None, **{"with": one}))
            for one, other in segments.items()
            if one != key
        ],
        close=view.link(segment=None),
    )


def _facts(segment: Segment, words: Words) -> list[tuple[str, str]]:
    text = words.gettext
    profiles = {
        "counting": text("any box"),
        "objects": text("boxes that know objects"),
        "demographics": text("only boxes with the grounds for demographics"),
    }
    aimed = text("never used to choose what a screen shows") if segment.sensitive else text("campaigns may aim by it")
    return [(text("Known to"), profiles[segment.when.profile]), (text("Use"), aimed)]


def _version(view: View, made: SegmentVersion) -> Version:
    words = view.words
    said = words.gettext("taken out")
    if made.segment is not None:
        said = segment_words.explain(made.segment, view.site.document, words)
    moment = view.moment_of(made.created)
    number = words.gettext("version %(n)s") % {"n": made.version}
    return Version(f"{words.moment(moment)}, {number}", made.author, said)


def pair(view: View, keys: tuple[str, str], shares: Mapping[str, SegmentShares]) -> Pair:
    """Both definitions, their shares by zone, and a segment that holds where either does."""
    segments, words = view.site.document.segments, view.words
    (first, second), found = (segments[key] for key in keys), [shares.get(key) for key in keys]
    names = (segment_words.name(first, keys[0]), segment_words.name(second, keys[1]))
    key, merged = _merged(keys, (first, second), names, words)
    a, b = (
        segment_shares.course(each, name, width=_WIDE) if each else Markup("")
        for each, name in zip(found, names, strict=True)
    )
    explained = [segment_words.explain(segment, view.site.document, words) for segment in (first, second)]
    return Pair(
        names=names,
        explained=(explained[0], explained[1]),
        courses=(a, b),
        rows=_rows(view, found[0], found[1]),
        merged=_yaml(key, merged) if merged else "",
        merged_as=segment_words.explain(merged, view.site.document, words) if merged else "",
        close=view.link(None, **{"with": None}),
    )


def _merged(
    keys: tuple[str, str], segments: tuple[Segment, Segment], names: tuple[str, str], words: Words
) -> tuple[str, Segment | None]:
    """None where predicates would stand too deep inside each other."""
    key = f"{keys[0]}-or-{keys[1]}"[:64].rstrip("-_")
    either = Predicate(any=[segment.when for segment in segments])
    if either.depth > DEEPEST:
        return key, None
    name = words.gettext("%(some)s or %(last)s") % {"some": names[0], "last": names[1]}
    return key, Segment(name=name[:80], when=either, sensitive=any(segment.sensitive for segment in segments))


def _rows(view: View, first: SegmentShares | None, second: SegmentShares | None) -> list[PairRow]:
    words, known = view.words, view.site.document.zones
    zones = [key for key in known if any(of and key in of.zones for of in (first, second))]
    whole = [found.whole if found else None for found in (first, second)]
    rows = [_row(words, words.gettext("All zones"), *whole)]
    for key in zones:
        of_zone = (of.zones.get(key) if of else None for of in (first, second))
        rows.append(_row(words, name_of(known[key], key), *of_zone))
    return rows


def _row(words: Words, name: str, first: Counted | None, second: Counted | None) -> PairRow:
    counts = [words.number(counted.of) for counted in (first, second) if counted]
    note = words.gettext("n %(n)s") % {"n": ", ".join(dict.fromkeys(counts))} if counts else ""
    return PairRow(name, segment_shares.written(first, words), segment_shares.written(second, words), note)


def _yaml(key: str, segment: Segment) -> str:
    """As it stands, or would, in site.yaml."""
    plain = segment.model_dump(mode="json", exclude_defaults=True)
    return yaml.safe_dump({"segments": {key: plain}}, sort_keys=False, allow_unicode=True)
