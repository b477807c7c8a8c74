"""The demo's second store: an invented supermarket with weeks behind it, which goes on while the demo runs."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from contract.coverage import coverage
from contract.messages import Audience, Birth, CameraHealth, Health, Live, Reported, State, Window
from contract.segments import SMALLEST_CELL
from contract.site import Site
from contract.topics import AUDIENCE, BIRTH, HEALTH, LIVE, REPORTED, STATE, WINDOW
from edge.config import load_site
from edge.data_files import find_data
from server.domain.eligibility import flight_end
from vitrina import __version__
from vitrina.demo import STORE
from vitrina.demo_line import Line
from vitrina.demo_screens import PAST, Aired, fill
from vitrina.demo_till import Till
from vitrina.demo_trade import Shop, open_shop
from vitrina.errors import SimulationError
from vitrina.simulate.history import WHOLE_HOUR, Rhythm, Span, history
from vitrina.simulate.noise import Faults
from vitrina.simulate.onlookers import audience_cells, screen_audience, screen_stats
from vitrina.simulate.pool import Pool, make_pool
from vitrina.simulate.programme import Turn, is_on, showings
from vitrina.simulate.shoppers import Store
from vitrina.simulate.trade import Trade, read_trade

SHOPPERS = "config/demo/shoppers.yaml"
WEEKS = 8

_SEED = 14
_LAID_ANEW = "promotion"
_PARTIES = 450
"""Of whom weeks are drawn."""

_FAULTS = Faults(break_every_s=900.0)
"""Of a good tracker; places that no camera sees break tracks besides."""

_PULSE_S = 10.0
_FPS = 8.0

_BY_SLOT: tuple[Span, ...] = tuple(
    (600.0 * i + start, 600.0 * i + end) for i in range(6) for start, end in ((0.0, 60.0), (60.0, 600.0))
)
"""Windows of the days since campaigns run: each ten-minute slot, its first minute by itself."""

_LONGEST_TURN_S = 600.0

_ADVERTISED, _SEEN_AT, _BROUGHT = "flat-white", "welcome", 0.3
"""The campaign that brings something, the screen it is seen on, and what: so much more stops in what it promotes."""


class _Supermarket:
    """The store, and who shopped in it before and `since` the offers' tables were laid anew, a week ago."""

    def __init__(self, aired: Aired, now: datetime) -> None:
        self.site, self.aired = aired.site, aired
        self.trade = read_trade(find_data(SHOPPERS), self.site)
        self._advertised = next((each for each in aired.campaigns if each.id == _ADVERTISED), None)
        self.screens_since = self.midnight(self.today(now) - PAST)
        today = self.today(now)
        self.rhythm = _rhythm(today)
        self._laid_anew = self.midnight(today - timedelta(days=6))

    def today(self, now: datetime) -> date:
        """The local day."""
        return now.astimezone(ZoneInfo(self.site.timezone)).date()

    def midnight(self, day: date) -> datetime:
        """When a local day begins."""
        return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(self.site.timezone)).astimezone(UTC)

    def pool_at(self, t: datetime) -> Pool:
        """Who shops at `t`."""
        if t < self._laid_anew:
            return self._before
        return self._drawn if self._is_drawn(t.timestamp()) else self._since

    def _is_drawn(self, t: float) -> bool:
        """Whether the advertisement is on and, by a coin of the minute, brings more."""
        campaign = self._advertised
        if campaign is None or flight_end(campaign, t) is None:
            return False
        lucky = np.random.default_rng([_SEED, int(t)]).random() < _BROUGHT
        return bool(lucky and is_on(campaign, self.site, _SEEN_AT, seed=self.aired.seed, t=t))

    @cached_property
    def _drawn(self) -> Pool:
        zone = self._advertised.promotes if self._advertised else None
        return self._since.with_more_stops(zone, again=1) if zone else self._since

    def turns_in(self, hour: datetime) -> list[Turn]:
        """What was played in the hour from `hour` on."""
        start = hour.timestamp()
        return [turn for turn in list(self.aired.turns) if start - _LONGEST_TURN_S < turn.start < start + 3600]

    def watches(self, camera: str, screen: str) -> bool:
        """Whether the camera sees most of those before a screen."""
        return self._best.get(screen) == camera

    @cached_property
    def _best(self) -> dict[str, str]:
        each = self._before.total(np.ones(self._before.shoppers))
        zones = {key: screen.zone for key, screen in self.site.screens.items() if screen.zone}
        column = self._before.zone_ids.index
        seen_s = {key: [sums["zone_presence_s"][column(zone)] for sums in each] for key, zone in zones.items()}
        return {key: self._before.cameras[int(np.argmax(of))] for key, of in seen_s.items()}

    @cached_property
    def _before(self) -> Pool:
        return _pool(self.site, self.trade)

    @cached_property
    def _since(self) -> Pool:
        return self._before.with_more_stops(_LAID_ANEW, again=1)


