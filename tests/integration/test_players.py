"""How a page becomes a player, what it may ask and tell, and how it ends."""

import io
from datetime import UTC, datetime

import pytest
from PIL import Image

from server.campaign_document import CampaignDocument
from server.db.campaigns import CampaignRecord, add_campaign
from server.db.creatives import MediaRecord, NewCreative, add_creative, add_media
from server.db.screen_settings import ScreenSettings, put_settings
from server.db.sites import get_site, put_site
from server.pairing import CODE_LASTS_S, CODE_LETTERS

SCREENS = {
    "entrance": {"name": "Entrance", "at_m": [1, 1], "zone": "shelf"},
    "left": {"at_m": [2, 1], "group": "pair", "in_step": True},
    "tower": {"name": "Tower", "at_m": [2, 2], "portrait": True},
}
PLAYER = "/api/v1/player"
SITE = "/api/v1/sites/shop"


@pytest.fixture
def shop(serve, clock):
    """A server whose store has three screens."""
    client = serve()
    with client.service.engine.begin() as conn:
        document = get_site(conn, "shop").document
        put_site(conn, type(document).model_validate(document.model_dump() | {"screens": SCREENS}), simulated=False)
        for n, (key, portrait) in enumerate({"warm": False, "cup": None, "tall": True}.items()):
            media = MediaRecord(f"{n}" * 64, "image", "image/png", 10, 1920, 1080, None, None, clock())
            add_media(conn, media)
            add_creative(conn, "shop", key, NewCreative(key.title(), media, 10.0, portrait, "me"))
    return client


@pytest.fixture
def admin(shop, bearer):
    return bearer(shop, "admin")


@pytest.fixture
def begin(shop):
    """`begin("entrance")`: code and secret of a page that was opened for the screen."""

    def make(screen="entrance", site="shop"):
        answer = shop.post(f"{PLAYER}/pairings", json={"site": site, "screen": screen})
        assert answer.status_code == 200, answer.text
        return answer.json()

    return make


@pytest.fixture
def confirm(shop, admin):
    def make(code, screen="entrance", **more):
        return shop.post(f"{SITE}/screens/{screen}/pairings", json={"code": code} | more, headers=admin)

    return make


@pytest.fixture
def player(begin, confirm):
    """The headers of a paired player of the entrance."""
    begun = begin()
    assert confirm(begun["code"]).status_code == 201
    return bearing(begun)


def bearing(begun):
    return {"Authorization": f"Bearer {begun['secret']}"}


def state(shop, begun):
    answer = shop.get(f"{PLAYER}/pairing", headers=bearing(begun))
    return answer.json()["state"] if answer.status_code == 200 else answer.status_code


def test_a_code_makes_a_player_once_an_administrator_types_it_in(shop, begin, confirm, admin, clock):
    begun = begin()
    assert set(begun["code"]) <= set(CODE_LETTERS)
    assert state(shop, begun) == "waiting"
    assert shop.get(f"{PLAYER}/playlist", headers=bearing(begun)).status_code == 401
    typed = f" {begun['code'][:3].lower()}-{begun['code'][3:].lower()}"
    made = confirm(typed).json()
    assert (made["screen"], made["paired_by"], made["online"]) == ("entrance", "a admin", False)
    assert state(shop, begun) == "paired"
    assert shop.get(f"{PLAYER}/playlist", headers=bearing(begun)).json()["screen"] == "entrance"
    assert confirm(begun["code"]).status_code == 404, "a code is good once"
    assert [each["player"] for each in shop.get(f"{SITE}/players", headers=admin).json()] == [made["player"]]


def test_a_code_expires(shop, begin, confirm, clock):
    begun = begin()
    clock.t += CODE_LASTS_S + 1
    assert state(shop, begun) == 401
    assert confirm(begun["code"]).status_code == 404


def test_a_code_of_another_screen_says_which(begin, confirm):
    begun = begin("bakry")
    refused = confirm(begun["code"])
    assert refused.status_code == 409
    assert refused.json()["opened_as"] == "/screens/bakry?site=shop"
    assert "There is no screen 'bakry' here" in refused.json()["detail"]


def test_a_screen_is_paired_twice_only_on_purpose(shop, begin, confirm, admin, player):
    present = shop.get(f"{SITE}/screens/entrance/players", headers=admin).json()[0]["player"]
    second = begin()
    refused = confirm(second["code"])
    assert (refused.status_code, refused.json()["player"]["player"]) == (409, present)
    assert state(shop, second) == "waiting", "nothing is lost by asking first"
    replaced = confirm(second["code"], replace=True)
    assert replaced.status_code == 201
    assert shop.get(f"{PLAYER}/playlist", headers=player).status_code == 401
    assert shop.get(f"{PLAYER}/playlist", headers=bearing(second)).status_code == 200
    assert len(shop.get(f"{SITE}/screens/entrance/players", headers=admin).json()) == 1


