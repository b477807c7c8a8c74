"""Which hours and screens reach which liking."""

import numpy as np
import pytest

from server.domain.likes import FEWEST, Liking, reached

EVERY = (0, 1, 2, 3, 4, 5, 6)


def liking(segment="all", category="toys", share=0.1, *, weekdays=EVERY, hours=(0, 24), receipts=2000):
    return Liking(segment, category, weekdays, hours, share, receipts)


def week(**busy):
    found = np.zeros((7, 24))
    for name, n in busy.items():
        day, hour = map(int, name[1:].split("_"))
        found[day, hour] = n
    return found


SATURDAY = liking(share=0.34, weekdays=(5,), hours=(10, 12), receipts=400)


def test_saturday_morning_reaches_those_who_buy_for_children():
    passing = {"door": week(_5_10=300, _5_11=200, _1_10=900), "till": week(_5_10=100, _1_10=2000)}
    (found,) = reached([liking(share=0.1), SATURDAY], passing, 0.6)
    assert (found.liking, found.screen) == (SATURDAY, "door")
    assert found.usual == pytest.approx((0.1 * 2000 + 0.34 * 400) / 2400)
    assert found.people == pytest.approx(500 * 0.6 * 0.34)


@pytest.mark.parametrize(
    ("other", "why"),
    [
        pytest.param(liking("few", share=0.9, receipts=FEWEST - 1), "too few receipts", id="few"),
        pytest.param(liking("alike", share=0.11), "hardly above the usual", id="alike"),
        pytest.param(liking("unsure", share=0.14, receipts=60), "the interval holds the usual", id="unsure"),
        pytest.param(liking("families", "wine", 0.5), "nothing is known of all members", id="no usual"),
    ],
)
def test_what_is_not_said(other, why):
    assert reached([liking(), other], {}, 0.6) == [], why


def test_one_line_for_a_segment_and_category_the_clearest():
    told = [liking(share=0.1), liking("families", share=0.2), liking("families", share=0.4, weekdays=(6,))]
    (found,) = reached(told, {}, None)
    assert found.liking.weekdays == (6,)
    assert (found.screen, found.people) == (None, None)


def test_the_clearest_come_first_and_few_of_them():
    told = [each for i in range(30) for each in (liking(category=f"c{i}"), liking("s", f"c{i}", 0.2 + i / 100))]
    found = reached(told, {}, None, most=5)
    assert [each.liking.category for each in found] == ["c29", "c28", "c27", "c26", "c25"]
