"""Runs migrations on the connection of ``Database``, in its transaction."""

from alembic import context

from classroom.storage.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
)
context.run_migrations()
