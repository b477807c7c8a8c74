"""Faults and warnings about a campaign in words: what is the matter, and what to do."""

from contract.documents import Fault
from server.campaign_faults import Finding
from server.web.language import Words


def told(words: Words, finding: Finding) -> str:
    """The finding as a sentence."""
    figures = {key: _written(words, value) for key, value in finding.figures.items()}
    texts = {code: text for group in _GROUPS for code, text in group(words).items()}
    return texts[finding.code] % figures


def shape_told(words: Words, fault: Fault) -> str:
    """What is wrong with the document's shape, in the words of the form."""
    told = _shapes(words).get(fault.key.partition(".")[0])
    return told % {} if told else f"{words.sentence(fault.message)}."


def _written(words: Words, value: str | float) -> str:
    return value if isinstance(value, str) else words.number(value)


def _creatives(words: Words) -> dict[str, str]:
    return {
        "creative-unknown": words.gettext("There is no creative %(creative)s; choose another."),
        "creative-archived": words.gettext("%(creative)s is archived; bring it back or choose another creative."),
        "screen-without-creative": words.gettext(
            "No creative fits the shape of %(screens)s; add one that stands the same way."
        ),
    }


def _times(words: Words) -> dict[str, str]:
    return {
        "flights-overlap": words.gettext("Flights %(one)s and %(other)s overlap; make them one, or move one of them."),
        "flights-over": words.gettext("All flights are over; give it days that are still to come."),
        "never-on": words.gettext("None of its hours falls on a day of its flights, so it would never be on."),
    }


def _places(words: Words) -> dict[str, str]:
    return {
        "screen-unknown": words.gettext("There is no screen %(screen)s any more; take it out."),
        "group-empty": words.gettext("No screen is in the group %(group)s; take it out, or put screens into it."),
        "no-screens": words.gettext("The store has no screens yet; draw them on the plan first."),
        "zone-unknown": words.gettext("There is no zone %(zone)s any more; choose another."),
    }


def _rules(words: Words) -> dict[str, str]:
    return {
        "trigger-silent": words.gettext("Nobody has told %(trigger)s yet; until then this rule holds for nothing."),
        "screen-blind": words.gettext(
            "Nobody knows who is before %(screens)s: no zone belongs to it. The rules fail there."
        ),
        "segment-unknown": words.gettext("There is no segment %(segment)s; choose another."),
        "segment-sensitive": words.gettext("%(segment)s is marked as sensitive and never decides what is shown."),
        "segment-children": words.gettext(
            "%(segment)s may be children, who are never aimed at; choose another segment."
        ),
        "segment-not-seen": words.gettext(
            "No camera can match %(segment)s: it needs the profile %(needs)s, and the boxes run %(has)s."
        ),
        "segment-other-hours": words.gettext(
            "%(segment)s is of other hours than the campaign: nobody would ever match."
        ),
        "rules-contradict": words.gettext(
            "Rules %(one)s and %(other)s contradict each other: nobody would ever match."
        ),
    }


def _goal(words: Words) -> dict[str, str]:
    return {
        "goal-needs-zone": words.gettext(
            "Say which zone it is to bring visits to; without it nothing can be measured there."
        ),
        "budget-too-small": words.gettext("The budget buys %(plays)s plays, the goal is %(goal)s."),
        "more-than-fits": words.gettext("%(plays)s plays are wanted, at most about %(fits)s fit into its hours."),
        "few-slots": words.gettext(
            "Only %(slots)s ten-minute slots in the smallest part of its test; from %(needed)s on it says something."
        ),
    }


def _conflicts(words: Words) -> dict[str, str]:
    return {
        "conflict-rivals": words.gettext(
            "Never next to %(other)s, which runs on %(screens)s too: each will keep the other waiting."
        ),
        "conflict-same_category": words.gettext(
            "%(other)s advertises the same on %(screens)s at the same time: they compete for the same people."
        ),
        "conflict-overshadows": words.gettext(
            "It goes before %(other)s on %(screens)s and has no limit: that one would hardly be seen there."
        ),
        "conflict-shares": words.gettext(
            "With %(other)s, %(percent)s %% of the time on %(screens)s is promised; give less to one of them."
        ),
        "conflict-overshadowed": words.gettext(
            "%(other)s goes first on %(screens)s and has no limit: this one would hardly be seen there."
        ),
        "conflict-same_zone": words.gettext(
            "%(other)s is for the same zone at the same time: what each brings can hardly be told apart."
        ),
    }


def _shapes(words: Words) -> dict[str, str]:
    """What the document's own rules say, by the first part of the key."""
    return {
        "name": words.gettext("Give it a name of at most 120 characters."),
        "advertiser": words.gettext("The advertiser’s name has at most 120 characters."),
        "creatives": words.gettext("Choose at least one creative."),
        "flights": words.gettext("Each flight needs a first and a last day, in this order, at most two years apart."),
        "dayparts": words.gettext("Each span needs weekdays, and hours such as 07:00 to 10:30."),
        "rules": words.gettext("Say in each rule whom or what it is about; three rules are the most."),
        "goal": words.gettext("Choose what it is for; an amount is more than 0."),
        "budget": words.gettext("A budget needs its amount, a currency such as EUR, and what a play costs."),
        "category": words.gettext("A category is a short word of a-z, 0-9, - and _, such as coffee."),
        "rivals": words.gettext("Categories are short words of a-z, 0-9, - and _, divided by commas."),
        "share_of_voice": words.gettext("The share of voice is more than 0 and at most 100 %%."),
        "plays_per_hour": words.gettext("Plays per hour are more than 0 and at most 3600."),
        "arms": words.gettext("The shares of the test make 100 %% together, and at least 10 %% show nothing."),
        "document": words.gettext("A sensitive category is never aimed at who is there: take its segment rules out."),
    }


_GROUPS = (_creatives, _times, _places, _rules, _goal, _conflicts)
