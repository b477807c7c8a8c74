"""The pictures of the documentation: an invented store in a real server, photographed by a headless browser.

python docs/screenshots.py [--only floor] [--out docs/img] [--all]
"""

import argparse
import contextlib
import itertools
import os
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import sample_store
import uvicorn
import yaml
from playwright.sync_api import Browser, sync_playwright

from server import auth
from server.app import create_app
from server.db.engine import connect, migrate
from server.db.intake import Arrival, store
from server.db.sites import put_site
from server.settings import load, read_sites

PAGES = {
    "overview": "/",
    "floor": "/floor?zone=bakery",
    "floor-list": "/floor",
    "difference": "/floor?period=7d&layer=difference",
    "blind": "/blind-spots?period=28d",
    "flows": "/flows?period=28d",
    "setup": "/setup?camera=bakery",
    "alarms": "/alarms",
    "zones": "/zones?zone=bakery",
    "health": "/data-health",
    "metrics": "/metrics-catalogue",
    "more": "/more",
    "login": "/login",
    "missing": "/floor?site=nowhere",
}
KEPT = {
    ("overview", "desktop", "light", "en"),
    ("floor", "desktop", "light", "en"),
    ("floor", "desktop", "dark", "en"),
    ("floor", "phone", "light", "ru"),
}
SCREENS = {
    "desktop": {"viewport": {"width": 1440, "height": 900}},
    "phone": {
        "viewport": {"width": 390, "height": 844},
        "device_scale_factor": 2,
        "has_touch": True,
        "is_mobile": True,
    },
}
FONTS = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>
<include ignore_missing="yes">/etc/fonts/fonts.conf</include>
<match target="pattern"><edit name="family" mode="prepend" binding="strong"><string>Inter</string></edit></match>
</fontconfig>"""


def seeded(folder: Path) -> tuple[Path, str]:
    """A server's configuration and a login link's secret, with the invented store in its database."""
    document = sample_store.site()
    (folder / "site.yaml").write_text(yaml.safe_dump(document.model_dump(mode="json", exclude_none=True)))
    config = {"sites": [{"file": "site.yaml", "simulated": True}], "broker": {"port": 1}}
    (folder / "server.yaml").write_text(yaml.safe_dump(config))
    settings = load(folder / "server.yaml")
    engine, now = connect(settings.database), sample_store.today_at()
    box = sample_store.Store(document)
    messages = [
        *sample_store.history(box, now),
        *box.up(now),
        *box.events(now),
        box.live(now, sample_store.NOW_BY_ZONE),
    ]
    migrate(engine)
    with engine.begin() as conn:
        for each, simulated in read_sites(settings):
            put_site(conn, each, simulated=simulated)
        store(conn, [Arrival(message, message.time.timestamp()) for message in messages])
        secret = auth.create_link(conn, role="admin", now=now.timestamp(), lasts_s=86_400)
    engine.dispose()
    return folder / "server.yaml", secret


@contextlib.contextmanager
def served(config: Path) -> Iterator[str]:
    """The real server on a free port, its clock standing still at the invented moment."""
    app = create_app(load(config), clock=lambda: sample_store.today_at().timestamp())
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        while not server.started:
            time.sleep(0.05)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


def shoot(browser: Browser, base: str, secret: str, out: Path, wanted: list[tuple[str, str, str, str]]) -> None:
    """Each picture in a fresh browser context."""
    for page_name, screen, theme, language in wanted:
        context = browser.new_context(**SCREENS[screen], color_scheme=theme, locale=language, base_url=base)
        page = context.new_page()
        page.goto("/login" if page_name == "login" else f"/login?token={secret}")
        if page_name != "login":
            page.goto(PAGES[page_name])
        page.wait_for_load_state("load")
        page.evaluate("document.fonts.ready")
        page.screenshot(path=out / f"{page_name}-{screen}-{theme}-{language}.jpg", quality=86)
        context.close()


def chosen(only: str | None, every: bool) -> list[tuple[str, str, str, str]]:
    """(page, screen, theme, language) of the pictures asked for."""
    combinations = list(itertools.product(PAGES, SCREENS, ("light", "dark"), ("en", "ru")))
    if only:
        return [c for c in combinations if "-".join(c).startswith(only)]
    return combinations if every else [c for c in combinations if c in KEPT]


def main() -> None:
    """Take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", help="pictures whose name begins so, for example floor-phone")
    parser.add_argument("--all", action="store_true", help="every page, screen, theme and language")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "img")
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary, sync_playwright() as playwright:
        fonts = Path(temporary) / "fonts.conf"
        fonts.write_text(FONTS)
        config, secret = seeded(Path(temporary))
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox"],
            env={**os.environ, "FONTCONFIG_FILE": str(fonts)},
        )
        with served(config) as base:
            shoot(browser, base, secret, asked.out, chosen(asked.only, asked.all))
        browser.close()


if __name__ == "__main__":
    main()
