"""What a simulated store leaves behind: trajectories, or one det.txt per camera, in the forms that replay reads."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from contract.arrays import Bool
from contract.coverage import Coverage
from contract.site import Site
from contract.view import View, camera_view
from vitrina.simulate.cameras import boxes
from vitrina.simulate.noise import Faults, spoil
from vitrina.simulate.samples import Samples, instants, split

_FORGOTTEN_S = 2.0
"""Who is out of a camera's sight for longer comes back as another track."""

_BOX_NOISE = 0.03
"""Error of a box's edges, as a share of its height."""

_GHOSTS_PER_FRAME = 0.02


def write_tracks(samples: Samples, path: Path, *, start: float) -> None:
    """`t,track_id,x_m,y_m`; t in seconds since `start` (s UTC), to the millisecond."""
    order = np.lexsort((samples.track, samples.tick))
    with path.open("w", encoding="utf-8") as file:
        file.write("t,track_id,x_m,y_m\n")
        for i in order.tolist():
            x, y = samples.xy[i].tolist()
            file.write(f"{samples.tick[i] * samples.period_s - start:.3f},{samples.track[i]},{x:.3f},{y:.3f}\n")


def in_sight(samples: Samples, covered: Coverage, camera: str) -> Samples:
    """What one camera sees of `samples`: the rows in cells it sees; who was away comes back as another track."""
    cell = covered.grid.cells(samples.xy)
    seen: Bool = covered.seen[covered.cameras.index(camera)][cell] & (cell >= 0)
    rows = samples[seen]
    away_s = np.diff(rows.tick, prepend=0) * rows.period_s
    return split(rows, away_s > _FORGOTTEN_S)


def write_detections(
    site: Site, covered: Coverage, samples: Samples, folder: Path, *, faults: Faults, rng: np.random.Generator
) -> list[str]:
    """`CAMERA/det.txt` and `CAMERA/seqinfo.ini` for each calibrated camera; frame 1 is the first instant of `samples`.

    Returns:
        the cameras.
    """
    for key in covered.cameras:
        camera = site.cameras[key]
        view = camera_view(camera)
        (folder / key).mkdir(parents=True, exist_ok=True)
        found = spoil(in_sight(samples, covered, key), faults, rng)
        rows = _rows(found, view, covered, covered.cameras.index(key), rng)
        first, last = (int(samples.tick.min()), int(samples.tick.max())) if len(samples) else (0, 0)
        with (folder / key / "det.txt").open("w", encoding="utf-8") as file:
            for tick, (left, top, right, bottom), confidence in rows:
                place = f"{left:.2f},{top:.2f},{right - left:.2f},{bottom - top:.2f}"
                file.write(f"{tick - first + 1},-1,{place},{confidence:.3f},-1,-1,-1\n")
        _write_seqinfo(folder / key / "seqinfo.ini", key, view.size_px, last - first + 1, samples.period_s)
    return list(covered.cameras)


def _rows(
    found: Samples, view: View, covered: Coverage, index: int, rng: np.random.Generator
) -> Iterator[tuple[int, tuple[float, ...], float]]:
    """Boxes frame by frame: those of people, and now and then one of nobody."""
    exact, whole = boxes(view, found.xy)
    tall = (exact[:, 3:] - exact[:, 1:2]) * _BOX_NOISE
    box = (exact + rng.normal(0, 1, exact.shape) * tall).clip(0, np.tile(view.size_px, 2))
    sure = rng.beta(8, 3, len(box))
    places = covered.grid.centres()[covered.seen[index]]
    for tick, rows in instants(found):
        for i in rows[whole[rows] & (box[rows, 2] > box[rows, 0] + 1) & (box[rows, 3] > box[rows, 1] + 1)].tolist():
            yield tick, tuple(box[i].tolist()), float(sure[i])
        if len(places) and rng.random() < _GHOSTS_PER_FRAME:
            ghost, _ = boxes(view, places[rng.integers(len(places))][None])
            yield tick, tuple(ghost[0].tolist()), float(rng.uniform(0.2, 0.55))


def _write_seqinfo(path: Path, name: str, size_px: tuple[int, int], frames: int, period_s: float) -> None:
    width, height = size_px
    rate = f"frameRate={1 / period_s:g}\nseqLength={frames}"
    path.write_text(f"[Sequence]\nname={name}\n{rate}\nimWidth={width}\nimHeight={height}\n", encoding="utf-8")
