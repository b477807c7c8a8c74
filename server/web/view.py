"""What every page knows of its reader and its site, and how it links to itself."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Annotated, Any, TypedDict
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import Depends, HTTPException, Request
from sqlalchemy import Connection
from starlette.responses import HTMLResponse

from server.auth import User
from server.db import boxes as box_queries
from server.db.advice import open_advice
from server.db.alarms import open_alarms
from server.db.boxes import BoxRecord
from server.db.local_time import Hours
from server.db.sites import SiteRecord, get_site, list_sites
from server.session import Db, Running, Viewer
from server.web import compare, render, state, times
from server.web import period as periods
from server.web.language import Words, negotiate
from server.web.period import Period
from server.web.state import State

THEME_COOKIE, LANGUAGE_COOKIE = "vitrina_theme", "vitrina_language"
TIMES = ("hours", "weekdays", "against", "against_from", "against_to")
"""What pages hand on to each other beside the period."""
THEMES = ("system", "light", "dark")
TABS = ("/", "/floor", "/zones", "/alarms")


def words_of(request: Request, timezone: str = "UTC") -> Words:
    """The reader's language, by cookie or by what the browser asks for."""
    code = negotiate(request.cookies.get(LANGUAGE_COOKIE), request.headers.get("accept-language"))
    return Words(code, ZoneInfo(timezone))


def theme_of(request: Request) -> str:
    """The reader's theme; anything unknown is the system's."""
    theme = request.cookies.get(THEME_COOKIE, "system")
    return theme if theme in THEMES else "system"


class Span(TypedDict):
    """[start, end) in seconds UTC."""

    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the navigation."""

    path: str
    title: str
    short: str
    count: int = 0


@dataclass(frozen=True, slots=True)
class Freshness:
    """How fresh the site's figures are."""

    state: State
    last: float | None
    """Seconds UTC when the newest message reached the server; None before the first."""
    cameras: int
    boxes: int
    need_hand: int


