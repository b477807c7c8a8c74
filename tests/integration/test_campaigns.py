"""Campaigns over REST: from a draft to the screens and to the end, and everything that is refused on the way."""

from datetime import UTC, datetime, timedelta

import pytest

from contract.messages import AudienceCell, Birth
from server.db.audience import add_cells
from server.db.campaigns import on_air
from server.db.creatives import MediaRecord, NewCreative, add_creative, add_media
from server.db.intake import Arrival, store
from server.db.sites import get_site, put_site

SITE = "/api/v1/sites/shop"
CAMPAIGNS = f"{SITE}/campaigns"
PLAN = {
    "name": "Warm at four",
    "creatives": ["warm"],
    "flights": [{"first": "2025-11-24", "last": "2025-12-07"}],
    "goal": {"kind": "plays", "amount": 5000},
}
"""Two weeks from the Monday after the tests' Saturday."""

SCREENS = {
    "entrance": {"name": "Entrance", "at_m": [1, 1], "zone": "shelf", "group": "front"},
    "tills": {"name": "Tills", "at_m": [3, 1], "zone": "till", "group": "back"},
    "tower": {"name": "Tower", "at_m": [2, 2], "portrait": True},
}
SEGMENTS = {
    "bikes": {"name": "By bicycle", "when": {"transport": ["bicycle"]}},
    "groups": {"name": "Groups", "when": {"group": {"at_least": 3}}},
    "young": {"when": {"age": ["0-17"]}},
    "faith": {"when": {"pace": ["standing"]}, "sensitive": True},
    "saturday": {"when": {"group": {"at_least": 2}, "weekdays": ["sat"]}},
    "morning": {"name": "Morning groups", "when": {"group": {"at_least": 2}, "hours": ["07:00-09:00"]}},
}


@pytest.fixture
def shop(serve, clock):
    """A server whose store has screens and segments, with three creatives."""
    client = serve()
    with client.service.engine.begin() as conn:
        document = get_site(conn, "shop").document
        changed = type(document).model_validate(document.model_dump() | {"screens": SCREENS, "segments": SEGMENTS})
        put_site(conn, changed, simulated=False)
        for n, (key, portrait) in enumerate({"warm": False, "cup": None, "tall": True}.items()):
            media = MediaRecord(f"{n}" * 64, "image", "image/png", 10, 1920, 1080, None, None, clock())
            add_media(conn, media)
            add_creative(conn, "shop", key, NewCreative(key.title(), media, 10.0, portrait, "me"))
    return client


@pytest.fixture
def as_role(shop, bearer):
    """`as_role("admin").post(path, ...)`: the answer."""
    headers = {role: bearer(shop, role) for role in ("viewer", "merchandiser", "admin")}

    class Caller:
        def __init__(self, role):
            self.role = role

        def __getattr__(self, verb):
            return lambda path, **given: getattr(shop, verb)(path, headers=headers[self.role], **given)

    return Caller


@pytest.fixture
def planner(as_role):
    return as_role("merchandiser")


@pytest.fixture
def admin(as_role):
    return as_role("admin")


@pytest.fixture
def judged(planner):
    """`judged(rules=[...])`: the check of the plan with these changes."""

    def judge(language="en", **changed):
        answer = planner.post(f"{CAMPAIGNS}/check", json=PLAN | changed, params={"language": language})
        assert answer.status_code == 200, answer.text
        return answer.json()

    return judge


def step(caller, name, version, note=""):
    return caller.post(f"{CAMPAIGNS}/warm-at-four/{name}", json={"based_on": version, "note": note})


def playing(shop):
    with shop.service.engine.connect() as conn:
        return [record.id for record in on_air(conn, "shop")]


def test_from_a_draft_to_the_screens_and_to_the_end(shop, planner, admin, clock):
    made = planner.post(CAMPAIGNS, json=PLAN)
    assert (made.status_code, made.json()["id"], made.json()["status"]) == (201, "warm-at-four", "draft")
    clock.t += 60
    assert step(planner, "submit", 1).json()["status"] == "waiting"
    assert playing(shop) == []
    clock.t += 60
    approved = step(admin, "approve", 2).json()
    assert (approved["status"], approved["approved_by"]) == ("approved", "a admin")
    assert approved["approved"] == "2025-11-22T13:32:00+01:00"
    assert playing(shop) == ["warm-at-four"]
    assert step(planner, "pause", 3).json()["status"] == "paused"
    assert playing(shop) == []
    assert step(planner, "resume", 4).json()["approved_by"] == "a admin", "a pause keeps the approval"
    assert playing(shop) == ["warm-at-four"]
    assert step(planner, "end", 5, "sold out").json()["status"] == "ended"
    assert playing(shop) == []
    log = planner.get(f"{CAMPAIGNS}/warm-at-four/history").json()["log"]
    assert [entry["what"] for entry in log] == ["ended", "resumed", "paused", "approved", "submitted", "saved"]
    assert (log[0]["who"], log[0]["note"], log[3]["who"]) == ("a merchandiser", "sold out", "a admin")
    late = step(admin, "resume", 6)
    assert (late.status_code, late.json()["title"]) == (409, "Not now")


