from collections.abc import Callable, Iterator
from time import monotonic, sleep

import pytest

from vitrina.broker import Broker

Until = Callable[..., object]


@pytest.fixture
def broker() -> Iterator[Broker]:
    """A real MQTT 5 broker: `.host`, `.port`, and `.stop()` / `.start()` on the same port."""
    with Broker() as broker:
        yield broker


@pytest.fixture
def until() -> Until:
    """`until(condition, what, timeout_s)`: poll, return the condition's value once true, fail naming `what`."""

    def wait(condition, what="the condition", timeout_s=10.0):
        deadline = monotonic() + timeout_s
        while not (value := condition()):
            if monotonic() > deadline:
                pytest.fail(f"{what} did not come true within {timeout_s} s")
            sleep(0.02)
        return value

    return wait
