"""May this message come in? Pure: the topic and the bytes in, the message or the reason out."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from contract.errors import MessageError
from contract.loyalty import Subject
from contract.loyalty_messages import ToldMessage, read_told
from contract.messages import Audience, Event, Health, Live, Message, Still, Window, decode
from contract.screens import PlayedMessage, read_screen_message
from contract.segments import SMALLEST_CELL, tells_nobody
from contract.topics import AUDIENCE, DOWN, STILL, WINDOW, BoxTopic, parse, screen_of, told_of
from server.errors import RefusedError

LARGEST_WINDOW = 4 * 1024 * 1024
"""Bytes of a window: a full heatmap of a large floor."""
LARGEST_STILL = 700 * 1024
"""Bytes of a still: its picture as base64, and its landmarks."""
LARGEST_AUDIENCE = 1024 * 1024
"""Bytes of an audience message: 2,000 cells."""
LARGEST_TOLD = 4 * 1024 * 1024
"""Bytes of what till or loyalty programme tell: a thousand long receipts, a catalogue."""
LARGEST_OTHER = 64 * 1024
"""Bytes of any other message."""
LARGEST = {WINDOW: LARGEST_WINDOW, STILL: LARGEST_STILL, AUDIENCE: LARGEST_AUDIENCE}
AHEAD_S = 86_400.0
"""A clock further ahead than this is wrong, and what it dates is in no period anyone asks for."""
LONGEST_WINDOW_S = 3600.0
MOST_CELLS = 1_000_000
MOST_PLACES = 1000
"""Zones, or lines, of one window."""
MOST_FLOWS = 10_000
MOST_SHOWN = 2000
"""Screens and creatives of one window."""
MOST = 10_000_000
"""No count and no number of seconds of a single message is larger; sums of years of them still fit their columns."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What a message is held against."""

    sites: Collection[str]
    oldest: float
    """Seconds UTC: windows and cells that begin earlier are past the retention."""


def admit(topic: str, payload: bytes, *, rules: Rules, now: float) -> Message:
    """Read and check a message that came on `topic` at `now` seconds UTC.

    Raises:
        RefusedError: with a reason: `topic`, `unknown_site`, `too_large`, `malformed`, `impostor`, `clock_ahead`,
            `too_old`, `too_small` or `out_of_range`.
    """
    place = _place(topic, rules.sites)
    largest = LARGEST.get(place.channel, LARGEST_OTHER)
    if len(payload) > largest:
        raise RefusedError("too_large", f"{topic}: {len(payload)} bytes, at most {largest} are taken")
    try:
        message = decode(place.channel, payload)
    except MessageError as error:
        raise RefusedError("malformed", f"{place.site}/{place.box}: {error}") from None
    _check_sender(place, message)
    _check_clock(place, message, now)
    if isinstance(message.data, Window):
        _check_window(place, message.data, rules.oldest)
    if isinstance(message.data, Live):
        _check_live(place, message.data)
    if isinstance(message.data, Audience):
        _check_audience(place, message.data, rules.oldest)
    return message


def admit_played(topic: str, payload: bytes, *, rules: Rules) -> PlayedMessage:
    """Read and check a proof of play that came on `topic`. When it says it was played is judged where it is stored.

    Raises:
        RefusedError: with a reason: `topic`, `unknown_site`, `too_large`, `malformed` or `impostor`.
    """
    try:
        site, screen = screen_of(topic)
    except MessageError as error:
        raise RefusedError("topic", str(error)[:300]) from None
    _check_site(site, rules.sites)
    if len(payload) > LARGEST_OTHER:
        raise RefusedError("too_large", f"{topic}: {len(payload)} bytes, at most {LARGEST_OTHER} are taken")
    try:
        message = read_screen_message(PlayedMessage, payload)
    except MessageError as error:
        raise RefusedError("malformed", f"{site}/{screen}: {error}") from None
    if (message.site, message.data.screen) != (site, screen):
        told = f"{message.site}/{message.data.screen}"
        raise RefusedError("impostor", f"a play of {told} was told as one of {site}/{screen}; check the player")
    return message


def admit_told(topic: str, payload: bytes, *, rules: Rules, now: float) -> tuple[Subject, ToldMessage]:
    """Read and check the envelope of what till or loyalty programme tell; what it holds is judged where it is taken.

    Raises:
        RefusedError: with a reason: `topic`, `unknown_site`, `too_large`, `malformed`, `impostor` or `clock_ahead`.
    """
    try:
        site, told = told_of(topic)
    except MessageError as error:
        raise RefusedError("topic", str(error)[:300]) from None
    _check_site(site, rules.sites)
    if len(payload) > LARGEST_TOLD:
        raise RefusedError("too_large", f"{topic}: {len(payload)} bytes, at most {LARGEST_TOLD} are taken")
    try:
        subject, message = read_told(told, payload)
    except MessageError as error:
        raise RefusedError("malformed", f"{site}/loyalty/in: {error}") from None
    if message.site != site:
        raise RefusedError("impostor", f"a message of {message.site} was told as one of {site}; check its sender")
    if message.time.timestamp() > now + AHEAD_S:
        raise RefusedError(
            "clock_ahead", f"{site}/loyalty/in dates a message {message.time:%Y-%m-%d %H:%M}Z; set its clock"
        )
    return subject, message


def _place(topic: str, sites: Collection[str]) -> BoxTopic:
    try:
        place = parse(topic)
    except MessageError as error:
        raise RefusedError("topic", str(error)[:300]) from None
    if place.channel in DOWN:
        raise RefusedError("topic", f"topic {topic[:200]!r} leads down to a box, not up from it")
    _check_site(place.site, sites)
    return place


