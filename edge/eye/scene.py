"""What one camera's pictures serve beside counting: whether it still looks where it did, and stills for set-up."""

from datetime import UTC, datetime
from typing import Literal

from contract.messages import Event, Still
from contract.site import Camera
from edge.arrays import Detections, Frame
from edge.errors import StillError
from edge.eye.background import Background, Change
from edge.eye.exposure import Exposure
from edge.ports import Clock, Detector
from edge.vision.landmarks import Landmarks, Verdict
from edge.vision.mask import Mask
from edge.wire import NoStill


class Scene:
    """Is shown every picture that was looked at, its masks black; tells what is new when asked."""

    def __init__(self, camera_id: str, camera: Camera, *, detector: Detector, clock: Clock) -> None:
        self._camera_id, self._detector, self._clock = camera_id, detector, clock
        self._mask = Mask.of(camera)
        self._background = Background(Landmarks.of(camera.landmarks), self._mask)
        self._exposure: Exposure | None = None
        self._change: Change | None = None
        self._was_wrong = False

    @property
    def view(self) -> Verdict:
        """Whether the background stands where it stood."""
        return self._background.view

    @property
    def moved(self) -> bool:
        """Whether places in the picture are not to be relied on."""
        return self._background.moved

    def show(self, frame: Frame, found: Detections) -> None:
        """One picture, and everyone found in it."""
        self._change = self._background.show(frame.t, frame.image, found) or self._change
        if self._exposure is not None:
            self._exposure.show(frame.image, found)

    def take_still(self) -> None:
        """Begin a still for set-up; one that is in the making already is the one."""
        self._exposure = self._exposure or Exposure(self._camera_id, start=self._clock.now())

    def still(self) -> Still | NoStill | None:
        """The still that is finished now, or why there is none."""
        if self._exposure is None or not self._exposure.is_over(self._clock.now()):
            return None
        exposure, self._exposure = self._exposure, None
        try:
            return exposure.develop(self._detector, self._mask, now=self._clock.now())
        except StillError as error:
            return NoStill(camera=self._camera_id, reason=str(error)[:300])

    def change(self) -> Event | None:
        """The camera was moved, sees nothing any more or fits again since the last call."""
        change, self._change = self._change, None
        if change is None or (change.view == "fits" and not self._was_wrong):
            return None
        self._was_wrong = change.view != "fits"
        return Event(
            t=datetime.fromtimestamp(self._clock.now(), UTC),
            kind=_KINDS[change.view],
            level="info" if change.view == "fits" else "warning",
            camera=self._camera_id,
            text=_text(change),
        )


_KINDS: dict[Verdict, Literal["camera_moved", "camera_blind", "camera_fits"]] = {
    "moved": "camera_moved",
    "blind": "camera_blind",
    "fits": "camera_fits",
}


def _text(change: Change) -> str:
    then = "set-up" if change.since_setup else "this box began to watch"
    advice = "turn the camera back, or set it up again"
    match change.view, change.fit.shift_share:
        case "moved", None:
            return f"the picture shows nothing of what it showed at first ({then}); {advice}"
        case "moved", float(share):
            return f"the picture has moved by {share:.1%} of its width since {then}: places in it are off; {advice}"
        case "blind", _:
            return "the picture shows hardly anything: it is dark, or the lens is covered or out of focus"
    return "the picture is where it was again"