def test_only_administrators_pair(shop, begin, bearer):
    begun = begin()
    for role, status in (("viewer", 403), ("merchandiser", 403)):
        answer = shop.post(
            f"{SITE}/screens/entrance/pairings", json={"code": begun["code"]}, headers=bearer(shop, role)
        )
        assert answer.status_code == status
    assert state(shop, begun) == "waiting"


def test_codes_are_not_given_without_end(shop, begin, clock):
    for _ in range(60):
        begin()
    late = shop.post(f"{PLAYER}/pairings", json={"site": "shop", "screen": "entrance"})
    assert (late.status_code, int(late.headers["retry-after"]) > 0) == (429, True)
    clock.t += 301
    begin()


def test_codes_are_not_guessed_without_end(confirm, clock):
    assert [confirm("AAAAAA").status_code for _ in range(11)] == [404] * 10 + [429]


def test_a_players_token_opens_nothing_else(shop, player):
    assert shop.get("/api/v1/sites", headers=player).status_code == 401
    assert shop.post(f"{SITE}/screens/entrance/pairings", json={"code": "x"}, headers=player).status_code == 401


def test_a_session_gives_a_cookie_for_media_only(shop, player):
    answer = shop.post(f"{PLAYER}/session", headers=player)
    cookie = answer.headers["set-cookie"]
    assert answer.json()["screen"] == "entrance"
    for part in ("vitrina_player=vtp_", "HttpOnly", "Path=/media", "SameSite=strict"):
        assert part in cookie


def play(n=0, **changed):
    return {
        "play": f"play-{n:08d}",
        "screen": "entrance",
        "decision": None,
        "campaign": "spring",
        "creative": "warm",
        "started_at": "2025-11-22T12:29:00.000Z",
        "seconds": 10.0,
        "outcome": "whole",
        "cached": True,
        "trouble": None,
    } | changed


def told(shop, player, *plays):
    return shop.post(f"{PLAYER}/plays", json={"plays": list(plays)}, headers=player)


def listed(shop, admin):
    asked = {"start": "2025-11-22T00:00:00Z", "end": "2025-11-23T00:00:00Z"}
    return shop.get(f"{SITE}/plays", params=asked, headers=admin).json()["plays"]


def test_plays_are_taken_once_however_often_they_are_told(shop, player, admin):
    first = told(shop, player, play(1), play(2)).json()
    again = told(shop, player, play(2), play(3)).json()
    assert (first["taken"], again["taken"]) == (["play-00000001", "play-00000002"], ["play-00000002", "play-00000003"])
    assert sorted(each["play"] for each in listed(shop, admin)) == ["play-00000001", "play-00000002", "play-00000003"]


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"screen": "tower"}, "this player is that of 'entrance'"),
        ({"seconds": -1}, "seconds"),
        ({"outcome": "perhaps"}, "outcome"),
        ({"started_at": "yesterday"}, "started_at"),
    ],
)
def test_one_bad_play_does_not_hold_up_the_others(shop, player, changed, why):
    answer = told(shop, player, play(1, **changed), play(2)).json()
    assert answer["taken"] == ["play-00000002"]
    assert answer["refused"][0]["play"] == "play-00000001"
    assert why in answer["refused"][0]["why"]


def test_a_revoked_player_still_tells_what_it_played_before(shop, player, admin, clock):
    made = shop.get(f"{SITE}/screens/entrance/players", headers=admin).json()[0]
    gone = shop.delete(f"{SITE}/screens/entrance/players/{made['player']}", headers=admin)
    assert gone.status_code == 204
    late = datetime.fromtimestamp(clock.t + 10, UTC).isoformat()
    answer = told(shop, player, play(1), play(2, started_at=late)).json()
    assert (answer["taken"], answer["refused"][0]["why"]) == (["play-00000001"], "played after the player was revoked")
    clock.t += 8 * 86_400
    assert told(shop, player, play(3)).status_code == 401


def test_a_heartbeat_is_kept_and_answers_the_clock(shop, player, admin, clock):
    body = {"version": "v1", "creative": "warm", "unsent": 3, "clock_offset_s": 3600.2, "keeps": "little"}
    assert shop.post(f"{PLAYER}/heartbeat", json=body, headers=player).json() == {"t": clock.t}
    seen = shop.get(f"{SITE}/players", headers=admin).json()[0]
    assert seen["online"]
    assert (seen["health"]["unsent"], seen["health"]["keeps"], seen["health"]["creative"]) == (3, "little", "warm")
    clock.t += 91
    assert not shop.get(f"{SITE}/players", headers=admin).json()[0]["online"]


