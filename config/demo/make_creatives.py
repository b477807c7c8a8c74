"""How the demo's creatives were made: `python make_creatives.py creatives` (needs Debian's chromium, and playwright).

Invented brands, drawn here: each a picture of 1280 x 720, one of them also upright, one as a video of its own rise.
"""

import io
import sys
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np
from PIL import Image
from playwright.sync_api import sync_playwright


class Card(NamedTuple):
    """One creative: ground and ink, words, and what is drawn at the right (SVG in a 400 x 400 box)."""

    ground: str
    ink: str
    words: str
    small: str
    drawing: str


BREAD = (
    '<path d="M20 300c0-150 80-210 180-210s180 60 180 210z" fill="#9c5722"/>'
    '<g stroke="#f2dfbd" stroke-width="22" stroke-linecap="round"><path d="M110 170l46 80M190 140l46'
    ' 80M270 170l46 80"/></g>'
)
TROLLEY = (
    '<path d="M90 90h220v180h-220z" fill="#f2d163"/><circle cx="140" cy="315" r="26" fill="#f2d163"/>'
    '<circle cx="260" cy="315" r="26" fill="#f2d163"/><path d="M30 50h50l20 40" stroke="#f2d163"'
    ' stroke-width="16" fill="none"/>'
)
CUP = (
    '<path d="M110 110h180l-24 240h-132z" fill="#fff"/><path d="M96 70h208v44h-208z" fill="#c03a57"/>'
    '<circle cx="200" cy="225" r="46" fill="#c03a57"/>'
)
COFFEE = (
    '<circle cx="200" cy="200" r="170" fill="#f0e2d0"/><circle cx="200" cy="200" r="132" fill="#6b4226"/>'
    '<path d="M200 130c50 30 50 90 0 130c-50-40-50-100 0-130z" fill="#f0e2d0"/>'
)
BOWL = (
    '<path d="M40 190h320c0 110-70 170-160 170s-160-60-160-170z" fill="#5b7f3a"/>'
    '<circle cx="130" cy="160" r="44" fill="#b5304a"/><circle cx="215" cy="140" r="50" fill="#d8496a"/>'
    '<circle cx="295" cy="165" r="38" fill="#b5304a"/>'
)
TEA = (
    '<path d="M70 150h220v120c0 50-40 90-90 90h-40c-50 0-90-40-90-90z" fill="#e9efe9"/>'
    '<path d="M290 180c60 0 60 90 0 90" stroke="#e9efe9" stroke-width="22" fill="none"/>'
    '<path d="M130 110c-20-30 20-50 0-80M200 110c-20-30 20-50 0-80" stroke="#e9efe9" stroke-width="14"'
    ' fill="none" stroke-linecap="round"/>'
)
BIKE = (
    '<g fill="none" stroke="#12323f" stroke-width="16"><circle cx="100" cy="260" r="80"/><circle'
    ' cx="300" cy="260" r="80"/>'
    '<path d="M100 260l70-120h90l40 120M170 140l50 120h-120M260 140l-40 120M240 110h50"/></g>'
)
MARK = (
    '<path d="M90 90l110 210l110-210" fill="none" stroke="#fff" stroke-width="34" stroke-linecap="round"'
    ' stroke-linejoin="round"/>'
    '<circle cx="200" cy="110" r="34" fill="#93a9ff"/>'
)
CARDS = {
    "house": Card("#23272c", "#ffffff", "", "open until 22:00", MARK),
    "warm-at-four": Card("#e7c78f", "#41240f", "Warm<br>at four", "bread from the oven", BREAD),
    "family-saturday": Card("#1f6156", "#ffffff", "Family<br>Saturday", "a fruit for every child", TROLLEY),
    "skyr": Card("#dde6f2", "#22374f", "Skyr", "2 for 3.00", CUP),
    "flat-white": Card("#3b2a20", "#f6ead9", "Flat white", "2.40", COFFEE),
    "alma": Card("#f0e7d6", "#3c4a1f", "Alma<br>yoghurt", "new: cherry", BOWL),
    "winter-tea": Card("#7a2d3a", "#fdf3ee", "Winter tea", "warm until spring", TEA),
    "by-bicycle": Card("#9fd0c4", "#12323f", "Came by<br>bicycle?", "air and tools at the door", BIKE),
}
UPRIGHT = ("flat-white",)
MOVING = "winter-tea"
MOVING_S, RATE = 6, 25


def page(card: Card, *, width: int, height: int) -> str:
    """The card as a document."""
    row = "row" if width > height else "column"
    return f"""<style>
body {{ margin: 0; width: {width}px; height: {height}px; background: {card.ground}; color: {card.ink};
  font: 600 {height // 8 if width > height else width // 7}px/1.08 Inter, sans-serif; letter-spacing: -0.02em;
  display: flex; flex-direction: {row}; align-items: center; justify-content: space-evenly; }}
small {{ display: block; font-size: 50%; font-weight: 400; margin-top: .5em; letter-spacing: 0; }}
svg {{ width: 420px; height: 420px; }}
</style><div>{card.words}<small>{card.small}</small></div><svg viewBox="0 0 400 400">{card.drawing}</svg>"""


def main(folder: Path) -> None:
    """Write every creative into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        for name, card in CARDS.items():
            picture(browser, card, 1280, 720).save(folder / f"{name}.webp", quality=82, method=6)
            if name in UPRIGHT:
                picture(browser, card, 720, 1280).save(folder / f"{name}-upright.webp", quality=82, method=6)
        film(picture(browser, CARDS[MOVING], 1280, 720), folder / f"{MOVING}.mp4")
        browser.close()


def picture(browser, card: Card, width: int, height: int) -> Image.Image:  # noqa: ANN001 - playwright's browser
    """The card, drawn."""
    tab = browser.new_page(viewport={"width": width, "height": height})
    tab.set_content(page(card, width=width, height=height))
    drawn = Image.open(io.BytesIO(tab.screenshot())).convert("RGB")
    tab.close()
    return drawn


def film(last: Image.Image, target: Path) -> None:
    """The picture comes out of its ground within a second and a half, and stays."""
    shown = np.asarray(last, dtype=np.float32)
    ground = shown[2, 2]
    with av.open(str(target), "w", options={"movflags": "faststart"}) as file:
        stream = file.add_stream("libx264", rate=RATE, options={"crf": "26", "preset": "veryslow"})
        stream.width, stream.height, stream.pix_fmt = last.width, last.height, "yuv420p"
        stream.codec_context.thread_count = 1
        for index in range(MOVING_S * RATE):
            share = min(index / (1.5 * RATE), 1.0) ** 0.5
            mixed = (ground + (shown - ground) * share).astype(np.uint8)
            frame = av.VideoFrame.from_ndarray(mixed, format="rgb24")
            frame.pts, frame.time_base = index, Fraction(1, RATE)
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
