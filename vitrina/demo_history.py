"""The demo's second store: an invented supermarket with weeks behind it, which goes on while the demo runs."""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

import numpy as np
import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from contract.coverage import coverage
from contract.messages import Birth, CameraHealth, Data, Health, Live, Reported, State, encode, wrap
from contract.site import Site
from contract.topics import BIRTH, HEALTH, LIVE, REPORTED, RETAINED, STATE, WINDOW, box_topic, qos
from edge.config import load_site
from edge.data_files import find_data
from vitrina import __version__
from vitrina.demo import STORE
from vitrina.errors import SimulationError
from vitrina.simulate.history import Rhythm, history
from vitrina.simulate.noise import Faults
from vitrina.simulate.pool import Pool, make_pool
from vitrina.simulate.shoppers import Store
from vitrina.simulate.trade import Trade, read_trade

SHOPPERS = "config/demo/shoppers.yaml"
BOX = "simulator"
WEEKS = 8

_SEED = 14
_LAID_ANEW = "promotion"
_PARTIES = 450
"""Of whom weeks are drawn."""

_FAULTS = Faults(break_every_s=900.0)
"""Of a good tracker; places that no camera sees break tracks besides."""

_ON_THE_WAY = 64
"""Messages that the broker has not confirmed yet, at most: the past must not drown the present."""

_PULSE_S = 10.0
_FPS = 8.0


@dataclass(slots=True)
class _Line:
    """The way to the broker, as a box has it."""

    client: paho.Client
    site: str
    boot_id: str
    seq: int = 0
    sent: deque[paho.MQTTMessageInfo] = field(default_factory=deque)

    def say(self, channel: str, data: Data, time: datetime) -> None:
        """Publish, and wait while too much is on the way."""
        self.seq += 1
        message = wrap(data, site=self.site, box=BOX, boot_id=self.boot_id, seq=self.seq, time=time)
        topic = box_topic(self.site, BOX, channel)
        self.sent.append(self.client.publish(topic, encode(message), qos(channel), retain=channel in RETAINED))
        while len(self.sent) > _ON_THE_WAY:
            self.sent.popleft().wait_for_publish(30)


class _Supermarket:
    """The store, and who shopped in it before and `since` the offers' tables were laid anew, a week ago."""

    def __init__(self, now: datetime) -> None:
        self.site = load_site(find_data(STORE))
        self.trade = read_trade(find_data(SHOPPERS), self.site)
        today = self.today(now)
        self.rhythm = Rhythm(since=today - timedelta(weeks=WEEKS), special={today - timedelta(days=19): 1.6})
        self._laid_anew = self.midnight(today - timedelta(days=6))

    def today(self, now: datetime) -> date:
        """The local day."""
        return now.astimezone(ZoneInfo(self.site.timezone)).date()

    def midnight(self, day: date) -> datetime:
        """When a local day begins."""
        return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(self.site.timezone)).astimezone(UTC)

    def pool_at(self, t: datetime) -> Pool:
        """Who shops at `t`."""
        return self._since if t >= self._laid_anew else self._before

    @cached_property
    def _before(self) -> Pool:
        return _pool(self.site, self.trade)

    @cached_property
    def _since(self) -> Pool:
        return self._before.with_more_stops(_LAID_ANEW, again=1)


@contextmanager
def remembering(broker_port: int) -> Iterator[None]:
    """While this lasts the supermarket tells its past, the newest day first, and then its present."""
    stop = threading.Event()
    teller = threading.Thread(target=_tell, args=(broker_port, stop), name="supermarket", daemon=True)
    teller.start()
    try:
        yield
    finally:
        stop.set()
        teller.join(10)


def _tell(broker_port: int, stop: threading.Event) -> None:
    started = datetime.now(UTC)
    market = _Supermarket(started)
    client = paho.Client(CallbackAPIVersion.VERSION2, protocol=paho.MQTTv5)
    client.connect("127.0.0.1", broker_port)
    client.loop_start()
    try:
        line = _Line(client, market.site.site, f"demo-{started:%Y%m%d%H%M%S}")
        _introduce(line, market, started)
        told_until = _tell_past(line, market, started, stop)
        while not stop.wait(_PULSE_S):
            told_until = _tell_present(line, market, told_until)
    finally:
        client.disconnect()
        client.loop_stop()


