"""Opening the database: settings of the connection, and the schema brought up to date."""

from importlib.resources import files

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from server.errors import DatabaseError

BUSY_MS = 10_000
"""A writer waits this long for another one before it gives up."""


def connect(url: str) -> Engine:
    """An engine for `url`.

    Raises:
        DatabaseError: the URL is not one, or its driver is not installed.
    """
    try:
        engine = create_engine(url)
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        raise DatabaseError(
            f"database {url!r}: {error}; expected sqlite:///FILE or postgresql+psycopg://USER:PASSWORD@HOST/NAME"
        ) from None
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
    return engine


def migrate(engine: Engine) -> None:
    """Bring the schema up to date; does nothing when it is.

    Raises:
        DatabaseError: the database cannot be opened or written, or a newer version made it.
    """
    config = Config()
    config.set_main_option("script_location", str(files("server.db") / "migrations"))
    try:
        with engine.begin() as conn:
            config.attributes["connection"] = conn
            command.upgrade(config, "head")
    except CommandError as error:
        raise DatabaseError(
            f"database {engine.url}: made by a newer version of Vitrina ({error}); install that version"
        ) from None
    except SQLAlchemyError as error:
        reason = getattr(error, "orig", None) or error
        raise DatabaseError(f"database {engine.url}: {reason}; check that it exists and may be written") from None


def _prepare_sqlite(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    for setting in (f"busy_timeout={BUSY_MS}", "journal_mode=WAL", "foreign_keys=ON", "synchronous=FULL"):
        cursor.execute(f"PRAGMA {setting}")
    cursor.close()
