"""Why a screen shows what it shows, in the reader's language."""

from collections.abc import Mapping
from dataclasses import dataclass

from server.domain.eligibility import Refusal
from server.domain.reasons import Reason
from server.web.language import Words

TOLD_MOST = 2
"""Reasons against campaigns, in one sentence."""


@dataclass(frozen=True, slots=True)
class Names:
    """How campaigns and segments of the site are called, by id."""

    campaigns: Mapping[str, str]
    segments: Mapping[str, str]

    def campaign(self, key: str | None) -> str:
        """Its name; its id where it is gone."""
        return self.campaigns.get(key or "", key or "")


def sentence(reason: Reason, names: Names, words: Words) -> str:
    """The reason in one sentence."""
    campaign = names.campaign(reason.campaign)
    match reason.code:
        case "targeted":
            told = _targeted(reason, names, words)
        case "everyone":
            told = words.gettext("Shown to everyone until the slot ends, so that targeting can be measured.")
        case "chosen":
            told = words.gettext("Its turn, whoever is there.")
        case "held":
            held = words.gettext("Holdout: the default in place of %(campaign)s, so that it can be measured.")
            return held % {"campaign": campaign}
        case "stays":
            return words.gettext("Goes on to its end.")
        case "nobody":
            return _nobody(reason, words)
    if reason.of > 1:
        told += " " + words.gettext("Chosen from %(n)s.") % {"n": words.number(reason.of)}
    return told


def _targeted(reason: Reason, names: Names, words: Words) -> str:
    if not reason.segments:
        near = words.number(reason.near or 0)
        return words.ngettext("%(n)s person is near.", "%(n)s people are near.", reason.near or 0) % {"n": near}
    told = [
        words.gettext("%(segment)s: %(band)s near")
        % {"segment": names.segments.get(key) or key, "band": band_words(band, words)}
        for key, band in reason.segments.items()
    ]
    return ", ".join(told) + "."


def band_words(band: str, words: Words) -> str:
    """How many, as far as is told."""
    told = {
        "few": words.gettext("under 5"),
        "5-9": words.gettext("5 to 9"),
        "10-19": words.gettext("10 to 19"),
        "20+": words.gettext("20 or more"),
    }
    return told.get(band, band)


def _nobody(reason: Reason, words: Words) -> str:
    if not reason.passed_over:
        return words.gettext("No campaign is approved for this screen.")
    kinds = _refusals(words)
    near_misses = [code for code in reason.passed_over if code not in ("screen", "shape", "flight")]
    told = [f"{kinds[code]} ({words.number(reason.passed_over[code])})" for code in near_misses[:TOLD_MOST]]
    if not told:
        return words.gettext("No campaign is for this screen at this time.")
    return words.gettext("No campaign may be on now: %(why)s.") % {"why": ", ".join(told)}


def _refusals(words: Words) -> dict[Refusal, str]:
    return {
        "flight": words.gettext("outside their days"),
        "hours": words.gettext("outside their hours"),
        "screen": words.gettext("meant for other screens"),
        "shape": words.gettext("of another shape"),
        "slot": words.gettext("too long for what is left of the time"),
        "tact": words.gettext("aimed by what nobody is aimed at by"),
        "unknown": words.gettext("nobody knows who is there"),
        "lone": words.gettext("a lone viewer is never aimed at"),
        "target": words.gettext("aimed at others than are there"),
        "near": words.gettext("for another number of people"),
        "trigger": words.gettext("waiting for something else"),
        "spent": words.gettext("used up"),
        "hourly": words.gettext("shown often enough this hour"),
        "paced": words.gettext("ahead of their plan"),
        "voice": words.gettext("ahead of their share"),
        "rival": words.gettext("next to a competitor"),
        "priority": words.gettext("of lower priority"),
    }
