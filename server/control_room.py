"""One site's screens: what is on each, who is before it, and what comes next. No I/O, no waiting."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from secrets import token_hex
from typing import Protocol
from zoneinfo import ZoneInfo

from contract.messages import Live, Message
from contract.screens import Media, Show
from contract.site import Site
from server.audience_now import AudienceNow
from server.domain.campaigns import Campaign, Crowd, Switch
from server.domain.context import Airing, Context, Neighbour
from server.domain.decide import Decision, Learned, decide, safe_until
from server.domain.reasons import Reason, sentence
from server.replay import Case
from server.rundown import Rundown
from server.stages import Stage, stages
from server.standing import Ledger

AHEAD_S = 1.5
"""A turn is decided so long before the one before it ends, for the player to have it in time."""
IN_STEP_S = 0.5
"""Screens in step cut at one moment, which must reach all of them first."""
DEFAULT_S = 3600.0
"""The default is told for so long; anything else may come sooner."""
RENEW_S = 600.0
"""Before the default's time is up it is told again."""


class Lessons(Protocol):
    """What was learned of the campaigns."""

    def at(self, screen: str, *, weekday: int, minute: int) -> Learned:
        """On a screen at a time of the site's week."""


class Address(Protocol):
    """Where a creative's QR code leads."""

    def __call__(self, site: Site, *, campaign: str | None, creative: str, screen: str, t: float) -> str:
        """The address."""


@dataclass(frozen=True, slots=True)
class Made:
    """A decision for one screen, as it is logged."""

    id: str
    screen: str
    t: float
    decision: Decision
    case: Case


@dataclass(frozen=True, slots=True)
class OnScreen:
    """What a screen shows, as the wall of screens tells it."""

    show: Show
    reason: Reason
    crowd: Crowd


@dataclass(slots=True)
class _Running:
    """A stage's state."""

    stage: Stage
    on: Airing | None = None
    before: Airing | None = None
    """What `on` follows."""
    last: Neighbour | None = None
    settled: float = 0.0
    """Up to when shares of the screen's time were settled, seconds UTC."""
    reason: Reason = field(default_factory=lambda: Reason("nobody"))
    shows: dict[str, Show] = field(default_factory=dict)

    def campaign_at(self, t: float) -> str | None:
        """Whose turn it is at `t` seconds UTC."""
        for airing in (self.on, self.before):
            if airing is not None and airing.since <= t < airing.until:
                return airing.campaign
        return None

    def put_on(self, airing: Airing) -> None:
        """What was on ends, at once where it is cut."""
        if self.on is not None and self.on.since < airing.since:
            on = self.on
            self.before = Airing(on.campaign, on.since, min(on.until, airing.since))
        self.on = airing


