"""The columns of the table of zones: what each is worth for sorting, and how it is written."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from contract.site import Zone
from server.db.zones import ZoneTotals
from server.domain import stays
from server.web import dwell
from server.web.dwell import Stay
from server.web.language import Words
from server.web.zone_rows import relative


@dataclass(frozen=True, slots=True)
class Entry:
    """One zone of the table; `past` is of the period that the page's is held against."""

    zone: Zone
    stay: Stay
    past: ZoneTotals | None

    @property
    def visits_change(self) -> float | None:
        """Visits now over visits before, less one."""
        return self.stay.totals.visits / self.past.visits - 1 if self.past and self.past.visits else None

    @property
    def engaged(self) -> float | None:
        """Share of the visits that last `engaged_s`."""
        share = stays.engagement(self.stay.curve, engaged_s=self.zone.engaged_s) if self.stay.enough else None
        return share.value if share else None

    @property
    def stopped(self) -> float | None:
        """Share of the visits that stop."""
        share = stays.stopping(stops=self.stay.totals.stops, visits=self.stay.totals.visits)
        return share.value if share else None


@dataclass(frozen=True, slots=True)
class Column:
    """A column: `value` sorts (None last), `written` is shown."""

    key: str
    title: str
    value: Callable[[Entry], float | None]
    written: Callable[[Entry], str]


def columns(words: Words, totals: Mapping[str, ZoneTotals], against: str) -> list[Column]:
    """The columns but the name's; `against` is what the other period is called, empty without one."""
    everything = sum(total.presence_s for total in totals.values()) or 1.0
    text, number, seconds = words.gettext, words.number, words.seconds

    def count(key: str, title: str, of: Callable[[ZoneTotals], int]) -> Column:
        return Column(key, title, lambda entry: of(entry.stay.totals), lambda entry: number(of(entry.stay.totals)))

    def share(key: str, title: str, of: Callable[[Entry], float | None]) -> Column:
        return Column(key, title, of, lambda entry: words.percent(of(entry)))

    def change(entry: Entry) -> str:
        return relative(words, entry.stay.totals.visits, entry.past.visits) if entry.past else ""

    changed = Column("change", text("to %(day)s") % {"day": against}, lambda entry: entry.visits_change, change)
    return [
        count("visits", text("Visits"), lambda total: total.visits),
        *([changed] if against else []),
        share("stops", text("Stopped"), lambda entry: entry.stopped),
        share("engaged", text("Engaged"), lambda entry: entry.engaged),
        Column("presence", text("Presence"), _presence, lambda entry: seconds(_presence(entry))),
        share("share", text("Share of presence"), lambda entry: _presence(entry) / everything),
        count("most", text("Most at once"), lambda total: total.occupancy_max),
        Column("mean", text("Mean to 5 min"), _mean, lambda entry: seconds(_mean(entry))),
        Column("median", text("Median stay"), _median, lambda e: dwell.median_words(e.stay, words)),
    ]  # fmt: skip


def _presence(entry: Entry) -> float:
    return entry.stay.totals.presence_s


def _mean(entry: Entry) -> float | None:
    return entry.stay.mean_s


def _median(entry: Entry) -> float | None:
    return entry.stay.median_s
