"""Pull a player's network and kill its server for ten minutes, load its page anew, fill its disk: what is seen and told.

    python benchmarks/player_outage.py [--minutes 10]

A real server, a real chromium. The screen is looked at twice a second: a black picture, or an error's, is counted. At the
end each play of the player's own log must be on the server once, with the same start and length.
"""

import argparse
import importlib.util
import json
import sys
import tempfile
import time
from collections import Counter
from datetime import datetime
from itertools import pairwise
from pathlib import Path

from playwright.sync_api import sync_playwright

_SPEC = importlib.util.spec_from_file_location("hall", Path(__file__).parents[1] / "tests" / "browser" / "hall.py")
hall = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(hall)

LOOK_EVERY_S = 0.5
FILL = """async () => {
  const cache = await caches.open("filling"); let n = 0;
  try { for (; n < 4000; n++) await cache.put(`/fill/${n}`, new Response(new Uint8Array(1 << 20))); } catch { return n; }
  return n; }"""


def look(page, seen, until):
    while time.monotonic() < until:
        if page.locator("#stage").count() != 1:
            seen["error page"] += 1
        try:
            seen[hall.painted(page).split(" ")[0]] += 1
        except AssertionError:
            seen["black"] += 1
        time.sleep(LOOK_EVERY_S)


def instant(play):
    return datetime.fromisoformat(play["started_at"]).timestamp()


def outage(page, shop, minutes):
    """Cable, server, reload, full disk, reload: each for its part of the time."""
    seen, part = Counter(), minutes * 60 / 5
    steps = [
        ("the cable is pulled", lambda: page.context.set_offline(True)),
        ("the cable is back, the server is killed", lambda: (page.context.set_offline(False), shop.kill())),
        ("the page is loaded anew", page.reload),
        ("the disk is filled", lambda: fill(page, shop)),
        ("the page is loaded anew", page.reload),
    ]
    for what, do in steps:
        do()
        print(f"  {what}", flush=True)
        look(page, seen, time.monotonic() + part)
    return seen


def fill(page, shop):
    tools = page.context.new_cdp_session(page)
    tools.send("Storage.overrideQuotaForOrigin", {"origin": shop.base, "quotaSize": 60 << 20})
    print(f"  {page.evaluate(FILL)} MB written until the browser gave no more", flush=True)


def report(page, shop, seen, began):
    shop.start()
    back = time.monotonic()
    hall.wait_for(lambda: {play["state"] for play in hall.log_of(page)[:-1]} <= {"taken"}, within_s=120)
    told_s = time.monotonic() - back
    log, plays = hall.log_of(page), shop.plays()
    mine = [play for play in log if play["state"] == "taken"]
    wrong = [play for play in mine if abs(plays[play["play"]]["started_ms"] / 1000 - instant(play)) > 0.002]
    gaps = [instant(b) - instant(a) - a["seconds"] for a, b in pairwise(log)]
    return {
        "looked": sum(seen.values()),
        "seen": dict(seen),
        "plays_of_the_player": len(mine),
        "plays_of_the_server": len(plays),
        "lost": len({play["play"] for play in mine} - plays.keys()),
        "told_otherwise": len(wrong),
        "outcomes": dict(Counter(play["outcome"] for play in mine)),
        "cached": sum(play["cached"] for play in mine),
        "longest_gap_s": round(max(gaps), 2),
        "caught_up_after_s": round(told_s, 2),
        "took_s": round(time.monotonic() - began),
    }


def measure(shop, minutes):
    for name, colour in hall.COLOURS.items():
        shop.upload(name, hall.clip(colour) if name == "amber" else hall.picture(colour), seconds=2)
    shop.plan("All", list(hall.COLOURS))
    began = time.monotonic()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = browser.new_context(viewport={"width": 1280, "height": 720}).new_page()
        shop.pair(page)
        look(page, Counter(), time.monotonic() + 8)
        found = report(page, shop, outage(page, shop, minutes), began)
        browser.close()
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=10.0)
    minutes = parser.parse_args().minutes
    shop = hall.Hall(Path(tempfile.mkdtemp()))
    shop.start()
    try:
        found = measure(shop, minutes)
    finally:
        shop.close()
    print(json.dumps(found, indent=2))
    failed = (
        found["lost"]
        or found["told_otherwise"]
        or found["seen"].keys() & {"black", "error page"}
        or found["plays_of_the_server"] < 1
    )
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
