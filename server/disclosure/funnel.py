"""The funnel of a day: what traffic and zones tell, and the receipts beside it."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from contract.disclosed import FunnelRow, TrafficRow, ZoneRow
from server.db import planogram
from server.db.till_days import till_days
from server.disclosure.question import Question, row
from server.domain.suppression import SMALLEST

STORE = ("passers", "entrants")
ZONE = ("visits", "engaged")


def by_day(asked: Question, traffic: Sequence[TrafficRow], zones: Sequence[ZoneRow]) -> list[FunnelRow]:
    """The store's row, then the zones'; people are told or held back as they are there."""
    site, day = asked.site.site, asked.day.first
    placed = planogram.placed(asked.conn, site, day)
    sold = till_days(asked.conn, site, ["", *placed], first=day, last=day).receipts[0]
    of_zone: defaultdict[str | None, float] = defaultdict(lambda: np.nan)
    for receipts, placing in zip(sold[1:].tolist(), placed.values(), strict=True):
        of_zone[placing.zone] = np.nansum([of_zone[placing.zone], receipts])
    store = [_row(asked, None, each, STORE, sold[0]) for each in traffic]
    return store + [_row(asked, each.zone, each, ZONE, of_zone[each.zone]) for each in zones]


def _row(
    asked: Question, zone: str | None, of: TrafficRow | ZoneRow, names: Sequence[str], receipts: float
) -> FunnelRow:
    sold = None if np.isnan(receipts) else round(receipts)
    held = ("receipts",) if sold is not None and sold < SMALLEST else ()
    told = {name: getattr(of, name) for name in names}
    made = row(FunnelRow, asked.day, asked.day.start, {"receipts": sold}, held, zone=zone)
    names_held = tuple(name for name in of.held if name in names) + made.held
    return made.model_copy(update=told | {"held": names_held, "held_back": bool(names_held)})