def _check_site(site: str, sites: Collection[str]) -> None:
    if site not in sites:
        raise RefusedError("unknown_site", f"site {site[:64]!r} is not among server.yaml's `sites`; add it")


def _check_sender(place: BoxTopic, message: Message) -> None:
    if (message.site, message.box) != (place.site, place.box) or message.source != f"vitrina/{place.site}/{place.box}":
        raise RefusedError(
            "impostor",
            f"box {place.site}/{place.box} sent a message in the name of {message.site}/{message.box} "
            f"(source {message.source[:160]!r}); check its configuration and its broker password",
        )


def _check_clock(place: BoxTopic, message: Message, now: float) -> None:
    for t in (message.time, *_instants(message)):
        if t.timestamp() > now + AHEAD_S:
            raise RefusedError(
                "clock_ahead", f"box {place.site}/{place.box} dates a message {t:%Y-%m-%d %H:%M}Z; set its clock (NTP)"
            )


def _instants(message: Message) -> tuple[datetime, ...]:
    match message.data:
        case Window(t_end=t_end):
            return (t_end,)
        case Live(t=t, expires_at=expires_at):
            return (t, expires_at)
        case Audience(t=t, cells=cells):
            return (t, *(cell.t_end for cell in cells))
        case Health(t=t) | Event(t=t) | Still(t=t):
            return (t,)
        case _:
            return ()


def _check_window(place: BoxTopic, window: Window, oldest: float) -> None:
    where = f"box {place.site}/{place.box}, camera {window.camera}, window {window.t_start:%Y-%m-%d %H:%M:%S}Z"
    if window.t_start.timestamp() < oldest:
        raise RefusedError("too_old", f"{where}: older than `retention.windows_days` of server.yaml")
    length_s = (window.t_end - window.t_start).total_seconds()
    if length_s > LONGEST_WINDOW_S:
        raise RefusedError("out_of_range", f"{where}: {length_s:g} s long, at most {LONGEST_WINDOW_S:g} s are taken")
    if max(len(window.zones), len(window.lines)) > MOST_PLACES:
        raise RefusedError("out_of_range", f"{where}: more than {MOST_PLACES} zones or lines")
    if len(window.flows) > MOST_FLOWS:
        raise RefusedError("out_of_range", f"{where}: {len(window.flows)} flows, at most {MOST_FLOWS} are taken")
    if len(window.screens) > MOST_SHOWN:
        raise RefusedError("out_of_range", f"{where}: {len(window.screens)} screens and creatives")
    heat = window.heatmap
    if heat is not None and heat.shape[0] * heat.shape[1] > MOST_CELLS:
        raise RefusedError("out_of_range", f"{where}: heatmap of {heat.shape[0]} x {heat.shape[1]} cells")
    # Not the largest against the bound: a comparison with NaN is false.
    if not all(number <= MOST for number in _numbers(window)):
        raise RefusedError("out_of_range", f"{where}: holds a number above {MOST}")


def _check_live(place: BoxTopic, live: Live) -> None:
    people = (n for screen in live.screens.values() for n in (screen.near, screen.lately_n))
    most = max((live.occupancy, *live.zones.values(), *people))
    if most > MOST or max(len(live.zones), len(live.screens)) > MOST_PLACES:
        raise RefusedError("out_of_range", f"box {place.site}/{place.box}, camera {live.camera}: impossible figures")


def _check_audience(place: BoxTopic, audience: Audience, oldest: float) -> None:
    where = f"box {place.site}/{place.box}, camera {audience.camera}"
    for cell in audience.cells:
        span = f"{where}, {cell.segment} in {cell.zone} from {cell.t_start:%Y-%m-%d %H:%M:%S}Z"
        if cell.t_end <= cell.t_start:
            raise RefusedError("out_of_range", f"{span}: ends before it begins")
        if cell.t_start.timestamp() < oldest:
            raise RefusedError("too_old", f"{span}: older than `retention.windows_days` of server.yaml")
        if not all(number <= MOST for number in (cell.n, cell.of, cell.dwell_sum_s)):
            raise RefusedError("out_of_range", f"{span}: holds a number above {MOST}")
        if not tells_nobody(cell.n, cell.of):
            raise RefusedError(
                "too_small", f"{span}: {cell.n} of {cell.of}; fewer than {SMALLEST_CELL} tell of persons"
            )


def _numbers(window: Window) -> Iterator[float]:
    """Each number that a column must hold; what is added up before it is stored, as its sum."""
    yield from (window.observed_s, window.frames, window.presence_s, window.occupancy_max)
    yield from (window.revision, window.site_version, sum(flow.n for flow in window.flows))
    yield from (window.handovers.taken, window.handovers.guessed, window.handovers.missed)
    for line in window.lines.values():
        yield from (line.in_, line.out)
    for zone in window.zones.values():
        yield from (zone.entries, zone.visits, zone.presence_s, zone.dwell_sum_s, zone.occupancy_max)
        yield from (zone.stops, zone.reentries)
        yield from (*zone.dwell.left, *zone.dwell.lost, *zone.dwell.late_left, *zone.dwell.late_lost)
    yield from (sum(shown.shown_s for shown in window.screens), sum(shown.ots for shown in window.screens))
    yield from (sum(shown.viewers for shown in window.screens), sum(shown.attention_s for shown in window.screens))
    if window.heatmap is not None:
        heat = window.heatmap
        yield from (*map(abs, heat.origin), heat.cell)
        yield from (sum(heat.person_s), sum(heat.visits), sum(heat.stops), sum(heat.lost))
