"""The log of decisions while sites change hands between servers."""

import asyncio

import pytest

from server import decision_log
from server.decision_log import DecisionLog
from server.meters import Meters


class TakenOver(dict):
    """Rooms of which one is gone by the time it was counted."""

    def __missing__(self, site):
        raise KeyError(site)

    def __iter__(self):
        return iter(["shop"])


def test_a_site_that_is_taken_over_while_it_is_counted_ends_nothing(engine, monkeypatch, clock):
    monkeypatch.setattr(decision_log, "LOG_EVERY_S", 0.01)
    log = DecisionLog(engine, clock, Meters())
    clock.t += 120

    async def for_a_while():
        async with asyncio.timeout(0.5):
            await log.run(TakenOver())

    with pytest.raises(TimeoutError):
        asyncio.run(for_a_while())
