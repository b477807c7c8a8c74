"""Visits to zones by segment, in cells that were waited for until they held enough."""

from collections.abc import Sequence

from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite

from contract.messages import AudienceCell
from server.db.screen_tables import audience
from server.db.spans import to_ms


def add_cells(conn: Connection, site: str, box: str, camera: str, cells: Sequence[AudienceCell]) -> None:
    """Store what a camera counted; a cell that is there already, by its zone, segment and start, stays as it is."""
    insert = postgresql.insert if conn.dialect.name == "postgresql" else sqlite.insert
    rows = [{"site": site, "box": box, "camera": camera} | _columns(cell) for cell in cells]
    conn.execute(insert(audience).on_conflict_do_nothing(), rows)


def _columns(cell: AudienceCell) -> dict[str, object]:
    times = {"t_start_ms": to_ms(cell.t_start.timestamp()), "t_end_ms": to_ms(cell.t_end.timestamp())}
    return times | cell.model_dump(include={"zone", "segment", "digest", "n", "of", "dwell_sum_s"})
