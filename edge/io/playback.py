"""Sources made of other sources: slowed to real time, repeated, or read ahead by a thread of their own."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

from edge.ports import Clock, Observation, Source, SourceCounts, StreamRestarted

_STOP_S = 10.0


class _Wrapper:
    """What a wrapped source passes through."""

    def __init__(self, source: Source) -> None:
        self._source = source

    @property
    def size_px(self) -> tuple[int, int] | None:
        """Of the source."""
        return self._source.size_px

    @property
    def duration_s(self) -> float | None:
        """Of the source."""
        return self._source.duration_s

    @property
    def counts(self) -> SourceCounts:
        """Of the source."""
        return self._source.counts

    def close(self) -> None:
        """Close the source."""
        self._source.close()


class Paced(_Wrapper):
    """A recording that arrives as slowly as it happened; its times stay as they are.

    Start the recording at `clock.now()` and its times are those of a camera.
    """

    def __init__(self, source: Source, clock: Clock) -> None:
        super().__init__(source)
        self._clock = clock

    def __iter__(self) -> Iterator[Observation]:
        ahead: float | None = None
        for observation in self._source:
            if ahead is None:
                ahead = observation.t - self._clock.now()
            self._clock.sleep(observation.t - ahead - self._clock.now())
            yield observation


class Looped(_Wrapper):
    """A recording that begins again when it ends, for ever; each round is a new stream that follows on in time."""

    def __init__(self, source: Source) -> None:
        super().__init__(source)
        self._closed = False

    @property
    def duration_s(self) -> None:
        """It does not end."""
        return

    def close(self) -> None:
        """End at the next observation."""
        self._closed = True
        super().close()

    def __iter__(self) -> Iterator[Observation]:
        shift, first = 0.0, True
        while not self._closed:
            begin = end = step = None
            for observation in self._source:
                t = observation.t + shift
                if begin is None:
                    begin = observation.t
                    if not first:
                        yield StreamRestarted(t)
                step = observation.t - end if end is not None else None
                end = observation.t
                yield replace(observation, t=t)
            if begin is None or end is None:
                return
            shift += end - begin + (step or self._source.duration_s or 1.0)
            first = False


class Newest(_Wrapper):
    """A live source read by a thread of its own that keeps only the newest observation and counts what it drops.

    So a slow detector sees the present and not a growing past. A restart is never dropped: it waits before the frame.
    """

    def __init__(self, source: Source, trouble: Callable[[], str | None] = lambda: None) -> None:
        """`trouble` tells why `source` gives nothing now."""
        super().__init__(source)
        self._trouble = trouble
        self._changed = threading.Condition()
        self._restart: StreamRestarted | None = None
        self._newest: Observation | None = None
        self._dropped = 0
        self._error: Exception | None = None
        self._ended = False
        self._thread: threading.Thread | None = None

    @property
    def counts(self) -> SourceCounts:
        """The source's, and what came while the last observation was not taken."""
        counts = self._source.counts
        return replace(counts, dropped=counts.dropped + self._dropped)

    @property
    def trouble(self) -> str | None:
        """Why there is nothing new, None while all is well."""
        return self._trouble()

    def close(self) -> None:
        """Close the source and wait for its thread; whoever waits for an observation gets none."""
        super().close()
        with self._changed:
            self._ended, self._newest, self._restart = True, None, None
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join(_STOP_S)

    def __iter__(self) -> Iterator[Observation]:
        while (observation := self.take()) is not None or not self._ended:
            if observation is not None:
                yield observation

    def take(self, timeout_s: float | None = None) -> Observation | None:
        """The newest observation nobody took yet; None if none came in `timeout_s` or none will come any more.

        Raises:
            Exception: what ended the source, as the source raised it.
        """
        self._start()
        with self._changed:
            self._changed.wait_for(lambda: self._ended or self._restart or self._newest, timeout_s)
            if self._error is not None:
                raise self._error
            if self._restart is not None:
                restart, self._restart = self._restart, None
                return restart
            newest, self._newest = self._newest, None
            return newest

    def _start(self) -> None:
        with self._changed:
            if self._thread is None and not self._ended:
                self._thread = threading.Thread(target=self._read, name="newest", daemon=True)
                self._thread.start()

    def _read(self) -> None:
        error: Exception | None = None
        try:
            for observation in self._source:
                self._put(observation)
                if self._ended:
                    break
        except Exception as raised:  # whatever ends this thread is told to whoever waits for it
            error = raised
        with self._changed:
            self._error, self._ended = error, True
            self._changed.notify_all()

    def _put(self, observation: Observation) -> None:
        with self._changed:
            if self._ended:  # closed while the source was reading this one
                return
            self._dropped += self._newest is not None
            if isinstance(observation, StreamRestarted):
                self._restart, self._newest = observation, None
            else:
                self._newest = observation
            self._changed.notify_all()
