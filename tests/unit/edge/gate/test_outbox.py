import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from edge.errors import DiskError
from edge.gate.outbox import Bounds, Outbox, open_outbox

BOUNDS = Bounds(most_bytes=1000, oldest_s=100.0, linger_s=10.0)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "outbox.db"


@pytest.fixture
def outbox(path):
    outbox = Outbox(path, boot_id="b1", bounds=BOUNDS)
    yield outbox
    outbox.close()


def waiting(outbox):
    return [row.data for row in outbox.pending(after=0, limit=10_000)]


def test_an_eye_that_sends_again_is_not_counted_twice(outbox):
    assert outbox.add("up/window", "a", now=0, eye="e1", n=1)
    assert outbox.add("up/window", "b", now=0, eye="e1", n=2)
    assert not outbox.add("up/window", "a", now=0, eye="e1", n=1)
    assert outbox.add("up/window", "c", now=0, eye="e2", n=1)
    assert waiting(outbox) == ["a", "b", "c"]


def test_a_double_is_known_after_it_was_published_and_after_a_restart(outbox, path):
    outbox.add("up/window", "a", now=0, eye="e1", n=1)
    outbox.publish([1], now=0)
    outbox.trim(now=50)
    again = Outbox(path, boot_id="b2", bounds=BOUNDS)
    assert not again.add("up/window", "a", now=50, eye="e1", n=1)
    assert waiting(again) == []
    again.close()


def test_a_row_keeps_its_identity_over_restarts_and_numbers_never_come_back(outbox, path):
    outbox.add("up/window", "a", now=0)
    outbox.add("up/window", "b", now=0)
    outbox.publish([1, 2], now=0)
    outbox.trim(now=20)
    again = Outbox(path, boot_id="b2", bounds=BOUNDS)
    again.add("up/window", "c", now=20)
    (row,) = again.pending(after=0, limit=9)
    assert (row.boot_id, row.seq, row.channel, row.created) == ("b2", 3, "up/window", 20)
    again.close()


def test_a_broker_that_forgot_gets_again_what_lingers(outbox):
    for data in ("old", "new"):
        outbox.add("up/window", data, now=0)
    outbox.publish([1], now=0)
    outbox.publish([2], now=8)
    outbox.trim(now=11)
    assert waiting(outbox) == []
    assert outbox.unpublish() == 1
    assert waiting(outbox) == ["new"]


def test_beyond_its_bytes_the_oldest_is_given_up_but_first_what_lingers(outbox):
    for letter in "abcd":
        outbox.add("up/window", letter * 300, now=0)
    outbox.publish([4], now=0)
    assert outbox.trim(now=0) == 0
    assert [data[0] for data in waiting(outbox)] == ["a", "b", "c"]
    outbox.add("up/window", "e" * 300, now=0)
    assert outbox.trim(now=0) == 1
    assert [data[0] for data in waiting(outbox)] == ["b", "c", "e"]
    assert outbox.dropped == 1


def test_beyond_its_age_a_row_is_given_up(outbox):
    outbox.add("up/window", "a", now=0)
    outbox.add("up/window", "b", now=60)
    assert outbox.trim(now=101) == 1
    assert waiting(outbox) == ["b"]


def test_what_waits_is_measured(outbox):
    assert outbox.waiting().oldest is None
    outbox.add("up/window", "abc", now=5)
    outbox.add("up/event", "de", now=6)
    assert (outbox.waiting().depth, outbox.waiting().size_bytes, outbox.waiting().oldest) == (2, 5, 5)


def test_a_disk_without_room_is_told_and_nothing_is_lost(outbox):
    outbox.add("up/window", "kept", now=0)
    outbox._db.conn.execute("PRAGMA max_page_count = 1")  # the engine's own way to a full disk
    with pytest.raises(DiskError, match=r"outbox\.db.*full.*free some space"):
        outbox.add("up/window", "x" * 50_000, now=0, eye="e1", n=1)
    outbox._db.conn.execute("PRAGMA max_page_count = 100000")
    assert waiting(outbox) == ["kept"]
    assert outbox.add("up/window", "x", now=0, eye="e1", n=1), "the number was not taken by the failed attempt"


