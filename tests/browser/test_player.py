"""The player in a real browser, against a real server that goes away: never black, never an error, each play once."""

import hashlib
import importlib.util
import io
import time
from collections import Counter
from contextlib import contextmanager
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from PIL import Image
from playwright.sync_api import expect

from contract.screens import Media
from server.db.creatives import MediaRecord, NewCreative, add_creative, add_media, get_media
from server.db.engine import connect
from server.media_store import MediaStore

pytestmark = pytest.mark.browser

_SPEC = importlib.util.spec_from_file_location("hall", Path(__file__).with_name("hall.py"))
halls = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(halls)
painted, wait_for, log_of, COLOURS = halls.painted, halls.wait_for, halls.log_of, halls.COLOURS

KEPT = """async (n) => Boolean(navigator.serviceWorker.controller) &&
  (await (await caches.open((await caches.keys()).find((name) => name.startsWith("vitrina-player")))).keys()).length >= n"""
RUNNING = "JSON.parse(localStorage.getItem('vitrina-player:hall:door/state/running')).play.play"
AWAY = (
    "Failed to load resource",
    "net::ERR",
    "401",
    "fetching the script",
    "Content Security Policy",
    "Blocked a frame",
)
"""What a browser itself notes of a server that is not there, of a token that was taken away, of a package that tries."""


@pytest.fixture(scope="module")
def hall(tmp_path_factory):
    """A hall with pictures of one second, a clip of two and a package."""
    made = halls.Hall(tmp_path_factory.mktemp("hall"))
    made.start()
    for name in ("red", "green", "blue"):
        made.upload(name, halls.picture(COLOURS[name]), seconds=1)
    made.upload("amber", halls.clip(COLOURS["amber"]), seconds=2)
    made.upload("box", halls.package((150, 20, 150)), filename="box.zip", seconds=2)
    for screen in ("door", "left", "right", "tower"):
        made.plan(f"All at {screen}", ["red", "green", "blue", "amber"], screens=[screen])
    made.plan("Only when two are there", ["box"], screens=["door"], rules=[{"kind": "near", "at_least": 2}])
    yield made
    made.close()


@contextmanager
def browsing(chromium):
    """`open_page()`: a page in a profile of its own; in the end none may have complained of more than a server away."""
    contexts, complaints = [], []

    def note(text):
        if not any(known in text for known in AWAY):
            complaints.append(text)

    def open_page(*, script=None, **options):
        context = chromium.new_context(viewport={"width": 1280, "height": 720}, **options)
        contexts.append(context)
        if script:
            context.add_init_script(script)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda told: note(told.text) if told.type in {"error", "warning"} else None)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def browse(chromium):
    with browsing(chromium) as open_page:
        yield open_page


@pytest.fixture
def playing(hall, browse):
    """`playing("door")`: a paired player that has fetched all it needs; the server is there again for the next test."""

    def open_player(screen="door", **options):
        page = browse(**options)
        hall.pair(page, screen, replace=True)
        wait_for(lambda: page.evaluate(KEPT, 4))
        return page

    yield open_player
    if not hall.running:
        hall.start()


@pytest.fixture(scope="module")
def tower(chromium, hall):
    """A player that several tests watch one after the other."""
    with browsing(chromium) as open_page:
        page = open_page()
        hall.pair(page, "tower")
        wait_for(lambda: page.evaluate(KEPT, 4))
        yield page


def is_on(page, *names, within_s=5.0):
    return wait_for(lambda: (seen := painted(page)) in names and seen, within_s)


def watch(page, seconds):
    """What is painted over some time, looked at all the while."""
    end, seen = time.monotonic() + seconds, []
    while time.monotonic() < end:
        seen.append(painted(page))
    return seen


def settled(hall, page, screen="door"):
    """The player's own log and what the server has, once they must be the same."""
    wait_for(lambda: {play["state"] for play in log_of(page, screen)[:-1]} <= {"taken"})
    return {play["play"]: play for play in log_of(page, screen)}, hall.plays(screen)


def assert_each_told_once(log, plays):
    log = {play: row for play, row in log.items() if row["state"] == "taken"}
    assert log.keys() <= plays.keys()
    for play, row in log.items():
        told = plays[play]
        assert (told["creative"], told["outcome"], told["cached"]) == (row["creative"], row["outcome"], row["cached"])
        assert told["seconds"] == pytest.approx(row["seconds"], abs=0.002)
        assert told["started_ms"] / 1000 == pytest.approx(instant(row), abs=0.002)


