"""What is known of each track so far, for as long as it lives."""

from dataclasses import dataclass

import numpy as np

from contract.segments import AGES, GENDERS, PACES
from edge.analytics.audience import Facts, LocalTime
from edge.analytics.pace import UNKNOWN
from edge.analytics.slots import CAPACITY
from edge.arrays import F64, I8, I64, U16, Bool, Traits

LARGEST_GROUP = 20
"""Larger ones count as so large."""

_COMPANY_S = 1.0
"""Who moved in a group of some size for so long was one of so many."""

_NO_GENDER, _NO_AGE = GENDERS.index("unknown"), AGES.index("unknown")


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """What is known of m people; arrays as in `Facts`.

    `paces_s` f64 (m, 4): seconds at each pace, the last column for none known; `groups_s` f64 (m, LARGEST_GROUP + 1):
    seconds in groups of each size. No id, no path.
    """

    transport: U16
    gender: I8
    age: I8
    been_s: F64
    stopped: Bool
    paces_s: F64
    groups_s: F64

    def facts(self, time: LocalTime) -> Facts:
        """Of their whole stay: the pace they had longest, the largest group they were of for a while."""
        paces_s = self.paces_s[:, : len(PACES)]
        pace = np.where(paces_s.any(axis=1), paces_s.argmax(axis=1), UNKNOWN).astype(np.int8)
        lasted = self.groups_s >= _COMPANY_S
        group = np.where(lasted.any(axis=1), LARGEST_GROUP - lasted[:, ::-1].argmax(axis=1), 1)
        return Facts(time, self.transport, group, pace, self.been_s, self.stopped, self.gender, self.age)


class Knowledge:
    """A row of facts for each track; times are person-seconds in view."""

    def __init__(self, zones: int) -> None:
        self._transport: U16 = np.zeros(CAPACITY, np.uint16)
        self._gender: I8 = np.zeros(CAPACITY, np.int8)
        self._age: I8 = np.zeros(CAPACITY, np.int8)
        self._been_s = np.zeros((CAPACITY, zones))
        self._stopped = np.zeros((CAPACITY, zones), np.bool_)
        self._paces_s = np.zeros((CAPACITY, len(PACES) + 1))
        self._groups_s = np.zeros((CAPACITY, LARGEST_GROUP + 1))

    def begin(self, rows: I64) -> None:
        """Tracks in `rows` (m,) begin: nothing is known of them."""
        self._transport[rows] = 0
        self._gender[rows], self._age[rows] = _NO_GENDER, _NO_AGE
        self._been_s[rows] = self._paces_s[rows] = self._groups_s[rows] = 0.0
        self._stopped[rows] = False

    def learn(self, rows: I64, traits: Traits) -> None:
        """What looks at the tracks in `rows` (m,) say now."""
        if traits.transport.any():
            self._transport[rows] |= traits.transport
        for ours, told in ((self._gender, traits.gender), (self._age, traits.age)):
            if (told >= 0).any():
                ours[rows] = np.where(told >= 0, told, ours[rows])

    def stand(self, rows: I64, inside: Bool) -> None:
        """The tracks in `rows` (m,) have stopped, `inside` zones (m, Z)."""
        self._stopped[rows] |= inside

    def spend(self, rows: I64, seconds: float, *, inside: Bool, pace: I8, group: I64) -> None:
        """Tracks in `rows` (m,) were so for `seconds`: `inside` zones (m, Z), at a `pace`, in groups of a size (m,)."""
        self._been_s[rows] += inside * seconds
        self._paces_s[rows, pace] += seconds
        self._groups_s[rows, np.minimum(group, LARGEST_GROUP)] += seconds

    def now(self, rows: I64, time: LocalTime, *, pace: I8, group: I64) -> Facts:
        """The facts of the tracks in `rows` (m,) at this moment."""
        return Facts(
            time,
            self._transport[rows],
            group,
            pace,
            self._been_s[rows],
            self._stopped[rows],
            self._gender[rows],
            self._age[rows],
        )

    def of(self, rows: I64) -> Known:
        """All that is known of the tracks in `rows` (m,)."""
        return Known(
            self._transport[rows],
            self._gender[rows],
            self._age[rows],
            self._been_s[rows],
            self._stopped[rows],
            self._paces_s[rows],
            self._groups_s[rows],
        )

    def take_over(self, rows: I64, known: Known) -> None:
        """The tracks in `rows` (m,) were followed elsewhere until they came; both may have seen the last seconds."""
        self._transport[rows] |= known.transport
        self._gender[rows] = np.where(self._gender[rows] == _NO_GENDER, known.gender, self._gender[rows])
        self._age[rows] = np.where(self._age[rows] == _NO_AGE, known.age, self._age[rows])
        self._stopped[rows] |= known.stopped
        self._been_s[rows] = np.maximum(self._been_s[rows], known.been_s)
        self._paces_s[rows] = np.maximum(self._paces_s[rows], known.paces_s)
        self._groups_s[rows] = np.maximum(self._groups_s[rows], known.groups_s)
