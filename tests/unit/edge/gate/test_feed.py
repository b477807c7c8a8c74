import pytest

from edge.gate.feed import Feed
from edge.gate.outbox import Bounds, Outbox


@pytest.fixture
def outbox(tmp_path):
    outbox = Outbox(tmp_path / "outbox.db", boot_id="b", bounds=Bounds())
    yield outbox
    outbox.close()


def fill(outbox, count):
    for _ in range(count):
        outbox.add("up/window", "x", now=0)


def take(feed, now):
    return [row.seq for row in feed.next(now)]


def test_new_rows_go_at_once_while_the_backlog_drains_beside_them(outbox):
    fill(outbox, 100)
    feed = Feed(outbox, most_on_the_way=10, backlog_per_s=4)
    feed.begin(not_before=0)
    assert take(feed, 1.0) == [1, 2, 3, 4]
    fill(outbox, 2)
    assert take(feed, 1.25) == [101, 102, 5], "new ones first, and the backlog at its rate"


def test_only_so_many_are_on_the_way(outbox):
    fill(outbox, 30)
    feed = Feed(outbox, most_on_the_way=10, backlog_per_s=1000)
    feed.begin(not_before=0)
    assert take(feed, 1) == list(range(1, 11))
    assert take(feed, 2) == []
    for seq in (3, 1):
        feed.done(seq)
    assert take(feed, 3) == [11, 12]


def test_a_new_connection_begins_with_what_nobody_has_taken(outbox):
    fill(outbox, 5)
    feed = Feed(outbox)
    feed.begin(not_before=0)
    take(feed, 1)
    outbox.publish([1, 2], now=0)
    feed.begin(not_before=10)
    assert take(feed, 9) == []
    assert take(feed, 10) == [3, 4, 5]


def test_what_was_refused_is_tried_again_later(outbox):
    fill(outbox, 3)
    feed = Feed(outbox)
    feed.begin(not_before=0)
    assert take(feed, 1) == [1, 2, 3]
    feed.refused(2, 1)
    assert take(feed, 20) == []
    assert take(feed, 31) == [2]


def test_a_new_row_that_was_refused_is_tried_again_too(outbox):
    feed = Feed(outbox)
    feed.begin(not_before=0)
    fill(outbox, 2)
    assert take(feed, 1) == [1, 2]
    feed.refused(1, 1)
    fill(outbox, 1)
    assert take(feed, 31) == [3, 1]