def aired_in_store(server_yaml: Path, now: datetime) -> Aired:
    """Fill the store's screens with campaigns that run already; before the server starts."""
    site = load_site(find_data(STORE))
    trade = read_trade(find_data(SHOPPERS), site)
    return fill(server_yaml, site, now, opens=trade.opens, closes=trade.closes)


def shop_in_store(now: datetime) -> Shop:
    """What the store sells, and its programme."""
    site = load_site(find_data(STORE))
    trade, today = read_trade(find_data(SHOPPERS), site), now.astimezone(ZoneInfo(site.timezone)).date()
    return open_shop(site, trade, _rhythm(today), first=today - timedelta(weeks=WEEKS), today=today, seed=_SEED)


def _rhythm(today: date) -> Rhythm:
    return Rhythm(since=today - timedelta(weeks=WEEKS), special={today - timedelta(days=19): 1.6})


@contextmanager
def remembering(broker_port: int, aired: Aired, exports: Path) -> Iterator[None]:
    """While this lasts the supermarket tells its past, the newest day first, then its present; files to `exports`."""
    stop = threading.Event()
    teller = threading.Thread(target=_tell, args=(broker_port, aired, exports, stop), name="supermarket", daemon=True)
    teller.start()
    try:
        yield
    finally:
        stop.set()
        teller.join(10)


def _tell(broker_port: int, aired: Aired, exports: Path, stop: threading.Event) -> None:
    started = datetime.now(UTC)
    market = _Supermarket(aired, started)
    client = paho.Client(CallbackAPIVersion.VERSION2, protocol=paho.MQTTv5)
    client.connect("127.0.0.1", broker_port)
    client.loop_start()
    try:
        line = Line(client, market.site.site, f"demo-{started:%Y%m%d%H%M%S}")
        till = Till(line, shop_in_store(started), exports, started)
        _introduce(line, market, started)
        till.open()
        told_until = _tell_past(line, market, till, started, stop)
        while not stop.wait(_PULSE_S):
            told_until = _tell_present(line, market, till, told_until)
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


def _introduce(line: Line, market: _Supermarket, now: datetime) -> None:
    line.say(STATE, State(status="online"), now)
    cameras = list(market.site.cameras)
    birth = Birth(
        version=__version__,
        started_at=now,
        cameras=cameras,
        model="simulated",
        profile="objects",
        site_version=market.site.version,
    )
    line.say(BIRTH, birth, now)
    line.say(REPORTED, Reported(site_version=market.site.version), now)
    _tell_health(line, cameras, now)


def _tell_health(line: Line, cameras: list[str], now: datetime) -> None:
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


