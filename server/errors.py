"""The server's errors; each message says what was wrong, where, and what to do."""


class ServerError(Exception):
    """Base of everything this package raises."""


class SettingsError(ServerError):
    """The configuration is wrong; the server does not start with it."""


class DatabaseError(ServerError):
    """The database cannot be opened or is not at the schema this version needs."""


class AccessError(ServerError):
    """Someone may not do what they asked for."""


class RefusedError(ServerError):
    """A message that is well formed is not taken in; `reason` is one word for the counter."""

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(text)
        self.reason = reason
