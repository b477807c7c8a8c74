"""What a screen shows next: who may be on, who is due, what was learned, and who is held back to compare.

Eligibility, then pacing, then rivals, then priority; among the campaigns that are left, and then among the creatives of
the one taken, Thompson sampling with a floor for each. The chance of what was taken is exact and is logged with it.

Of rivals that are due on one screen, one has it for a ten-minute slot, drawn by a hash, so that neither waits for ever;
after the other was on, it waits until something else was between, for at least a minute.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Literal

import numpy as np

from server.domain.bandit import Attention, Conversions, choose
from server.domain.campaigns import Campaign, SegmentRule, Switch
from server.domain.context import Airing, Context
from server.domain.eligibility import Refusal, playable, refusal
from server.domain.holdout import Arm, arm, slot_of
from server.domain.pacing import NOTHING_YET, Claim, Progress, claim, hourly, spent
from server.domain.reasons import Reason

LEAST_ON_S = 2.0
"""Nothing is cut sooner after it came on: a screen does not flicker, whoever walks past it."""
LEAST_DEFAULT_S = 1.0
"""The default holds no story that is broken off: who comes as it comes on waits less for what is theirs."""
APART_S = 60.0
"""The default does not part rivals unless it was on for so long."""

Belief = tuple[float, float, float] | tuple[float, float]
"""Mean, scale and degrees of freedom as in `bandit.Attention`, or shape and plays as in `bandit.Conversions`."""
Learned = Mapping[str, Belief]
"""By campaign, and by creative as `creative_key` says; what is not in it is as good as any."""
Standing = Mapping[str, Progress]
"""By campaign; who is not in it has not begun."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to be on. `campaign` has the turn; `creative` None shows the default, also where its arm says so."""

    campaign: str | None
    creative: str | None
    arm: Arm | None
    propensity: float
    """Chance of this creative, of the campaign where its arm holds it back, in this context."""
    reason: Reason
    switch: Switch
    seconds: float
    """How long the turn lasts; 0 without one: until another comes."""
    against: frozenset[str] = frozenset()
    """Campaigns that may be on now, whether due or not."""

    @property
    def stays(self) -> bool:
        """What is on goes on."""
        return self.reason.code == "stays"


@dataclass(frozen=True, slots=True)
class _Entrant:
    """A campaign that may be on, and what it may claim."""

    campaign: Campaign
    claim: Claim


@dataclass(slots=True)
class _Field:
    """Who is left, and why the others are not."""

    context: Context
    seed: str
    left: list[_Entrant] = field(default_factory=list)
    out: Counter[Refusal] = field(default_factory=Counter)

    def keep(self, entrants: list[_Entrant], why: Refusal) -> None:
        self.out[why] += len(self.left) - len(entrants)
        self.left = entrants


def creative_key(campaign: str, creative: str) -> str:
    """Under which `Learned` has a creative."""
    return f"{campaign}/{creative}"


def decide(
    context: Context, campaigns: Sequence[Campaign], standing: Standing, learned: Learned, *, seed: str
) -> Decision:
    """Decide for one screen at one instant. The same arguments give the same decision.

    Args:
        context: the screen, the time, who is there and what is on.
        campaigns: those approved for the site, in any order.
        standing: how far each is.
        learned: what is believed of them on this screen at this time of day.
        seed: the installation's secret, of the draws and of the holdout.
    """
    entrants = _Field(context, seed)
    able = _able(entrants, campaigns, standing)
    against = frozenset([campaign.id for campaign in able])
    cut = _running(context, campaigns)
    if cut is not None:
        able = [campaign for campaign in able if _may_cut(campaign, context, cut)]
    _due(entrants, able, standing)
    _part_rivals(entrants)
    _prefer(entrants)
    if cut is not None and not entrants.left:
        return Decision(None, None, None, 1.0, Reason("stays"), "next", 0.0, against)
    switch: Switch = "now" if context.on is not None and context.on.since != context.t < context.on.until else "next"
    return _choose(entrants, learned, switch, against)


def _able(entrants: _Field, campaigns: Sequence[Campaign], standing: Standing) -> list[Campaign]:
    """Those who may be on as far as themselves goes."""
    context, able = entrants.context, list[Campaign]()
    for campaign in campaigns:
        progress = standing.get(campaign.id, NOTHING_YET)
        everyone = campaign.by_attribute and _acts(campaign, context, entrants.seed) == "everyone"
        why = refusal(campaign, context, everyone=everyone) or ("spent" if spent(campaign, progress) else None)
        if why is None:
            able.append(campaign)
        else:
            entrants.out[why] += 1
    return able


def _drawn(campaign: Campaign, context: Context, seed: str) -> Arm:
    of = {"site": context.site, "screen": context.screen, "campaign": campaign.id}
    return arm(seed, **of, slot=slot_of(context.t), shares=campaign.shares)


def _acts(campaign: Campaign, context: Context, seed: str) -> Arm:
    return campaign.shares.acts_as(_drawn(campaign, context, seed))


def _running(context: Context, campaigns: Sequence[Campaign]) -> int | None:
    """The priority of what is on and has not ended, 0 of the default; None where the screen is free."""
    on = context.on
    if on is None or context.t >= on.until:
        return None
    if on.campaign is None:
        return 0
    return next((campaign.priority for campaign in campaigns if campaign.id == on.campaign), None)


def safe_until(on: Airing) -> float:
    """Seconds UTC until which nothing cuts in on what is on."""
    return on.since + (LEAST_DEFAULT_S if on.campaign is None else LEAST_ON_S)