def _pool(site: Site, trade: Trade) -> Pool:
    """Shoppers of some busy hours, so that queues are what they are."""
    covered = coverage(site)
    if covered is None:
        raise SimulationError(f"site {site.site!r} has no floor")
    rng = np.random.default_rng(_SEED)
    came = np.sort(rng.uniform(0, _PARTIES / trade.shoppers_per_hour * 3600, _PARTIES))
    crowd = Store(site, trade, rng).visit(came, rng)
    return make_pool(site, covered, crowd, _FAULTS, rng)


def _introduce(line: _Line, market: _Supermarket, now: datetime) -> None:
    line.say(STATE, State(status="online"), now)
    cameras = list(market.site.cameras)
    birth = Birth(
        version=__version__,
        started_at=now,
        cameras=cameras,
        model="simulated",
        profile="counting",
        site_version=market.site.version,
    )
    line.say(BIRTH, birth, now)
    line.say(REPORTED, Reported(site_version=market.site.version), now)
    _tell_health(line, cameras, now)


def _tell_health(line: _Line, cameras: list[str], now: datetime) -> None:
    well = CameraHealth(state="watching", fps=_FPS, observed_share=1.0, dropped=0, bad_frames=0, view="fits")
    health = Health(
        t=now,
        cameras=dict.fromkeys(cameras, well),
        outbox_depth=0,
        outbox_bytes=0,
        outbox_oldest_s=0,
        outbox_dropped=0,
        disk_free_bytes=20_000_000_000,
    )
    line.say(HEALTH, health, now)


def _tell_past(line: _Line, market: _Supermarket, now: datetime, stop: threading.Event) -> datetime:
    """Every whole hour up to `now`, which is told; day by day, so that yesterday is there before last month."""
    until = now.replace(minute=0, second=0, microsecond=0)
    for back in range(WEEKS * 7 + 1):
        if stop.is_set():
            break
        day = market.today(now) - timedelta(days=back)
        _tell_hours(line, market, market.midnight(day), min(market.midnight(day + timedelta(days=1)), until))
    return until


def _tell_hours(line: _Line, market: _Supermarket, start: datetime, end: datetime) -> None:
    rng = np.random.default_rng([_SEED, round(start.timestamp())])
    days = history(market.site, market.trade, market.pool_at, start=start, end=end, rng=rng, rhythm=market.rhythm)
    for hour in days:
        for window in hour.windows:
            line.say(WINDOW, window, window.t_end)


def _tell_present(line: _Line, market: _Supermarket, told_until: datetime) -> datetime:
    """Who is there now, how the cameras are, and the last hour if it is over."""
    now = datetime.now(UTC)
    _tell_health(line, list(market.site.cameras), now)
    for live in _present(market, now):
        line.say(LIVE, live, now)
    hour = now.replace(minute=0, second=0, microsecond=0)
    if hour > told_until:
        _tell_hours(line, market, told_until, hour)
    return hour


def _present(market: _Supermarket, now: datetime) -> Iterator[Live]:
    """As many as there are on average at this hour, by chance (Poisson)."""
    local = now.astimezone(ZoneInfo(market.site.timezone))
    rate = market.trade.shoppers_per_hour * market.trade.busy(local.weekday(), local.hour)
    rng, pool = np.random.default_rng([_SEED, round(now.timestamp())]), market.pool_at(now)
    each = pool.total(np.full(pool.shoppers, rate / pool.shoppers / 3600))
    for camera, sums in zip(pool.cameras, each, strict=True):
        zones = rng.poisson(sums["zone_presence_s"])
        elsewhere = rng.poisson(max(float(sums["heat_s"].sum() - sums["zone_presence_s"].sum()), 0.0))
        yield Live(
            camera=camera,
            t=now,
            expires_at=now + timedelta(seconds=3 * _PULSE_S),
            occupancy=int(zones.sum() + elsewhere),
            zones=dict(zip(pool.zone_ids, zones.tolist(), strict=True)),
        )