def instant(row):
    return datetime.fromisoformat(row["started_at"]).timestamp()


def gaps(rows):
    """Between the end of each play and the start of the next, s."""
    rows = sorted(rows, key=instant)
    return [instant(b) - instant(a) - a["seconds"] for a, b in pairwise(rows)]


def test_a_page_is_paired_by_its_code_and_plays_what_is_decided(hall, browse):
    page = browse()
    page.goto(f"{hall.base}/screens/door?site=hall")
    expect(page.locator("[data-code]")).to_contain_text("-")
    expect(page.locator("#panel")).to_contain_text("/screens")
    for language in ("en", "ru"):
        expect(page.locator(f"#panel [lang={language}] [data-told=pair]").first).to_be_visible()
    hall.type_in(page, replace=True)
    for creative in ("red", "amber", "green"):
        hall.show("door", creative, lasts=5)
        began = time.monotonic()
        is_on(page, creative)
        assert time.monotonic() - began < 1.5
    decided = hall.show("door", "box", lasts=3)
    wait_for(lambda: painted(page).startswith("other [1"))
    assert page.frames[-1].evaluate("document.body.dataset.ran") == "yes"
    assert page.frames[-1].evaluate("self.origin") == "null", "a package runs without an origin"
    is_on(page, "red", "green", "blue", within_s=8)
    log, plays = settled(hall, page)
    assert_each_told_once(log, plays)
    assert decided in {play["decision"] for play in plays.values()}


def test_without_server_network_or_storage_it_goes_on_and_tells_every_play_once(hall, playing):
    page = playing()
    hall.show("door", "red", lasts=1.2)
    is_on(page, "red")
    hall.kill()
    seen = watch(page, 5)
    broken_off = [page.evaluate(RUNNING)]
    page.reload()
    seen += watch(page, 3)
    network = page.context.new_cdp_session(page)
    network.send("Storage.overrideQuotaForOrigin", {"origin": hall.base, "quotaSize": 1})
    seen += watch(page, 2)
    broken_off.append(page.evaluate(RUNNING))
    page.reload()
    seen += watch(page, 2)
    assert set(seen) <= {*COLOURS, "house"} | {each for each in seen if each.startswith("other")}
    fading = sum(each.startswith("other") for each in seen)
    assert fading < len(seen) / 2, "between two pictures only for the moment of the fade"
    assert {"red", "green", "blue", "amber"} <= set(seen)
    away = log_of(page)
    assert sum(play["cached"] and play["state"] == "kept" for play in away) >= 8
    # By a reload: 0.3 s on a free machine, 2 s where the browser shares two cores with three other tests.
    assert max(gaps([play for play in away if play["cached"]])) < 5.0
    hall.start()
    log, plays = settled(hall, page)
    assert_each_told_once(log, plays)
    assert {play["play"] for play in away} | set(broken_off) <= plays.keys()
    assert Counter(play["outcome"] for play in away)["cut"] <= 3, "the decision that ended, and two reloads"


def test_a_pulled_cable_is_noticed_and_the_decision_in_force_is_taken_up_again(hall, playing):
    page = playing()
    page.context.set_offline(True)
    is_on(page, "green", within_s=8)
    is_on(page, "blue", within_s=8)
    decided = hall.show("door", "amber", lasts=20)
    page.context.set_offline(False)
    wait_for(lambda: any(play["decision"] == decided for play in log_of(page)), 10)


def test_a_full_disk_from_the_start_does_not_keep_it_from_playing(hall, browse):
    page = browse()
    page.goto(f"{hall.base}/health")
    page.context.new_cdp_session(page).send("Storage.overrideQuotaForOrigin", {"origin": hall.base, "quotaSize": 1})
    hall.pair(page, replace=True)
    hall.show("door", "green", lasts=2)
    is_on(page, "green")
    is_on(page, "red", "blue", "amber", within_s=8)
    log, plays = settled(hall, page)
    assert_each_told_once(log, plays)
    assert wait_for(lambda: hall.ask("GET", "/screens/door/players")[0]["health"])["keeps"] in {"little", "memory"}


