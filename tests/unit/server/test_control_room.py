import json
from collections import Counter, defaultdict
from datetime import UTC, datetime
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from contract.messages import Live, wrap
from contract.screens import Media
from contract.site import Site
from server.campaign_slots import trial_of
from server.control_room import AHEAD_S, DEFAULT_S, ControlRoom
from server.db.triggers import Trigger
from server.domain.campaigns import Campaign, Creative, Flight, Goal, NearRule, SegmentRule, TriggerRule
from server.domain.context import Airing
from server.domain.decide import LEAST_DEFAULT_S, decide, rivals
from server.domain.holdout import ARMS, SLOT_S, WASH_OUT_S, Shares, slot_of
from server.lessons import PARTS, Fit, Lessons
from server.replay import again, case_json, read_case
from server.rundown import Rundown, barred
from server.standing import Counted, Ledger

T = 1_763_812_800.0
SAME = Shares(same=True)
SEED = "seed"


def media(key, seconds=10.0):
    return Media(kind="image", sha256=(key.encode().hex() * 64)[:64], type="image/png", seconds=seconds)


def campaign(key, *, seconds=10.0, **changed):
    plain = {"creatives": (Creative(key, "image", seconds),), "shares": SAME, "pacing": "asap"}
    flights = (Flight(T - 86_400, T + 86_400),)
    return Campaign(id=key, flights=flights, goal=Goal("plays"), **(plain | changed))


def site(**screens):
    found = {key: {"at_m": [1, 1]} | screen for key, screen in (screens or {"entry": {}}).items()}
    segments = {
        "cyclists": {"when": {"transport": ["bicycle"]}},
        "minors": {"when": {"age": ["0-17"]}},
        "patients": {"when": {"transport": ["cart"]}, "sensitive": True},
    }
    floor = {"bounds_m": [[0, 0], [4, 3]]}
    return Site.model_validate({"site": "shop", "floor": floor, "screens": found, "segments": segments})


class Screens:
    """A control room whose clock is turned by hand, and all that it decided and told."""

    def __init__(self, campaigns, *, of=None, rundown=None, ledger=None):
        creatives = {creative.id: media(creative.id) for each in campaigns for creative in each.creatives}
        known = Rundown(of or site(), tuple(campaigns), media=creatives, barred=barred(site()))
        self.rundown = rundown or known
        self.room = ControlRoom(
            self.rundown,
            ledger or Ledger(),
            Lessons(),
            seed=SEED,
            address=lambda *_, **names: "/q/" + names["creative"],
        )
        self.t, self.seq = T, 0
        self.made, self.told = [], []

    def decide(self):
        for stage in self.room.stages:
            self.keep(self.room.turn(stage, now=self.t))

    def keep(self, turn):
        made, shows = turn
        self.made += made
        self.told += [(self.t, show) for show in shows]

    def run(self, seconds, *, tick=1.0):
        end = self.t + seconds
        while self.t < end:
            self.decide()
            self.t += tick

    def say(self, near, *, camera="door", screen="entry", lasts_s=3.0, boot="b", **bands):
        self.seq += 1
        seen = {"near": near, "now": bands, "lately_n": near, "lately": bands}
        at, until = (datetime.fromtimestamp(t, UTC) for t in (self.t, self.t + lasts_s))
        live = Live(camera=camera, t=at, expires_at=until, occupancy=near, zones={}, screens={screen: seen})
        message = wrap(live, site="shop", box="b1", boot_id=boot, seq=self.seq, time=at)
        for stage in self.room.hear(message, live, now=self.t):
            self.keep(self.room.turn(stage, now=self.t))

    def campaigns(self, screen="entry"):
        return [show.campaign for _, show in self.told if show.screen == screen]


def test_who_comes_just_after_the_default_waits_until_it_may_be_cut_and_no_longer():
    screens = Screens([campaign("tea", rules=(NearRule(1),), switch="now")])
    (stage,) = screens.room.stages
    screens.say(0)
    screens.t += 0.4
    held_s = screens.room.held_s(stage, now=screens.t)
    screens.say(1)
    assert screens.campaigns() == [None]
    assert held_s == pytest.approx(LEAST_DEFAULT_S - 0.4)
    screens.t += held_s + 0.001
    screens.decide()
    assert screens.campaigns() == [None, "tea"]
    assert screens.room.held_s(stage, now=screens.t) > LEAST_DEFAULT_S


