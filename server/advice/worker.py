"""The process in which a round is worked out: `python -m server.advice.worker`, told what to do by stdin."""

import json
import os
import sys

import numpy as np

from server.advice.work import work_out
from server.db.engine import connect

NICE = 10
"""It gives way to whoever serves pages and takes messages."""


def main() -> None:
    """Work one site out."""
    asked = json.load(sys.stdin)
    os.nice(NICE)
    engine = connect(asked["database"])
    try:
        # One seed: the same days give the same advice.
        work_out(engine, asked["site"], now=asked["now"], rng=np.random.default_rng(0))
    finally:
        engine.dispose()


if __name__ == "__main__":
    main()
