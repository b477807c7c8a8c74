"""A campaign told back: what, where, when, to whom, until what, in one plain sentence; and each rule by itself."""

from collections.abc import Mapping, Sequence
from datetime import date

from babel.lists import format_list

from contract.segments import WEEKDAYS
from contract.site import Site
from server.campaign_document import (
    CampaignDocument,
    Daypart,
    Flight,
    Goal,
    NearRule,
    Rule,
    SegmentRule,
    TriggerRule,
)
from server.web import times
from server.web.language import Words

NAMED_MOST = 3
"""Creatives, screens or flights that are named in the sentence; more are counted."""


def sentence(words: Words, document: CampaignDocument, site: Site, creatives: Mapping[str, str]) -> str:
    """The whole campaign; `creatives` are names by id."""
    text = words.gettext("%(what)s %(where)s %(when)s%(whom)s%(until)s.") % {
        "what": what(words, document, creatives),
        "where": where(words, document, site),
        "when": when(words, document),
        "whom": whom(words, document, site),
        "until": until(words, document, site),
    }
    return words.sentence(text)


def what(words: Words, document: CampaignDocument, creatives: Mapping[str, str]) -> str:
    """“Skyr” and “Cup” play."""
    names = [quoted(words, creatives.get(key, key)) for key in document.creatives]
    told = listed(words, names)
    if len(names) > NAMED_MOST:
        told = words.ngettext("%(n)s creative", "%(n)s creatives", len(names)) % {"n": words.number(len(names))}
    return words.ngettext("%(names)s plays", "%(names)s play", len(names)) % {"names": told}


def where(words: Words, document: CampaignDocument, site: Site) -> str:
    """On all screens; on Entrance, Tills and the group aisles."""
    screens = [site.screen_name(key) for key in document.screens]
    groups = [words.gettext("the group %(group)s") % {"group": key} for key in document.groups]
    places = screens + groups
    if not places:
        return words.gettext("on all screens")
    if len(places) > NAMED_MOST:
        n = len(places)
        return words.ngettext("on %(n)s screen or group", "on %(n)s screens or groups", n) % {"n": words.number(n)}
    return words.ngettext("on the screen %(names)s", "on the screens %(names)s", len(places)) % {
        "names": listed(words, places)
    }


def places(words: Words, document: CampaignDocument, site: Site) -> str:
    """All screens; Entrance, Tills; 5 screens or groups: short, for a cell or a bar."""
    names = [site.screen_name(key) for key in document.screens]
    names += document.groups
    if not names:
        return words.gettext("All screens")
    if len(names) > NAMED_MOST:
        n = len(names)
        return words.ngettext("%(n)s screen or group", "%(n)s screens or groups", n) % {"n": words.number(n)}
    return ", ".join(names)


def when(words: Words, document: CampaignDocument) -> str:
    """From 21 Nov to 4 Dec, Mon–Fri 7:00–10:30."""
    hours = [daypart(words, part) for part in document.dayparts]
    flights = sorted(document.flights, key=lambda flight: flight.first)
    return ", ".join([flights_told(words, flights), *([listed(words, hours)] if hours else [])])


def flights_told(words: Words, flights: Sequence[Flight]) -> str:
    """From 21 Nov to 4 Dec; on 21 Nov; on 21–22 Nov and 28–29 Nov."""
    if len(flights) == 1 and flights[0].first != flights[0].last:
        return words.gettext("from %(first)s to %(last)s") % {
            "first": day(words, flights[0].first),
            "last": day(words, flights[0].last),
        }
    if len(flights) > NAMED_MOST:
        return words.gettext("on %(n)s flights from %(first)s to %(last)s") % {
            "n": words.number(len(flights)),
            "first": day(words, flights[0].first),
            "last": day(words, max(flight.last for flight in flights)),
        }
    dates = [words.dates(flight.first, flight.last) for flight in flights]
    return words.gettext("on %(dates)s") % {"dates": listed(words, dates)}


def daypart(words: Words, part: Daypart) -> str:
    """Mon–Fri 7:00–10:30."""
    start, _, end = part.hours.partition("-")
    clock = f"{start.removeprefix('0')}–{end.removeprefix('0')}"
    days = weekdays(words, part.weekdays)
    return f"{days} {clock}" if days else clock


def weekdays(words: Words, chosen: Sequence[str]) -> str:
    """Mon–Fri, Sun; empty for the whole week."""
    if len(set(chosen)) == len(WEEKDAYS):
        return ""
    runs = times.runs(WEEKDAYS.index(day) for day in set(chosen))
    return ", ".join(_run(words, run) for run in runs)