def test_turns_follow_each_other_without_a_gap_and_are_told_ahead():
    screens = Screens([campaign("tea")])
    screens.run(120)
    shows = [show for _, show in screens.told]
    assert len(shows) in (12, 13)
    for one, other in pairwise(shows):
        assert other.at == one.until
        assert other.switch == "next"
    for t, show in screens.told[1:]:
        assert 0 < show.at.timestamp() - t <= AHEAD_S
    assert len({show.decision for show in shows}) == len(shows)


def test_the_default_is_told_once_and_again_before_its_time_is_up():
    screens = Screens([])
    screens.run(2 * DEFAULT_S, tick=60)
    assert len(screens.made) == 1
    assert len(screens.told) == 3
    for (_, one), (t, _) in pairwise(screens.told):
        assert one.until.timestamp() > t


def test_shares_of_a_screen_s_time_are_what_was_agreed():
    shares = {"a": 0.5, "b": 0.2, "c": 0.1}
    seconds = {"a": 10.0, "b": 15.0, "c": 30.0}
    screens = Screens([campaign(key, seconds=seconds[key], share_of_voice=share) for key, share in shares.items()])
    screens.run(3 * 3600)
    had = defaultdict(float)
    for made in screens.made:
        if made.decision.campaign:
            had[made.decision.campaign] += made.decision.seconds
    assert {key: s / (3 * 3600) for key, s in had.items()} == pytest.approx(shares, abs=0.01)


def test_shares_that_are_the_whole_leave_no_room_for_the_default():
    screens = Screens([campaign(key, share_of_voice=share) for key, share in {"a": 0.5, "b": 0.3, "c": 0.2}.items()])
    screens.run(3600)
    counts = Counter(screens.campaigns())
    assert counts["a"] + counts["b"] + counts["c"] == pytest.approx(360, abs=4)
    assert counts["a"] == pytest.approx(180, abs=4)
    assert counts["b"] == pytest.approx(108, abs=4)


@examples(max_examples=15)
@given(most=st.integers(0, 40), pacing=st.sampled_from(["even", "asap"]), n=st.integers(1, 6))
def test_no_budget_is_ever_exceeded(most, pacing, n):
    of = site(**{f"s{i}": {} for i in range(n)})
    flights = (Flight(T, T + 900),)
    bought = Campaign("tea", (Creative("tea", "image", 10.0),), flights, Goal("plays"), plays_most=most, pacing=pacing)
    screens = Screens([bought], of=of)
    screens.run(900)
    assert sum(show.campaign == "tea" for _, show in screens.told) <= most


def test_evenly_is_even_over_the_hours_that_are_left():
    flights = (Flight(T, T + 7200),)
    tea = Campaign("tea", (Creative("tea", "image", 10.0),), flights, Goal("plays"), plays_most=60, shares=SAME)
    screens = Screens([tea], of=site(a={}, b={}))
    screens.run(7200)
    at = [show.at.timestamp() - T for _, show in screens.told if show.campaign]
    assert len(at) == 60
    for quarter in range(4):
        assert sum(quarter * 1800 <= t < (quarter + 1) * 1800 for t in at) == pytest.approx(15, abs=2)


def test_what_was_played_before_a_restart_counts():
    ledger = Ledger()
    ledger.restore(Counted(total={"tea": 9}, turns=(("entry", "tea", T - 60),)))
    screens = Screens([campaign("tea", plays_most=10)], ledger=ledger)
    screens.run(100)
    assert screens.campaigns().count("tea") == 1


def test_a_count_from_the_database_is_put_right_by_what_came_after_it():
    ledger = Ledger()
    ledger.put_right(Counted(total={"tea": 5}, held={"tea": 2}), since=[("tea", False), ("tea", True), ("milk", False)])
    progress = ledger.standing("entry", [campaign("tea"), campaign("milk")], t=T)
    assert (progress["tea"].total, progress["tea"].held, progress["milk"].total) == (6, 3, 1)


def test_a_restart_cuts_nothing():
    screens = Screens([campaign("tea"), campaign("milk")])
    screens.room.resume("entry", Airing("milk", T - 4, T + 6))
    screens.run(4)
    assert screens.told == []
    screens.run(10)
    assert screens.told[0][1].at.timestamp() == T + 6


def test_turns_end_within_the_wash_out_of_the_next_slot():
    screens = Screens([campaign("long", seconds=100.0), campaign("short", seconds=7.0)])
    screens.run(4 * SLOT_S)
    for made in screens.made:
        if made.decision.campaign:
            assert made.t + made.decision.seconds <= (slot_of(made.t) + 1) * SLOT_S + WASH_OUT_S


