"""From boxes in the image to points on the camera's plane."""

import numpy as np

from edge.arrays import PlanePoints, Tracks, TrackState
from edge.layout import Layout

EDGE_SHARE = 0.015
"""A box this close to the picture's edge, as a share of its width, touches it."""


def locate(tracks: Tracks, layout: Layout, size_px: tuple[int, int]) -> PlanePoints:
    """Foot points of the tracks seen now in a picture of `size_px`, in the layout's unit.

    A person's place is the bottom centre of the box, kept inside the picture. Points at or above the horizon, and
    tracks that were not seen in this frame, are left out. A picture of another size than the layout was made for shows
    the same scene at another resolution.
    """
    seen = tracks.state == TrackState.SEEN
    width, height = layout.size_px or size_px
    box = tracks.xyxy_px[seen] * np.tile(np.divide((width, height), size_px), 2)
    foot = np.stack([(box[:, 0] + box[:, 2]) / 2, box[:, 3]], axis=1).clip((0, 0), (width, height))
    margin = EDGE_SHARE * width
    at_edge = (box[:, :2] <= margin).any(axis=1) | (box[:, 2:] >= (width - margin, height - margin)).any(axis=1)
    track_id = tracks.track_id[seen]
    if layout.view is None:
        return PlanePoints(track_id, foot / width, at_edge, tracks.ended)
    xy, below = layout.view.to_ground(foot)
    return PlanePoints(track_id[below], xy[below], at_edge[below], tracks.ended)
