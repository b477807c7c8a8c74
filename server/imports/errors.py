"""Why nothing of a message or a file was taken."""

from server.errors import ServerError


class NotTakenError(ServerError):
    """Nothing was taken; the message says why, and what to do."""

    def __init__(self, text: str, import_id: int | None = None) -> None:
        super().__init__(text)
        self.import_id = import_id
        """Under which it is listed; None: it is not."""
