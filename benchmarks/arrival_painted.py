"""From the first picture with somebody in a screen's zone to the creative painted on its page: the whole chain.

The demo's clip is sent round and round by a camera over HTTP at its own rate; a box watches it, a server decides, and a
player's page in chromium shows a campaign for whoever is near. An arrival is somebody in the zone for most of a second,
after some seconds without anyone: 5, by which the creative is gone and the default has been on for a while, or half of
that. The truth is the same pictures, each looked at beforehand by the same detector, or with --truth a file in MOTChallenge form whose frame n is the clip's picture n - 1.

    python benchmarks/arrival_painted.py [--rounds 8] [--fps 8] [--truth gt.txt]
"""

import argparse
import bisect
import importlib.util
import tempfile
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import cv2
import numpy as np
from playwright.sync_api import sync_playwright
from scripted_camera import CLIP_FPS, Projector, clip_pictures, jpeg, on_air, without_people

from contract.site import Site
from edge.io.onnx import OnnxDetector
from edge.layout import site_layout
from edge.models import find_model
from server.domain.decide import LEAST_DEFAULT_S

ZONE = [[18.0, 16.0], [20.5, 16.0], [20.5, 18.5], [18.0, 18.5]]
"""Metres on the demo's floor: a place that is often empty, in the middle of the picture."""
DEFAULT, CAMPAIGN = 640, 800
"""Widths of the creatives, px."""
TURN_S = 2.0
ALONE_S = (5.0, 2.5)
STAY = (8, 10)
"""So many of so many pictures show somebody in the zone, then it is an arrival and not a brush with its edge."""
EARLY_S, PATIENCE_S = 0.5, 5.0
HEARD_S = 0.2
"""What is heard at the broker may be heard so much later than by the server."""
SURE = 0.45


@dataclass(frozen=True, slots=True)
class Arrival:
    """When, s since 1970: the first picture was sent, the picture that told was taken, `up/live` was heard, ..."""

    sent: float
    taken: float
    live: float
    decided: float
    switched: float
    painted: float
    default_since: float

    @property
    def parts(self) -> dict[str, float]:
        """Seconds, in order; they add up to the last."""
        return {
            "until the picture that told": self.taken - self.sent,
            "decoded, detected, on the wire": self.live - self.taken,
            "decided": self.decided - self.live,
            "told, and switched on the page": self.switched - self.decided,
            "painted": self.painted - self.switched,
            "in all": self.painted - self.sent,
        }

    @property
    def was_held(self) -> bool:
        """The default had just come on, and must stay a while."""
        return self.live - self.default_since < LEAST_DEFAULT_S


def load_chain():
    """tests/browser/chain.py, which is no package."""
    path = Path(__file__).parents[1] / "tests/browser/chain.py"
    spec = importlib.util.spec_from_file_location("chain", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def somebody_by_detector(pictures, inside):
    """Whether somebody is in the zone, per picture."""
    detector = OnnxDetector(find_model(), long_side=416)

    def feet(picture):
        found = detector.detect(cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR))
        boxes = found.xyxy_px[found.confidence >= SURE]
        return np.stack([boxes[:, [0, 2]].mean(axis=1), boxes[:, 3]], axis=1).astype(np.float64)

    return np.array([inside(feet(picture)) for picture in pictures])


def somebody_by_truth(path, n, inside):
    """Likewise, of a file."""
    rows = np.loadtxt(path, delimiter=",")
    feet = np.stack([rows[:, 2] + rows[:, 4] / 2, rows[:, 3] + rows[:, 5]], axis=1)
    return np.array([inside(feet[rows[:, 0] == i + 1]) for i in range(n)])


def zone_test(site):
    """Whether one of `feet` (n, 2) px stands in the zone."""
    layout = site_layout(site, "forecourt", (768, 576))
    polygon = np.array(ZONE, np.float32)

    def inside(feet):
        ground, _ = layout.view.to_ground(feet)
        return any(cv2.pointPolygonTest(polygon, (float(x), float(y)), False) >= 0 for x, y in ground)

    return inside


def first_pictures(there, alone_s):
    """Numbers of the pictures with which somebody arrives."""
    alone, (most, of) = round(alone_s * CLIP_FPS), STAY
    return [
        i
        for i in range(alone, len(there) - of)
        if there[i] and not there[i - alone : i].any() and there[i : i + of].sum() >= most
    ]


