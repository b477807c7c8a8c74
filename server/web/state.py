"""States in words: shape, then word, then colour; and what to do about each bad one."""

from dataclasses import dataclass
from typing import Literal

from server.db.boxes import BoxRecord, CameraRecord
from server.web.language import Words

Kind = Literal["fine", "confirmed", "warn", "bad", "stale"]


@dataclass(frozen=True, slots=True)
class State:
    """How something is; `todo` is empty when nothing needs doing."""

    kind: Kind
    word: str
    todo: str = ""

    @property
    def shape(self) -> str:
        """The mark's shape, so that colour is never alone."""
        return {"fine": "ring", "confirmed": "tick", "warn": "triangle", "bad": "square", "stale": "dashed"}[self.kind]


def of_box(box: BoxRecord, words: Words, at: float) -> State:
    """The state of a box."""
    ago = words.ago(at - box.last_seen)
    if box.state == "offline":
        return State(
            "bad",
            words.gettext("Offline"),
            words.gettext(
                "Last heard of %(ago)s. Check its power and network; what it counts meanwhile comes when it is back."
            )
            % {"ago": ago},
        )
    if box.state == "stale":
        return State(
            "stale",
            words.gettext("Silent"),
            words.gettext(
                "Last message %(ago)s. Check the network between box and broker; run “vitrina doctor” on the box."
            )
            % {"ago": ago},
        )
    if box.reported and box.reported.refused_version is not None:
        return State(
            "warn",
            words.gettext("Refused a version"),
            words.gettext("It refused site version %(version)s: %(reason)s. Correct the document and send it again.")
            % {
                "version": box.reported.refused_version,
                "reason": box.reported.reason or words.gettext("no reason given"),
            },
        )
    return _of_outbox(box, words)


def _of_outbox(box: BoxRecord, words: Words) -> State:
    health = box.health
    if health and health.outbox_dropped:
        return State(
            "bad",
            words.gettext("Dropped messages"),
            words.ngettext(
                "It gave up %(n)s message to stay within its disk. That time is missing here; restore the connection.",
                "It gave up %(n)s messages to stay within its disk. That time is missing here; restore the connection.",
                health.outbox_dropped,
            )
            % {"n": words.number(health.outbox_dropped)},
        )
    if health and health.outbox_oldest_s > 120:
        return State(
            "warn",
            words.gettext("Catching up"),
            words.gettext("Messages wait in its outbox, the oldest for %(time)s. Figures of that time will still come.")
            % {"time": words.seconds(health.outbox_oldest_s)},
        )
    return State("fine", words.gettext("Fine"))


def of_camera(camera: CameraRecord, words: Words) -> State:
    """The state of a camera."""
    error = camera.health.error if camera.health else None
    match camera.state:
        case "dead":
            return State(
                "bad",
                words.gettext("Dead"),
                words.gettext("No picture: %(error)s. Check its power, cable and address.")
                % {"error": error or words.gettext("no error given")},
            )
        case "reconnecting":
            return State(
                "warn",
                words.gettext("Reconnecting"),
                words.gettext("The stream broke: %(error)s. If this lasts, check cable and switch.")
                % {"error": error or words.gettext("no error given")},
            )
        case "stale" | "offline":
            return State("stale", words.gettext("Box silent"))  # what to do stands at its box
        case "starting" | "unknown":
            return State("stale", words.gettext("Starting"))
    return _of_view(camera, words)


def _of_view(camera: CameraRecord, words: Words) -> State:
    match camera.health.view if camera.health else "unknown":
        case "moved":
            return State(
                "bad",
                words.gettext("Moved"),
                words.gettext(
                    "The picture no longer fits the calibration: its places on the floor are not to be relied on. "
                    "Turn it back, or calibrate it again under Cameras and zones."
                ),
            )
        case "blind":
            return State(
                "bad",
                words.gettext("Blind"),
                words.gettext("It sees nothing: covered, dark or out of focus. Look at the camera."),
            )
    return State("fine", words.gettext("Fine"))
