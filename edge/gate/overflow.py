"""What the disk does not take: held in memory, unacknowledged, until the disk or the broker has it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass


@dataclass(slots=True)
class Held:
    """One message and its way back. `n` is 0 for the gate's own. `mid`: on its way to the broker under that number."""

    channel: str
    data: str
    eye: str
    n: int
    acknowledge: Callable[[int], None]
    mid: int | None = None
    safe: bool = False


class Overflow:
    """First in, first out, at most `most`. An eye sends only so many unacknowledged, so it stays small."""

    def __init__(self, most: int = 4096) -> None:
        self._most = most
        self._held: dict[tuple[str, int], Held] = {}
        self._own = 0
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._held)

    def hold(self, held: Held) -> bool:
        """Keep it; what an eye sends again takes the place of what it sent before, which gives False."""
        self._own += not held.n
        key = (held.eye, held.n or self._own)
        before = self._held.get(key)
        if before is not None:
            before.acknowledge = held.acknowledge
            return False
        self._held[key] = held
        if len(self._held) > self._most:
            del self._held[next(iter(self._held))]
            self.dropped += 1
        return True

    def __iter__(self) -> Iterator[Held]:
        return iter(list(self._held.values()))

    def unsent(self, limit: int) -> list[Held]:
        """Up to `limit` that are not on their way to the broker, oldest first."""
        return [held for held in self if held.mid is None][: max(0, limit)]

    def store(self, take: Callable[[Held], object]) -> None:
        """Hand over the oldest one after the other, as long as `take` does not raise and none is on its way."""
        for key, held in list(self._held.items()):
            if held.mid is not None and not held.safe:
                return
            if not held.safe:
                take(held)
            del self._held[key]
            held.acknowledge(held.n)

    def nothing_on_the_way(self) -> None:
        """The connection is new: what was sent and not answered goes again."""
        for held in self:
            held.mid = held.mid if held.safe else None

    def answered(self, mid: int, *, taken: bool) -> None:
        """The broker has answered; each eye hears how far everything of it is safe."""
        for held in self._held.values():
            if held.mid == mid:
                held.mid, held.safe = (mid, True) if taken else (None, False)
        waiting: set[str] = set()
        for key, held in list(self._held.items()):
            if held.eye in waiting or not held.safe:
                waiting.add(held.eye)
                continue
            del self._held[key]
            held.acknowledge(held.n)
