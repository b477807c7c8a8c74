"""Runs alone: takes one file, in a process of its own, so that the server goes on with everything else.

In by stdin, JSON as `Order`; out by stdout, JSON as `Outcome`. Nothing of the file is written anywhere else.

    python -m server.imports.worker
"""

import os
import sys
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from contract.loyalty import Subject
from server.db.engine import connect
from server.db.imports import By, Source
from server.imports.errors import NotTakenError
from server.imports.limits import Limits
from server.imports.mapping import Mapping
from server.imports.taking import Job, take_file

NICE = 5
"""Who answers people and boxes comes first."""


class Order(BaseModel):
    """What to take, and where."""

    model_config = ConfigDict(frozen=True)

    database: str
    site: str
    subject: Subject
    path: Path
    by: By
    name: str
    who: str
    digest: str
    mapping: Mapping | None
    now: float
    oldest: float


class Outcome(BaseModel):
    """What became of it; `import_id` None: it is not listed."""

    import_id: int | None
    trouble: str | None = None
    refused: int = 0


def main() -> int:
    """Take the file that stdin tells of."""
    os.nice(NICE)
    order = Order.model_validate_json(sys.stdin.buffer.read())
    engine = connect(order.database)
    source = Source(order.by, order.name, order.who, order.digest)
    job = Job(order.site, order.subject, order.path, source, order.mapping)
    try:
        taken = take_file(engine, job, Limits(order.now, order.oldest))
        outcome = Outcome(import_id=taken.import_id, refused=taken.refused)
    except NotTakenError as error:
        outcome = Outcome(import_id=error.import_id, trouble=str(error))
    finally:
        engine.dispose()
    sys.stdout.write(outcome.model_dump_json())
    return 0


if __name__ == "__main__":
    sys.exit(main())
