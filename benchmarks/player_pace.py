"""How soon a player paints what it is told, and how far screens in step are apart.

    python benchmarks/player_pace.py

A real server and three pages of a real chromium; media are there already, as they are in a shop. From the moment the
server tells a decision to the moment its picture is put on, by the player's corrected clock; a frame is up to 17 ms more.
"""

import importlib.util
import tempfile
import time
from datetime import datetime
from pathlib import Path

import numpy as np
from playwright.sync_api import sync_playwright

_SPEC = importlib.util.spec_from_file_location("hall", Path(__file__).parents[1] / "tests" / "browser" / "hall.py")
hall = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(hall)

TOLD = 50
STEPS = 12
SCREENS = ("door", "left", "right")


def first_starts(page, screen):
    """By decision, s UTC."""
    starts = {}
    for play in hall.log_of(page, screen):
        starts.setdefault(play["decision"], datetime.fromisoformat(play["started_at"]).timestamp())
    return starts


def pace(shop, page):
    said = {}
    for n in range(TOLD):
        told_at = time.time()
        said[shop.show("door", list(hall.COLOURS)[n % 4], lasts=6)] = told_at
        time.sleep(0.5 + 0.013 * (n % 17))
    shop.show("door", None, lasts=6)
    time.sleep(1.5)
    starts = first_starts(page, "door")
    return [1000 * (starts[decision] - told_at) for decision, told_at in said.items()]


def steps(shop, pages):
    pairs = []
    for n in range(STEPS):
        pairs.append([shop.show(screen, list(hall.COLOURS)[n % 4], after=0.6, lasts=5) for screen in ("left", "right")])
        time.sleep(1.2)
    for screen in ("left", "right"):
        shop.show(screen, None, lasts=6)
    time.sleep(1.5)
    starts = first_starts(pages["left"], "left") | first_starts(pages["right"], "right")
    return [1000 * abs(starts[a] - starts[b]) for a, b in pairs]


def say(what, found):
    p50, p95, most = np.percentile(found, [50, 95, 100])
    print(f"{what}: median {p50:.0f} ms, p95 {p95:.0f} ms, most {most:.0f} ms, of {len(found)}")


def main():
    shop = hall.Hall(Path(tempfile.mkdtemp()))
    shop.start()
    try:
        for name, colour in hall.COLOURS.items():
            shop.upload(name, hall.clip(colour) if name in {"amber", "blue"} else hall.picture(colour), seconds=5)
        for screen in SCREENS:
            shop.plan(f"All at {screen}", list(hall.COLOURS), screens=[screen])
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
            pages = {
                screen: browser.new_context(viewport={"width": 1280, "height": 720}).new_page() for screen in SCREENS
            }
            for screen, page in pages.items():
                shop.pair(page, screen)
            time.sleep(5)
            say("told to put on", pace(shop, pages["door"]))
            say("screens in step", steps(shop, pages))
            browser.close()
    finally:
        shop.close()


if __name__ == "__main__":
    main()