@dataclass(frozen=True)
class View:
    """One request for one page of one site."""

    request: Request
    conn: Connection
    user: User
    words: Words
    theme: str
    site: SiteRecord
    sites: list[SiteRecord]
    period: Period
    now: datetime
    boxes: list[BoxRecord] = field(default_factory=list)

    @property
    def at(self) -> float:
        """Now, in seconds UTC."""
        return self.now.timestamp()

    @property
    def span(self) -> Span:
        """The period as queries take it; what lies ahead is left out."""
        return {"start": self.period.start.timestamp(), "end": self.seen_until.timestamp()}

    @property
    def seen_until(self) -> datetime:
        """The end of the period, or now while it is still going on."""
        return max(min(self.period.end, self.now), self.period.start)

    def moment_of(self, t: float) -> datetime:
        """Seconds UTC as a moment."""
        return datetime.fromtimestamp(t, UTC)

    @property
    def path(self) -> str:
        """Of this page."""
        return self.request.url.path

    @property
    def counted_until(self) -> datetime:
        """The end of the newest window of the period; now before the first. Later figures are not in yet."""
        ends = [camera.last_window for box in self.boxes for camera in box.cameras if camera.last_window is not None]
        return min(self.moment_of(max(ends)), self.seen_until) if ends else self.seen_until

    @property
    def times(self) -> Hours | None:
        """The hours of the day and the weekdays that count; None for all."""
        return times.read(self.param("hours"), self.param("weekdays"))

    @property
    def against(self) -> Period | None:
        """The period to compare with; None when the reader wants none."""
        asked = (self.param("against"), self.param("against_from"), self.param("against_to"))
        return compare.read(*asked, period=self.period, until=self.seen_until)

    def param(self, name: str) -> str | None:
        """A parameter of the URL; empty counts as absent."""
        return self.request.query_params.get(name) or None

    def link(self, path: str | None = None, /, **changes: str | None) -> str:
        """This page's address with changes; another path keeps only the site and what time is asked about."""
        if path is None or path == self.path:
            kept = {key: value for key, value in self.request.query_params.items() if value}
        else:
            kept = self._carried()
        query = {key: value for key, value in (kept | changes).items() if value is not None}
        return f"{path or self.path}?{urlencode(query)}" if query else path or self.path

    def _carried(self) -> dict[str, str]:
        site = {"site": self.site.site} if len(self.sites) > 1 else {}
        kept = {key: value for key in TIMES if (value := self.param(key))}
        return site | ({} if self.period.key == "today" else self.period.query()) | kept

    def period_link(self, period: dict[str, str]) -> str:
        """This page over another period."""
        cleared: dict[str, str | None] = {"period": None, "from": None, "to": None}
        return self.link(None, **(cleared | period))

    def api(self, subject: str, **query: str | None) -> str:
        """The REST answer behind a chart, as CSV unless `format` says otherwise, over the same site and time."""
        span = {"start": periods.utc(self.period.start), "end": periods.utc(self.seen_until)}
        times_ = {key: self.param(key) for key in ("hours", "weekdays")} if self.times else {}
        asked = span | {key: value for key, value in ({"format": "csv"} | times_ | query).items() if value}
        return f"/api/v1/sites/{self.site.site}/{subject}?{urlencode(asked)}"

    @cached_property
    def alarms(self) -> int:
        """How many alarms are open."""
        return len(open_alarms(self.conn, site=self.site.site))

    @cached_property
    def advised(self) -> int:
        """How many proposals of the newest round wait for somebody to try them or to set them aside."""
        return open_advice(self.conn, self.site.site)

    def freshness(self) -> Freshness:
        """The state of all boxes and cameras in one word."""
        states = [state.of_box(box, self.words, self.at) for box in self.boxes]
        states += [state.of_camera(camera, self.words) for box in self.boxes for camera in box.cameras]
        need_hand = sum(bool(found.todo) for found in states)
        last = max((box.last_seen for box in self.boxes), default=None)
        return Freshness(
            self._overall(last),
            last,
            sum(len(box.cameras) for box in self.boxes),
            len(self.boxes),
            need_hand,
        )

    def _overall(self, last: float | None) -> State:
        if last is None:
            return State("stale", self.words.gettext("Nothing received yet"))
        if all(box.state != "online" for box in self.boxes):
            return State("stale", self.words.gettext("Stale"))
        return State("fine", self.words.gettext("Up to date"))

    def nav(self) -> list[tuple[str, list[Entry]]]:
        """The navigation, grouped by what one wants to do; only pages that exist."""
        text, hands = self.words.gettext, self.freshness().need_hand
        return [
            (
                text("Now"),
                [
                    Entry("/", text("Overview"), text("Overview")),
                    Entry("/screens", text("Screens"), text("Screens")),
                    Entry("/alarms", text("Alarms"), text("Alarms"), self.alarms),
                ],
            ),
            (
                text("Floor"),
                [
                    Entry("/floor", text("Floor plan"), text("Floor")),
                    Entry("/blind-spots", text("Blind spots"), text("Blind spots")),
                    Entry("/zones", text("Zones and dwell"), text("Zones")),
                    Entry("/flows", text("Flows"), text("Flows")),
                ],
            ),
            (
                text("Campaigns"),
                [
                    Entry("/campaigns", text("Campaigns"), text("Campaigns")),
                    Entry("/audience", text("Audience"), text("Audience")),
                    Entry("/proof-of-play", text("Proof of play"), text("Plays")),
                    Entry("/pages", text("Landing pages"), text("Pages")),
                ],
            ),
            (
                text("Decide"),
                [
                    Entry("/advice", text("Advice"), text("Advice"), self.advised),
                    Entry("/tests", text("Tests"), text("Tests")),
                    Entry("/funnel", text("Funnel"), text("Funnel")),
                    Entry("/loyalty", text("Loyalty"), text("Loyalty")),
                    Entry("/offers", text("Offers"), text("Offers")),
                    Entry("/forecast", text("Forecast"), text("Forecast")),
                    Entry("/tips", text("Tips"), text("Tips")),
                ],
            ),
            (
                text("Set-up"),
                [
                    Entry("/setup", text("Cameras and zones"), text("Set-up")),
                    Entry("/imports", text("Imports"), text("Imports")),
                    Entry("/data-health", text("Data health"), text("Health"), hands),
                    Entry("/metrics-catalogue", text("Definitions"), text("Definitions")),
                ],
            ),
        ]

    def tabs(self) -> list[Entry]:
        """The phone's tabs, at most five; the other pages stand under More."""
        entries = [entry for _, group in self.nav() for entry in group if entry.path in TABS]
        return [*entries, Entry("/more", self.words.gettext("More"), self.words.gettext("More"))]

    @staticmethod
    def tab_paths() -> tuple[str, ...]:
        """The pages that have a tab of their own."""
        return TABS

    def periods(self, keys: Sequence[str] = periods.NAMED) -> list[tuple[str, str, bool]]:
        """(title, address, chosen) of each named period."""
        named = [periods.read(key, None, None, now=self.now, timezone=self.words.timezone) for key in keys]
        return [
            (
                periods.title(p, self.words),
                self.period_link({} if p.key == "today" else p.query()),
                p.key == self.period.key,
            )
            for p in named
        ]

    def render(self, template: str, *, status: int = 200, **context: Any) -> HTMLResponse:  # noqa: ANN401 - what the template reads
        """The page."""
        url = self.request.url
        known = {"view": self, "theme": self.theme, "fresh": self.freshness(), "back": f"{url.path}?{url.query}"}
        return render.page(template, self.words, status=status, **known, **context)


def view(request: Request, db: Db, user: Viewer, service: Running) -> View:
    """The dependency of every page: an unknown site is not found, a missing one is the first."""
    sites = list_sites(db)
    asked = request.query_params.get("site")
    site = get_site(db, asked) if asked else next(iter(sites), None)
    if site is None:
        raise HTTPException(404, f"There is no site {asked!r}." if asked else "There is no site.")
    words = words_of(request, site.timezone)
    now = datetime.fromtimestamp(service.clock(), UTC)
    query = request.query_params
    period = periods.read(query.get("period"), query.get("from"), query.get("to"), now=now, timezone=words.timezone)
    found = View(request, db, user, words, theme_of(request), site, sites, period, now)
    until = found.seen_until.timestamp()
    boxes = box_queries.boxes(db, site=site.site, start=period.start.timestamp(), end=until, at=found.at)
    return View(request, db, user, words, found.theme, site, sites, period, now, boxes)


Page = Annotated[View, Depends(view)]
