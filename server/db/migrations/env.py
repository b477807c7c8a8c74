"""Alembic's entry: runs on the connection that `server.db.engine.migrate` hands over."""

from alembic import context

from server.db import (  # noqa: F401 - their tables belong to the schema
    advice_tables,
    alarm_tables,
    rollup_tables,
    screen_tables,
    setup_tables,
    trade_tables,
)
from server.db.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite alters a table by copying it
)
with context.begin_transaction():
    context.run_migrations()
