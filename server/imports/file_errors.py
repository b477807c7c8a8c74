"""Why a file as a whole cannot be taken."""

from server.errors import ServerError


class FileError(ServerError):
    """Nothing of a file can be read; `message` and `details` say why and what to do, for a page to say in its language.

    The text never holds a value of the file beyond the name of a column.
    """

    def __init__(self, message: str, **details: str) -> None:
        super().__init__(message % details if details else message)
        self.message, self.details = message, details
