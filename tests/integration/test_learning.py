"""From windows in the database to beliefs about creatives."""

import pytest
from sqlalchemy import insert

from contract.site import Site
from server.db.intake import Arrival, store
from server.db.screen_tables import scans
from server.domain.campaigns import Campaign, Creative, Flight, Goal
from server.learning import Learning

SITE = Site.model_validate(
    {
        "site": "shop",
        "timezone": "Europe/Berlin",
        "floor": {"bounds_m": [[0, 0], [4, 3]]},
        "screens": {key: {"at_m": [1, 1], "group": group} for key, group in {"a": "x", "b": "x", "c": "y"}.items()},
    }
)


def campaign(key, *creatives, goal="plays"):
    flights = (Flight(0, 1e10),)
    return Campaign(key, tuple(Creative(each, "image", 10) for each in creatives), flights, Goal(goal))


@pytest.fixture
def seen(engine, message, window):
    """`seen(minute, screen, creative, attention_s)`: a minute on a screen, as a camera saw it."""

    def take(minute, screen, creative, attention_s, shown_s=60.0, revision=0):
        shown = {"screen": screen, "creative": creative, "shown_s": shown_s, "ots": 5, "viewers": 3}
        made = window(minute, screens=[shown | {"attention_s": attention_s}], camera=screen, revision=revision)
        with engine.begin() as conn:
            store(conn, [Arrival(message(made), 0.0)])

    return take


@pytest.fixture
def learn(engine):
    learning = Learning()

    def run(*campaigns, now):
        with engine.connect() as conn:
            return learning.learn(conn, SITE, campaigns, now=now)

    return run


SATURDAY_AFTERNOON = {"weekday": 5, "minute": 13 * 60}


def test_what_draws_more_attention_is_believed_to(seen, learn, noon):
    for minute in range(0, 60, 2):
        seen(minute, "a", "good", 30.0 + minute % 5)
        seen(minute + 1, "a", "poor", 6.0 + minute % 3)
    learned = learn(campaign("one", "good", "poor"), campaign("two", "new"), now=noon + 7200).at(
        "a", **SATURDAY_AFTERNOON
    )
    assert set(learned) == {"one", "two", "one/good", "one/poor", "two/new"}
    good, poor, new = (learned[key] for key in ("one/good", "one/poor", "two/new"))
    assert good[0] == pytest.approx(32 / 6, rel=0.1)
    assert poor[0] == pytest.approx(7 / 6, rel=0.2)
    assert new[1] > 3 * good[1]
    assert poor[0] < learned["one"][0] < good[0]


def test_screens_of_a_group_learn_from_each_other_and_others_do_not(seen, learn, noon):
    for minute in range(0, 60, 2):
        seen(minute, "a", "good", 30.0)
        seen(minute + 1, "a", "poor", 5.0)
    lessons = learn(campaign("one", "good", "poor"), now=noon + 7200)
    beside, elsewhere = (lessons.at(screen, **SATURDAY_AFTERNOON) for screen in "bc")
    assert beside["one/good"][0] > 1.5 * beside["one/poor"][0]
    assert elsewhere["one/good"] == elsewhere["one/poor"]
    assert lessons.at("gone", **SATURDAY_AFTERNOON) == {}


def test_parts_of_the_week_are_by_the_site_s_clock(seen, learn, noon):
    """Noon in UTC is one o'clock in Berlin, an afternoon; an hour and a half before it a morning."""
    for minute in range(-120, -70):
        seen(minute, "a", "good", 60.0)
    for minute in range(50):
        seen(minute, "a", "good", 6.0)
    lessons = learn(campaign("one", "good"), now=noon + 7200)
    morning = lessons.at("a", weekday=5, minute=9 * 60)["one/good"]
    assert morning[0] > 2 * lessons.at("a", **SATURDAY_AFTERNOON)["one/good"][0]


def test_what_comes_late_or_is_revised_is_learned_and_old_news_fades(seen, learn, noon):
    one = campaign("one", "good", "poor")
    seen(0, "a", "good", 60.0)
    before = learn(one, now=noon + 3600).at("a", **SATURDAY_AFTERNOON)
    seen(0, "a", "good", 12.0, revision=1)
    for minute in range(1, 40):
        seen(minute, "a", "good", 12.0)
    after = learn(one, now=noon + 7200).at("a", **SATURDAY_AFTERNOON)
    assert after["one/good"][0] < before["one/good"][0]
    assert after["one/good"][1] < before["one/good"][1]
    faded = learn(one, now=noon + 27 * 86_400).at("a", **SATURDAY_AFTERNOON)
    assert faded["one/good"][1] > after["one/good"][1]
    gone = learn(one, now=noon + 40 * 86_400).at("a", **SATURDAY_AFTERNOON)
    assert gone["one/good"] == gone["one/poor"]


def test_without_campaigns_there_is_nothing_to_learn(learn, noon):
    assert learn(now=noon).at("a", **SATURDAY_AFTERNOON) == {}


def test_where_the_goal_is_sales_creatives_are_told_apart_by_what_was_redeemed(seen, learn, engine, noon):
    for minute in range(0, 60, 2):
        seen(minute, "a", "loud", 40.0)
        seen(minute + 1, "a", "plain", 5.0)
    slot_ms = int(noon * 1000)
    place = {"site": "shop", "landing": "p", "campaign": "one", "screen": "a", "slot_ms": slot_ms, "answer": ""}
    with engine.begin() as conn:
        for creative, what, n in (("plain", "redeem", 25), ("loud", "redeem", 2), ("loud", "scan", 90)):
            conn.execute(insert(scans).values(creative=creative, what=what, n=n, **place))
    sold = learn(campaign("one", "loud", "plain", goal="sales"), now=noon + 7200).at("a", **SATURDAY_AFTERNOON)
    rates = {key: shape / plays for key, (shape, plays) in ((key, sold[f"one/{key}"]) for key in ("loud", "plain"))}
    assert rates["plain"] == pytest.approx(25 / 180, rel=0.35)
    assert rates["plain"] > 3 * rates["loud"]
    seen_most = learn(campaign("one", "loud", "plain"), now=noon + 7200).at("a", **SATURDAY_AFTERNOON)
    assert seen_most["one/loud"][0] > seen_most["one/plain"][0]
    assert sold["one"] == seen_most["one"], "campaigns are told apart by attention, whatever they are for"
