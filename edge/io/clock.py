"""The box's own clock."""

import time


class SystemClock:
    """Implements `edge.ports.Clock`."""

    def now(self) -> float:
        """Seconds UTC."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Wait; not at all for nothing or less."""
        if seconds > 0:
            time.sleep(seconds)
