"""From boxes in the image to points on the camera's plane."""

from dataclasses import replace

import numpy as np

from contract.view import PERSON_M
from edge.arrays import U16, Bool, Faces, PlanePoints, Tracks, TrackState, Traits
from edge.layout import Layout

EDGE_SHARE = 0.015
"""A box this close to the picture's edge, as a share of its width, touches it."""


def locate(
    tracks: Tracks,
    layout: Layout,
    size_px: tuple[int, int],
    *,
    transport: U16 | None = None,
    faces: Faces | None = None,
) -> PlanePoints:
    """Foot points of the tracks seen now in a picture of `size_px`, in the layout's unit, and what is known of them.

    A person's place is the bottom centre of the box, kept inside the picture. Points at or above the horizon, and
    tracks that were not seen in this frame, are left out. A picture of another size than the layout was made for shows
    the same scene at another resolution. `transport` (m,) and `faces` are of all tracks; they are
    told only where the layout asks about people.
    """
    seen = tracks.state == TrackState.SEEN
    width, height = layout.size_px or size_px
    box = tracks.xyxy_px[seen] * np.tile(np.divide((width, height), size_px), 2)
    foot = np.stack([(box[:, 0] + box[:, 2]) / 2, box[:, 3]], axis=1).clip((0, 0), (width, height))
    margin = EDGE_SHARE * width
    at_edge = (box[:, :2] <= margin).any(axis=1) | (box[:, 2:] >= (width - margin, height - margin)).any(axis=1)
    track_id = tracks.track_id[seen]
    traits = _traits(seen, transport, faces) if layout.has_audience else None
    if layout.view is None:
        if traits is not None:
            traits = replace(traits, per_metre=(box[:, 3] - box[:, 1]).clip(1.0) / PERSON_M / width)
        return PlanePoints(track_id, foot / width, at_edge, tracks.ended, traits)
    xy, below = layout.view.to_ground(foot)
    known = None if traits is None else traits[below]
    return PlanePoints(track_id[below], xy[below], at_edge[below], tracks.ended, known)


def _traits(seen: Bool, transport: U16 | None, faces: Faces | None) -> Traits:
    """Of those `seen` (m,) of the tracks."""
    traits = Traits.none(int(np.count_nonzero(seen)))
    if transport is not None:
        traits = replace(traits, transport=transport[seen])
    if faces is not None:
        traits = replace(traits, gender=faces.gender[seen], age=faces.age[seen], facing=faces.facing[seen])
    return traits
