"""How much of the last minute one camera was watched."""

from collections import deque

_LOOK_BACK_S = 60.0


class Meter:
    """Times are seconds of the frames; they only go forward."""

    def __init__(self, *, hold_s: float, look_back_s: float = _LOOK_BACK_S) -> None:
        self._hold_s, self._look_back_s = hold_s, look_back_s
        self._seen: deque[float] = deque()
        self._since: float | None = None

    def saw(self, t: float) -> None:
        """A frame of `t` was analysed."""
        self._since = t if self._since is None else self._since
        self._seen.append(t)
        while self._seen and self._seen[0] < t - self._look_back_s:
            self._seen.popleft()

    def measure(self, now: float) -> tuple[float, float]:
        """Frames per second, and the share 0..1 of the last minute for which frames stand, at most `hold_s` each."""
        if self._since is None or now <= self._since:
            return 0.0, 0.0
        begin = max(now - self._look_back_s, self._since)
        seen = [t for t in self._seen if t >= begin]
        stands_s = sum(
            min(later - t, self._hold_s) for t, later in zip(seen, [*seen[1:], now], strict=True) if later > t
        )
        return len(seen) / (now - begin), min(1.0, stands_s / (now - begin))
