"""What a campaign brought, in words: outcomes, differences with their intervals, and what to do about it."""

from math import isfinite

from server.campaign_report import CampaignReport
from server.domain.holdout import Arm
from server.domain.intervals import Estimate
from server.domain.uplift import Effect
from server.uplift_report import UpliftReport
from server.web.language import Words
from server.web.plan import name_of
from server.web.view import View


def name(outcome: str, words: Words) -> str:
    """Short, for a table."""
    text = words.gettext
    return {
        "attention": text("Attention, seconds"),
        "viewers": text("Looked at the screen"),
        "visits": text("Came to the goods"),
        "stops": text("Stopped at the goods"),
        "scans": text("Scanned the code"),
        "redeemed": text("Used the coupon"),
    }[outcome]


def measured(view: View, found: CampaignReport, outcome: str) -> str:
    """What is held against what: Stops at Drinks per 100 who pass, on minus off."""
    words, effect = view.words, found.effect
    of = _rates(words, passing=effect.passing)[outcome] % {"zone": _promoted(view, found)}
    arms = effect.main.on_off.arms
    return words.gettext("%(of)s, on minus off") % {"of": of} if arms[1] == "nothing" else of


def amount(view: View, found: CampaignReport, outcome: str) -> str:
    """The same within a sentence: +2.1 stops at Drinks per 100 who pass."""
    told = _rates(view.words, passing=found.effect.passing)[outcome] % {"zone": _promoted(view, found)}
    return told[:1].lower() + told[1:]


def _rates(words: Words, *, passing: bool) -> dict[str, str]:
    text = words.gettext
    if passing:
        return {
            "attention": text("Seconds of attention per person who passes"),
            "viewers": text("Looks per 100 who pass"),
            "visits": text("Visits to %(zone)s per 100 who pass"),
            "stops": text("Stops at %(zone)s per 100 who pass"),
            "scans": text("Scans per 100 who pass"),
            "redeemed": text("Coupons used per 100 who pass"),
        }
    return {
        "attention": text("Seconds of attention per ten minutes"),
        "viewers": text("Looks per ten minutes"),
        "visits": text("Visits to %(zone)s per ten minutes"),
        "stops": text("Stops at %(zone)s per ten minutes"),
        "scans": text("Scans per ten minutes"),
        "redeemed": text("Coupons used per ten minutes"),
    }


def _promoted(view: View, found: CampaignReport) -> str:
    key = found.document.promotes or ""
    zone = view.site.document.zones.get(key)
    return name_of(zone, key) if zone else key or "–"


def arm_name(arm: Arm, words: Words) -> str:
    """What a screen does in such a slot."""
    text = words.gettext
    return {"targeted": text("aimed"), "everyone": text("for everyone"), "nothing": text("nothing")}[arm]


def digits(effect: Effect, per: float) -> int:
    """Decimals that the interval supports."""
    found = effect.always or effect.once
    if found is None:
        return 1
    half = (found.high - found.low) / 2 * per
    return 0 if half >= 20 else 1 if half >= 1 else 2


def signed(value: float, words: Words, decimals: int) -> str:
    """+2.1 or −3.8; nothing has no sign."""
    written = words.number(value, decimals)
    return f"+{written}" if round(value, decimals) > 0 else written


def interval(found: Estimate | None, per: float, words: Words, decimals: int) -> str:
    """−3.8 to +8.0; – where it is without bounds."""
    if found is None:
        return "–"
    return reach(found.low * per, found.high * per, words, decimals)


def reach(low: float, high: float, words: Words, decimals: int) -> str:
    """−3.8 to +8.0."""
    ends = {"from": signed(low, words, decimals), "to": signed(high, words, decimals)}
    return words.gettext("%(from)s to %(to)s") % ends


def rate(value: float, per: float, words: Words, decimals: int) -> str:
    """As counted; – without exposure."""
    return words.number(value * per, decimals) if isfinite(value) else "–"


def slots_so_far(found: UpliftReport, words: Words) -> str:
    """17 of 240 slots."""
    measured_, planned = found.progress.measured, found.progress.planned
    text = words.ngettext("%(n)s of %(planned)s slots", "%(n)s of %(planned)s slots", planned)
    return text % {"n": words.number(measured_), "planned": words.number(planned)}


def advice(found: UpliftReport, words: Words) -> str:
    """Whether to go on, in a few words."""
    text = words.gettext
    if not found.progress.measured:
        return text("no slot measured yet")
    over = found.progress.measured >= found.progress.planned
    return {
        "keep_running": text("no clear effect") if over else text("keep running"),
        "stop_works": text("it works, the test may stop"),
        "stop_no_effect": text("no effect worth having, stop"),
        "stop_harm": text("it does harm, stop"),
        "sample_ratio_broken": text("nothing can be concluded"),
    }[found.verdict]


def outlook(view: View, found: UpliftReport) -> str:
    """How much longer it would take, or why nothing can be concluded."""
    words, progress = view.words, found.progress
    if found.verdict == "sample_ratio_broken":
        return words.gettext(
            "Slots did not come in the shares they were drawn in: outcomes get lost, or screens do not obey."
        )
    if found.verdict != "keep_running" or not progress.more or found.worth is None:
        return ""
    per = found.per(found.primary)
    about = {"n": words.number(_round(progress.measured + progress.more)), "effect": words.number(found.worth * per, 1)}
    if progress.shown_at is None:
        return (
            words.gettext("It would take about %(n)s slots to show an effect of %(effect)s: more than are planned.")
            % about
        )
    day = words.day(words.local(view.moment_of(progress.shown_at)).date())
    return words.gettext("About %(n)s slots, by %(day)s, would show an effect of %(effect)s.") % (about | {"day": day})


def _round(n: int) -> int:
    """To two digits: it is a guess."""
    scale: int = max(1, 10 ** (len(str(n)) - 2))
    return int(round(n / scale) * scale)