def _may_cut(campaign: Campaign, context: Context, priority: int) -> bool:
    """Only who could not have had this turn cuts in on it, at once by its own wish, and after a least time on screen.

    What has been decided but has not come on yet gives way too. The default, from when it is on, gives way to all.
    """
    on = context.on
    if on is None or on.since < context.t < safe_until(on):
        return on is None
    if on.campaign is None and on.since <= context.t:
        return True
    return campaign.switch == "now" and campaign.id not in on.against and campaign.priority >= priority


def _due(entrants: _Field, able: list[Campaign], standing: Standing) -> None:
    context = entrants.context
    for campaign in able:
        progress = standing.get(campaign.id, NOTHING_YET)
        claims = claim(campaign, progress, t=context.t, weekday=context.weekday, minute=context.minute)
        if hourly(campaign, progress, context.t):
            entrants.out["hourly"] += 1
        elif claims is None:
            entrants.out["voice" if campaign.share_of_voice is not None else "paced"] += 1
        else:
            entrants.left.append(_Entrant(campaign, claims))


def _part_rivals(entrants: _Field) -> None:
    """Of those due who are rivals of each other, one; and none who would come next to a rival."""
    context, left = entrants.context, entrants.left
    named: frozenset[str] = frozenset().union(*(each.campaign.rivals for each in left))
    contested = [each for each in left if each.campaign.rivals or each.campaign.category in named]
    out: set[str] = set()
    kept: list[Campaign] = []
    for each in sorted(contested, key=lambda e: (-e.campaign.priority, _lot(e.campaign, context, entrants.seed))):
        if any(rivals(each.campaign, other) for other in kept):
            out.add(each.campaign.id)
        else:
            kept.append(each.campaign)
    stay = [each for each in left if each.campaign.id not in out and not _beside_rival(each.campaign, context)]
    entrants.keep(stay, "rival")


def _lot(campaign: Campaign, context: Context, seed: str) -> bytes:
    drawn = repr((context.site, context.screen, campaign.id, slot_of(context.t))).encode()
    return blake2b(drawn, key=_key(seed), person=b"rivals").digest()


def rivals(one: Campaign, other: Campaign) -> bool:
    """Whether they may never be next to each other."""
    return one.id != other.id and (
        (other.category is not None and other.category in one.rivals)
        or (one.category is not None and one.category in other.rivals)
    )


def _beside_rival(campaign: Campaign, context: Context) -> bool:
    last = context.last
    if last is None or last.campaign == campaign.id or context.t - last.until >= APART_S:
        return False
    return last.category in campaign.rivals or (campaign.category is not None and campaign.category in last.rivals)


def _prefer(entrants: _Field) -> None:
    """The highest priority, and in it those to whom something is owed."""
    ranks = [(each.campaign.priority, each.claim == "owed") for each in entrants.left]
    best = max(ranks, default=None)
    entrants.keep([each for each, rank in zip(entrants.left, ranks, strict=True) if rank == best], "priority")


def _choose(entrants: _Field, learned: Learned, switch: Switch, against: frozenset[str]) -> Decision:
    context, left = entrants.context, sorted(entrants.left, key=lambda each: each.campaign.id)
    near = context.crowd.near if context.crowd.known else None
    passed_over = {why: n for why, n in sorted(entrants.out.items()) if n}
    if not left:
        nobody = Reason("nobody", near=near, passed_over=passed_over)
        return Decision(None, None, None, 1.0, nobody, switch, 0.0, against)
    rng = _rng(context, entrants.seed)
    of, chance = _draw([each.campaign.id for each in left], learned, rng)
    taken = left[of]
    fitting = playable(taken.campaign, context)
    which, share = _draw([creative_key(taken.campaign.id, each.id) for each in fitting], learned, rng)
    drawn = _drawn(taken.campaign, context, entrants.seed)
    acts = taken.campaign.shares.acts_as(drawn)
    counted = _counted(taken.campaign, context) if acts != "everyone" else {}
    reason = Reason(_code(taken.campaign, acts), taken.campaign.id, len(left), near, counted, passed_over)
    held = acts == "nothing"
    return Decision(
        campaign=taken.campaign.id,
        creative=None if held else fitting[which].id,
        arm=drawn,
        propensity=chance if held else chance * share,
        reason=reason,
        switch=switch,
        seconds=fitting[which].seconds,
        against=against,
    )


def _code(campaign: Campaign, acts: Arm) -> Literal["targeted", "everyone", "chosen", "held"]:
    if acts == "nothing":
        return "held"
    return acts if campaign.by_attribute else "chosen"


def _counted(campaign: Campaign, context: Context) -> dict[str, str]:
    """The bands that its rules looked at."""
    rules = [rule for rule in campaign.rules if isinstance(rule, SegmentRule)]
    seen = {rule.segment: (context.crowd.now if rule.over == "now" else context.crowd.lately) for rule in rules}
    return {segment: bands[segment] for segment, bands in seen.items() if segment in bands}


def _draw(keys: list[str], learned: Learned, rng: np.random.Generator) -> tuple[int, float]:
    """The index of one of them and its chance; without beliefs of one kind about all, each has the same."""
    if len(keys) == 1:
        return 0, 1.0
    found = [learned[key] for key in keys if key in learned]
    if len(found) < len(keys) or len({len(belief) for belief in found}) > 1:
        return int(rng.integers(len(keys))), 1 / len(keys)
    columns = np.array(found).T
    choice = choose(Attention(*columns) if len(columns) == 3 else Conversions(*columns), rng=rng)
    return choice.taken, float(choice.propensities[choice.taken])


def _rng(context: Context, seed: str) -> np.random.Generator:
    drawn = repr((context.site, context.screen, int(context.t))).encode()
    return np.random.default_rng(int.from_bytes(blake2b(drawn, key=_key(seed), person=b"choice").digest()[:16]))


def _key(seed: str) -> bytes:
    return blake2b(seed.encode()).digest()
