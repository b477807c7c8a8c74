"""Advice in words: what to change, how well it is known, what could fool it, and what was held fixed."""

from collections.abc import Mapping, Sequence

from server.advice.standing import State
from server.domain.advice import Advice, Evidence
from server.web import state as states
from server.web.language import Words
from server.web.trade_names import TradeNames, inside, quoted


def title(words: Words, advice: Advice, names: TradeNames) -> str:
    """Move coffee to aisle 3."""
    text = words.gettext
    template = {
        "move": text("Move %(subject)s to %(target)s"),
        "swap": text("Swap %(subject)s and %(other)s"),
        "feature": text("Feature %(subject)s at %(target)s"),
        "pair": text("Put %(subject)s beside %(other)s"),
        "advertise": text("Advertise %(subject)s on the screen %(screen)s"),
        "drop_offer": text("Give up the offer %(offer)s"),
        "retarget_offer": text("Give %(offer)s only to who does not buy at full price"),
        "look_into": text("Find out why %(subject)s is looked at and not bought"),
    }[advice.kind]
    return template % {
        "subject": inside(words, names.category(advice.subject)),
        "other": inside(words, names.category(advice.other or "")),
        "target": inside(words, names.zone(advice.target or "")),
        "screen": quoted(words, names.screen(advice.other or "")),
        "offer": quoted(words, names.offer(advice.subject)),
    }


def evidence(kind: Evidence, words: Words) -> str:
    """The word beside the four bars."""
    text = words.gettext
    return {
        "described": text("Described"),
        "associated": text("Associated"),
        "estimated": text("Estimated"),
        "tested": text("Tested"),
    }[kind]


def evidence_meaning(kind: Evidence, words: Words) -> str:
    """What the word means, in two or three."""
    text = words.gettext
    return {
        "described": text("what is"),
        "associated": text("goes together"),
        "estimated": text("modelled, checked"),
        "tested": text("tried here"),
    }[kind]


def standing(state: State, words: Words) -> states.State:
    """Where it stands, as shape and word."""
    text = words.gettext
    known: dict[State, tuple[states.Kind, str]] = {
        "open": ("fine", text("Not tried yet")),
        "waits": ("fine", text("Not enough data")),
        "set_aside": ("fine", text("Not now")),
        "planned": ("fine", text("Test planned")),
        "running": ("fine", text("Test is running")),
        "in_force": ("confirmed", text("In force")),
        "no_effect": ("fine", text("No effect")),
        "unclear": ("warn", text("Test says nothing")),
        "wrong": ("bad", text("Was wrong")),
    }
    return states.State(*known[state])


def confounders(codes: Sequence[str], words: Words) -> list[str]:
    """What could fool it; a code that is not known here is left out."""
    text = words.gettext
    known = {
        "weekday": text("Saturdays and Mondays are not alike"),
        "season": text("the season"),
        "weather": text("the weather"),
        "offer": text("an offer that ran at the time"),
        "traffic": text("how many came in"),
        "special_day": text("holidays"),
        "neighbour": text("what stands next to it"),
    }
    return [known[code] for code in codes if code in known]


def held(codes: Sequence[str], words: Words) -> list[str]:
    """What the assignment kept."""
    text = words.gettext
    known = {
        "capacity": text("metres of shelf"),
        "cold": text("chilled goods where it is cold"),
        "frozen": text("frozen goods where it freezes"),
        "tap": text("what needs a tap"),
        "counter": text("what needs a counter"),
        "not_movable": text("what cannot be moved"),
        "pair": text("what is bought together stays together"),
    }
    return [known[code] for code in codes if code in known]


def checked(found: Mapping[str, bool], words: Words) -> str:
    """What was looked at and holds, and what does not."""
    text = words.gettext
    known = {
        "placebo": text("no effect where nothing was changed"),
        "placebo_space": text("no effect in the other stores"),
        "pre_trend": text("alike before the change"),
        "trend": text("no bend of a trend"),
        "residuals": text("what is left over is chance"),
        "traffic": text("no step in who came in"),
        "exposure": text("people by the goods do not speak against it"),
        "fit": text("the other stores went along before"),
        "alone": text("nothing else was changed there"),
    }
    held, failed = (
        [known[name] for name, so in found.items() if so == wanted and name in known] for wanted in (True, False)
    )
    told = [joined(held, words), text("Does not hold: %(what)s.") % {"what": "; ".join(failed)} if failed else ""]
    return " ".join(part for part in told if part)


def joined(parts: Sequence[str], words: Words) -> str:
    """a; b; c."""
    return words.sentence("; ".join(parts)) + "." if parts else ""
