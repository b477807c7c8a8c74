import importlib.util
import socket
import threading
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from time import monotonic, sleep

import pytest
import uvicorn
import yaml
from axe_playwright_python.sync_playwright import Axe
from paho.mqtt.client import Client, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion
from playwright.sync_api import sync_playwright

from contract.messages import encode
from contract.topics import LIVE, WINDOW, box_topic
from server import auth
from server.app import create_app
from server.db.engine import connect, migrate
from server.db.intake import Arrival, store
from server.db.sites import put_site
from server.settings import load, read_sites
from vitrina.broker import Broker

ROOT = Path(__file__).parents[2]


def invented():
    """docs/sample_store.py, which is no package."""
    spec = importlib.util.spec_from_file_location("sample_store", ROOT / "docs/sample_store.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@contextmanager
def running(app):
    """The app on a free port, in a thread of its own."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    deadline = monotonic() + 20
    while not server.started and monotonic() < deadline:
        sleep(0.02)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(20)


class Shop:
    """A running server with the invented store in its database, at Saturday 14:20, and the box that talks to it."""

    def __init__(self, sample, settings, base, secret, box, client):
        self.sample, self.settings, self.base = sample, settings, base
        self.secret, self.box, self.client = secret, box, client

    def now(self):
        return self.sample.today_at()

    def publish(self, channel, message):
        info = self.client.publish(box_topic(message.site, message.box, channel), encode(message), 1)
        info.wait_for_publish(10)

    def say_inside(self, zones):
        self.publish(LIVE, self.box.live(self.now(), zones))

    def say_entered(self, entered):
        """A window of the running quarter of an hour, so that the day's footfall grows by `entered`."""
        start = self.now() - timedelta(seconds=8)
        for message in self.box.windows(start, self.now(), entered, heat=True):
            self.publish(WINDOW, message)


def write_config(folder, documents, **changed):
    entries = []
    for document in documents:
        name = f"{document.site}.yaml"
        (folder / name).write_text(yaml.safe_dump(document.model_dump(mode="json", exclude_none=True)))
        entries.append({"file": name, "simulated": True})
    (folder / "server.yaml").write_text(yaml.safe_dump({"sites": entries} | changed))
    return load(folder / "server.yaml")


@contextmanager
def open_shop(folder, *, weeks, role):
    """The invented store with `weeks` of figures, and a second site that has never sent anything."""
    sample = invented()
    with ExitStack() as stack:
        broker = stack.enter_context(Broker())
        documents = [sample.site("store_014"), sample.site("store_015")]
        settings = write_config(folder, documents, broker={"port": broker.port})
        box, now = sample.Store(documents[0]), sample.today_at()
        messages = [*box.up(now), *box.events(now)]
        messages += sample.history(box, now, weeks=weeks) if weeks else []
        messages.append(box.live(now, sample.NOW_BY_ZONE, lasts_s=3600))
        engine = connect(settings.database)
        migrate(engine)
        with engine.begin() as conn:
            for document, simulated in read_sites(settings):
                put_site(conn, document, simulated=simulated)
            store(conn, [Arrival(message, message.time.timestamp()) for message in messages])
            secret = auth.create_link(conn, role=role, now=now.timestamp(), lasts_s=86_400)
        engine.dispose()
        base = stack.enter_context(running(create_app(settings, clock=now.timestamp)))
        client = Client(CallbackAPIVersion.VERSION2, client_id="box", protocol=MQTTv5)
        client.connect(broker.host, broker.port)
        client.loop_start()
        stack.callback(client.loop_stop)
        yield Shop(sample, settings, base, secret, box, client)


@pytest.fixture(scope="session")
def shop_opener():
    """`open_shop`, for tests that need a shop of their own."""
    return open_shop


@pytest.fixture(scope="module")
def shop(tmp_path_factory, shop_opener):
    """One shop for all tests."""
    with shop_opener(tmp_path_factory.mktemp("shop"), weeks=4, role="viewer") as found:
        yield found


@pytest.fixture(scope="module")
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def serious_faults():
    """`serious_faults(page)`: what axe finds that keeps somebody from using it."""

    def look(page):
        found = Axe().run(page).response["violations"]
        serious = [fault for fault in found if fault["impact"] in {"serious", "critical"}]
        return [(fault["id"], fault["nodes"][0]["html"][:200]) for fault in serious]

    return look


STICKS_OUT = """() => document.documentElement.scrollWidth <= innerWidth ? [] :
  [...document.querySelectorAll("body *")]
    .filter((e) => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest(".scroll, .bar, .sr-only, .skip"))
    .map((e) => e.tagName + "." + e.className).slice(0, 5)"""


@pytest.fixture(scope="session")
def sticking_out():
    """`sticking_out(page)`: what makes the page wider than its window."""
    return lambda page: page.evaluate(STICKS_OUT)


@pytest.fixture
def visit(chromium, shop):
    """`visit("/floor", phone=True, locale="ru")`: a signed-in page; at the end it must not have complained."""
    with ExitStack() as stack:
        complaints = []

        def open_page(path="/", *, phone=False, sign_in=True, **options):
            size = {"width": 390, "height": 844} if phone else {"width": 1440, "height": 900}
            context = chromium.new_context(base_url=shop.base, viewport=size, has_touch=phone, **options)
            stack.callback(context.close)
            page = context.new_page()
            page.set_default_timeout(15_000)
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.on("console", lambda told: complaints.append(told.text) if told.type in {"error", "warning"} else None)
            if sign_in:
                page.goto(f"/login?token={shop.secret}")
            page.goto(path)
            return page

        open_page.complaints = complaints
        yield open_page
    assert complaints == []