def test_screens_in_step_change_at_one_instant_though_a_clock_is_an_hour_wrong(hall, playing):
    wrong = "const right = Date.now; Date.now = () => right() + 3600e3;"
    pages = {"left": playing("left", script=wrong), "right": playing("right")}
    decided = [hall.show(screen, "amber", after=0.8, lasts=2) for screen in pages]
    told_at = time.time() + 0.8
    starts = [
        wait_for(lambda s=screen, p=page: [instant(row) for row in log_of(p, s) if row["decision"] in decided])[0]
        for screen, page in pages.items()
    ]
    assert abs(starts[0] - starts[1]) < 0.05
    assert starts[0] == pytest.approx(told_at, abs=0.3)
    hall.kill()
    wait_for(lambda: all(sum(row["cached"] for row in log_of(page, s)) >= 3 for s, page in pages.items()))
    left, right = [turns_of(log_of(page, screen)) for screen, page in pages.items()]
    hall.start()
    both = sorted(left.keys() & right.keys())[1:]
    assert both, "they changed together while nobody told them to"
    for second in both:
        assert left[second][1] == right[second][1]
        assert abs(left[second][0] - right[second][0]) < 0.1
    for screen, page in pages.items():
        log, plays = settled(hall, page, screen)
        assert_each_told_once(log, plays)
        assert not any("clock" in (play["trouble"] or "") for play in plays.values())


def turns_of(rows):
    """When, and what, by whole seconds."""
    return {round(instant(row)): (instant(row), row["creative"]) for row in rows if row["cached"]}


def test_a_screen_that_is_paired_again_shows_a_code_on_the_old_page(hall, playing, browse):
    old = playing()
    new = browse()
    hall.pair(new, replace=True)
    expect(old.locator("[data-told=replaced]").first).to_be_visible()
    expect(old.locator("[data-code]")).to_contain_text("-")
    wait_for(lambda: painted(old) == "house")
    hall.show("door", "blue", lasts=2)
    is_on(new, "blue")
    assert painted(old) == "house"


def test_a_decision_that_comes_late_is_not_shown_and_takes_no_ones_place(hall, tower):
    decided = hall.show("tower", "green", lasts=5)
    is_on(tower, "green")
    late = hall.show("tower", "amber", after=-5, lasts=4.5)
    assert set(watch(tower, 2)) == {"green"}
    plays = log_of(tower, "tower")
    assert decided in {play["decision"] for play in plays}
    assert late not in {play["decision"] for play in plays}


def test_a_play_keeps_its_length_when_the_clock_is_put_right_meanwhile(tower):
    play = tower.evaluate(
        """async () => {
          const { Journal } = await import("/static/player/journal.js");
          const { Store } = await import("/static/player/store.js");
          const journal = await new Journal(new Store(null, "apart"), "tower").open();
          const media = { seconds: 10 };
          journal.begin({ decision: null, campaign: "a", creative: "b", media }, 1000, false);
          journal.shift(3600);
          journal.end(4610);
          return journal.unsent[0];
        }"""
    )
    assert (instant(play), play["seconds"], play["outcome"]) == (4600, 10, "whole")


def test_a_creative_that_does_not_decode_is_told_once_and_passed_over(hall, tower):
    content = b"\x89PNG\r\n\x1a\n this is not a picture"
    sha256 = hashlib.sha256(content).hexdigest()
    MediaStore(hall.settings.media).path(sha256).write_bytes(content)
    broken = Media(kind="image", sha256=sha256, type="image/png", seconds=1)
    engine = connect(hall.settings.database)
    with engine.begin() as conn:
        add_media(conn, MediaRecord(sha256, "image", "image/png", len(content), 1, 1, None, None, time.time()))
        add_creative(conn, "hall", "broken", NewCreative("Broken", get_media(conn, sha256), 1.0, None, "me"))
    engine.dispose()
    decided = hall.show("tower", "broken", media=broken, lasts=4)
    failed = wait_for(lambda: [play for play in hall.plays("tower").values() if play["decision"] == decided])
    assert [(play["outcome"], play["seconds"]) for play in failed] == [("failed", 0.0)]
    assert "decode" in failed[0]["trouble"]
    assert set(watch(tower, 2)) & {"red", "green", "blue", "amber"}
    assert len([play for play in hall.plays("tower").values() if play["decision"] == decided]) == 1


