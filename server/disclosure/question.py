"""What every subject is worked out from: the store, the day, and draws that are the same whenever it is asked."""

import hashlib
import hmac
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from sqlalchemy import Connection

from contract.disclosed import Figures
from contract.site import Site
from server.disclosure.window import Window

AnyRow = TypeVar("AnyRow", bound=Figures)


@dataclass(frozen=True, slots=True)
class Question:
    """One day of one store."""

    conn: Connection
    site: Site
    day: Window
    seed: str
    """The installation's secret: who does not have it cannot repeat the draws."""

    def draws(self, *about: str) -> np.random.Generator:
        """Draws for one table of the day, the same each time."""
        key = "\n".join((self.site.site, self.day.first.isoformat(), *about))
        digest = hmac.new(self.seed.encode(), key.encode(), hashlib.sha256).digest()
        return np.random.default_rng(int.from_bytes(digest, "big"))


def row(
    kind: type[AnyRow],
    day: Window,
    t: float,
    figures: Mapping[str, float | None],
    held: Collection[str],
    **more: object,
) -> AnyRow:
    """A row that begins at `t` seconds UTC; of `figures`, those in `held` are held back unless not measured."""
    names = tuple(name for name, value in figures.items() if name in held and value is not None)
    told = {name: None if name in names else value for name, value in figures.items()}
    return kind(start=day.local(t), held_back=bool(names), held=names, **told, **more)
