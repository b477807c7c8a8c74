"""Pictures of the cameras' scenes without people: for set-up only, one per camera, asked for by an administrator."""

from base64 import b64decode
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from PIL import Image
from sqlalchemy import Connection, Engine, Row, and_, delete, insert, select
from sqlalchemy.exc import OperationalError

from contract.messages import Still
from contract.site import Landmark
from server.db.setup_tables import still_requests, stills
from server.db.spans import to_ms


@dataclass(frozen=True, slots=True)
class StillRecord:
    """The newest still of a camera."""

    camera: str
    t: float
    """Seconds UTC when it was taken or uploaded."""
    jpeg: bytes
    landmarks: list[Landmark]
    width: int
    height: int


def put_still(conn: Connection, site: str, still: StillRecord) -> None:
    """Keep `still` in place of the camera's earlier one."""
    delete_still(conn, site, still.camera)
    conn.execute(
        insert(stills).values(
            site=site,
            camera=still.camera,
            t_ms=to_ms(still.t),
            jpeg=still.jpeg,
            landmarks=[mark.model_dump(mode="json") for mark in still.landmarks],
            width=still.width,
            height=still.height,
        )
    )


def take_still(conn: Connection, site: str, box: str, still: Still) -> None:
    """Keep the still that `box` was asked for; its picture is one that `admit_still` made."""
    jpeg = b64decode(still.jpeg)
    with Image.open(BytesIO(jpeg)) as header:
        width, height = header.size
    put_still(conn, site, StillRecord(still.camera, still.t.timestamp(), jpeg, still.landmarks, width, height))
    end_request(conn, site, box, still.camera)


def get_still(conn: Connection, site: str, camera: str) -> StillRecord | None:
    """The camera's still; None where there is none."""
    row = conn.execute(select(stills).where(stills.c.site == site, stills.c.camera == camera)).first()
    return _record(row) if row else None


def all_stills(conn: Connection, site: str) -> list[StillRecord]:
    """The stills of a site, by camera."""
    return [_record(row) for row in conn.execute(select(stills).where(stills.c.site == site).order_by(stills.c.camera))]


def delete_still(conn: Connection, site: str, camera: str) -> bool:
    """Delete it so that nothing of the picture stays in the database's pages; False where there was none."""
    _overwrite(conn)
    return conn.execute(delete(stills).where(stills.c.site == site, stills.c.camera == camera)).rowcount > 0


def delete_stills_before(engine: Engine, t: float) -> int:
    """Delete stills of before `t` seconds UTC; how many."""
    with engine.begin() as conn:
        _overwrite(conn)
        gone = conn.execute(delete(stills).where(stills.c.t_ms < to_ms(t))).rowcount
    if gone:
        empty_log(engine)
    return gone


def empty_log(engine: Engine) -> None:
    """Empty SQLite's write-ahead log, in which a deleted picture would stay until it is overwritten.

    Where somebody reads all the while it is left for the next time.
    """
    if engine.dialect.name == "sqlite":
        with suppress(OperationalError), engine.connect() as conn:
            conn.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


def request_still(conn: Connection, site: str, box: str, camera: str, *, until: float) -> None:
    """Remember that a still is asked for, until `until` seconds UTC."""
    mine = _mine(site, box, camera)
    conn.execute(delete(still_requests).where(mine))
    conn.execute(insert(still_requests).values(site=site, box=box, camera=camera, expires_ms=to_ms(until)))


def is_requested(conn: Connection, site: str, box: str, camera: str, *, at: float) -> bool:
    """Whether somebody asked this box for a still of this camera, and it is not too late."""
    query = select(still_requests.c.expires_ms).where(_mine(site, box, camera))
    return conn.execute(query.where(still_requests.c.expires_ms >= to_ms(at))).first() is not None


def end_request(conn: Connection, site: str, box: str, camera: str) -> None:
    """The request was answered: another still is not taken without another one."""
    conn.execute(delete(still_requests).where(_mine(site, box, camera)))


def _mine(site: str, box: str, camera: str) -> Any:  # noqa: ANN401 - SQLAlchemy's and_ over columns
    c = still_requests.c
    return and_(c.site == site, c.box == box, c.camera == camera)


def _overwrite(conn: Connection) -> None:
    if conn.dialect.name == "sqlite":
        conn.exec_driver_sql("PRAGMA secure_delete=ON")


def _record(row: Row[*tuple[Any, ...]]) -> StillRecord:
    landmarks = [Landmark.model_validate(mark) for mark in row.landmarks]
    return StillRecord(row.camera, row.t_ms / 1000, row.jpeg, landmarks, row.width, row.height)
