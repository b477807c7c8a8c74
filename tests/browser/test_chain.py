"""Real pictures of people -> box -> broker -> server -> the page of a screen, and what comes back from it."""

import importlib.util
import itertools
from contextlib import closing
from pathlib import Path

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.timeout(150)]

LONE = list(range(417, 448))
"""Of the demo's clip: one person in the zone "crossing"."""
SEVERAL = list(range(38, 100))
"""Three to five people in it."""
DEFAULT, NEAR, AIMED = 640, 800, 960
"""Widths of the creatives, px, by which they are known on the page."""
PLAYED = {"w640", "w800", "w960"}
COLOURS = {DEFAULT: "#20406a", NEAR: "#8a2f3c", AIMED: "#2c6b4f"}

LOG = """async () => {
  const [{ name }] = (await indexedDB.databases()).filter(({ name }) => name.startsWith("vitrina-player"));
  const disk = await new Promise((resolve) => { const o = indexedDB.open(name); o.onsuccess = () => resolve(o.result); });
  return new Promise((resolve) => {
    const all = disk.transaction("log").objectStore("log").getAll(); all.onsuccess = () => resolve(all.result); });
}"""


@pytest.fixture(scope="module")
def parts():
    """chain.py, which is no module of a package."""
    spec = importlib.util.spec_from_file_location("chain", Path(__file__).parent / "chain.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def film(parts):
    """The clip as a camera sends it, and after it the scene without people."""
    camera = parts.scripted_camera()
    pictures = camera.clip_pictures(max(LONE) + 1)
    return [camera.jpeg(picture) for picture in (*pictures, camera.without_people(pictures))]


class Shop:
    """All that runs."""

    def __init__(self, parts, chain, camera, page, nobody):
        self.parts, self.chain, self.camera, self.page = parts, chain, camera, page
        self._nobody = nobody

    def sees(self, scene, what, width):
        """Show the camera a scene, nobody without one, until the page shows `what`, a picture of that width."""
        self.camera.show(scene or [self._nobody])
        self.parts.wait_for(lambda: self.parts.on_top(self.page) == width, what)

    def stays(self, width):
        """Wait for its next turn, while they stay."""
        self.parts.wait_for(lambda: self.painted().count(width) > 1, "the next turn")

    def painted(self):
        return [each["width"] for each in self.page.evaluate("window.painted")]


@pytest.fixture(scope="module")
def shop(parts, film, chromium, tmp_path_factory):
    module = parts.scripted_camera()
    camera = module.Projector(film, fps=10)
    nobody = len(film) - 1
    camera.show([nobody])
    folder = tmp_path_factory.mktemp("chain")
    with (
        parts.serving(folder, parts.demo_site()) as chain,
        module.on_air(camera) as source,
        parts.watching(chain, source),
        closing(parts.Ear(chain.broker.port)) as ear,
        closing(chromium.new_page(viewport={"width": 960, "height": 540})) as page,
    ):
        creatives = {
            width: chain.upload(f"W{width}", parts.picture(colour, width), seconds=2)
            for width, colour in COLOURS.items()
        }
        chain.default(creatives[DEFAULT])
        near = {"kind": "near", "at_least": 1}
        chain.campaign("For whoever is there", creatives[NEAR], rules=[near])
        but = {"kind": "segment", "segment": "bicycle", "unless": True}
        chain.campaign("For who comes without a bicycle", creatives[AIMED], rules=[near, but], priority=5)
        chain.pair(page)
        parts.wait_for(lambda: ear.near() == 0, "the box's word that nobody is there", within_s=40)
        yield Shop(parts, chain, camera, page, nobody)


def test_people_before_a_camera_choose_what_a_screen_shows(shop):
    shop.sees([], "the default", DEFAULT)
    before = len(shop.painted())
    shop.sees(LONE, "what is for whoever is there", NEAR)
    shop.stays(NEAR)
    shop.sees([], "the default again", DEFAULT)
    alone = set(itertools.islice(shop.painted(), before, None))
    shop.sees(SEVERAL, "what is for them together", AIMED)
    shop.stays(AIMED)
    shop.sees([], "the default in the end", DEFAULT)
    assert alone <= {NEAR, DEFAULT}, "a lone viewer is told by nothing who they are taken for"


@pytest.fixture(scope="module")
def told(parts, shop):
    """After the scenes: the player's own log and the server's, once they hold the same."""

    def same():
        mine = {row["play"]: row for row in shop.page.evaluate(LOG)}
        taken = {row["play"]: row for row in shop.chain.rows("SELECT * FROM plays")}
        shown = {row["creative"] for row in mine.values()}
        return (mine, taken) if shown == PLAYED and mine.keys() <= taken.keys() else None

    return parts.wait_for(same, "proof of every play in the player's log")


def test_every_play_is_proven_as_the_player_saw_it(shop, told):
    mine, taken = told
    for play, row in mine.items():
        kept = taken[play]
        assert (kept["creative"], kept["outcome"]) == (row["creative"], row["outcome"])
        assert kept["seconds"] == pytest.approx(row["seconds"], abs=0.001)
    decided = {row["decision"]: row for row in shop.chain.rows("SELECT * FROM decisions")}
    assert all(row["campaign"] == decided[row["decision"]]["campaign"] for row in taken.values() if row["campaign"])


def test_attention_is_told_of_the_creative_that_was_on(parts, shop, told):
    asked = "SELECT creative, SUM(ots) AS ots, SUM(shown_s) AS shown_s FROM window_screens GROUP BY creative"

    def worth():
        found = {row["creative"]: row for row in shop.chain.rows(asked)}
        ots = {key: row["ots"] for key, row in found.items()}
        return found if ots.get("w800", 0) >= 1 and ots.get("w960", 0) >= 2 else None

    found = parts.wait_for(worth, "windows that tell of one before the one creative, and several before the other")
    played = sum(row["seconds"] for row in told[1].values() if row["creative"] == "w960")
    assert found["w960"]["shown_s"] <= played + 2