def _tell_past(line: Line, market: _Supermarket, till: Till, now: datetime, stop: threading.Event) -> datetime:
    """Every whole hour up to `now`, which is told; day by day, so that yesterday is there before last month."""
    until = now.replace(minute=0, second=0, microsecond=0)
    for back in range(WEEKS * 7 + 1):
        if stop.is_set():
            break
        day = market.today(now) - timedelta(days=back)
        _tell_now(line, market)
        end = min(market.midnight(day + timedelta(days=1)), until)
        _tell_hours(line, market, till, market.midnight(day), end)
        if day.weekday() == 0:
            till.export()
    else:
        till.close()
    return until


def _tell_hours(line: Line, market: _Supermarket, till: Till, start: datetime, end: datetime) -> None:
    rng = np.random.default_rng([_SEED, round(start.timestamp())])
    finely = start >= market.screens_since
    days = history(
        market.site,
        market.trade,
        market.pool_at,
        start=start,
        end=end,
        rng=rng,
        rhythm=market.rhythm,
        spans=_BY_SLOT if finely else WHOLE_HOUR,
    )
    for hour in days:
        turns = market.turns_in(hour.start) if finely else []
        for window in hour.windows:
            line.say(WINDOW, _with_screens(market, window, turns, rng) if turns else window, window.t_end)
        _tell_audience(line, market, hour.windows, rng)
        till.sold(till.shop.sell(hour))


def _with_screens(market: _Supermarket, window: Window, turns: list[Turn], rng: np.random.Generator) -> Window:
    """The window with what its camera saw before the screens, for those it sees best."""
    shown = showings(turns, start=window.t_start.timestamp(), end=window.t_end.timestamp())
    mine = [each for each in shown if market.watches(window.camera, each.screen)]
    return window.model_copy(update={"screens": screen_stats(market.site, market.trade, window, mine, rng)})


def _tell_audience(line: Line, market: _Supermarket, windows: list[Window], rng: np.random.Generator) -> None:
    for camera in market.site.cameras:
        mine = [window for window in windows if window.camera == camera]
        cells = audience_cells(market.site, market.trade, mine, rng) if mine else []
        if cells:
            t = mine[-1].t_end
            line.say(AUDIENCE, Audience(camera=camera, t=t, smallest_cell=SMALLEST_CELL, cells=cells), t)


def _tell_present(line: Line, market: _Supermarket, till: Till, told_until: datetime) -> datetime:
    """Who is there now, how the cameras are, and the last hour if it is over."""
    hour = _tell_now(line, market).replace(minute=0, second=0, microsecond=0)
    if hour > told_until:
        _tell_hours(line, market, till, told_until, hour)
    return hour


def _tell_now(line: Line, market: _Supermarket) -> datetime:
    now = datetime.now(UTC)
    _tell_health(line, list(market.site.cameras), now)
    for live in _present(market, now):
        line.say(LIVE, live, now)
    return now


def _present(market: _Supermarket, now: datetime) -> Iterator[Live]:
    """As many as there are on average at this hour, by chance (Poisson)."""
    local = now.astimezone(ZoneInfo(market.site.timezone))
    rate = market.trade.shoppers_per_hour * market.trade.busy(local.weekday(), local.hour)
    rng, pool = np.random.default_rng([_SEED, round(now.timestamp())]), market.pool_at(now)
    each = pool.total(np.full(pool.shoppers, rate / pool.shoppers / 3600))
    for camera, sums in zip(pool.cameras, each, strict=True):
        zones = rng.poisson(sums["zone_presence_s"])
        elsewhere = rng.poisson(max(float(sums["heat_s"].sum() - sums["zone_presence_s"].sum()), 0.0))
        near = dict(zip(pool.zone_ids, zones.tolist(), strict=True))
        came = dict(zip(pool.zone_ids, sums["entries"].tolist(), strict=True))
        screens = screen_audience(market.site, market.trade, near, came, rng)
        yield Live(
            camera=camera,
            t=now,
            expires_at=now + timedelta(seconds=3 * _PULSE_S),
            occupancy=int(zones.sum() + elsewhere),
            zones=near,
            screens={key: told for key, told in screens.items() if market.watches(camera, key)},
        )
