"""Shared by every history. `portal.db.migrate` says which one, and on which connection."""

from typing import Any

from alembic import context

history = context.config.attributes["history"]


def include_name(name: str | None, kind: str, _parents: Any) -> bool:
    """Look at this history's own schema only."""
    return name == history.schema if kind == "schema" else True


def include_object(item: Any, name: str | None, kind: str, _reflected: bool, _compare_to: Any) -> bool:
    """Leave out core's tables where a service knows them as stubs, and Alembic's own."""
    if kind == "table":
        return not item.info.get("stub") and name != "alembic_version"
    return True


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=history.metadata,
    version_table_schema=history.schema,
    include_schemas=True,
    include_name=include_name,
    include_object=include_object,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