def test_a_change_to_what_was_approved_waits_again_and_is_off_the_screens(shop, planner, admin):
    planner.post(CAMPAIGNS, json=PLAN)
    step(planner, "submit", 1)
    step(admin, "approve", 2)
    same = planner.put(f"{CAMPAIGNS}/warm-at-four", json={"based_on": 3, "document": PLAN}).json()
    assert (same["version"], same["status"]) == (3, "approved"), "nothing was changed"
    changed = planner.put(f"{CAMPAIGNS}/warm-at-four", json={"based_on": 3, "document": PLAN | {"priority": 5}}).json()
    assert (changed["version"], changed["status"], changed["approved_by"]) == (4, "waiting", None)
    assert playing(shop) == []
    refused = step(admin, "refuse", 4, "priority 5 is for recalls")
    assert refused.json()["status"] == "draft"


def test_who_may_do_what(as_role, planner, admin):
    assert as_role("viewer").post(CAMPAIGNS, json=PLAN).status_code == 403
    planner.post(CAMPAIGNS, json=PLAN)
    step(planner, "submit", 1)
    refused = step(planner, "approve", 2)
    assert (refused.status_code, refused.json()["detail"]) == (
        403,
        "To approve a campaign needs the role admin; a merchandiser has merchandiser.",
    )
    silent = step(admin, "refuse", 2)
    assert (silent.status_code, "say why" in silent.json()["detail"]) == (422, True)
    assert as_role("viewer").get(f"{CAMPAIGNS}/warm-at-four").json()["status"] == "waiting"


def test_nobody_writes_over_another_nor_approves_what_they_have_not_read(planner, admin):
    planner.post(CAMPAIGNS, json=PLAN)
    planner.put(f"{CAMPAIGNS}/warm-at-four", json={"based_on": 1, "document": PLAN | {"priority": 1}})
    late = planner.put(f"{CAMPAIGNS}/warm-at-four", json={"based_on": 1, "document": PLAN | {"priority": 2}})
    assert (late.status_code, late.json()["current"]["document"]["priority"]) == (409, 1)
    step(planner, "submit", 2)
    assert step(admin, "approve", 2).json()["current"]["version"] == 3
    assert step(admin, "approve", 3).status_code == 200


def test_with_faults_it_is_a_draft_and_stays_one(planner):
    assert planner.post(CAMPAIGNS, json=PLAN | {"creatives": ["gone"]}).status_code == 201
    refused = step(planner, "submit", 1)
    assert refused.status_code == 422
    assert refused.json()["errors"] == [{"key": "creatives.0", "message": "There is no creative gone; choose another."}]
    assert planner.get(f"{CAMPAIGNS}/warm-at-four").json()["status"] == "draft"


def segment(key, **changed):
    return {"kind": "segment", "segment": key} | changed


def test_it_is_told_back_in_one_sentence(judged):
    rules = [
        segment("groups", at_least=10),
        {"kind": "trigger", "name": "weather", "value": "rain"},
        {"kind": "near", "at_least": 20, "unless": True},
    ]
    days = [{"weekdays": ["mon", "tue", "wed", "thu", "fri"], "hours": "07:00-10:30"}]
    changed = {"creatives": ["warm", "cup"], "screens": ["entrance", "tills"], "dayparts": days, "rules": rules}
    found = judged(**changed)
    assert found["sentence"] == (
        "“Warm” and “Cup” play on the screens Entrance and Tills from 24 Nov to 7 Dec, Mon–Fri 7:00–10:30, "
        "while at least 10 of “Groups” are before the screen and weather is rain, "
        "but never while at least 20 people are before the screen, until it has played 5,000 times."
    )
    assert found["rules"][1] == "weather is rain"
    assert (found["screens"], found["hours"], found["slots"]) == (2, 35.0, 420)
    assert found["plays_most"] == pytest.approx(2 * 35 * 360 * 0.8)
    assert found["faults"] == []
    assert "«Warm» и «Cup»" in judged("ru", **changed)["sentence"]


