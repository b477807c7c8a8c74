"""Can I trust today's figures? Boxes, cameras, what waits, what is missing, and what to do."""

from dataclasses import dataclass

from fastapi import APIRouter
from markupsafe import Markup
from starlette.responses import HTMLResponse

from server.db.boxes import BoxRecord, CameraRecord
from server.db.observed import observed
from server.web import event_list, parts, state
from server.web import period as periods
from server.web.event_list import EventRow
from server.web.figures import strokes
from server.web.language import Words
from server.web.parts import Export, Picker
from server.web.state import State
from server.web.view import Page, View

router = APIRouter()
EVENTS_SHOWN = 50


@dataclass(frozen=True, slots=True)
class BoxRow:
    """One box."""

    name: str
    state: State
    last: str
    waiting: str
    oldest: str
    given_up: str
    disk: str
    version: str
    model: str
    site_version: str


@dataclass(frozen=True, slots=True)
class CameraRow:
    """One camera."""

    name: str
    box: str
    state: State
    fps: str
    observed_now: str
    observed: str
    bar: Markup
    skipped: str
    bad: str
    restarts: str
    last: str


@dataclass(frozen=True, slots=True)
class FloorRow:
    """How far one calibrated camera's places can be relied on."""

    name: str
    moved: str
    taken: str
    guessed: str
    missed: str
    sure: str


@dataclass(frozen=True, slots=True)
class Task:
    """What to do about one bad state."""

    place: str
    state: State


@dataclass(frozen=True, slots=True)
class HealthPage:
    """Everything the template shows."""

    question: str
    answer: Markup
    meta: str
    periods: Picker
    exports: list[Export]
    tasks: list[Task]
    boxes: list[BoxRow]
    cameras: list[CameraRow]
    floor: list[FloorRow]
    events: list[EventRow]


@router.get("/data-health", response_class=HTMLResponse)
def health(view: Page) -> HTMLResponse:
    """The page."""
    question = view.words.gettext("Can these figures be trusted?")
    if not view.boxes:
        return view.render("empty.html", question=question)
    return view.render("health.html", page=_page(view, question))


def _page(view: View, question: str) -> HealthPage:
    text = view.words.gettext
    return HealthPage(
        question=question,
        answer=_answer(view),
        meta=_meta(view),
        periods=parts.span_picker(view),
        exports=[parts.table(view, text("Events"), "events")],
        tasks=_tasks(view),
        boxes=[_box(view, box) for box in view.boxes],
        cameras=[_camera(view, box, camera) for box in view.boxes for camera in box.cameras],
        floor=_floor(view),
        events=event_list.newest(view, EVENTS_SHOWN, **view.span),
    )


def _answer(view: View) -> Markup:
    words, fresh = view.words, view.freshness()
    watching = sum(camera.state == "watching" for box in view.boxes for camera in box.cameras)
    text = words.ngettext(
        "<b>%(watching)s of %(n)s camera</b> watches", "<b>%(watching)s of %(n)s cameras</b> watch", fresh.cameras
    )
    lead = Markup(text) % {"watching": watching, "n": fresh.cameras}  # noqa: S704 - our own text
    if not fresh.need_hand:
        return lead + words.gettext("; nothing needs a hand.")
    tail = words.ngettext("; <b>%(n)s thing</b> needs a look.", "; <b>%(n)s things</b> need a look.", fresh.need_hand)
    return lead + Markup(tail) % {"n": fresh.need_hand}  # noqa: S704 - our own text


def _meta(view: View) -> str:
    words, last = view.words, view.freshness().last
    parts_ = [words.sentence(periods.span(view.period, words))]
    if last is not None:
        parts_.append(words.gettext("last message %(ago)s") % {"ago": words.ago(view.at - last)})
    waiting = sum(box.health.outbox_depth for box in view.boxes if box.health)
    parts_.append(
        words.ngettext("%(n)s message waits in the boxes", "%(n)s messages wait in the boxes", waiting) % {"n": waiting}
    )
    return ", ".join(parts_) + "."


def _tasks(view: View) -> list[Task]:
    found = []
    for box in view.boxes:
        found.append(Task(box.box, state.of_box(box, view.words, view.at)))
        found += [Task(_name(view, camera), state.of_camera(camera, view.words)) for camera in box.cameras]
    worst = {"bad": 0, "warn": 1, "stale": 2}
    return sorted((task for task in found if task.state.todo), key=lambda task: worst[task.state.kind])


def _name(view: View, camera: CameraRecord) -> str:
    known = view.site.document.cameras.get(camera.camera)
    return known.name or camera.camera if known else camera.camera


def _box(view: View, box: BoxRecord) -> BoxRow:
    words, told = view.words, box.health
    return BoxRow(
        name=box.box,
        state=state.of_box(box, words, view.at),
        last=words.ago(view.at - box.last_seen),
        waiting=words.number(told.outbox_depth) if told else "–",
        oldest=words.seconds(told.outbox_oldest_s) if told and told.outbox_depth else "–",
        given_up=words.number(told.outbox_dropped) if told else "–",
        disk=words.size(told.disk_free_bytes) if told else "–",
        version=box.birth.version if box.birth else "–",
        model=box.birth.model if box.birth else "–",
        site_version=_versions(view, box),
    )


def _versions(view: View, box: BoxRecord) -> str:
    """The version in force on the box, and the wanted one where it differs."""
    wanted = view.site.document.version
    if box.reported is None:
        return f"– / {wanted}"
    return str(wanted) if box.reported.site_version == wanted else f"{box.reported.site_version} / {wanted}"


def _camera(view: View, box: BoxRecord, camera: CameraRecord) -> CameraRow:
    words, told, share = view.words, camera.health, camera.observed_share
    best = max((c.observed_share or 0.0 for b in view.boxes for c in b.cameras), default=0.0)
    period_s = (view.seen_until - view.period.start).total_seconds()
    return CameraRow(
        name=_name(view, camera),
        box=box.box,
        state=state.of_camera(camera, words),
        fps=words.number(camera.fps, 1) if camera.fps is not None else "–",
        observed_now=words.number(told.observed_share * 100, 1) if told else "–",
        observed=words.seconds(share * period_s) if share is not None else "–",
        bar=_beside_best(words, share, best),
        skipped=words.number(told.dropped) if told else "–",
        bad=words.number(told.bad_frames) if told else "–",
        restarts=words.number(told.restarts) if told else "–",
        last=words.ago(view.at - camera.last_window) if camera.last_window is not None else "–",
    )


def _floor(view: View) -> list[FloorRow]:
    """The calibrated cameras: while moved, places are wrong; a visit handed over to a guess may be two people's."""
    known, words = view.site.document.cameras, view.words
    found = observed(view.conn, site=view.site.site, **view.span)
    rows = []
    for key, camera in known.items():
        if camera.calibration is None or key not in found:
            continue
        handed = found[key].handovers
        total = handed.taken + handed.guessed + handed.missed
        moved_s = found[key].moved_s
        rows.append(
            FloorRow(
                name=camera.name or key,
                moved=words.seconds(moved_s) if moved_s else "–",
                taken=words.number(handed.taken),
                guessed=words.number(handed.guessed),
                missed=words.number(handed.missed),
                sure=words.percent(handed.taken / total if total else None),
            )
        )
    return rows


def _beside_best(words: Words, share: float | None, best: float) -> Markup:
    """How long a camera was observed beside the one observed longest: opening hours are not known here."""
    if share is None or best <= 0:
        return Markup()
    label = words.gettext("%(share)s of the longest") % {"share": words.percent(share / best)}
    return strokes.share_bar(share / best, label=label)