def measure(sent, painted, ear):
    """The arrival whose first picture was `sent`; or why there is none to measure: `on`, `missed`."""
    switches = [each["switched"] for each in painted]
    before = bisect.bisect(switches, sent - EARLY_S) - 1
    if before < 0 or painted[before]["width"] == CAMPAIGN:
        return "on"
    found = next((each for each in painted[before + 1 :] if each["width"] == CAMPAIGN), None)
    if found is None or found["painted"] > sent + PATIENCE_S:
        return "missed"
    told_at = (show.at.timestamp() for _, show in ear.shows if show.campaign)
    decided = max(at for at in told_at if at <= found["switched"])
    heard = [(heard, live) for heard, live in ear.lives if heard <= decided + HEARD_S]
    nobody = max((i for i, (_, live) in enumerate(heard) if near(live) == 0), default=-1)
    if nobody + 1 >= len(heard):
        return "missed"
    told, live = heard[nobody + 1]
    default_since = next(each["switched"] for each in reversed(painted[: before + 1]) if each["width"] != CAMPAIGN)
    return Arrival(sent, live.t.timestamp(), told, decided, found["switched"], found["painted"], default_since)


def near(live):
    return live.screens["kiosk"].near


def play(chain_parts, folder, pictures, *, rounds, fps):
    """Send the clip so many times; what was sent, painted and heard."""
    site = chain_parts.demo_site(here={"name": "Here", "polygon_m": ZONE})
    site["screens"]["kiosk"]["zone"] = "here"
    camera = Projector(pictures, fps=CLIP_FPS)
    nobody = len(pictures) - 1
    camera.show([nobody])
    with (
        chain_parts.serving(folder, site) as chain,
        on_air(camera) as source,
        sync_playwright() as playwright,
        chain_parts.watching(chain, source, fps=fps),
    ):
        chain.default(chain.upload("Default", chain_parts.picture("#20406a", DEFAULT), seconds=10))
        creative = chain.upload("Campaign", chain_parts.picture("#8a2f3c", CAMPAIGN), seconds=TURN_S)
        chain.campaign("For whoever is there", creative, rules=[{"kind": "near", "at_least": 1}])
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 720})
        ear = chain_parts.Ear(chain.broker.port)
        chain.pair(page)
        chain_parts.wait_for(lambda: ear.near() == 0, "the box's word that nobody is there", within_s=40)
        chain_parts.wait_for(lambda: chain_parts.on_top(page) == DEFAULT, "the default")
        camera.sent.clear()
        camera.show([*list(range(nobody)) * rounds, *[nobody] * 50])
        page.wait_for_timeout(1000 * (rounds * nobody + 50) / CLIP_FPS)
        painted = page.evaluate("window.painted")
        ear.close()
        browser.close()
    return list(camera.sent), painted, ear


def table(arrivals):
    """Lines of Markdown."""
    yield "| ms | p50 | p95 | most |"
    yield "| --- | ---: | ---: | ---: |"
    for name in arrivals[0].parts:
        took = np.array([arrival.parts[name] for arrival in arrivals]) * 1000
        yield f"| {name} | {np.median(took):.0f} | {np.percentile(took, 95):.0f} | {took.max():.0f} |"


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rounds", type=int, default=8)
    arguments.add_argument("--fps", type=float, default=8.0)
    arguments.add_argument("--truth", type=Path)
    asked = arguments.parse_args()
    parts = load_chain()
    clip = clip_pictures()
    pictures = [jpeg(picture) for picture in (*clip, without_people(clip))]
    inside = zone_test(Site.model_validate(parts.demo_site()))
    truths = {"each picture looked at beforehand": somebody_by_detector(pictures[:-1], inside)}
    if asked.truth:
        truths[asked.truth.name] = somebody_by_truth(asked.truth, len(clip), inside)
    with tempfile.TemporaryDirectory() as folder:
        sent, painted, ear = play(parts, Path(folder), pictures, rounds=asked.rounds, fps=asked.fps)
    for (name, there), alone_s in product(truths.items(), ALONE_S):
        first = frozenset(first_pictures(there, alone_s))
        print(f"\nAfter {alone_s:g} s without anyone. Truth: {name}.")
        tell([measure(t, painted, ear) for number, t in sent if number in first])


def tell(found):
    """Print the figures."""
    arrivals = [each for each in found if isinstance(each, Arrival)]
    held = sum(each.was_held for each in arrivals)
    print(
        f"{len(found)} arrivals, {found.count('on')} of them while the creative was still on; {len(arrivals)} painted,"
    )
    print(
        f"{held} of these held back for the default had just come on; {found.count('missed')} not in {PATIENCE_S:g} s."
    )
    if arrivals:
        print("\n".join(table(arrivals)))


if __name__ == "__main__":
    main()