def test_who_comes_changes_the_screen_at_once():
    screens = Screens([campaign("tea"), campaign("locks", rules=(SegmentRule("cyclists"),), switch="now")])
    screens.run(15.0)
    screens.t += 0.3
    screens.say(7, cyclists="5-9")
    t, show = screens.told[-1]
    assert (t, show.campaign, show.switch) == (screens.t, "locks", "now")
    assert show.at.timestamp() == pytest.approx(screens.t, abs=0.002)


def test_cameras_add_up_to_no_more_than_is_sure():
    screens = Screens([])
    screens.say(9, camera="a", cyclists="5-9", minors="few")
    screens.say(7, camera="b", cyclists="5-9")
    crowd = screens.room.audience.crowd(["entry"], now=screens.t)
    assert (crowd.near, dict(crowd.now)) == (16, {"cyclists": "10-19", "minors": "few"})


def test_what_a_box_said_expires_by_this_clock():
    screens = Screens([campaign("tea", rules=(NearRule(2),), switch="now")])
    screens.say(5, lasts_s=3.0)
    crowd = screens.room.audience.crowd
    assert crowd(["entry"], now=screens.t + 2.9).near == 5
    assert not crowd(["entry"], now=screens.t + 3.0).known
    screens.say(5, lasts_s=7200.0)
    assert not crowd(["entry"], now=screens.t + 61).known


def test_an_older_statement_does_not_replace_a_newer_one_but_a_restarted_box_does():
    screens = Screens([])
    screens.say(5)
    screens.seq = 0
    screens.say(9)
    assert screens.room.audience.crowd(["entry"], now=screens.t).near == 5
    screens.seq = 0
    screens.say(2, boot="another")
    assert screens.room.audience.crowd(["entry"], now=screens.t).near == 2


def test_memory_of_cameras_is_let_go():
    screens = Screens([])
    for n in range(3000):
        screens.say(1, camera=f"c{n}")
    assert screens.room.audience.crowd(["entry"], now=screens.t).near == 2000
    screens.room.audience.forget(now=screens.t + 100)
    screens.t += 100
    screens.say(4, camera="c2999")
    assert screens.room.audience.crowd(["entry"], now=screens.t).near == 4


def test_screens_in_step_show_the_same_at_the_same_moment():
    step = {"group": "wall", "in_step": True}
    of = site(a=step, b=step, alone={}, c={"group": "wall"})
    screens = Screens([campaign(f"c{n}", share_of_voice=0.2) for n in range(5)], of=of)
    screens.run(600)
    a, b, c = ([(s.campaign, s.at, s.until) for _, s in screens.told if s.screen == key] for key in "abc")
    assert a == b
    assert len(a) > 50
    assert a != c
    ids = [show.decision for _, show in screens.told]
    assert len(set(ids)) == len(ids)


def test_a_play_on_screens_in_step_is_as_many_plays_as_screens():
    step = {"group": "wall", "in_step": True}
    screens = Screens([campaign("tea", plays_most=6)], of=site(a=step, b=step))
    screens.run(100)
    assert Counter(show.screen for _, show in screens.told if show.campaign) == {"a": 3, "b": 3}


def test_a_campaign_that_ends_while_it_plays_is_taken_off():
    screens = Screens([campaign("tea")])
    screens.run(5)
    screens.room.take(Rundown(site()))
    screens.decide()
    _, show = screens.told[-1]
    assert (show.campaign, show.switch) == (None, "now")
    assert show.at.timestamp() == screens.t


def test_no_turn_goes_on_after_its_flight():
    flights = (Flight(T - 100, T + 95),)
    tea = Campaign("tea", (Creative("tea", "image", 10.0),), flights, Goal("plays"), shares=SAME)
    screens = Screens([tea])
    screens.run(200)
    assert max(show.until.timestamp() for _, show in screens.told if show.campaign) <= T + 95
    assert screens.campaigns()[-1] is None


def test_a_default_that_was_changed_is_shown_at_once_and_by_no_one_s_turn():
    screens = Screens([])
    screens.run(5)
    house = Rundown(site(), media={"logo": media("logo")}, defaults={"entry": "logo"}, landings=frozenset({"logo"}))
    screens.room.take(house)
    screens.decide()
    _, show = screens.told[-1]
    assert (show.campaign, show.creative, show.media, show.qr) == (None, "logo", media("logo"), "/q/logo")
    screens.run(30)
    assert len(screens.told) == 2


