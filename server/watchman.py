"""The task that looks round: what holds now becomes alarms, on the page, over MQTT and to webhooks."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from contract.alerts import Alert, AlertKind, AlertMessage, encode_alert, wrap_alert
from contract.messages import DWELL_BINS_S
from contract.site import Site
from contract.topics import alerts_topic
from server.bus import News
from server.db import alarms, boxes, deliveries, occupancy
from server.db.alarms import AlarmRecord
from server.db.boxes import CameraRecord
from server.db.footfall import entries_by_hour
from server.db.sites import entrance_lines, list_sites
from server.db.usual import usual_day
from server.db.zones import zone_totals
from server.domain.alarms import Condition, Key, crowded, turn, waiting
from server.domain.survival import survival
from server.segment_watch import SegmentWatch
from server.service import Service

LOOK_EVERY_S = 5.0
WAIT_OVER_S = 900.0
"""The wait in a queue is that of its last quarter of an hour."""
WINDOWS_LATE_S = 180.0
"""An hour's last windows have come by then."""

Publish = Callable[[str, bytes], None]
"""Leaves a payload for a topic with the broker's connection; never blocks."""

log = structlog.get_logger()


class Watchman:
    """Looks at every site in turn."""

    def __init__(self, service: Service, publish: Publish) -> None:
        self._service, self._publish = service, publish
        self._segments = SegmentWatch()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                for message in await run_in_threadpool(self.look):
                    self._publish(alerts_topic(message.site), encode_alert(message))
                    self._service.bus.tell(News(message.site, "alarm", ""))
            except SQLAlchemyError as error:
                log.warning("alarms wait for the database", trouble=str(error).partition("\n")[0][:200])
            await asyncio.sleep(LOOK_EVERY_S)

    def look(self) -> list[AlertMessage]:
        """Bring every site's alarms up to date; what was raised and cleared, as it is told."""
        now = self._service.clock()
        with self._service.engine.begin() as conn:
            return [told for record in list_sites(conn) for told in self._look_at(conn, record.document, now)]

    def _look_at(self, conn: Connection, site: Site, now: float) -> list[AlertMessage]:
        known = [found.alarm for found in alarms.open_alarms(conn, site=site.site)]
        holding = [*conditions(conn, site, now), *self._segments.conditions(conn, site, now)]
        changed = turn(known, holding, now=now)
        if not (changed.raised or changed.held or changed.cleared):
            return []
        told = [_message(site, found, now) for found in alarms.record(conn, site=site.site, turn=changed)]
        for message in told:
            self._post(conn, message, now)
        return told

    def _post(self, conn: Connection, message: AlertMessage, now: float) -> None:
        for hook in self._service.settings.webhooks:
            if "alarms" in hook.tells and (hook.sites is None or message.site in hook.sites):
                deliveries.post(conn, url=hook.url, body=encode_alert(message), at=now)


def conditions(conn: Connection, site: Site, now: float) -> list[Condition]:
    """What holds at a site at `now` seconds UTC."""
    return [
        *_crowds(conn, site, now),
        *_queues(conn, site, now),
        *_cameras(conn, site, now),
        *_footfall(conn, site, now),
    ]


def _crowds(conn: Connection, site: Site, now: float) -> list[Condition]:
    present = occupancy.now(conn, site=site.site, at=now)
    if present.stale:
        return []
    limits = {key: zone.most_people for key, zone in site.zones.items()}
    return crowded(present.zones, limits, total=present.total, most=site.most_people)


def _queues(conn: Connection, site: Site, now: float) -> list[Condition]:
    limits_s = {key: zone.longest_wait_s for key, zone in site.zones.items() if zone.longest_wait_s is not None}
    if not limits_s:
        return []
    totals = zone_totals(conn, site=site.site, start=now - WAIT_OVER_S, end=now)
    stays = {key: survival(total.dwell, DWELL_BINS_S) for key, total in totals.items() if key in limits_s}
    return waiting({key: stay.median_s() if stay.n else None for key, stay in stays.items()}, limits_s)


def _cameras(conn: Connection, site: Site, now: float) -> list[Condition]:
    found = boxes.boxes(conn, site=site.site, start=now - 60, end=now, at=now)
    troubles = ((camera.camera, _trouble(camera)) for box in found for camera in box.cameras)
    return [Condition(Key(kind, camera)) for camera, kind in troubles if kind is not None]


def _footfall(conn: Connection, site: Site, now: float) -> list[Condition]:
    """The day so far against the same weekday's, looked at once an hour: at its end, when its windows are in."""
    zone = ZoneInfo(site.timezone)
    today = datetime.fromtimestamp(now - WINDOWS_LATE_S, zone)
    midnight = datetime.combine(today.date(), time(), zone).timestamp()
    hour = int((today.timestamp() - midnight) // 3600)
    lines = entrance_lines(site)
    if not lines or hour < 1:
        return []
    counts = entries_by_hour(conn, site=site.site, lines=lines, start=midnight, end=midnight + hour * 3600)
    entered = float(sum(count.entered for count in counts))
    off = usual_day(conn, site=site.site, lines=lines, day=today.date(), timezone=zone).deviation(entered, hour)
    if off is None or off.far is None or not counts:
        return []
    if off.far == "low":
        return [Condition(Key("footfall_low"), entered, round(off.low))]
    return [Condition(Key("footfall_high"), entered, round(off.high))]


def _trouble(camera: CameraRecord) -> AlertKind | None:
    if camera.state in ("reconnecting", "dead", "stale", "offline"):
        return "camera_lost"
    match camera.health.view if camera.health else "unknown":
        case "moved":
            return "camera_moved"
        case "blind":
            return "camera_blind"
    return None


def _message(site: Site, found: AlarmRecord, now: float) -> AlertMessage:
    alarm = found.alarm
    alert = Alert(
        state="raised" if alarm.cleared is None else "cleared",
        kind=alarm.key.kind,
        subject=alarm.key.subject or None,
        raised_at=datetime.fromtimestamp(alarm.raised, UTC),
        cleared_at=None if alarm.cleared is None else datetime.fromtimestamp(alarm.cleared, UTC),
        value=alarm.value,
        limit=alarm.limit,
        text=told(site, alarm.key, alarm.value, alarm.limit),
    )
    return wrap_alert(alert, site=site.site, number=found.id, time=datetime.fromtimestamp(now, UTC))


def told(site: Site, key: Key, value: float | None, limit: float | None) -> str:
    """The alarm in a sentence, for programs that pass it on."""
    named = site.zones.get(key.subject) or site.cameras.get(key.subject) or site.segments.get(key.subject)
    name = (named.name if named else "") or key.subject
    sentences = {
        "occupancy": f"{value or 0:.0f} people in the store, more than {limit or 0:.0f}",
        "zone_people": f"{value or 0:.0f} people in {name}, more than {limit or 0:.0f}",
        "queue_wait": f"half of those who wait in {name} wait over {value or 0:.0f} s, more than {limit or 0:.0f} s",
        "camera_lost": f"no picture from camera {name}",
        "camera_moved": f"camera {name} has moved: its places on the floor are not to be relied on",
        "camera_blind": f"camera {name} sees nothing: covered, dark or out of focus",
        "footfall_low": f"{value or 0:.0f} came in today so far, usual at this time is at least {limit or 0:.0f}",
        "footfall_high": f"{value or 0:.0f} came in today so far, usual at this time is at most {limit or 0:.0f}",
        "segment_drift": f"{name} made {value or 0:.1%} of yesterday's visits, usual is {limit or 0:.1%}",
    }
    return sentences[key.kind]
