"""Who was where at one instant, row by row."""

from dataclasses import dataclass

from edge.arrays import F64, I64, Bool


@dataclass(frozen=True, slots=True)
class Sighting:
    """Who was where at `t`.

    `rows` i64 (m,) of the tracks; `new` (m,): first seen now; `fresh` (m,): new, or unseen for so long that nobody
    knows how they got here; `xy` f64 (m, 2); `cell` i64 (m,); `depth` f64 (m,) within the camera's area; `inside`
    bool (m, Z); `at_edge` (m,): stand where the view ends.
    """

    t: float
    rows: I64
    new: Bool
    fresh: Bool
    xy: F64
    cell: I64
    depth: F64
    inside: Bool
    at_edge: Bool

    def __getitem__(self, keep: Bool) -> "Sighting":
        return Sighting(
            self.t,
            self.rows[keep],
            self.new[keep],
            self.fresh[keep],
            self.xy[keep],
            self.cell[keep],
            self.depth[keep],
            self.inside[keep],
            self.at_edge[keep],
        )

    @property
    def own(self) -> Bool:
        """Who stands in the camera's own area (m,)."""
        own: Bool = self.depth > 0
        return own