def test_a_damaged_file_is_put_aside(path):
    path.write_bytes(b"not a database, but long enough to be read as the header of one" * 20)
    outbox = open_outbox(path, boot_id="b1", bounds=BOUNDS, now=7)
    outbox.add("up/window", "a", now=7)
    outbox.close()
    assert path.with_name("outbox.db.damaged-7").read_bytes().startswith(b"not a database")


def test_what_was_stored_survives_a_kill(path):
    script = (
        "import os, signal, sys; from pathlib import Path; from edge.gate.outbox import *\n"
        "outbox = Outbox(Path(sys.argv[1]), boot_id='b1', bounds=Bounds())\n"
        "for n in range(1, 6): outbox.add('up/window', f'w{n}', now=0, eye='e1', n=n)\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    assert subprocess.run([sys.executable, "-c", script, str(path)], check=False).returncode == -9
    outbox = Outbox(path, boot_id="b2", bounds=BOUNDS)
    assert waiting(outbox) == ["w1", "w2", "w3", "w4", "w5"]
    outbox.close()


class Life(RuleBasedStateMachine):
    """Any order of storing, publishing, forgetting brokers, trimming and crashes, against a list."""

    def __init__(self):
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.boot, self.n, self.now = 0, 0, 0.0
        self.model = {}  # seq -> (data, created, published)
        self.seq = 0
        self.open()

    def open(self):
        self.boot += 1
        self.outbox = Outbox(self.folder / "outbox.db", boot_id=f"b{self.boot}", bounds=BOUNDS)

    @rule(size=st.integers(1, 400))
    def add(self, size):
        self.n += 1
        self.seq += 1
        data = f"{self.n:04}" + "x" * size
        assert self.outbox.add("up/window", data, now=self.now, eye="e", n=self.n)
        self.model[self.seq] = (data, self.now, None)

    @rule(back=st.integers(0, 5))
    def add_again(self, back):
        if self.n > back:
            assert not self.outbox.add("up/window", "double", now=self.now, eye="e", n=self.n - back)

    @rule(which=st.integers(0, 5))
    def publish(self, which):
        open_rows = [seq for seq, (_, _, published) in self.model.items() if published is None]
        if which < len(open_rows):
            seq = open_rows[which]
            self.outbox.publish([seq], now=self.now)
            self.model[seq] = (*self.model[seq][:2], self.now)

    @rule()
    def broker_forgets(self):
        self.outbox.unpublish()
        self.model = {seq: (data, created, None) for seq, (data, created, _) in self.model.items()}

    @rule(passed=st.floats(0, 40))
    def trim(self, passed):
        self.now += passed
        self.outbox.trim(now=self.now)
        keep = {
            seq: row
            for seq, row in self.model.items()
            if (self.now - row[1] <= BOUNDS.oldest_s if row[2] is None else self.now - row[2] <= BOUNDS.linger_s)
        }
        given_up = sorted(keep, key=lambda seq: (keep[seq][2] is None, seq))
        while sum(len(row[0]) for row in keep.values()) > BOUNDS.most_bytes:
            del keep[given_up.pop(0)]
        self.model = keep
        assert sum(len(row.data) for row in self.outbox.pending(after=0, limit=10_000)) <= BOUNDS.most_bytes

    @rule()
    def crash(self):
        """What a kill leaves is the files as they are: go on with a copy of them."""
        target = self.folder.with_name(self.folder.name + "x")
        shutil.copytree(self.folder, target)
        self.outbox.close()
        shutil.rmtree(self.folder)
        self.folder = target
        self.open()

    @invariant()
    def nothing_else_is_pending(self):
        expected = [data for _, (data, _, published) in sorted(self.model.items()) if published is None]
        assert waiting(self.outbox) == expected

    def teardown(self):
        self.outbox.close()
        shutil.rmtree(self.folder)


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=30, stateful_step_count=30, deadline=None)
