"""Tracks as MOTChallenge writes them."""

from collections.abc import Iterator

import numpy as np

from edge.arrays import Tracks


def mot_rows(frame: int, tracks: Tracks) -> Iterator[str]:
    """Lines `frame,id,left,top,width,height,conf,-1,-1,-1` of one frame; frames count from 1, boxes are in pixels."""
    boxes = np.column_stack([tracks.xyxy_px[:, :2], tracks.xyxy_px[:, 2:] - tracks.xyxy_px[:, :2]])
    for track_id, box, confidence in zip(tracks.track_id, boxes, tracks.confidence, strict=True):
        numbers = ",".join(f"{value:.2f}" for value in box)
        yield f"{frame},{track_id},{numbers},{confidence:.3f},-1,-1,-1\n"
