import pytest

from edge.errors import DiskError
from edge.gate.overflow import Held, Overflow


@pytest.fixture
def told():
    return []


@pytest.fixture
def hold(told):
    overflow = Overflow(most=5)

    def hold(*keys):
        for eye, n in keys:
            overflow.hold(Held("up/window", f"{eye}{n}", eye, n, lambda n, eye=eye: told.append((eye, n))))
        return overflow

    return hold


def full(_held):
    raise DiskError("full")


def test_what_is_stored_is_acknowledged_in_order(hold, told):
    stored = []
    hold(("a", 1), ("b", 1), ("a", 2)).store(lambda held: stored.append(held.data))
    assert stored == ["a1", "b1", "a2"]
    assert told == [("a", 1), ("b", 1), ("a", 2)]


def test_a_disk_that_is_still_full_acknowledges_nothing(hold, told):
    overflow = hold(("a", 1))
    with pytest.raises(DiskError):
        overflow.store(full)
    assert (told, len(overflow)) == ([], 1)


def test_what_the_broker_has_is_acknowledged_only_as_far_as_everything_before_it_is_safe(hold, told):
    overflow = hold(("a", 1), ("a", 2), ("b", 1))
    for mid, held in enumerate(overflow.unsent(9), start=1):
        held.mid = mid
    overflow.answered(2, taken=True)
    assert told == []
    overflow.answered(3, taken=True)
    assert told == [("b", 1)]
    overflow.answered(1, taken=True)
    assert told == [("b", 1), ("a", 1), ("a", 2)]
    assert len(overflow) == 0


def test_what_the_broker_refused_or_never_answered_goes_again(hold):
    overflow = hold(("a", 1), ("a", 2))
    for mid, held in enumerate(overflow.unsent(9), start=1):
        held.mid = mid
    assert overflow.unsent(9) == []
    overflow.answered(1, taken=False)
    assert [held.data for held in overflow.unsent(9)] == ["a1"]
    overflow.nothing_on_the_way()
    assert [held.data for held in overflow.unsent(9)] == ["a1", "a2"]


def test_what_is_on_its_way_is_not_stored_as_well(hold, told):
    overflow = hold(("a", 1), ("a", 2))
    overflow.unsent(1)[0].mid = 1
    stored = []
    overflow.store(lambda held: stored.append(held.data))
    assert stored == []
    overflow.answered(1, taken=True)
    overflow.store(lambda held: stored.append(held.data))
    assert stored == ["a2"]
    assert told == [("a", 1), ("a", 2)]


def test_sent_again_it_is_held_once_and_answered_where_it_came_from(hold):
    overflow = hold(("a", 1))
    again = []
    overflow.hold(Held("up/window", "a1", "a", 1, again.append))
    overflow.store(lambda _: None)
    assert again == [1]


def test_it_is_bounded(hold):
    overflow = hold(*[("a", n) for n in range(1, 9)])
    assert [held.n for held in overflow] == [4, 5, 6, 7, 8]
    assert overflow.dropped == 3


def test_what_comes_again_is_known():
    overflow = Overflow()
    held = Held("up/window", "data", "a", 1, lambda _: None)
    assert overflow.hold(held)
    assert not overflow.hold(held)