def whom(words: Words, document: CampaignDocument, site: Site) -> str:
    """, while …, but never while …; empty without rules."""
    aims = [rule_told(words, rule, site) for rule in document.rules if not rule.unless]
    bars = [rule_told(words, rule, site) for rule in document.rules if rule.unless]
    told = words.gettext(", while %(rules)s") % {"rules": listed(words, aims)} if aims else ""
    if bars:
        never = words.gettext(", but never while %(rules)s") if aims else words.gettext(", never while %(rules)s")
        told += never % {"rules": listed(words, bars, either=True)}
    return told


def rule_told(words: Words, rule: Rule, site: Site) -> str:
    """What has to be the case, as a clause after “while”; an exclusion the same."""
    match rule:
        case SegmentRule():
            return _segment(words, rule, site)
        case NearRule():
            text = words.ngettext(
                "at least %(n)s person is before the screen",
                "at least %(n)s people are before the screen",
                rule.at_least,
            )
            return text % {"n": words.number(rule.at_least)}
        case TriggerRule():
            return words.gettext("%(name)s is %(value)s") % {"name": rule.name, "value": rule.value}


def until(words: Words, document: CampaignDocument, site: Site) -> str:
    """, until it has played 5,000 times, for at most 500 EUR."""
    goal = _goal(words, document.goal, document.promotes, site)
    if document.budget is None:
        return goal
    spent = words.number(document.budget.amount, 0 if float(document.budget.amount).is_integer() else 2)
    money = f"{spent}\u00a0{document.budget.currency}"
    return goal + words.gettext(", for at most %(money)s") % {"money": money}


def goal_named(words: Words, kind: str) -> str:
    """The kind of goal as the form offers it."""
    return {
        "plays": words.gettext("Plays"),
        "impressions": words.gettext("Impressions"),
        "visits": words.gettext("Visits to a zone"),
        "sales": words.gettext("Sales"),
        "uplift": words.gettext("Uplift"),
    }[kind]


def listed(words: Words, names: Sequence[str], *, either: bool = False) -> str:
    """A, B and C; with `either` A, B or C."""
    return str(format_list(names, "or" if either else "standard", locale=words.code))


def quoted(words: Words, name: str) -> str:
    """The name in the language's quotation marks."""
    return f"«{name}»" if words.code == "ru" else f"“{name}”"


def day(words: Words, day: date) -> str:
    """21 Nov; 21 нояб."""
    return words.dates(day, day)


def _run(words: Words, run: range) -> str:
    first, last = times.weekday(run.start, words), times.weekday(run.stop - 1, words)
    if len(run) < 3:
        return first if len(run) == 1 else f"{first}, {last}"
    return f"{first}–{last}"


def _segment(words: Words, rule: SegmentRule, site: Site) -> str:
    segment = site.segments.get(rule.segment)
    name = quoted(words, (segment.name if segment else "") or rule.segment)
    if rule.share is not None:
        share = words.percent(rule.share)
        text = words.gettext("at least %(share)s of those before the screen are %(segment)s")
        if rule.over == "lately":
            text = words.gettext("at least %(share)s of those who came by in the last ten minutes were %(segment)s")
        return text % {"share": share, "segment": name}
    text = words.gettext("at least %(n)s of %(segment)s are before the screen")
    if rule.over == "lately":
        text = words.gettext("at least %(n)s of %(segment)s came by in the last ten minutes")
    return text % {"n": words.number(rule.at_least), "segment": name}


def _goal(words: Words, goal: Goal, promotes: str | None, site: Site) -> str:
    zone = site.zones[promotes].name or promotes if promotes in site.zones else promotes
    amount = None if goal.amount is None else words.number(goal.amount)
    plain = {
        "plays": words.gettext(", to play as often as it may"),
        "impressions": words.gettext(", to be seen by as many as possible"),
        "visits": words.gettext(", to bring visits to %(zone)s"),
        "sales": words.gettext(", to sell more"),
        "uplift": words.gettext(", to learn what it brings"),
    }
    limited = {
        "plays": words.gettext(", until it has played %(n)s times"),
        "impressions": words.gettext(", to be seen %(n)s times"),
        "visits": words.gettext(", to bring %(n)s visits to %(zone)s"),
        "sales": words.gettext(", to sell %(n)s more"),
        "uplift": words.gettext(", to learn whether it brings %(n)s more"),
    }
    text = (plain if amount is None else limited)[goal.kind]
    return text % {"n": amount, "zone": quoted(words, zone) if zone else words.gettext("its zone")}