def test_a_video_that_stands_still_is_left(hall, playing):
    page = playing(script="HTMLMediaElement.prototype.play = () => Promise.reject(new Error('no'));")
    decided = hall.show("door", "amber", lasts=20)
    cut = wait_for(lambda: [play for play in log_of(page) if play["decision"] == decided], 10)
    assert "stood still" in cut[0]["trouble"]
    is_on(page, "red", "green", "blue")


def test_an_administrator_may_look_where_it_is_allowed(hall, tower):
    hall.put_default("tower", None, screenshots=True)
    hall.show("tower", "green", lasts=5)
    is_on(tower, "green")
    hall.ask("POST", "/screens/tower/screenshot")
    shot = wait_for(lambda: hall.picture("/screens/tower/screenshot"))
    colour = Image.open(io.BytesIO(shot)).convert("RGB").resize((1, 1)).getpixel((0, 0))
    assert colour[1] > colour[0] + 40, "it is green"


def test_it_plays_what_the_server_itself_decides(tmp_path, browse):
    hall = halls.Hall(tmp_path, told_by_hand=False)
    hall.start()
    try:
        for name in ("red", "green"):
            hall.upload(name, halls.picture(COLOURS[name]), seconds=1)
        hall.plan("Red", ["red"], arms={"targeted": 0.8, "everyone": 0.1, "nothing": 0.1})
        hall.put_default("door", "green")
        page = browse()
        hall.pair(page)
        wait_for(lambda: sum(play["outcome"] == "whole" for play in hall.plays().values()) >= 3)
        log, plays = settled(hall, page)
        assert_each_told_once(log, plays)
        assert all(play["decision"] for play in plays.values() if not play["cached"])
        assert {play["creative"] for play in plays.values()} <= {"red", "green"}
        whole = [play for play in log.values() if play["outcome"] == "whole"]
        assert max(gaps(whole)) < 0.3, "one after the other without a gap"
    finally:
        hall.close()


def item(campaign, creative, *, spans=((0, 1000),), category=None, rivals=(), until=None, seconds=10):
    return {
        "campaign": campaign,
        "creative": creative,
        "media": {"kind": "image", "sha256": creative, "type": "image/png", "seconds": seconds},
        "qr": None,
        "category": category,
        "rivals": list(rivals),
        "until": until,
        "turns": [{"start": start, "end": end} for start, end in spans],
    }


IN_TURN = """async ({playlist, times, absent}) => {
  const { nextInTurn } = await import("/static/player/turns.js");
  let memory = null;
  return times.map((t) => {
    const found = nextInTurn(playlist, memory, t, (item) => !absent.includes(item.creative));
    memory = found.memory;
    return found.item?.creative ?? null;
  });
}"""


def in_turn(page, *items, times, default=None, absent=()):
    """What plays in turn at these times, of which `absent` creatives are not here."""
    playlist = {"default": default, "items": list(items)}
    return page.evaluate(IN_TURN, {"playlist": playlist, "times": list(times), "absent": list(absent)})


def test_campaigns_play_in_turn_and_of_each_its_creatives(tower):
    many = [item("a", "a1"), item("a", "a2"), item("b", "b1"), item("c", "c1")]
    assert in_turn(tower, *many, times=range(7)) == ["a1", "b1", "c1", "a2", "b1", "c1", "a1"]
    assert in_turn(tower, *many, times=range(4), absent=["a1", "b1"]) == ["a2", "c1", "a2", "c1"]
    assert in_turn(tower, many[0], times=range(2)) == ["a1", "a1"], "alone it plays again and again"


def test_nothing_plays_outside_its_hours_or_after_its_end(tower):
    day = item("a", "day", spans=[(10, 20), (30, 40)])
    over = item("b", "over", until=15)
    default = item(None, "default")
    times = [5, 12, 14, 17, 25, 35]
    assert in_turn(tower, day, over, times=times, default=default) == ["over", "day", "over", "day", "default", "day"]
    assert in_turn(tower, day, times=[25]) == [None], "the house picture"
    assert in_turn(tower, item("a", "by who is there", spans=[]), times=[5]) == [None]


