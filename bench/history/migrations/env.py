"""What alembic runs for each command: within the transaction that it is given, or its own."""

import os

from alembic import context
from sqlalchemy import Connection

from bench.history.database import engine_of, history_url, writing
from bench.history.tables import Base


def run(connection: Connection) -> None:
    """Run the migrations on a connection that has begun."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,  # SQLite alters a table by making it anew
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:  # `alembic revision --autogenerate`, by hand
    with writing(engine_of(history_url(os.environ))) as own:
        run(own)