def test_a_held_turn_tells_the_player_nothing_where_the_default_is_on():
    tea = campaign("tea", shares=Shares(0.1, 0.1, 0.8))
    screens = Screens([tea])
    screens.run(1800)
    held = [made for made in screens.made if made.decision.arm == "nothing"]
    assert len(held) > 100
    shown = [(show.campaign, show.arm) for _, show in screens.told]
    for one, other in pairwise(shown):
        assert one[0] or other[0], "the default is not told after the default"


def test_a_trigger_that_is_over_holds_no_more():
    tea = campaign("tea", rules=(TriggerRule("weather", "rain"),))
    known = Rundown(site(), (tea,), media={"tea": media("tea")}, triggers=(Trigger("weather", "rain", T, T + 35),))
    screens = Screens([tea], rundown=known)
    screens.run(120)
    assert screens.campaigns().count("tea") == 4
    assert screens.campaigns()[-1] is None


def test_nobody_is_aimed_at_by_segments_that_are_sensitive_or_may_be_children():
    aims = [campaign(key, rules=(SegmentRule(key),)) for key in ("minors", "patients", "cyclists")]
    screens = Screens(aims)
    for _ in range(60):
        screens.say(9, minors="5-9", patients="5-9", cyclists="5-9")
        screens.run(1)
    assert set(screens.campaigns()) == {"cyclists"}


def test_rivals_stay_apart_through_cuts_and_defaults():
    cola = campaign("cola", category="cola", rivals=frozenset({"kvass"}), share_of_voice=0.4)
    kvass = campaign("kvass", category="kvass", switch="now", rules=(NearRule(3),))
    screens = Screens([cola, kvass])
    for n in range(1800):
        if n % 40 == 0:
            screens.say(5, lasts_s=15.0)
        screens.run(1)
    shown = [show for _, show in screens.told if show.campaign]
    assert {show.campaign for show in shown} == {"cola", "kvass"}
    assert rivals(cola, kvass)
    for one, other in pairwise(shown):
        if one.campaign != other.campaign:
            assert (other.at - one.until).total_seconds() >= 59


def test_a_log_decides_again_what_it_decided():
    """Through JSON and back, whatever was there: the same decisions."""
    all_of = [
        campaign("tea", share_of_voice=0.3),
        campaign(
            "milk", plays_per_hour=30, creatives=(Creative("milk-1", "image", 8.0), Creative("milk-2", "video", 12.0))
        ),
        campaign("locks", rules=(SegmentRule("cyclists"),), switch="now", shares=Shares(0.4, 0.3, 0.3)),
        campaign("soda", category="soda", rivals=frozenset({"water"}), plays_most=100),
        campaign("water", category="water"),
    ]
    screens = Screens(all_of)
    learned = {
        key: (n + 1.0, 0.5 + n, 7.0 + n)
        for n, key in enumerate(["tea", "milk", "locks", "soda", "water", "milk/milk-1", "milk/milk-2"])
    }
    rows = {("entry", part): row for row, part in enumerate(PARTS)}
    beliefs = (np.tile(column, (len(rows), 1)) for column in np.array(list(learned.values())).T)
    screens.room.lessons = Lessons((Fit(rows, tuple(learned), tuple(beliefs)),))
    for n in range(2400):
        if n % 20 < 8:
            screens.say(6 + n % 3, cyclists="5-9")
        screens.run(1)
    assert {made.decision.campaign for made in screens.made} == {each.id for each in all_of}
    for made in screens.made:
        case = read_case(json.loads(json.dumps(case_json(made.case))))
        decision = again(case, all_of, seed=SEED)
        assert decision == made.decision
        assert decide(case.context, all_of, case.standing, case.learned, seed=SEED) == made.decision


def test_the_report_finds_the_arms_that_were_decided_by():
    step = {"group": "wall", "in_step": True}
    of = site(a={}, x=step, y=step)
    tea = campaign("tea", shares=Shares(0.4, 0.3, 0.3))
    screens = Screens([tea], of=of)
    screens.run(20 * SLOT_S, tick=5)
    begun = [(T, screens.t)]
    trial = trial_of(tea, of, approved=begun, until=screens.t, goes_on=False, seed=SEED)
    derived = dict(zip(trial.keys, (ARMS[i] for i in trial.arm), strict=True))
    decided = {(made.screen, slot_of(made.t)): made.decision.arm for made in screens.made}
    assert {key: decided[key] for key in derived} == derived
    assert len(set(derived.values())) == 3