def test_rivals_never_come_next_to_each_other(tower):
    tea, coffee = item("t", "tea", category="tea", rivals=["coffee"]), item("k", "coffee", category="coffee")
    water = item("w", "water", category="water")
    both = in_turn(tower, tea, coffee, times=range(6), default=item(None, "default"))
    assert both == ["tea", "default", "coffee", "default", "tea", "default"]
    three = in_turn(tower, tea, coffee, water, times=range(8))
    assert not {("tea", "coffee"), ("coffee", "tea")} & set(pairwise(three))
    assert set(three) == {"tea", "coffee", "water"}


def test_events_are_read_however_they_are_cut(tower):
    text = ': ping\n\nevent: show\ndata: {"a": 1}\nid: 7\n\nevent: x\ndata: <html>\n\ndata: [2,\ndata: 3]\n\n'
    for length in (1, 2, 3, 7, 1000):
        pieces = [text[i : i + length] for i in range(0, len(text), length)]
        read = tower.evaluate(
            """async (pieces) => { const { EventReader } = await import("/static/player/stream.js");
            const reader = new EventReader(); return pieces.flatMap((piece) => reader.feed(piece)); }""",
            pieces,
        )
        assert read == [{"kind": "show", "data": {"a": 1}}, {"kind": "message", "data": [2, 3]}]


def test_one_window_plays_a_screen(hall, playing):
    page = playing()
    second = page.context.new_page()
    second.goto(f"{hall.base}/screens/door?site=hall")
    expect(second.locator("[data-told=elsewhere]").first).to_be_visible()
    page.close()
    is_on(second, "red", "green", "blue", "amber", within_s=8)


def test_a_creative_carries_its_code(hall, tower):
    texts = {"en": {"title": "Two for one"}}
    coupon = {"texts": texts, "page": {"kind": "coupon", "code": "TWO41", "last_day": "2099-01-01"}}
    hall.ask("PUT", "/landings/tea", json=coupon)
    hall.ask("PATCH", "/creatives/blue", json={"landing": "tea"})
    today = datetime.now(ZoneInfo("Europe/Berlin"))
    address = f"https://vitrina.example/q/hall/told/blue/tower/{today:%Y%m%d}"
    hall.show("tower", "blue", lasts=3, qr=address)
    expect(tower.locator(".layer img.qr")).to_be_visible()
    assert painted(tower) == "blue"


def test_the_page_is_loaded_anew_on_demand_between_two_plays(hall, tower):
    with tower.expect_event("load"):
        hall.ask("POST", "/screens/tower/reload")
    is_on(tower, "red", "green", "blue", "amber", within_s=8)


def test_a_newer_player_is_taken_over_between_two_plays(tower, monkeypatch):
    monkeypatch.setattr("server.web.player.version", lambda: "newer")
    with tower.expect_event("load"):
        tower.evaluate("navigator.serviceWorker.ready.then((found) => void found.update())")
    assert tower.evaluate("document.documentElement.dataset.version") == "newer"
    is_on(tower, "red", "green", "blue", "amber", within_s=8)


def test_packages_run_without_the_server_and_reach_nothing(hall, playing):
    page = playing()
    hall.show("door", "box", lasts=25)
    wait_for(lambda: painted(page).startswith("other [1"))
    hall.kill()
    page.reload()
    wait_for(lambda: painted(page).startswith("other [1"))
    inner = page.frames[-1]
    assert inner.evaluate("document.body.dataset.ran") == "yes"
    hall.start()
    tried = "fetch('/api/v1/player/playlist').then(() => 'reached', () => 'refused')"
    assert inner.evaluate(tried) == "refused"
    assert inner.evaluate("(() => { try { return parent.document.title } catch { return 'refused' } })()") == "refused"


def test_technicians_read_the_players_own_log(hall, tower):
    hall.show("tower", "red", lasts=1.2)
    wait_for(lambda: len(log_of(tower, "tower")) > 1)
    tower.evaluate("location.hash = '#log'")
    expect(tower.locator("#log th").first).to_have_text("started_at")
    expect(tower.locator("#log td", has_text="red").first).to_be_visible()


def test_an_address_without_a_site_is_told(hall, browse):
    page = browse()
    page.goto(f"{hall.base}/screens/door")
    expect(page.locator("[data-told=address]").first).to_be_visible()