FAULTS = [
    ({"rules": [segment("gone")]}, "rules.0.segment", "There is no segment gone"),
    ({"rules": [segment("faith")]}, "rules.0.segment", "sensitive and never decides"),
    ({"rules": [segment("young")]}, "rules.0.segment", "may be children"),
    ({"rules": [segment("bikes"), segment("bikes", unless=True)]}, "rules.1", "Rules 1 and 2 contradict"),
    ({"rules": [segment("bikes", at_least=10), {"kind": "near", "at_least": 5, "unless": True}]}, "rules.1", "contradict"),
    ({"rules": [{"kind": "trigger", "name": "weather", "value": value} for value in ("rain", "sun")]}, "rules.1", "contradict"),
    ({"rules": [segment("morning")], "dayparts": [{"hours": "16:00-20:00"}]}, "rules.0.segment", "of other hours"),
    ({"rules": [segment("bikes")], "screens": ["tower"], "creatives": ["tall"]}, "rules", "Nobody knows who is before Tower"),
    ({"flights": PLAN["flights"] + [{"first": "2025-12-07", "last": "2025-12-09"}]}, "flights.1", "Flights 1 and 2 overlap"),
    ({"flights": [{"first": "2025-11-20", "last": "2025-11-21"}]}, "flights", "All flights are over"),
    ({"flights": [{"first": "2025-11-24", "last": "2025-11-24"}], "dayparts": [{"weekdays": ["tue"], "hours": "07:00-08:00"}]}, "dayparts", "never be on"),
    ({"screens": ["cellar"]}, "screens.0", "There is no screen cellar"),
    ({"groups": ["aisles"]}, "groups.0", "No screen is in the group aisles"),
    ({"creatives": ["tall"], "screens": ["entrance"]}, "creatives", "No creative fits the shape of Entrance"),
    ({"goal": {"kind": "visits"}}, "promotes", "Say which zone"),
    ({"promotes": "cellar"}, "promotes", "There is no zone cellar"),
    ({"sensitive": True, "rules": [segment("groups")]}, "document", "sensitive category is never aimed"),
    ({"flights": [{"first": "2025-12-02", "last": "2025-12-01"}]}, "flights.0", "before it begins"),
    ({"arms": {"targeted": 0.95, "everyone": 0.0, "nothing": 0.05}}, "arms.nothing", "greater than or equal to 0.1"),
]  # fmt: skip
"""What is changed in the plan, the key at fault, and what is told."""


def test_what_could_never_work_is_a_fault(judged):
    """In one server, because one takes longer to start than all of them to be judged."""
    for changed, key, told in FAULTS:
        faults = judged(**changed)["faults"]
        assert [(fault["key"], told in fault["message"]) for fault in faults] == [(key, True)], faults
        russian = judged("ru", **changed)["faults"][0]["message"]
        assert any("а" <= sign <= "я" for sign in russian.lower()), russian


@pytest.mark.parametrize(
    ("hours", "weekday", "faults"),
    [
        pytest.param("22:00-03:00", "fri", 0, id="Friday's night is Saturday's first hours"),
        pytest.param("22:00-24:00", "fri", 1, id="Friday alone"),
        pytest.param("22:00-03:00", "sun", 1, id="Sunday's night is Monday's"),
    ],
)
def test_a_segment_of_saturdays_and_a_campaign_of_nights(judged, hours, weekday, faults):
    nights = {"dayparts": [{"hours": hours, "weekdays": [weekday]}], "rules": [segment("saturday")]}
    assert [fault["key"] for fault in judged(**nights)["faults"]] == ["rules.0.segment"] * faults


WARNINGS = [
    ({"creatives": ["warm"]}, "screen-without-creative"),
    ({"rules": [{"kind": "trigger", "name": "weather", "value": "rain"}]}, "trigger-silent"),
    ({"rules": [{"kind": "near"}], "creatives": ["cup"]}, "screen-blind"),
    ({"budget": {"amount": 100, "per_play": 1}}, "budget-too-small"),
    ({"goal": {"kind": "plays", "amount": 1e8}}, "more-than-fits"),
    ({"flights": [{"first": "2025-11-24", "last": "2025-11-24"}], "screens": ["entrance"]}, "few-slots"),
    ({"goal": {"kind": "uplift"}}, "goal-needs-zone"),
]


def test_what_its_author_should_know_is_a_warning(judged):
    for changed, code in WARNINGS:
        found = judged(**changed)
        assert found["faults"] == []
        assert code in [warning["code"] for warning in found["warnings"]]


@pytest.mark.parametrize(("profile", "faults"), [("counting", 1), ("objects", 0)])
def test_a_target_that_the_boxes_cannot_know_matches_no_one(shop, judged, message, clock, profile, faults):
    born = datetime.fromtimestamp(clock(), UTC)
    birth = Birth(version="1", started_at=born, cameras=["door"], model="m", profile=profile, site_version=1)
    with shop.service.engine.begin() as conn:
        store(conn, [Arrival(message(birth), clock())])
    found = judged(rules=[segment("bikes")])["faults"]
    assert len(found) == faults
    assert all("No camera can match By bicycle: it needs the profile objects" in one["message"] for one in found)


