"""Statements that are whole transactions, on the driver's own terms.

SQLAlchemy writes the SQL, once for each statement, and lends the connection; what it does around each execution takes
three times as long as the execution. No BEGIN and no COMMIT are sent either: two messages of three.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb
from sqlalchemy import Dialect, Engine, Executable
from sqlalchemy.exc import DBAPIError


def rows(engine: Engine, statement: Executable, values: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """What the statement returns. Raises what SQLAlchemy would."""
    sql, constants = _written(statement, engine.dialect)
    given = constants | {name: Jsonb(value) if isinstance(value, dict) else value for name, value in values.items()}
    pooled = engine.raw_connection()
    try:
        connection: psycopg.Connection[Any] = pooled.driver_connection  # type: ignore[assignment]  # the dialect's own
        connection.autocommit = True
        try:
            return connection.cursor(row_factory=dict_row).execute(sql, given).fetchall()
        finally:
            if connection.closed:
                pooled.invalidate()
            else:
                connection.autocommit = False
    except psycopg.Error as error:
        # Without the values: they may be what a resident typed, and errors are logged.
        raise DBAPIError.instance(sql.decode(), None, error, psycopg.Error, hide_parameters=True) from error
    finally:
        pooled.close()


@lru_cache(maxsize=100)
def _written(statement: Executable, dialect: Dialect) -> tuple[bytes, dict[str, Any]]:
    """The SQL, and the values that are part of the statement itself. Statements are few: modules build them once."""
    compiled = statement.compile(dialect=dialect)  # type: ignore[attr-defined]  # every statement of ours has it
    constants = {name: bound.value for name, bound in compiled.binds.items() if not bound.required}
    return str(compiled).encode(), constants
