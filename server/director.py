"""The task that decides what the screens show: each second, and at once when who is before a screen has changed.

Players that listen are told first, then the broker, then the log. Nothing waits for the database.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import perf_counter

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from contract.messages import Live, Message
from contract.screens import Show, ShowMessage, read_screen_message, wrap_show
from contract.topics import screen_of, show_topic
from server.control_room import Address, ControlRoom, OnScreen
from server.db.decisions import DecisionRecord, last_decisions
from server.db.installation import seed
from server.decision_log import DecisionLog
from server.domain.context import Airing
from server.leading import Leading
from server.learning import Learning
from server.lessons import Lessons
from server.meters import Meters
from server.rundown import Rundown, rundown
from server.stages import Stage
from server.standing import Counted, Ledger, count

DECIDE_EVERY_S = 1.0
REFRESH_EVERY_S = 10.0
"""Campaigns are read again this often, and at once after a nudge."""
LEARN_EVERY_S = 300.0
RESUME_WITHIN_S = 3600.0
LATE_S = 0.005
"""Decisions are made for whole milliseconds: so much later it surely is no more held."""
BREATHE_S = 0.002
"""Of deciding for one screen after the other, before the rest of the server has its turn."""
QUEUE = 8
"""Shows that a player may lag behind; then the oldest is dropped, because the newest matters."""

Retain = Callable[[str, bytes], None]
"""Lets a payload be what the broker keeps on a topic; never blocks."""
Screen = tuple[str, str]
"""Site and screen."""

log = structlog.get_logger()


class Director:
    """Belongs to one event loop; methods are called on it, where they do not say otherwise."""

    def __init__(
        self,
        engine: Engine,
        clock: Callable[[], float],
        meters: Meters,
        *,
        sites: Iterable[str],
        retain: Retain,
        address: Address,
        alone: bool = True,
    ) -> None:
        self._engine, self._clock, self._meters = engine, clock, meters
        self._retain, self._address = retain, address
        self._rooms: dict[str, ControlRoom] = {}
        self._due: set[str] = set(sites)
        self._sites = frozenset(self._due)
        self._leading = Leading(engine, clock, self._sites, alone=alone)
        self._learning: dict[str, Learning] = {}
        self._something = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._listeners: defaultdict[Screen, list[asyncio.Queue[Show]]] = defaultdict(list)
        self._log = DecisionLog(engine, clock, meters)

    async def run(self) -> None:
        """Until cancelled; what was decided by then is logged."""
        self._loop = asyncio.get_running_loop()
        async with asyncio.TaskGroup() as group:
            work = (self._decide(), self._refresh(), self._learn(), self._log.run(self._rooms))
            for each in (*work, self._leading.run(self._take_over)):
                group.create_task(each)

    def nudge(self, site: str) -> None:
        """Campaigns, creatives, defaults or triggers of the site have changed; may be said by any thread."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._look_again, site)

    def _look_again(self, site: str) -> None:
        self._due.add(site)
        self._something.set()

    def hear(self, message: Message, live: Live) -> None:
        """A camera says who is there."""
        room = self._rooms.get(message.site)
        if room is not None:
            for stage in room.hear(message, live, now=self._clock()):
                if self._leading.leads(message.site):
                    self._come(message.site, room, stage)

    def _come(self, site: str, room: ControlRoom, stage: Stage) -> None:
        """Decide at once; where what is on has only just come on, as soon as it may be cut."""
        held_s = room.held_s(stage, now=self._clock())
        self._turn(site, room, stage)
        if held_s > 0 and self._loop is not None:
            self._loop.call_later(held_s + LATE_S, self._come_again, site, room, stage)

    def _come_again(self, site: str, room: ControlRoom, stage: Stage) -> None:
        if self._rooms.get(site) is room and self._leading.leads(site):
            self._turn(site, room, stage)

    def relay(self, topic: str, payload: bytes) -> None:
        """Another server's decision, from the broker: for the players that listen here.

        Raises:
            MessageError: it is not one.
        """
        site, _ = screen_of(topic)
        show = read_screen_message(ShowMessage, payload).data
        room = self._rooms.get(site)
        if room is not None and not self._leading.leads(site) and room.relay(show):
            self._pass_on(site, show)

    def _take_over(self, site: str) -> None:
        self._rooms.pop(site, None)  # what the database says of its turns is newer than what was heard here
        self._look_again(site)

    def now(self, site: str) -> dict[str, OnScreen]:
        """What every screen of the site shows; screens of which nothing was decided yet are left out.

        May be asked by any thread.
        """
        room = self._rooms.get(site)
        return room.now(self._clock()) if room is not None else {}

    @contextmanager
    def subscribe(self, site: str, screen: str) -> Iterator["asyncio.Queue[Show]"]:
        """Decisions for a screen while the block lasts; the one in force comes first."""
        queue: asyncio.Queue[Show] = asyncio.Queue(QUEUE)
        room = self._rooms.get(site)
        show = room.show(screen) if room is not None else None
        if show is not None and show.until.timestamp() > self._clock():
            queue.put_nowait(show)
        self._listeners[site, screen].append(queue)
        try:
            yield queue
        finally:
            self._listeners[site, screen].remove(queue)
            if not self._listeners[site, screen]:
                del self._listeners[site, screen]

    async def _decide(self) -> None:
        while True:
            began = perf_counter()
            worked_s = await self._decide_all(list(self._rooms.items()), over_s=DECIDE_EVERY_S)
            self._meters.round_s.set(worked_s)
            await asyncio.sleep(max(DECIDE_EVERY_S - (perf_counter() - began), 0.0))

    async def _decide_all(self, rooms: list[tuple[str, ControlRoom]], *, over_s: float = 0.0) -> float:
        """Decide for every screen, spread over `over_s` seconds; returns how many were worked."""
        for _, room in rooms:
            room.audience.forget(now=self._clock())
        led = [(site, room) for site, room in rooms if self._leading.leads(site)]
        due = [(site, room, stage) for site, room in led for stage in room.stages]
        began = since = perf_counter()
        worked_s = 0.0
        for done, (site, room, stage) in enumerate(due, start=1):
            self._turn(site, room, stage)
            now = perf_counter()
            if now - since > BREATHE_S or done == len(due):
                worked_s += now - since
                # Whoever comes before a screen goes before the screens whose second is over.
                await asyncio.sleep(max(began + over_s * done / len(due) - now, 0.0))
                since = perf_counter()
        return worked_s

    def _turn(self, site: str, room: ControlRoom, stage: Stage) -> None:
        began = perf_counter()
        try:
            made, shows = room.turn(stage, now=self._clock())
        except Exception:  # whatever is wrong with one screen's campaigns, the others go on
            self._meters.undecided.inc()
            log.exception("no decision; what is on the screen stays", site=site, screen=stage.lead)
            return
        for show in shows:
            self._tell(site, show)
        self._log.add(site, made)
        self._meters.decision_s.observe(perf_counter() - began)

    def _tell(self, site: str, show: Show) -> None:
        self._pass_on(site, show)
        time = datetime.fromtimestamp(self._clock(), UTC)
        payload = wrap_show(show, site=site, time=time).model_dump_json().encode()
        self._retain(show_topic(site, show.screen), payload)

    def _pass_on(self, site: str, show: Show) -> None:
        for queue in self._listeners.get((site, show.screen), ()):
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(show)

    async def _refresh(self) -> None:
        while True:
            for site in sorted(self._due):
                self._due.discard(site)
                await self._load(site)
            self._something.clear()
            if self._due:
                continue
            try:
                async with asyncio.timeout(REFRESH_EVERY_S):
                    await self._something.wait()
            except TimeoutError:
                self._due |= self._sites

    async def _learn(self) -> None:
        """Every site each `LEARN_EVERY_S`, and at once where deciding has begun anew."""
        learned: dict[str, tuple[ControlRoom, float]] = {}
        while True:
            for site, room in list(self._rooms.items()):
                of, at = learned.get(site, (None, 0.0))
                if of is not room or perf_counter() - at >= LEARN_EVERY_S:
                    learned[site] = room, perf_counter()
                    await self._learn_of(site, room)
            await asyncio.sleep(DECIDE_EVERY_S)

    async def _learn_of(self, site: str, room: ControlRoom) -> None:
        learning = self._learning.setdefault(site, Learning())
        try:
            room.lessons = await asyncio.to_thread(self._lessons, learning, room.rundown)
        except SQLAlchemyError as error:
            log.warning("nothing new was learned", site=site, trouble=str(error).partition("\n")[0][:200])
        except Exception:  # whatever is wrong with what was counted, the screens go on
            log.exception("nothing new was learned", site=site)

    def _lessons(self, learning: Learning, known: Rundown) -> Lessons:
        with self._engine.connect() as conn:
            return learning.learn(conn, known.site, known.campaigns, now=self._clock())

    async def _load(self, site: str) -> None:
        begun = site in self._rooms
        try:
            opening = await asyncio.to_thread(self._read, site, begun=begun)
        except Exception as error:  # whatever is wrong with what was stored, the screens go on
            log.warning("screens go on with what they had", site=site, trouble=str(error).partition("\n")[0][:200])
            return
        if opening is None or (begun and site not in self._rooms):  # taken over meanwhile: read anew, with its turns
            return
        room = self._rooms.get(site)
        if room is None:
            room = self._rooms[site] = self._open(opening)
        elif room.rundown == opening.rundown:
            return
        room.take(opening.rundown)
        await self._decide_all([(site, room)])

    def _read(self, site: str, *, begun: bool) -> "Opening | None":
        now = self._clock()
        with self._engine.begin() as conn:
            found = rundown(conn, site, now=now)
            if found is None or begun:
                return Opening(found) if found else None
            last = last_decisions(conn, site, since=now - RESUME_WITHIN_S)
            return Opening(found, seed(conn), count(conn, site, now=now, with_turns=True), tuple(last.values()))

    def _open(self, opening: "Opening") -> ControlRoom:
        ledger = Ledger()
        ledger.restore(opening.counted)
        room = ControlRoom(opening.rundown, ledger, Lessons(), seed=opening.seed, address=self._address)
        for last in opening.last:
            if last.campaign is not None and last.t + last.seconds > self._clock():
                room.resume(last.screen, Airing(last.campaign, last.t, round(last.t + last.seconds, 3)))
        return room


@dataclass(frozen=True, slots=True)
class Opening:
    """What the database says of a site; the rest only when deciding begins."""

    rundown: Rundown
    seed: str = ""
    counted: Counted = field(default_factory=Counted)
    last: tuple[DecisionRecord, ...] = ()
    """The newest decision for each screen."""