def put_campaign(shop, clock, name="spring", **changed):
    document = {
        "name": name.title(),
        "creatives": ["warm", "cup", "tall"],
        "flights": [{"first": "2025-11-22", "last": "2025-11-23"}],
        "goal": {"kind": "plays"},
    } | changed
    record = CampaignRecord(
        name, 1, "approved", CampaignDocument.model_validate(document), "me", clock(), clock(), "you", clock()
    )
    with shop.service.engine.begin() as conn:
        add_campaign(conn, "shop", record, note="")
    clock.t += 10  # what was read of the site is kept for some seconds


def playlist(shop, player):
    return shop.get(f"{PLAYER}/playlist", headers=player).json()


def spans(item):
    return [
        [datetime.fromtimestamp(turn[end], UTC).strftime("%d %H:%M") for end in ("start", "end")]
        for turn in item["turns"]
    ]


def test_the_playlist_holds_what_fits_the_screen_and_when_it_may_play_alone(shop, player, clock):
    put_campaign(shop, clock)
    found = playlist(shop, player)
    assert [item["creative"] for item in found["items"]] == ["warm", "cup"], "the tall one is for upright screens"
    first = found["items"][0]
    assert spans(first) == [["21 23:00", "23 23:00"]], "the store's own midnights, in Berlin"
    assert first["until"] == datetime(2025, 11, 23, 23, tzinfo=UTC).timestamp()
    assert (found["default"], found["house"]) == (None, {"name": "The shop", "screen": "Entrance"})


def test_dayparts_cut_the_turns_also_over_midnight(shop, player, clock):
    put_campaign(shop, clock, dayparts=[{"weekdays": ["sat"], "hours": "22:00-02:00"}])
    assert spans(playlist(shop, player)["items"][0]) == [["22 21:00", "23 01:00"]]


def test_what_goes_by_who_is_there_is_fetched_and_not_played_alone(shop, player, clock):
    put_campaign(shop, clock, rules=[{"kind": "near", "at_least": 2}])
    put_campaign(shop, clock, "elsewhere", screens=["tower"])
    put_campaign(shop, clock, "over", flights=[{"first": "2025-11-01", "last": "2025-11-20"}])
    items = playlist(shop, player)["items"]
    assert [(item["campaign"], item["turns"]) for item in items] == [("spring", []), ("spring", [])]


def test_the_same_playlist_is_not_sent_again(shop, player, clock):
    put_campaign(shop, clock)
    answer = shop.get(f"{PLAYER}/playlist", headers=player)
    again = shop.get(f"{PLAYER}/playlist", headers=player | {"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    with shop.service.engine.begin() as conn:
        put_settings(conn, "shop", "entrance", ScreenSettings(default_creative="cup"))
    clock.t += 10
    changed = shop.get(f"{PLAYER}/playlist", headers=player | {"If-None-Match": answer.headers["etag"]})
    assert changed.json()["default"]["creative"] == "cup"


def jpeg(size=(960, 540)):
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, "jpeg")
    return out.getvalue()


def test_screenshots_are_off_unless_allowed_and_asked_for(shop, player, admin, bearer):
    ask, picture = f"{SITE}/screens/entrance/screenshot", {"content": jpeg(), "headers": player}
    off = shop.post(ask, headers=admin)
    assert (off.status_code, off.json()["title"]) == (409, "Switched off")
    assert shop.put(f"{PLAYER}/screenshot", **picture).status_code == 409
    with shop.service.engine.begin() as conn:
        put_settings(conn, "shop", "entrance", ScreenSettings(screenshots=True))
    assert shop.put(f"{PLAYER}/screenshot", **picture).status_code == 409, "nobody asked"
    nobody = shop.post(ask, headers=admin)
    assert (nobody.status_code, nobody.json()["title"]) == (409, "Nobody listens")
    assert shop.put(f"{PLAYER}/screenshot", **picture).status_code == 204
    got = shop.get(ask, headers=admin)
    assert Image.open(io.BytesIO(got.content)).size == (960, 540)
    assert shop.get(ask, headers=bearer(shop, "merchandiser")).status_code == 403
    assert shop.put(f"{PLAYER}/screenshot", **picture).status_code == 409, "asked for once, taken once"
    too_large = shop.put(f"{PLAYER}/screenshot", content=b"x" * 400_000, headers=player)
    assert too_large.status_code == 413
