"""A still from a box: taken only where an administrator asked for it, and drawn anew before anything keeps it."""

import binascii
from base64 import b64decode, b64encode

from sqlalchemy import Engine

from contract.messages import Message, Still
from server.db.stills import is_requested
from server.errors import RefusedError
from server.pictures.draw import PictureError, draw_still


def admit_still(engine: Engine, message: Message, still: Still, *, now: float) -> Message:
    """The message with its picture decoded and encoded again, at `now` seconds UTC.

    Raises:
        RefusedError: with the reason `unasked` or `malformed`.
    """
    where = f"box {message.site}/{message.box}, camera {still.camera}"
    with engine.connect() as conn:
        if not is_requested(conn, message.site, message.box, still.camera, at=now):
            raise RefusedError("unasked", f"{where}: sent a still that nobody asked for")
    try:
        picture = draw_still(b64decode(still.jpeg, validate=True))
    except (binascii.Error, PictureError) as error:
        raise RefusedError("malformed", f"{where}: its still cannot be taken: {error}") from None
    clean = still.model_copy(update={"jpeg": b64encode(picture.content).decode()})
    return message.model_copy(update={"data": clean})