class ControlRoom:
    """Decides for every stage of one site. Belongs to one thread."""

    def __init__(self, rundown: Rundown, ledger: Ledger, lessons: Lessons, *, seed: str, address: Address) -> None:
        self.audience, self.ledger, self.lessons = AudienceNow(), ledger, lessons
        self._seed, self._address = seed, address
        self._running: dict[str, _Running] = {}
        self._by_screen: dict[str, _Running] = {}
        self.take(rundown)

    def take(self, rundown: Rundown) -> None:
        """Go on with what may be shown from now on."""
        self.rundown, self._zone = rundown, ZoneInfo(rundown.site.timezone)
        self._campaigns: Mapping[str, Campaign] = {campaign.id: campaign for campaign in rundown.campaigns}
        before = self._running
        self._running = {stage.lead: _Running(stage) for stage in stages(rundown.site)}
        for lead, running in self._running.items():
            if lead in before and before[lead].stage == running.stage:
                self._running[lead] = before[lead]
                if self._default_changed(before[lead]):
                    before[lead].on = None
        self._by_screen = {screen: running for running in self._running.values() for screen in running.stage.screens}
        self.ledger.forget(self._campaigns.keys())

    @property
    def stages(self) -> tuple[Stage, ...]:
        """All of the site's."""
        return tuple(running.stage for running in self._running.values())

    def hear(self, message: Message, live: Live, *, now: float) -> list[Stage]:
        """Who is there now, from one camera; the stages before which something changed."""
        changed = self.audience.hear(message, live, now=now)
        found = {id(running): running.stage for s in changed if (running := self._by_screen.get(s)) is not None}
        return list(found.values())

    def relay(self, show: Show) -> bool:
        """Another server decided; whether it is news."""
        running = self._by_screen.get(show.screen)
        before = running.shows.get(show.screen) if running else None
        if running is None or (before is not None and (before.decision, before.until) == (show.decision, show.until)):
            return False
        running.shows[show.screen] = show
        running.reason = self._reason(show)
        return True

    def _reason(self, show: Show) -> Reason:
        """As far as it can be told from what was decided."""
        campaign = self._campaigns.get(show.campaign or "")
        if show.campaign is None:
            return Reason("held" if show.arm == "nothing" else "nobody")
        if campaign is None or not campaign.by_attribute:
            return Reason("chosen", show.campaign)
        return Reason(
            "everyone" if campaign.shares.acts_as(show.arm or "targeted") == "everyone" else "targeted", campaign.id
        )

    def held_s(self, stage: Stage, *, now: float) -> float:
        """For how many seconds yet nothing cuts in on what a stage shows; 0 where it could now."""
        running = self._running.get(stage.lead)
        on = running.on if running is not None else None
        return max(safe_until(on) - now, 0.0) if on is not None and on.since <= now else 0.0

    def resume(self, screen: str, airing: Airing) -> None:
        """Go on with the turn that was on before a restart."""
        running, campaign = self._running.get(screen), self._campaigns.get(airing.campaign or "")
        if running is not None and campaign is not None:
            running.on, running.last = airing, _neighbour(campaign, airing.until)

    def now(self, t: float) -> dict[str, OnScreen]:
        """What every screen shows, of which something was decided; may be asked by any thread."""
        found: dict[str, OnScreen] = {}
        for running in tuple(self._running.values()):
            crowd = self.audience.crowd(running.stage.screens, now=t)
            for screen, show in tuple(running.shows.items()):
                found[screen] = OnScreen(show, running.reason, crowd)
        return found

    def show(self, screen: str) -> Show | None:
        """The newest that was told to a screen."""
        running = self._by_screen.get(screen)
        return running.shows.get(screen) if running else None

    def turn(self, stage: Stage, *, now: float) -> tuple[list[Made], list[Show]]:
        """Decide for a stage at `now`, seconds UTC: what was decided, and what the screens are to be told."""
        running = self._running.get(stage.lead)
        if running is None or running.stage != stage:  # the site's document changed meanwhile
            return [], []
        case, decision = self._decide(running, _start(running.on, now), now)
        on = running.on
        if decision.stays and on is not None and on.campaign is None and now < on.since:
            # The default comes next, as nobody was due: somebody may be by then.
            case, decision = self._decide(running, on.since, now)
        had = running.campaign_at((running.settled + now) / 2)
        elapsed_s, running.settled = now - running.settled, now
        self.ledger.settle(stage.lead, self._campaigns, could=decision.against, had=had, elapsed_s=elapsed_s)
        if decision.stays:
            return [], self._renew(running, now)
        return self._put_on(running, decision, case)

    def _decide(self, running: _Running, t: float, now: float) -> tuple[Case, Decision]:
        case = self._case(running, t, now)
        campaigns = self.rundown.campaigns
        return case, decide(case.context, campaigns, case.standing, case.learned, seed=self._seed)

    def _case(self, running: _Running, t: float, now: float) -> Case:
        stage = running.stage
        local = datetime.fromtimestamp(t, self._zone)
        context = Context(
            site=self.rundown.site.site,
            screen=stage.lead,
            t=round(t, 3),
            weekday=local.weekday(),
            minute=local.hour * 60 + local.minute,
            portrait=stage.portrait,
            in_step=frozenset(stage.screens[1:]),
            crowd=self.audience.crowd(stage.screens, now=now),
            triggers=self.rundown.told(t),
            barred=self.rundown.barred,
            on=running.on,
            last=running.last,
        )
        standing = self.ledger.standing(stage.lead, self.rundown.campaigns, t=t)
        learned = self.lessons.at(stage.lead, weekday=context.weekday, minute=context.minute)
        return Case(context, standing, learned, self.rundown.versions)

    def _put_on(self, running: _Running, decision: Decision, case: Case) -> tuple[list[Made], list[Show]]:
        stage, t = running.stage, case.context.t
        seconds = decision.seconds or DEFAULT_S
        running.put_on(Airing(decision.campaign, t, round(t + seconds, 3), decision.against))
        running.reason = decision.reason
        if decision.campaign is not None:
            campaign = self._campaigns[decision.campaign]
            running.last = _neighbour(campaign, t + seconds)
            held = decision.creative is None
            self.ledger.turn(stage.lead, campaign.id, t=t, screens=len(stage.screens), held=held)
        logged = Case(case.context, case.standing, _of(case.learned, decision), case.versions, seconds)
        made = [Made(token_hex(12), screen, t, decision, logged) for screen in stage.screens]
        return made, [show for each in made if (show := self._tell(running, each)) is not None]

    def _tell(self, running: _Running, made: Made) -> Show | None:
        """What a screen is told of a decision; nothing where it shows the default and is to go on with it."""
        decision, before = made.decision, running.shows.get(made.screen)
        over_default = before is None or before.campaign is None
        show = self._default(made) if decision.creative is None else self._creative(running.stage, made, over_default)
        if before is not None and show.campaign is None and _goes_on(before, show):
            return None
        running.shows[made.screen] = show
        return show

    def _creative(self, stage: Stage, made: Made, over_default: bool) -> Show:
        decision = made.decision
        switch: Switch = "now" if over_default else decision.switch
        creative = decision.creative or ""
        seconds = decision.seconds
        late_s = IN_STEP_S if len(stage.screens) > 1 and switch == "now" else 0.0
        return Show(
            screen=made.screen,
            decision=made.id,
            campaign=decision.campaign,
            creative=creative,
            media=self.rundown.media[creative],
            arm=decision.arm,
            at=_instant(made.t + late_s),
            until=_instant(made.t + late_s + seconds),
            switch=switch,
            reason=sentence(decision.reason),
            qr=self._qr(creative, decision.campaign, made),
        )

    def _default(self, made: Made) -> Show:
        decision = made.decision
        creative, media = self._house(made.screen)
        return Show(
            screen=made.screen,
            decision=made.id,
            campaign=None,
            creative=creative,
            media=media,
            arm=decision.arm,
            at=_instant(made.t),
            until=_instant(made.t + DEFAULT_S),
            switch=decision.switch,
            reason=sentence(decision.reason),
            qr=self._qr(creative, None, made) if creative else None,
        )

    def _qr(self, creative: str, campaign: str | None, made: Made) -> str | None:
        if creative not in self.rundown.landings:
            return None
        return self._address(self.rundown.site, campaign=campaign, creative=creative, screen=made.screen, t=made.t)

    def _renew(self, running: _Running, now: float) -> list[Show]:
        """The default told again before its time is up."""
        on, until = running.on, _instant(now + DEFAULT_S)
        if on is None or on.campaign is not None or on.until - now > RENEW_S:
            return []
        running.on = Airing(None, on.since, round(now + DEFAULT_S, 3), on.against)
        running.shows = {screen: show.model_copy(update={"until": until}) for screen, show in running.shows.items()}
        return list(running.shows.values())

    def _default_changed(self, running: _Running) -> bool:
        return any(
            show.campaign is None and show.media != self._house(screen)[1] for screen, show in running.shows.items()
        )

    def _house(self, screen: str) -> tuple[str | None, Media | None]:
        """The default creative of a screen, and its file."""
        creative = self.rundown.defaults.get(screen)
        return creative, self.rundown.media.get(creative) if creative else None


def _start(on: Airing | None, now: float) -> float:
    """When what is decided now is to start: once the turn that ends soon has ended, else at once."""
    ends_soon = on is not None and on.campaign is not None and on.until - AHEAD_S <= now < on.until
    return on.until if on is not None and ends_soon else now


def _neighbour(campaign: Campaign, until: float) -> Neighbour:
    return Neighbour(campaign.id, campaign.category, campaign.rivals, round(until, 3))


def _goes_on(before: Show, show: Show) -> bool:
    same = before.campaign is None and before.media == show.media
    return same and show.at < before.until - timedelta(seconds=RENEW_S)


def _of(learned: Learned, decision: Decision) -> Learned:
    """What the decision may have looked at."""
    return {key: belief for key, belief in learned.items() if key.partition("/")[0] in decision.against}


def _instant(t: float) -> datetime:
    return datetime.fromtimestamp(t, UTC)