def test_a_rule_is_held_against_last_week(shop, judged, clock):
    """Twelve bicycles in the half hour from 12:00 to 12:30 local time: four a slot; one cell of 30 in ten minutes."""
    digest = get_site_of(shop).segments["bikes"].digest
    noon = datetime(2025, 11, 21, 11, 0, tzinfo=UTC)
    spans = [(0, 30, 12), (60, 70, 30), (-1440 * 9, -1440 * 9 + 10, 50)]
    cells = [
        AudienceCell(
            zone="shelf", segment="bikes", digest=digest, n=n, of=n * 4, dwell_sum_s=1.0,
            t_start=noon + timedelta(minutes=start), t_end=noon + timedelta(minutes=end),
        )
        for start, end, n in spans
    ]  # fmt: skip
    with shop.service.engine.begin() as conn:
        add_cells(conn, "shop", "b1", "door", cells)
    week = 7 * 24 * 6
    assert judged(rules=[segment("bikes")])["last_week"] == [{"rule": 0, "slots": 1, "of": week}]
    assert judged(rules=[segment("bikes", share=0.2)])["last_week"] == [{"rule": 0, "slots": 4, "of": week}]
    mornings = [{"hours": "07:00-10:00"}]
    assert judged(rules=[segment("bikes")], dayparts=mornings)["last_week"] == [{"rule": 0, "slots": 0, "of": 7 * 18}]
    assert judged(rules=[segment("groups")])["last_week"] == [], "nobody counted groups"


def get_site_of(shop):
    with shop.service.engine.connect() as conn:
        return get_site(conn, "shop").document


def test_bodies_out_of_shape_are_refused_by_key(planner):
    for wrong in ({"goal": {"kind": "fame"}}, {"rules": [segment("a")] * 4}, {"colour": "red"}, {"creatives": []}):
        refused = planner.post(CAMPAIGNS, json=PLAN | wrong)
        assert refused.status_code == 422
        assert f"body.{next(iter(wrong))}" in refused.json()["detail"]


def test_a_trigger_holds_as_long_as_it_was_told_for(planner, as_role, clock):
    path = f"{SITE}/triggers/weather"
    told = planner.put(path, json={"value": "rain", "lasts_s": 600}).json()
    assert (told["value"], told["until"]) == ("rain", "2025-11-22T13:40:00+01:00")
    assert planner.put(path, json={"value": "sun", "lasts_s": 600}).json()["value"] == "sun"
    assert [one["value"] for one in planner.get(f"{SITE}/triggers").json()["triggers"]] == ["sun"]
    clock.t += 600
    assert planner.get(f"{SITE}/triggers").json()["triggers"] == []
    assert planner.delete(path).status_code == 204
    assert planner.delete(path).status_code == 404
    assert as_role("viewer").put(path, json={"value": "rain"}).status_code == 403
    assert planner.put(path, json={"value": "rain", "lasts_s": -1}).status_code == 422


def test_a_screen_has_its_own_default(planner, admin):
    path = f"{SITE}/screens/entrance"
    assert admin.get(path).json()["settings"] == {"default_creative": None, "screenshots": False}
    assert planner.put(path, json={"default_creative": "cup"}).status_code == 403
    set_ = admin.put(path, json={"default_creative": "cup", "screenshots": True})
    assert set_.json()["settings"] == {"default_creative": "cup", "screenshots": True}
    assert admin.get(f"{SITE}/screens").json()["screens"][0]["settings"]["default_creative"] == "cup"
    wrong = admin.put(path, json={"default_creative": "tall"})
    assert (wrong.status_code, "the screen is wide" in wrong.json()["detail"]) == (422, True)
    assert admin.put(f"{SITE}/screens/cellar", json={}).status_code == 404
    assert planner.delete(f"{SITE}/creatives/cup").status_code == 409, "a screen's default is in use"


def test_what_ends_while_it_plays_goes_off_the_screen_at_once(shop, planner, admin, clock, until):
    arms = {"targeted": 0.0, "everyone": 0.9, "nothing": 0.1}
    today = [{"first": "2025-11-22", "last": "2025-11-23"}]
    planner.post(CAMPAIGNS, json=PLAN | {"flights": today, "pacing": "asap", "arms": arms})
    step(planner, "submit", 1)
    step(admin, "approve", 2)

    def shown():
        clock.t += 1
        return {on.show.campaign for on in shop.app.state.director.now("shop").values()}

    until(lambda: "warm-at-four" in shown(), "the campaign on a screen")
    step(planner, "end", 3, "sold out")
    until(lambda: "warm-at-four" not in shown(), "the default in its place")
